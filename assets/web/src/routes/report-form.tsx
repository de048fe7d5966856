// A report being made or changed: from a template, of the charts of a dashboard, or of charts of its own, from lists or in SQL.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { appearance } from '../app/appearance';
import { queries, useSession } from '../app/queries';
import { Choose } from '../boards/bar';
import { boardQuery, boardsQuery, builtInQuery, choicesQuery, words, type Board, type ChartSpec } from '../boards/data';
import { LANGUAGES, locale, ownZone, t } from '../i18n';
import { Action } from '../kit/bits';
import { Pick, Segments } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { templatesQuery, type Detail, type Document } from './reports-data';

// Loaded when somebody makes a chart, or chooses days of their own.
const Builder = lazy(() => import('../boards/builder').then(({ Builder }) => ({ default: Builder })));
const Dates = lazy(() => import('../kit/dates'));

type Section = Schemas['ReportSection'];
type From = 'template' | 'dashboard' | 'charts';

const PERIODS = ['last_day', 'last_week', 'last_month', 'last_quarter'] as const;
const OWN = 'own';
const MOST = 40;
/** The time range in which charts are looked at while they are made; a report has its own. */
const LOOKED = '30d';

const day = (before: number) => new Date(Date.now() - before * 86_400_000).toISOString().slice(0, 10);
const lastDays = () => `${day(30)}/${day(1)}`;

type Chosen = { [name: string]: string };
type Props = { of?: Detail; dashboard?: string; set?: Chosen; close: () => void; done: (report: Detail) => void };

export function ReportForm({ of, dashboard, set, close, done }: Props) {
    const session = useSession();
    const before = of?.report;
    const [from, setFrom] = useState<From>(before ? (before.dashboard ? 'dashboard' : 'charts') : dashboard ? 'dashboard' : 'template');
    const [tongue, setTongue] = useState(before?.language ?? locale());
    const templates = useQuery({ ...templatesQuery(tongue), enabled: !of });
    const [name, choose] = useState('usage');
    const template = templates.data?.items.find((item) => item.name === name)?.report;
    const [board, setBoard] = useState(before?.dashboard ?? dashboard ?? 'usage');
    const [chosen, setChosen] = useState<Chosen>(before?.chosen ?? set ?? {});
    const [sections, setSections] = useState<Section[]>(before?.sections ?? []);
    const [period, setPeriod] = useState(before?.period);
    const when = period ?? (from === 'template' ? template?.period : undefined) ?? 'last_month';
    // Charts of one's own ask in SQL, be they chosen from lists.
    const asks = session?.can('query:run') ?? false;
    const ways: From[] = [...(of ? [] : ['template' as const]), 'dashboard', ...(asks || from === 'charts' ? ['charts' as const] : [])];

    const send = async ({ title = '', description = '', zone }: Record<string, string>) => {
        const begun = from === 'template' ? template : before;
        const own = { period: when, zone: zone || 'UTC', language: tongue };
        // What is as it was stays what the languages of the report have words for.
        const said = of && title === of.title ? of.report.title : title || template?.title || '';
        const about = of && description === of.description ? of.report.description : description || (from === 'template' ? template?.description : '');
        const { dashboard: _, chosen: __, sections: ___, ...rest } = begun ?? ({} as Partial<Document>);
        const parts = from === 'template' ? { dashboard: template?.dashboard, chosen: template?.chosen, sections: template?.sections } : from === 'dashboard' ? { dashboard: board, chosen } : { sections };
        const report: Document = { ...rest, ...own, title: said, description: about, ...parts };
        const made = of
            ? await data(client.PATCH('/v1/reports/{report}', { params: { path: { report: of.id }, header: ifMatch(of.version) }, body: { report } }))
            : await data(client.POST('/v1/reports', { body: report }));
        await queries.invalidateQueries({ queryKey: ['reports'] });
        done(made);
    };
    const lacking = from === 'charts' && sections.length === 0;
    return (
        <Window title={of ? t('report_edit') : t('new_report')} large open onOpen={(open) => !open && close()}>
            <SendForm submit={of ? t('save') : t('create')} also={<Cancel />} onSend={async (values) => {
                if (lacking) throw new Error(t('report_no_charts'));
                await send(values);
            }}>
                {ways.length > 1 && <Segments label={t('report_from')} value={from} onChange={(way) => setFrom(way as From)} choices={ways.map((id) => ({ id, name: t(`report_from_${id}`) }))} />}
                {from === 'template' && (
                    <>
                        <Pick label={t('report_template')} value={name} onChange={choose} choices={(templates.data?.items ?? []).map((item) => ({ id: item.name, name: item.report.title }))} />
                        <p className="soft small">{template?.description}</p>
                    </>
                )}
                {from === 'dashboard' && <OfDashboard board={board} setBoard={(id) => (setBoard(id), setChosen({}))} chosen={chosen} setChosen={setChosen} />}
                {from === 'charts' && <Charts sections={sections} set={setSections} of={before} />}
                <Field key={`title ${from} ${name}`} name="title" label={t('title')} defaultValue={of?.title ?? (from === 'template' ? template?.title : '')} isRequired={from !== 'template'} maxLength={120} />
                {from !== 'template' && <Field name="description" label={t('description')} defaultValue={of?.description} maxLength={400} />}
                <Pick label={t('report_period')} value={when.includes('/') ? OWN : when} onChange={(id) => setPeriod(id === OWN ? (when.includes('/') ? when : lastDays()) : id)} choices={[...PERIODS.map((id) => ({ id: id as string, name: t(`period_${id}`) })), { id: OWN, name: t('range_own') }]} />
                {when.includes('/') && <Suspense><Dates label={t('range_days')} value={when} onChange={setPeriod} /></Suspense>}
                <div className="grid">
                    <Pick label={t('language')} value={tongue} onChange={setTongue} choices={LANGUAGES.map(({ code, name }) => ({ id: code, name }))} />
                    <Field name="zone" label={t('report_zone')} defaultValue={before?.zone ?? appearance.now().zone ?? ownZone()} maxLength={64} hint={t('report_zone_hint')} />
                </div>
            </SendForm>
        </Window>
    );
}

