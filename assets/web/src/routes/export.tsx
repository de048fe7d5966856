// The diagrams as files of other programs: to show, as pictures, to go on drawing.
import { useState } from 'react';
import { Header } from 'react-aria-components/Header';
import { ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components/ListBox';
import { send } from '../api/client';
import { t } from '../i18n';
import { Pick, Switch } from '../kit/choose';
import { SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { tell } from '../kit/toast';
import type { operations } from '../generated/api';
import { fileName, saveFile } from './csv';

type Scene = { id: string; title: string; kind: string };
type Form = operations['export_storyboard']['parameters']['query']['form'];
type Offer = { form: Form; name: string; ending: string; hint: string; scene?: true };

/** What BPMN has symbols for. */
const PROCESSES = ['flow', 'swimlane', 'steps', 'cycle', 'state'];

const groups = (): { name: string; offers: Offer[] }[] => [
    { name: t('export_show'), offers: [
        { form: 'pptx', name: 'PowerPoint', ending: '.pptx', hint: t('export_pptx') },
        { form: 'pdf', name: 'PDF', ending: '.pdf', hint: t('export_pdf') },
        { form: 'html', name: t('export_page'), ending: '.html', hint: t('export_html') },
    ] },
    { name: t('export_pictures'), offers: [
        { form: 'svg', name: 'SVG', ending: '.svg', hint: t('export_svg'), scene: true },
        { form: 'png', name: 'PNG', ending: '.png', hint: t('export_png'), scene: true },
        { form: 'moving-svg', name: t('export_moving'), ending: '.svg', hint: t('export_moving_svg') },
        { form: 'gif', name: 'GIF', ending: '.gif', hint: t('export_gif'), scene: true },
        { form: 'webp', name: 'WebP', ending: '.webp', hint: t('export_webp'), scene: true },
    ] },
    { name: t('export_draw'), offers: [
        { form: 'drawio', name: 'draw.io', ending: '.drawio', hint: t('export_drawio') },
        { form: 'excalidraw', name: 'Excalidraw', ending: '.excalidraw', hint: t('export_excalidraw') },
        { form: 'bpmn', name: 'BPMN 2.0', ending: '.bpmn', hint: t('export_bpmn'), scene: true },
        { form: 'mermaid', name: 'Mermaid', ending: '.mmd', hint: t('export_mermaid'), scene: true },
        { form: 'd2', name: 'D2', ending: '.d2', hint: t('export_d2'), scene: true },
        { form: 'dot', name: 'Graphviz', ending: '.dot', hint: t('export_dot'), scene: true },
    ] },
];

type Props = { storyboard: string; scenes: Scene[]; now?: string; version: () => Promise<number>; open: boolean; onOpen: (open: boolean) => void };
export function ExportWindow({ storyboard, scenes, now, version, open, onOpen }: Props) {
    return (
        <Window title={t('export_title')} open={open} onOpen={onOpen} large>
            {(close) => <Choosing storyboard={storyboard} scenes={scenes} now={now} version={version} done={close} />}
        </Window>
    );
}

function Choosing({ storyboard, scenes, now, version, done }: Omit<Props, 'open' | 'onOpen'> & { done: () => void }) {
    const [form, setForm] = useState<Form>('pptx');
    const [wanted, setScene] = useState(now);
    const [voice, setVoice] = useState(true);
    const offered = groups();
    const chosen = offered.flatMap(({ offers }) => offers).find((offer) => offer.form === form);
    const fitting = form === 'bpmn' ? scenes.filter(({ kind }) => PROCESSES.includes(kind)) : scenes;
    const scene = fitting.find(({ id }) => id === wanted) ?? fitting[0];
    const save = async () => {
        const query = new URLSearchParams({ form, version: String(await version()) });
        if (chosen?.scene && scene) query.set('scene', scene.id);
        if (form === 'html') query.set('sound', String(voice));
        const answer = await send(`/v1/storyboards/${storyboard}/export?${query}`);
        const name = fileName(answer.headers.get('content-disposition')) ?? `storyboard${chosen?.ending ?? ''}`;
        saveFile(name, await answer.blob());
        tell(t('export_done', { name }));
        done();
    };
    return (
        <SendForm submit={t('save')} also={<Cancel />} onSend={save}>
            <ListBox
                className="offers" aria-label={t('export_form')} selectionMode="single" disallowEmptySelection selectedKeys={[form]} layout="grid" autoFocus
                disabledKeys={scenes.some(({ kind }) => PROCESSES.includes(kind)) ? [] : ['bpmn']}
                onSelectionChange={(keys) => { for (const key of keys) setForm(key as Form); }}
            >
                {offered.map(({ name, offers }) => (
                    <ListBoxSection key={name} className="offer-group">
                        <Header className="label">{name}</Header>
                        {offers.map((offer) => (
                            <ListBoxItem key={offer.form} id={offer.form} textValue={offer.name} className="offer">
                                <span className="row apart"><strong className="cut">{offer.name}</strong> <span className="small soft mono" dir="ltr">{offer.ending}</span></span>
                                <span className="small soft">{offer.hint}</span>
                            </ListBoxItem>
                        ))}
                    </ListBoxSection>
                ))}
            </ListBox>
            {chosen?.scene && scene && scenes.length > 1 && (
                <Pick label={t('scene')} value={scene.id} onChange={setScene} choices={fitting.map(({ id, title }, i) => ({ id, name: title || String(i + 1) }))} />
            )}
            {form === 'html' && <Switch on={voice} onChange={setVoice}>{t('export_voice')}</Switch>}
        </SendForm>
    );
}
