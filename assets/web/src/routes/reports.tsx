// Reports: documents that are drawn up over a period, by hand or by themselves, and kept as they were found.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { client, data, pages, send, type Schemas } from '../api/client';
import { appearance } from '../app/appearance';
import { connectorsQuery } from '../app/connectors';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, day, language, moment, ownZone, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Pick, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Ask, Cancel, Confirm } from '../kit/overlay';
import { Table } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { fileName, saveFile } from './csv';
import { Told } from './told';

type Run = Schemas['ReportRun'];
type Schedule = Schemas['ReportSchedule'];
type Cadence = Schemas['ReportCadence'];
type Delivery = Schemas['ReportDelivery'];

const FORMS = ['pdf', 'xlsx', 'html', 'csv', 'json', 'parquet'] as const;
const PERIODS = ['last_day', 'last_week', 'last_month', 'last_quarter'] as const;

const reportsQuery = { queryKey: ['reports'], queryFn: () => pages((after) => data(client.GET('/v1/reports', { params: { query: { limit: 200, after } } }))) };
const templatesQuery = () => ({ queryKey: ['reports', 'templates', language()], queryFn: () => data(client.GET('/v1/reports/templates', { params: { query: { language: language() } } })), staleTime: Infinity });
const of = (report: string) => ({ params: { path: { report } } });
const reportQuery = (report: string) => ({ queryKey: ['report', report], queryFn: () => data(client.GET('/v1/reports/{report}', of(report))) });
const runsQuery = (report: string) => ({ queryKey: ['report', report, 'runs'], queryFn: () => data(client.GET('/v1/reports/{report}/runs', { params: { path: { report }, query: { limit: 100 } } })) });
const schedulesQuery = (report: string) => ({ queryKey: ['report', report, 'schedules'], queryFn: () => data(client.GET('/v1/reports/{report}/schedules', of(report))) });

export function Reports() {
    const session = useSession();
    const reports = useQuery(reportsQuery);
    const make = session?.can('report:create') && <New />;
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_reports') }]} title={t('nav_reports')} intro={t('reports_intro')} actions={!!reports.data?.length && make}>
            <Show of={reports}>
                {(rows) => (rows.length ? (
                    <Table caption={t('nav_reports')} rows={rows} rowKey={({ id }) => id} columns={[
                        { id: 'title', name: t('title'), cell: ({ id, title }) => <Link to="/reports/$report" params={{ report: id }}>{title}</Link> },
                        { id: 'description', name: t('description'), cell: ({ description }) => <span className="soft">{description}</span> },
                        { id: 'updated', name: t('changed'), end: true, cell: ({ updated }) => ago(updated) },
                    ]} />
                ) : <Empty icon="list" title={t('no_reports')} action={make}>{t('no_reports_hint')}</Empty>)}
            </Show>
        </Page>
    );
}

/** A report from one of the templates, over a period of one's own. */
function New() {
    const navigate = useNavigate();
    const templates = useQuery(templatesQuery());
    const items = templates.data?.items ?? [];
    const [name, choose] = useState('usage');
    const chosen = items.find((item) => item.name === name);
    const [period, setPeriod] = useState<string>();
    return (
        <Ask button={{ icon: 'plus', look: 'primary', children: t('new_report') }} title={t('new_report')}>
            {(close) => (
                <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ title, zone }) => {
                    if (!chosen) return;
                    const body = { ...chosen.report, title: title || chosen.report.title, period: period ?? chosen.report.period, zone: zone || 'UTC' };
                    const { id } = await data(client.POST('/v1/reports', { body }));
                    await queries.invalidateQueries({ queryKey: ['reports'] });
                    close();
                    await navigate({ to: '/reports/$report', params: { report: id } });
                }}>
                    <Pick label={t('report_template')} value={name} onChange={choose} choices={items.map((item) => ({ id: item.name, name: item.report.title }))} />
                    <p className="soft small">{chosen?.report.description}</p>
                    <Field key={name} name="title" label={t('title')} defaultValue={chosen?.report.title} maxLength={120} />
                    <Pick label={t('report_period')} value={period ?? chosen?.report.period ?? 'last_month'} onChange={setPeriod} choices={PERIODS.map((id) => ({ id, name: t(`period_${id}`) }))} />
                    <Field name="zone" label={t('report_zone')} defaultValue={appearance.now().zone ?? ownZone()} maxLength={64} hint={t('report_zone_hint')} />
                </SendForm>
            )}
        </Ask>
    );
}