/** The charts of a dashboard, as they are when the report is drawn up, with what is chosen for its variables. */
function OfDashboard({ board: id, setBoard, chosen, setChosen }: { board: string; setBoard: (id: string) => void; chosen: Chosen; setChosen: (chosen: Chosen) => void }) {
    const own = useQuery(boardsQuery).data ?? [];
    const builtIn = useQuery(builtInQuery()).data?.items ?? [];
    const found = useQuery(boardQuery(id)).data;
    const speak = found && words(found.board);
    return (
        <>
            <Pick label={t('report_from_dashboard')} value={id} onChange={setBoard} choices={[...own, ...builtIn].map((one) => ({ id: one.id, name: one.title }))} />
            {found?.board.variables?.map((variable) => (
                <Choose
                    key={variable.name} of={choicesQuery(id, found.version, variable.name, LOOKED)} variable={variable} view={{ set: chosen }} title={speak?.(variable.title) ?? variable.title}
                    choose={(name, value) => setChosen(Object.fromEntries(Object.entries({ ...chosen, [name]: value }).filter(([, one]) => one)))}
                />
            ))}
        </>
    );
}

function Charts({ sections, set, of }: { sections: Section[]; set: (sections: Section[]) => void; of: Document | undefined }) {
    const [building, build] = useState<Section | 'new' | null>(null);
    const board: Board = { title: '', range: LOOKED, tiles: [], words: of?.words };
    const speak = words(board);
    const moved = (at: number, to: number) => {
        const rest = sections.filter((_, i) => i !== at);
        set([...rest.slice(0, to), sections[at]!, ...rest.slice(to)]);
    };
    const fresh = () => {
        for (let n = sections.length + 1; ; n++) if (!sections.some(({ id }) => id === `s${n}`)) return `s${n}`;
    };
    const built = (chart: ChartSpec) => {
        set(building === 'new' ? [...sections, { id: fresh(), chart }] : sections.map((one) => (one === building ? { ...one, chart } : one)));
        build(null);
    };
    return (
        <fieldset className="bare stack tight">
            <legend className="label">{t('report_charts')}</legend>
            {sections.length === 0 && <p className="soft small">{t('report_no_charts')}</p>}
            <ol className="lines">
                {sections.map((section, i) => {
                    const title = speak(section.chart.title);
                    return (
                        <li key={section.id} className="row apart">
                            <span className="grow cut">{title} <span className="small soft">{t(`kind_${section.chart.type}`)}</span></span>
                            <span className="row">
                                <Action look="quiet" icon="edit" aria-label={`${t('edit')}: ${title}`} onPress={() => build(section)} />
                                <Action look="quiet" isDisabled={i === 0} aria-label={`${t('report_chart_up')}: ${title}`} onPress={() => moved(i, i - 1)}>↑</Action>
                                <Action look="quiet" isDisabled={i === sections.length - 1} aria-label={`${t('report_chart_down')}: ${title}`} onPress={() => moved(i, i + 1)}>↓</Action>
                                <Action look="quiet" icon="trash" aria-label={`${t('remove')}: ${title}`} onPress={() => set(sections.filter((one) => one !== section))} />
                            </span>
                        </li>
                    );
                })}
            </ol>
            {sections.length < MOST && <div><Action icon="plus" onPress={() => build('new')}>{t('add_chart')}</Action></div>}
            {building && <Suspense><Builder board={board} view={{ range: LOOKED }} chart={building === 'new' ? undefined : building.chart} done={built} close={() => build(null)} /></Suspense>}
        </fieldset>
    );
}
