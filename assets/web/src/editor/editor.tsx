// The editor of a storyboard: scenes at the start, the canvas in the middle, what is chosen at the end.
import { lazy, Suspense, useEffect, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import { client, data, type Schemas } from '../api/client';
import { useCommands } from '../app/commands';
import { useSession } from '../app/queries';
import { useSaid } from '../app/said';
import { Page } from '../app/shell';
import { ago, percent, t, tOr } from '../i18n';
import { Action, Badge, Failure, Skeleton } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Window } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { freshId, useBoard, type Op, type Scene } from './board';
import { Canvas } from './canvas';
import { Compare } from './compare';
import { People } from './people';
import type { State } from './session';
import { Timeline } from './timeline';
import { useUnderway } from '../routes/underway';
import { JobLine } from '../routes/progress';
import { chosenMoment } from '../routes/talk';
import './editor.css';

// Loaded when somebody exports.
const ExportWindow = lazy(() => import('../routes/export').then(({ ExportWindow }) => ({ default: ExportWindow })));

const KINDS = ['flow', 'swimlane', 'sequence', 'timeline', 'hierarchy', 'cycle', 'comparison', 'architecture', 'causes', 'mindmap', 'state', 'quantities', 'steps'] as const;

export function Editor() {
    const { storyboard: id } = useParams({ from: '/app/storyboards/$storyboard' });
    const session = useSession();
    const navigate = useNavigate();
    const queries = useQueryClient();
    const { head, board, state, session: together, edit, undo, redo, saving } = useBoard(id);
    // A link may say which box it means: `#scene/element`.
    const [[aim, aimed]] = useState(() => decodeURIComponent(location.hash.slice(1)).split('/'));
    const [sceneId, setScene] = useState<string | null>(aim || null);
    const [chosen, choose] = useState<string | null>(aimed || null);
    const [renaming, rename] = useState<string | null>(null);
    const [history, setHistory] = useState(false);
    const [exporting, setExporting] = useState(false);
    const [followed, follow] = useState<number | null>(null);
    const scene = board?.scenes.find((one) => one.id === sceneId) ?? board?.scenes[0];
    // As the appliance has it now, once what moves boxes has come to rest for a moment.
    const changes = useRested(state?.changes ?? 0, 120);
    const layout = useQuery({
        queryKey: ['layout', id, scene?.id, changes], enabled: !!scene, placeholderData: (before) => before, gcTime: 10_000,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard: id }, query: { scene: scene!.id, live: true } } })),
    });
    const { said } = useSaid(head.data?.recording);
    const { live: making } = useUnderway(head.data?.recording, id);
    const editable = state?.mayEdit ?? false;
    const people = state?.people ?? [];
    const ahead = people.find(({ client }) => client === followed)?.scene;
    useEffect(() => {
        if (ahead) setScene(ahead), choose(null);
    }, [ahead]);
    useEffect(() => together?.be({ scene: scene?.id, chosen }), [together, scene?.id, chosen]);

    useEffect(() => {
        const press = (event: KeyboardEvent) => {
            if (!(event.metaKey || event.ctrlKey) || (event.target as HTMLElement).closest('input, textarea')) return;
            const key = event.key.toLowerCase();
            if (key === 'z') event.preventDefault(), (event.shiftKey ? redo : undo)?.();
            if (key === 'y') event.preventDefault(), redo?.();
        };
        addEventListener('keydown', press);
        return () => removeEventListener('keydown', press);
    }, [undo, redo]);
    // What is on its way is not lost by going away.
    useEffect(() => {
        if (!saving) return;
        const stay = (event: BeforeUnloadEvent) => event.preventDefault();
        addEventListener('beforeunload', stay);
        return () => removeEventListener('beforeunload', stay);
    }, [saving]);

    const title = head.data?.title || t('diagram');
    const crumbs = [{ name: t('nav_projects'), to: '/' }, ...(head.data ? [{ name: title, to: `/recordings/${head.data.recording}` }] : []), { name: t('edit_diagram') }];
    const add = () => {
        if (!scene) return;
        const node = freshId(scene, 'u');
        const ops: Op[] = [{ op: 'add_node', scene: scene.id, node: { id: node, role: 'activity', label: t('new_box'), evidence: [], confidence: 1, by: 'user' } }];
        if (scene.nodes.some(({ id }) => id === chosen)) ops.push(connection(scene, chosen!, node));
        void edit({ op: 'batch', ops }).then((done) => done && (choose(node), rename(node)));
    };
    const remove = (of: string) => {
        if (!scene) return;
        choose(null);
        const isNode = scene.nodes.some(({ id }) => id === of);
        void edit(isNode ? { op: 'remove_node', scene: scene.id, node: of } : { op: 'remove_edge', scene: scene.id, edge: of }).then((done) => done && tell(t('removed')));
    };
    const render = async () => {
        try {
            // What is on the screen: a version is made of it first.
            if (editable) await together?.save();
            await client.POST('/v1/storyboards/{storyboard}/videos', { params: { path: { storyboard: id } }, body: {} as Schemas['Render'] });
            await queries.invalidateQueries({ queryKey: ['jobs'] });
            await navigate({ to: '/recordings/$recording', params: { recording: head.data!.recording } });
        } catch (error) {
            tellError(error);
        }
    };
    const exports = session?.can('asset:download') ?? false;
    const renders = session?.can('render:submit') ?? false;
    const chosenHere = editable && !!chosen;
    useCommands([
        { id: 'undo', name: t('undo'), icon: 'undo', keys: 'Mod+Z', off: !undo, run: undo },
        { id: 'redo', name: t('redo'), icon: 'redo', keys: 'Mod+Shift+Z', off: !redo, run: redo },
        { id: 'add', name: t('add_box'), icon: 'plus', off: !editable, run: add },
        { id: 'rename', name: t('rename'), icon: 'edit', keys: 'F2', off: !chosenHere, run: () => rename(chosen) },
        { id: 'remove', name: t('remove'), icon: 'trash', keys: 'Delete', off: !chosenHere, run: () => chosen && remove(chosen) },
        { id: 'history', name: t('history'), icon: 'list', run: () => setHistory(true) },
        { id: 'export', name: t('export'), icon: 'download', off: !exports || !board, run: () => setExporting(true) },
        { id: 'render', name: t('render'), icon: 'video', off: !renders || making.length > 0, run: () => void render() },
        ...(editable ? [
            { id: 'move', name: t('key_move_box'), keys: '← → ↑ ↓' },
            { id: 'reveal', name: t('key_reveal'), keys: '← →' },
            { id: 'reveal-far', name: t('key_reveal_far'), keys: 'PageUp PageDown' },
            { id: 'reveal-auto', name: t('reveal_auto'), keys: 'Delete' },
        ] : []),
    ]);
    if (head.error) return <Page crumbs={crumbs}><Failure error={head.error} retry={() => void head.refetch()} /></Page>;
    return (
        <Page
            crumbs={crumbs} full="flush"
            actions={
                <>
                    <People people={people} followed={followed} onFollow={follow} />
                    <Status line={state?.line ?? 'connecting'} saving={saving} />
                    <Action look="quiet" icon="undo" aria-label={t('undo')} isDisabled={!undo} onPress={undo} />
                    <Action look="quiet" icon="redo" aria-label={t('redo')} isDisabled={!redo} onPress={redo} />
                    <Action onPress={() => setHistory(true)}>{t('history')}</Action>
                    {exports && <Action icon="download" isDisabled={!board} onPress={() => setExporting(true)}>{t('export')}</Action>}
                    {renders && <Action look="primary" icon="video" isDisabled={making.length > 0} onPress={() => void render()}>{t('render')}</Action>}
                </>
            }
        >
            <h1 className="hidden" data-named>{title}</h1>
            {making.map((job) => <JobLine key={job.id} job={job} />)}
            {!board || !scene ? <Skeleton lines={8} /> : (
                <div className="editor">
                    <Scenes scenes={board.scenes} now={scene} editable={editable} onChoose={(next) => (follow(null), setScene(next), choose(null))} edit={edit} />
                    <div className="canvas">
                        {editable && (
                            <div className="tools" role="toolbar" aria-label={t('tools')}>
                                <Action look="quiet" icon="plus" onPress={add}>{t('add_box')}</Action>
                                <Action look="quiet" icon="edit" isDisabled={!chosen} onPress={() => rename(chosen)}>{t('rename')}</Action>
                                <Action look="quiet" icon="trash" isDisabled={!chosen} onPress={() => chosen && remove(chosen)}>{t('remove')}</Action>
                            </div>
                        )}
                        {layout.data && (
                            <Canvas
                                key={scene.id} scene={scene} layout={layout.data} editable={editable} chosen={chosen} people={people.filter((person) => person.scene === scene.id)} session={together} onChoose={choose} onRename={rename} onRemove={remove}
                                onPin={(node, at) => void edit({ op: 'pin', scene: scene.id, node, at })}
                                onConnect={(from, to) => void edit(connection(scene, from, to))}
                            />
                        )}
                    </div>
                    {said && <Timeline key={scene.id} scene={scene} words={said.words} editable={editable} chosen={chosen} onChoose={choose} edit={edit} />}
                    <Inspector scene={scene} chosen={chosen} editable={editable} edit={edit} recording={head.data?.recording ?? ''} onRename={rename} onRemove={remove} />
                </div>
            )}
            <Window title={t('rename')} open={renaming !== null} onOpen={(open) => !open && rename(null)}>
                {(close) => (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ label = '' }) => {
                        if (scene && renaming) await edit({ op: 'set_label', scene: scene.id, element: renaming === scene.id ? undefined : renaming, label });
                        close();
                    }}>
                        <Field name="label" label={t('label')} autoFocus defaultValue={labelOf(scene, renaming)} maxLength={200} />
                    </SendForm>
                )}
            </Window>
            {exporting && board && (
                // What is on the screen: a version is made of it first.
                <Suspense><ExportWindow storyboard={id} scenes={board.scenes} now={scene?.id} version={async () => (editable && together ? together.save() : (head.data?.version ?? 1))} open onOpen={setExporting} /></Suspense>
            )}
            <Window title={t('history')} open={history} onOpen={setHistory} large>
                <History id={id} version={head.data?.version ?? 1} />
            </Window>
        </Page>
    );
}