export function Report() {
    const { report } = useParams({ from: '/app/reports/$report' });
    const session = useSession();
    const navigate = useNavigate();
    const found = useQuery(reportQuery(report));
    const runs = useQuery(runsQuery(report));
    const [pending, setPending] = useState(false);
    const [removing, setRemoving] = useState(false);
    const run = async () => {
        setPending(true);
        try {
            await data(client.POST('/v1/reports/{report}/runs', of(report)));
            await queries.invalidateQueries({ queryKey: ['report', report, 'runs'] });
            tell(t('report_made'));
        } catch (error) {
            tellError(error);
        } finally {
            setPending(false);
        }
    };
    const remove = async () => {
        try {
            await data(client.DELETE('/v1/reports/{report}', { params: { path: { report }, header: { 'If-Match': '*' } } }));
            await queries.invalidateQueries({ queryKey: ['reports'] });
            await navigate({ to: '/reports' });
        } catch (error) {
            tellError(error);
        }
    };
    const title = found.data?.title ?? '';
    const may = session?.can('report:create');
    const runIt = <Action icon="play" look="primary" isPending={pending} onPress={() => void run()}>{t('report_run')}</Action>;
    const actions = may && (
        <>
            <Action icon="trash" look="quiet" aria-label={t('report_remove')} onPress={() => setRemoving(true)} />
            {!!runs.data?.items.length && runIt}
        </>
    );
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_reports'), to: '/reports' }, { name: title }]} title={title} intro={found.data?.description} actions={actions}>
            <section className="stack tight">
                <h2>{t('report_runs')}</h2>
                <Show of={runs}>
                    {({ items }) => (items.length ? <Runs rows={items} /> : <Empty icon="list" title={t('no_report_runs')} action={may && runIt}>{t('no_report_runs_hint')}</Empty>)}
                </Show>
            </section>
            <Schedules report={report} zone={found.data?.report.zone ?? 'UTC'} may={Boolean(session?.can('report:schedule'))} />
            <Confirm title={t('report_remove')} text={t('report_remove_text', { name: title })} action={t('report_remove')} open={removing} onClose={() => setRemoving(false)} onYes={remove} />
        </Page>
    );
}

function Runs({ rows }: { rows: Run[] }) {
    const session = useSession();
    // The moment behind the last is not part of it.
    const last = (to: string) => day(new Date(Date.parse(to) - 1).toISOString());
    return (
        <Table caption={t('report_runs')} rows={rows} rowKey={({ id }) => id} columns={[
            { id: 'made', name: t('report_when'), cell: ({ made }) => moment(made) },
            { id: 'period', name: t('report_period'), cell: ({ from, to }) => `${day(from)} – ${last(to)}` },
            { id: 'how', name: t('report_how'), cell: ({ schedule, unanswered, passed_over }) => (
                <span className="row wrap">
                    <Badge>{schedule ? t('report_by_schedule') : t('report_by_hand')}</Badge>
                    {passed_over.length > 0 && <Badge tone="warn">{t('report_passed_over', { n: passed_over.length })}</Badge>}
                    {unanswered > 0 && <Badge tone="warn">{t('report_unanswered', { n: unanswered })}</Badge>}
                </span>
            ) },
            { id: 'files', name: t('report_files'), cell: (run) => session?.can('report:export') && <Files run={run} /> },
        ]} />
    );
}

function Files({ run }: { run: Run }) {
    const save = async (form: string) => {
        try {
            const answer = await send(`/v1/report-runs/${run.id}/file?form=${form}`);
            const name = fileName(answer.headers.get('content-disposition')) ?? `report.${form}`;
            saveFile(name, await answer.blob());
            tell(t('export_done', { name }));
        } catch (error) {
            tellError(error);
        }
    };
    return (
        <span className="row wrap">
            {FORMS.map((form) => <Action key={form} look="quiet" aria-label={t('report_save_as', { form: form.toUpperCase() })} onPress={() => void save(form)}>{form.toUpperCase()}</Action>)}
        </span>
    );
}

/** Monday is 0. */
const weekday = (at: number) => new Intl.DateTimeFormat(language() === 'en-XA' ? 'en' : language(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + at));
const said = (cadence: Cadence | null | undefined): string => {
    if (!cadence) return '';
    if ('daily' in cadence) return t('schedule_daily', { at: cadence.daily.at });
    if ('weekly' in cadence) return t('schedule_weekly', { on: cadence.weekly.on.map(weekday).join(', '), at: cadence.weekly.at });
    return t('schedule_monthly', { day: cadence.monthly.day, at: cadence.monthly.at });
};

const toggled = (all: string[] | undefined, one: string, on: boolean) => [...(all ?? []).filter((other) => other !== one), ...(on ? [one] : [])];

