// The editor of a storyboard: scenes at the start, the canvas in the middle, what is chosen at the end.
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate, useParams } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { useCommands } from '../app/commands';
import { useSession } from '../app/queries';
import { useSaid } from '../app/said';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Badge, Failure, Skeleton } from '../kit/bits';
import { DeepMore } from '../kit/deep-menu';
import { Field, SendForm } from '../kit/form';
import { Cancel, Confirm, Window } from '../kit/overlay';
import { tellError } from '../kit/toast';
import { commentsOn, openBy } from '../routes/comments-on';
import { JobLine } from '../routes/progress';
import { playedOf, wordAt } from '../routes/talk';
import { useUnderway } from '../routes/underway';
import { connection, labelOf, useBoard, type Layout, type Scene } from './board';
import { Canvas } from './canvas';
import { addBox, commandsFor, moveScene, remove, type Scope } from './commands';
import { History } from './history';
import { Inspector } from './inspector';
import { overlaid } from './overlay';
import { Following, People } from './people';
import { stepBy } from './playhead';
import { sentenceOf, usePreview } from './preview';
import { renderAsLast } from './render';
import { Scenes } from './scenes';
import type { State } from './session';
import { Timeline } from './timeline';
import './editor.css';

// Loaded when somebody asks for them.
const ExportWindow = lazy(() => import('../routes/export').then(({ ExportWindow }) => ({ default: ExportWindow })));
const KindWindow = lazy(() => import('./kinds').then(({ KindWindow }) => ({ default: KindWindow })));

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
    const [kinds, showKinds] = useState(false);
    const scene = board?.scenes.find((one) => one.id === sceneId) ?? board?.scenes[0];
    // As the appliance has it now, once what moves boxes has come to rest for a moment.
    const changes = useRested(state?.changes ?? 0, 120);
    const layoutOf = (of: string | undefined) => ({
        queryKey: ['layout', id, of, changes], gcTime: 10_000,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard: id }, query: { scene: of!, live: true } } })),
    });
    const layout = useQuery({ ...layoutOf(scene?.id), enabled: !!scene, placeholderData: (before, query) => (query?.queryKey[2] === scene?.id ? before : undefined) });
    // Until it is as the appliance has it, and without a line, with what was edited laid over it.
    const last = useRef(new Map<string, Layout>());
    useEffect(() => {
        if (layout.data && scene) last.current.set(scene.id, layout.data);
    }, [layout.data, scene?.id]);
    const known = layout.data ?? last.current.get(scene?.id ?? '');
    const fresh = !!layout.data && !layout.isPlaceholderData && !state?.waiting;
    const drawn = useMemo(() => (known && scene && !fresh ? overlaid(known, scene) : known), [known, scene, fresh]);
    const { said } = useSaid(head.data?.recording);
    const words = said?.words;
    const { live: making } = useUnderway(head.data?.recording, id);
    const preview = usePreview(head.data?.recording, board, words, scene, drawn, setScene);
    const { player, state: playing } = preview;
    const played = useMemo(() => (board ? playedOf(board) : []), [board]);
    // The scene that comes next is there when it is played.
    const next = scene && played[played.indexOf(scene) + 1];
    useEffect(() => {
        if (playing.playing && next) void queries.prefetchQuery(layoutOf(next.id));
    }, [playing.playing, next?.id, changes]);

    const editable = state?.mayEdit ?? false;
    const people = state?.people ?? [];
    // One goes along with what somebody sees and has chosen, until one moves by oneself.
    const leader = people.find(({ client }) => client === followed);
    useEffect(() => {
        if (leader?.scene) setScene(leader.scene);
    }, [leader?.scene]);
    useEffect(() => {
        if (leader) choose(leader.chosen ?? null);
    }, [leader?.client, leader?.chosen]);
    useEffect(() => together?.be({ scene: scene?.id, chosen }), [together, scene?.id, chosen]);

    const spokenOf = useQuery(commentsOn(id));
    const comments = useMemo(() => openBy(spokenOf.data, scene?.id ?? ''), [spokenOf.data, scene?.id]);

    const around = (of: Scene) => {
        const at = played.indexOf(of);
        const after = board?.scenes[board.scenes.indexOf(of) + 1];
        return {
            next: after && after === played[at + 1] ? after : undefined,
            earlier: at > 0 ? { before: played[at - 1]?.id } : undefined,
            later: at >= 0 && at < played.length - 1 ? { before: played[at + 2]?.id } : undefined,
        };
    };
    const scopeOf = (of: Scene): Scope => ({
        scene: of, layout: of === scene ? drawn : undefined, editable, edit, choose, rename,
        changeKind: () => (setScene(of.id), showKinds(true)),
        ...around(of),
        ...(words && of === scene && { word: () => wordAt(words, player?.now() ?? 0) }),
        ...(session?.can('comment:create') && { comment: (element: string | null) => (setScene(of.id), choose(element), focusSoon('#comments textarea')) }),
        ...(words && player && { listen: (element: string) => {
            const found = [...of.nodes, ...of.edges].find((one) => one.id === element);
            if (found) player.listen(...sentenceOf(found, of, words));
        } }),
    });
    const scope = scene && scopeOf(scene);

    useEffect(() => {
        const press = (event: KeyboardEvent) => {
            const target = event.target as HTMLElement;
            if (target.closest('input, textarea, [contenteditable], [role=dialog], [role=menu], [role=listbox]')) return;
            const key = event.key.toLowerCase();
            if (event.metaKey || event.ctrlKey) {
                if (key === 'z') event.preventDefault(), (event.shiftKey ? redo : undo)?.();
                if (key === 'y') event.preventDefault(), redo?.();
            } else if (key === ' ' && !target.closest('button, a, summary')) {
                // Before the canvas takes it for a choice.
                event.preventDefault();
                event.stopPropagation();
                player?.toggle();
            } else if (key === 'escape') {
                if (followed !== null) follow(null);
                else if (player?.state.shown) player.rest();
            } else if (target === document.body || target.id === 'main') {
                if (player && words && scene && stepBy(player, words, event.key, scene.words[0] ?? 0, scene.words[1] ?? 0)) event.preventDefault();
            }
        };
        addEventListener('keydown', press, true);
        return () => removeEventListener('keydown', press, true);
    }, [undo, redo, player, words, scene, followed]);
    // What is on its way goes on by itself; what has no way is kept here, which one should know.
    const stuck = saving && state?.line !== 'live';
    const blocker = useBlocker({ shouldBlockFn: ({ current, next }) => stuck && current.pathname !== next.pathname && next.pathname !== '/sign-in', enableBeforeUnload: () => saving, withResolver: true });

    const recording = useQuery({
        queryKey: ['recording', head.data?.recording], enabled: !!head.data,
        queryFn: () => data(client.GET('/v1/recordings/{recording}', { params: { path: { recording: head.data!.recording } } })),
    }).data;
    const project = useQuery({
        queryKey: ['project', recording?.project], enabled: !!recording?.project,
        queryFn: () => data(client.GET('/v1/projects/{project}', { params: { path: { project: recording?.project ?? '' } } })),
    }).data;
    const title = head.data?.title || t('diagram');
    const crumbs = [project ? { name: project.title, to: `/projects/${project.id}` } : { name: t('nav_projects'), to: '/' }, ...(recording ? [{ name: recording.title, to: `/recordings/${recording.id}` }] : []), { name: title }];
    const render = async () => {
        try {
            // What is on the screen: a version is made of it first.
            if (editable) await together?.save();
            await renderAsLast({ session, storyboard: id, recording: head.data!.recording, project: recording?.project });
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
        { id: 'add', name: t('add_box'), icon: 'plus', keys: 'N', off: !editable || !scope, run: () => scope && addBox(scope, chosen) },
        { id: 'rename', name: t('rename'), icon: 'edit', keys: 'F2', off: !chosenHere, run: () => rename(chosen) },
        { id: 'remove', name: t('remove'), icon: 'trash', keys: 'Delete', off: !chosenHere || !scope, run: () => chosen && scope && remove(scope, chosen) },
        { id: 'kind', name: t('change_kind'), icon: 'diagram', keys: 'K', off: !editable, run: () => showKinds(true) },
        { id: 'history', name: t('history'), icon: 'list', run: () => setHistory(true) },
        { id: 'export', name: t('export'), icon: 'download', off: !exports || !board, run: () => setExporting(true) },
        { id: 'render', name: t('render'), icon: 'video', off: !renders || making.length > 0, run: () => void render() },
        ...(player ? [{ id: 'play', name: t('key_play'), keys: 'Space', run: () => player.toggle() }] : []),
        ...(editable ? [
            { id: 'pin', name: t('pin'), keys: 'P' },
            { id: 'listen', name: t('listen'), keys: 'L' },
            { id: 'comment', name: t('comment'), keys: 'C' },
            { id: 'menu', name: t('more'), keys: 'Shift+F10' },
            { id: 'move', name: t('key_move_box'), keys: '← → ↑ ↓' },
            { id: 'move-scene', name: t('key_move_scene'), keys: 'Alt+↑ Alt+↓' },
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
            {!board || !scene || !scope ? <Skeleton lines={8} /> : (
                <div className="editor">
                    <Scenes
                        scenes={played} now={scene} onMove={editable && played.length > 1 ? (of, before) => moveScene({ scene: of, edit }, before) : undefined} commands={(of) => commandsFor(scopeOf(of), null)}
                        onChoose={(to) => {
                            const begin = preview.begins[board.scenes.findIndex((one) => one.id === to)] ?? 0;
                            follow(null), setScene(to), choose(null);
                            if (playing.playing) player?.play(begin);
                        }}
                    />
                    <div className={['canvas', playing.shown && 'shown', playing.playing && 'playing'].filter(Boolean).join(' ')}>
                        {editable && (
                            <div className="tools" role="toolbar" aria-label={t('tools')}>
                                <Action look="quiet" icon="plus" onPress={() => addBox(scope, chosen)}>{t('add_box')}</Action>
                                <Action look="quiet" icon="edit" isDisabled={!chosen} onPress={() => rename(chosen)}>{t('rename')}</Action>
                                <Action look="quiet" icon="trash" isDisabled={!chosen} onPress={() => chosen && remove(scope, chosen)}>{t('remove')}</Action>
                                <Action look="quiet" icon="diagram" onPress={() => showKinds(true)}>{t('change_kind')}</Action>
                                <DeepMore label={t('more')} entries={commandsFor(scope, chosen)} />
                            </div>
                        )}
                        {leader && <Following who={leader} onStop={() => follow(null)} />}
                        {drawn && (
                            <Canvas
                                key={scene.id} scope={{ ...scope, layout: drawn }} chosen={chosen} comments={comments} people={people.filter((person) => person.scene === scene.id)} followed={leader} onFollow={follow}
                                session={together} player={player} score={preview.score} onConnect={(from, to) => void edit(connection(scene, from, to))}
                            />
                        )}
                    </div>
                    {words && <Timeline key={scene.id} scene={scene} words={words} editable={editable} chosen={chosen} onChoose={choose} edit={edit} player={player} playing={playing} />}
                    <Inspector
                        board={board} storyboard={id} scope={scope} chosen={chosen} words={words} onHear={player ? (from, until) => player.listen(from, until) : undefined}
                        onGo={({ scene, element }) => (setScene(scene), choose(element ?? null))}
                    />
                </div>
            )}
            {kinds && scene && <Suspense><KindWindow storyboard={id} scene={scene} changes={changes} open onOpen={showKinds} edit={edit} /></Suspense>}
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
            <Confirm title={t('unsent')} text={t('unsent_text')} action={t('unsent_leave')} open={blocker.status === 'blocked'} onClose={() => blocker.reset?.()} onYes={() => blocker.proceed?.()} />
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

/** Gives something the focus once it is there, and whatever was open before it is closed. */
function focusSoon(selector: string): void {
    setTimeout(() => {
        const found = () => {
            const node = document.querySelector<HTMLElement>(selector);
            node?.focus();
            return !!node;
        };
        if (found()) return;
        const watch = new MutationObserver(() => found() && watch.disconnect());
        watch.observe(document.body, { childList: true, subtree: true });
        setTimeout(() => watch.disconnect(), 5_000);
    }, 150);
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