/** What the line and the last change are about. */
function Status({ line, saving }: { line: State['line']; saving: boolean }) {
    if (line === 'ended') return <span role="status"><Badge tone="bad">{t('live_ended')}</Badge></span>;
    if (line === 'offline') return <span role="status"><Badge tone="warn">{t('live_offline')}</Badge></span>;
    return <span className="small soft" role="status">{line === 'connecting' ? t('live_connecting') : saving ? t('saving') : t('saved')}</span>;
}

/** The value it had when it last rested for so many milliseconds. */
function useRested(value: number, milliseconds: number): number {
    const [rested, rest] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => rest(value), milliseconds);
        return () => clearTimeout(timer);
    }, [value, milliseconds]);
    return rested;
}

function connection(scene: Scene, from: string, to: string): Op {
    return { op: 'add_edge', scene: scene.id, edge: { id: freshId(scene, 'c'), from, to, type: 'then', evidence: [], confidence: 1, by: 'user' } };
}

function labelOf(scene: Scene | undefined, id: string | null): string {
    if (!scene || !id) return '';
    if (id === scene.id) return scene.title;
    return [...scene.nodes, ...scene.edges].find((element) => element.id === id)?.label ?? '';
}

type Edit = (op: Op) => Promise<boolean>;

function Scenes({ scenes, now, editable, onChoose, edit }: { scenes: Scene[]; now: Scene; editable: boolean; onChoose: (id: string) => void; edit: Edit }) {
    return (
        <aside aria-label={t('scenes')}>
            <h2>{t('scenes')}</h2>
            <ol className="stack tight">
                {scenes.map((scene, i) => {
                    const next = scenes[i + 1];
                    return (
                        <li key={scene.id} className="row">
                            <Button className="scene-item grow" aria-current={scene === now ? 'true' : undefined} onPress={() => onChoose(scene.id)}>
                                <span className="cut">{scene.title}</span>
                                <span className="small soft">{tOr(`diagram_${scene.kind}`, scene.kind)}</span>
                            </Button>
                            {editable && next && (
                                <More label={`${t('more')}: ${scene.title}`} entries={[
                                    { id: 'merge', name: t('merge_next'), run: () => void edit({ op: 'merge_scenes', first: scene.id, second: next.id }) },
                                ]} />
                            )}
                        </li>
                    );
                })}
            </ol>
        </aside>
    );
}

