// Edits of a storyboard: each is an operation of the API, and the operation that takes it back comes with the answer.
import { useCallback, useRef, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, ifMatch, Problem, type Schemas } from '../api/client';
import { t } from '../i18n';
import { tell, tellError } from '../kit/toast';

export type Op = Schemas['Op'];
export type Board = Schemas['Storyboard'];
export type Scene = Board['scenes'][number];
export type Node = Scene['nodes'][number];
export type Layout = Schemas['SceneLayout'];

/** What a change looks like before the appliance has answered. Only what can be told for certain. */
function foresee(board: Board, op: Op): Board {
    if (op.op !== 'set_label') return board;
    const scenes = board.scenes.map((scene) => {
        if (scene.id !== op.scene) return scene;
        if (!op.element) return { ...scene, title: op.label };
        const relabel = <T extends { id: string; label?: string }>(of: T): T => (of.id === op.element ? { ...of, label: op.label } : of);
        return { ...scene, nodes: scene.nodes.map(relabel), edges: scene.edges.map(relabel) };
    });
    return { ...board, scenes };
}

export function useBoard(id: string) {
    const queries = useQueryClient();
    const path = { path: { storyboard: id } };
    const head = useQuery({ queryKey: ['storyboard', id], queryFn: () => data(client.GET('/v1/storyboards/{storyboard}', { params: path })) });
    const content = useQuery({
        queryKey: ['drawn', id, head.data?.version], enabled: !!head.data, placeholderData: (before: Board | undefined) => before,
        queryFn: async () => (await data(client.GET('/v1/storyboards/{storyboard}/content', { params: { ...path, query: { version: head.data!.version } } }))) as Board,
    });
    const [undos, setUndos] = useState<Op[]>([]);
    const [redos, setRedos] = useState<Op[]>([]);
    const [saving, setSaving] = useState(0);
    // Edits wait for each other: each names the version that the one before has made.
    const queue = useRef(Promise.resolve());
    const version = useRef(0);
    if (head.data && saving === 0) version.current = head.data.version;

    const send = useCallback(
        (op: Op): Promise<Op | null> => {
            setSaving((n) => n + 1);
            const shown = ['drawn', id, head.data?.version];
            const before = queries.getQueryData<Board>(shown);
            if (before) queries.setQueryData(shown, foresee(before, op));
            const sent = queue.current.then(async () => {
                try {
                    const edited = await data(client.PATCH('/v1/storyboards/{storyboard}', { params: { path: { storyboard: id }, header: ifMatch(version.current) }, body: op }));
                    version.current = edited.version;
                    queries.setQueryData(['storyboard', id], edited);
                    return edited.inverse ?? null;
                } catch (error) {
                    if (before) queries.setQueryData(shown, before);
                    if (error instanceof Problem && error.code === 'version_mismatch') {
                        setUndos([]);
                        setRedos([]);
                        await queries.invalidateQueries({ queryKey: ['storyboard', id] });
                        tell(t('changed_meanwhile'));
                        return null;
                    }
                    throw error;
                } finally {
                    setSaving((n) => n - 1);
                }
            });
            queue.current = sent.then(() => {}, () => {});
            return sent;
        },
        [id, head.data?.version, queries],
    );
    const edit = useCallback(
        async (op: Op): Promise<boolean> => {
            try {
                const inverse = await send(op);
                if (!inverse) return false;
                setUndos((before) => [...before.slice(-199), inverse]);
                setRedos([]);
                return true;
            } catch (error) {
                tellError(error);
                return false;
            }
        },
        [send],
    );
    const step = async (from: Op[], setFrom: typeof setUndos, setTo: typeof setUndos) => {
        const op = from[from.length - 1];
        if (!op) return;
        setFrom((now) => now.slice(0, -1));
        try {
            const inverse = await send(op);
            if (inverse) setTo((now) => [...now, inverse]);
        } catch (error) {
            tellError(error);
        }
    };
    return {
        head, content, edit, saving: saving > 0,
        undo: undos.length ? () => void step(undos, setUndos, setRedos) : undefined,
        redo: redos.length ? () => void step(redos, setRedos, setUndos) : undefined,
    };
}

/** An id that no element of the scene has. */
export function freshId(scene: Scene, prefix: string): string {
    const taken = new Set([...scene.nodes, ...scene.edges, ...(scene.actors ?? []), ...(scene.groups ?? []), ...(scene.notes ?? []), ...(scene.removed ?? [])].map(({ id }) => id));
    let n = 1;
    while (taken.has(prefix + n)) n++;
    return prefix + n;
}