/** Which files lie in mails, and where they are put. */
function Sent({ deliver, change }: { deliver: Delivery; change: (deliver: Delivery) => void }) {
    const session = useSession();
    const connectors = useQuery({ ...connectorsQuery, enabled: session?.can('connector:read') ?? false }).data ?? [];
    if (!session?.can('report:export')) return null;
    return (
        <fieldset className="bare stack tight">
            <legend>{t('report_files')}</legend>
            {(['pdf', 'xlsx'] as const).map((form) => (
                <Switch key={form} on={(deliver.forms ?? []).includes(form)} onChange={(on) => change({ ...deliver, forms: toggled(deliver.forms, form, on) })}>{t('report_file_send', { form: form.toUpperCase() })}</Switch>
            ))}
            {connectors.map(({ id, title }) => (
                <Switch key={id} on={(deliver.connectors ?? []).includes(id)} onChange={(on) => change({ ...deliver, connectors: toggled(deliver.connectors, id, on) })}>{t('report_file_put', { name: title })}</Switch>
            ))}
            <p className="soft small">{t('report_files_hint')}</p>
        </fieldset>
    );
}

function Schedules({ report, zone, may }: { report: string; zone: string; may: boolean }) {
    const schedules = useQuery(schedulesQuery(report));
    const renew = () => queries.invalidateQueries({ queryKey: ['report', report, 'schedules'] });
    const path = (schedule: string) => ({ params: { path: { report, schedule } } });
    const change = async (made: Promise<unknown>) => {
        try {
            await made;
        } catch (error) {
            tellError(error);
        }
        await renew();
    };
    const [how, setHow] = useState('weekly');
    const [on, setOn] = useState('0');
    const [deliver, setDeliver] = useState<Delivery>({ users: [], webhooks: [], forms: [], connectors: [], each: false });
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('report_schedules')}</h2>
                {may && (
                    <Ask button={{ icon: 'plus', children: t('schedule_add') }} title={t('schedule_add')}>
                        {(close) => (
                            <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ at = '', date = '', zone: wanted }) => {
                                const cadence: Cadence = how === 'daily' ? { daily: { at } } : how === 'weekly' ? { weekly: { on: [Number(on)], at } } : { monthly: { day: Number(date), at } };
                                await data(client.POST('/v1/reports/{report}/schedules', { ...of(report), body: { cadence, zone: wanted || zone, deliver } }));
                                await renew();
                                close();
                            }}>
                                <p className="soft small">{t('schedule_hint')}</p>
                                <Pick label={t('schedule_how')} value={how} onChange={setHow} choices={[{ id: 'daily', name: t('schedule_days') }, { id: 'weekly', name: t('schedule_weeks') }, { id: 'monthly', name: t('schedule_months') }]} />
                                {how === 'weekly' && <Pick label={t('schedule_on')} value={on} onChange={setOn} choices={[0, 1, 2, 3, 4, 5, 6].map((id) => ({ id: String(id), name: weekday(id) }))} />}
                                {how === 'monthly' && <Field name="date" label={t('schedule_date')} type="number" defaultValue="1" isRequired />}
                                <Field name="at" label={t('schedule_at')} type="time" defaultValue="07:00" isRequired />
                                <Field name="zone" label={t('report_zone')} defaultValue={zone} maxLength={64} hint={t('report_zone_hint')} />
                                <Told deliver={deliver} change={(told) => setDeliver({ ...deliver, ...told })} />
                                <Switch on={deliver.each} onChange={(each) => setDeliver({ ...deliver, each })}>{t('report_each')}</Switch>
                                <Sent deliver={deliver} change={setDeliver} />
                            </SendForm>
                        )}
                    </Ask>
                )}
            </div>
            <Show of={schedules}>
                {({ items }) => (items.length ? (
                    <Table<Schedule> caption={t('report_schedules')} rows={items} rowKey={({ id }) => id} columns={[
                        { id: 'when', name: t('schedule_how'), cell: ({ cadence, zone: own }) => `${said(cadence)} (${own})` },
                        { id: 'next', name: t('schedule_next'), cell: ({ next }) => (next ? moment(next) : '–') },
                        { id: 'on', name: t('schedule_is_on'), hide: true, cell: ({ id, enabled }) => may && (
                            <Switch on={enabled} onChange={(now) => void change(data(client.PATCH('/v1/reports/{report}/schedules/{schedule}', { ...path(id), body: { enabled: now } })))}>{t('schedule_is_on')}</Switch>
                        ) },
                        { id: 'remove', name: t('schedule_remove'), hide: true, end: true, cell: ({ id }) => may && (
                            <Action icon="trash" look="quiet" aria-label={t('schedule_remove')} onPress={() => void change(data(client.DELETE('/v1/reports/{report}/schedules/{schedule}', path(id))))} />
                        ) },
                    ]} />
                ) : <p className="soft">{t('no_schedules')}</p>)}
            </Show>
        </section>
    );
}