type InspectorProps = { scene: Scene; chosen: string | null; editable: boolean; edit: Edit; recording: string; onRename: (id: string) => void; onRemove: (id: string) => void };
function Inspector({ scene, chosen, editable, edit, recording, onRename, onRemove }: InspectorProps) {
    const node = scene.nodes.find(({ id }) => id === chosen);
    const edge = scene.edges.find(({ id }) => id === chosen);
    const element = node ?? edge;
    const ranked = [scene.kind, ...(scene.alt_kinds ?? []), ...KINDS].filter((kind, i, all) => all.indexOf(kind) === i);
    const [first] = element?.evidence[0] ?? [];
    return (
        <aside className="inspector stack" aria-label={t('properties')}>
            {!element ? (
                <>
                    <h2 data-named>{scene.title}</h2>
                    {editable && (
                        <>
                            <Pick
                                label={t('kind')} value={scene.kind} onChange={(kind) => kind !== scene.kind && void edit({ op: 'set_kind', scene: scene.id, kind: kind as (typeof KINDS)[number] })}
                                choices={ranked.map((kind, i) => ({ id: kind, name: tOr(`diagram_${kind}`, kind), hint: i > 0 && scene.alt_kinds?.includes(kind) ? t('fits') : undefined }))}
                            />
                            <Action icon="edit" onPress={() => onRename(scene.id)}>{t('rename_scene')}</Action>
                        </>
                    )}
                    <p className="small soft">{t('n_boxes', { n: scene.nodes.length })} · {t('sure', { share: percent(scene.confidence) })}</p>
                    <p className="small soft">{t('canvas_hint')}</p>
                </>
            ) : (
                <>
                    <h2>{element.label || t('connection')}</h2>
                    <p className="row wrap">
                        <Badge tone={element.by === 'user' ? 'accent' : 'plain'}>{element.by === 'user' ? t('by_person') : t('by_machine')}</Badge>
                        {element.by === 'auto' && <Badge tone={element.confidence < 0.5 ? 'warn' : 'plain'}>{t('sure', { share: percent(element.confidence) })}</Badge>}
                    </p>
                    {first !== undefined && <Link to="/recordings/$recording" params={{ recording }}>{t('listen')}</Link>}
                    {editable && (
                        <>
                            <Action icon="edit" onPress={() => onRename(element.id)}>{t('rename')}</Action>
                            {node && (
                                <Pick
                                    label={t('connect_to')} value="" onChange={(to) => to && void edit(connection(scene, node.id, to))}
                                    choices={scene.nodes.filter(({ id }) => id !== node.id).map(({ id, label }) => ({ id, name: label || id }))}
                                />
                            )}
                            {node && scene.layout?.pins?.[node.id] && <Action onPress={() => void edit({ op: 'unpin', scene: scene.id, node: node.id })}>{t('unpin')}</Action>}
                            {chosenMoment(scene, element.id) && <Action onPress={() => void edit({ op: 'move_reveal', scene: scene.id, target: element.id })}>{t('reveal_auto')}</Action>}
                            <Action icon="trash" onPress={() => onRemove(element.id)}>{t('remove')}</Action>
                        </>
                    )}
                </>
            )}
        </aside>
    );
}

