// Edits of a storyboard. What can be said in cells is said there and merges with what others do; what needs the words of the talk is an
// operation of the interface, on a version made for it.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { useSession as useOwn } from '../app/queries';
import { t } from '../i18n';
import { tell, tellError } from '../kit/toast';
import { write } from './cells';
import type { Session } from './session';
import { letGo, sessionOf } from './unsent';

export type Op = Schemas['Op'];
export type Board = Schemas['Storyboard'];
export type Scene = Board['scenes'][number];
export type Node = Scene['nodes'][number];
export type Layout = Schemas['SceneLayout'];

/** What only the document says: the interface has no operation for it. */
export type Own =
    | { op: 'set_field'; scene: string; element: string; field: 'role' | 'shape' | 'actor' | 'group' | 'type' | 'directed' | 'from' | 'to' | 'confidence'; value: string | number | boolean | undefined }
    | { op: 'add_group'; scene: string; list: 'groups' | 'actors'; group: NonNullable<Scene['groups']>[number] }
    /** Something that was to be looked at is dealt with. */
    | { op: 'settle'; scene: string; target: string; why?: string };
/** `all`: several as one step. */
export type Edit = Op | Own | { op: 'all'; ops: (Own | Op)[] };
export type EditBy = (op: Edit) => Promise<boolean>;

/** A step that can be taken back: one in the document, or the operation that takes one of the interface back. */
type Step = 'cells' | Op;

/** The session of a storyboard, as long as it is shown. */
function useSession(id: string): Session | undefined {
    const who = useOwn();
    const owner = who && `${who.tenant}/${who.id}`;
    const [session, setSession] = useState<Session>();
    useEffect(() => {
        if (!who) return;
        const opened = sessionOf(who, id);
        opened.onRefused = (reason) => tell(t('live_refused', { reason }));
        opened.onLost = () => tell(t('live_lost'));
        setSession(opened);
        return () => letGo(who, id, opened);
        // The same person asked for anew is the same.
    }, [id, owner]);
    return session;
}
const nothing = () => () => {};
const none = () => undefined;

export function useBoard(id: string) {
    const queries = useQueryClient();
    const session = useSession(id);
    const state = useSyncExternalStore(session?.subscribe ?? nothing, session?.snapshot ?? none);
    const path = { path: { storyboard: id } };
    const head = useQuery({ queryKey: ['storyboard', id], queryFn: () => data(client.GET('/v1/storyboards/{storyboard}', { params: path })) });
    const [undos, setUndos] = useState<Step[]>([]);
    const [redos, setRedos] = useState<Step[]>([]);
    const [sending, setSending] = useState(0);
    const queue = useRef<Promise<unknown>>(Promise.resolve());
    const version = state?.version;
    useEffect(() => {
        if (version) void queries.invalidateQueries({ queryKey: ['storyboard', id] });
    }, [version, id, queries]);

    /** By the interface: based on a version that has all that the document says. */
    const send = useCallback(
        (op: Op): Promise<Op | undefined> => {
            setSending((n) => n + 1);
            const sent = queue.current.then(async () => {
                const saved = await session!.save();
                const edited = await data(client.PATCH('/v1/storyboards/{storyboard}', { params: { path: { storyboard: id }, header: ifMatch(saved) }, body: op }));
                return edited.inverse ?? undefined;
            });
            queue.current = sent.catch(() => {});
            return sent.finally(() => setSending((n) => n - 1));
        },
        [id, session],
    );
    const edit = useCallback(
        async (op: Edit): Promise<boolean> => {
            try {
                let step: Step | undefined = 'cells';
                // What is not written is an operation of the interface.
                if (!session?.change((cells, board) => write(cells, board, op))) step = await send(op as Op);
                if (step) setUndos((before) => [...before.slice(-199), step]);
                setRedos([]);
                return true;
            } catch (error) {
                tellError(error);
                return false;
            }
        },
        [session, send],
    );
    const take = async (from: Step[], setFrom: typeof setUndos, setTo: typeof setUndos, inCells: () => void) => {
        const step = from[from.length - 1];
        if (!step) return;
        setFrom((now) => now.slice(0, -1));
        try {
            if (step === 'cells') inCells();
            const back = step === 'cells' ? step : await send(step);
            if (back) setTo((now) => [...now, back]);
        } catch (error) {
            tellError(error);
        }
    };
    return {
        head, edit, session, state, board: state?.board, saving: sending > 0 || (state?.waiting ?? false),
        undo: undos.length ? () => void take(undos, setUndos, setRedos, () => session?.undo()) : undefined,
        redo: redos.length ? () => void take(redos, setRedos, setUndos, () => session?.redo()) : undefined,
    };
}

/** A line from one box to another. */
export function connection(scene: Scene, from: string, to: string): Op {
    return { op: 'add_edge', scene: scene.id, edge: { id: freshId(scene, 'c'), from, to, type: 'then', evidence: [], confidence: 1, by: 'user' } };
}

/** What stands on an element, or over the scene. */
export function labelOf(scene: Scene | undefined, id: string | null): string {
    if (!scene || !id) return '';
    if (id === scene.id) return scene.title;
    return [...scene.nodes, ...scene.edges, ...(scene.actors ?? []), ...(scene.groups ?? [])].find((element) => element.id === id)?.label ?? '';
}

/** What a person would call an element: a line by its ends. */
export function nameOf(scene: Scene, id: string): string {
    const edge = scene.edges.find((one) => one.id === id);
    return labelOf(scene, id) || (edge ? `${labelOf(scene, edge.from)} → ${labelOf(scene, edge.to)}` : id);
}

/** An id that no element of the scene has, nor one that somebody else adds in this moment. */
export function freshId(scene: Scene, prefix: string): string {
    const taken = new Set([...scene.nodes, ...scene.edges, ...(scene.actors ?? []), ...(scene.groups ?? []), ...(scene.notes ?? []), ...(scene.removed ?? [])].map(({ id }) => id));
    for (;;) {
        const id = prefix + Math.random().toString(36).slice(2, 8);
        if (!taken.has(id)) return id;
    }
}