function History({ id, version }: { id: string; version: number }) {
    const [compared, compare] = useState<number | null>(null);
    const queries = useQueryClient();
    const params = { path: { storyboard: id } };
    const versions = useQuery({ queryKey: ['versions', id, version], queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/versions', { params: { ...params, query: { limit: 50 } } })) });
    const restore = (number: number) =>
        client.POST('/v1/storyboards/{storyboard}/restore', { params: { ...params, header: { 'If-Match': `"${version}"` } }, body: { version: number } })
            .then(() => queries.invalidateQueries({ queryKey: ['storyboard', id] }), tellError);
    if (compared !== null) return <Compare id={id} from={compared} to={version} onBack={() => compare(null)} />;
    return (
        <ol className="stack tight">
            {(versions.data?.items ?? []).map((one) => (
                <li key={one.number} className="row apart">
                    <span>
                        <strong className="num">{t('version', { n: one.number })}</strong> <Badge>{tOr(`origin_${one.origin}`, one.origin)}</Badge>
                        <br />
                        <span className="small soft">{ago(one.made)}</span>
                    </span>
                    {one.number === version ? <Badge tone="good">{t('newest')}</Badge> : (
                        <span className="row">
                            <Action look="quiet" aria-label={`${t('compare')}: ${t('version', { n: one.number })}`} onPress={() => compare(one.number)}>{t('compare')}</Action>
                            <Action aria-label={`${t('restore')}: ${t('version', { n: one.number })}`} onPress={() => void restore(one.number)}>{t('restore')}</Action>
                        </span>
                    )}
                </li>
            ))}
        </ol>
    );
}
