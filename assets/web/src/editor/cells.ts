// A storyboard as cells of a Yjs map, as the appliance has it (library::live::cells): one text for each thing that two people may change
// without getting in each other's way.
import type * as Y from 'yjs';
import type { Board, Edit, Op, Own, Scene } from './board';

const LISTS = ['nodes', 'edges', 'actors', 'groups', 'notes'] as const;
type List = (typeof LISTS)[number];
type Fields = Record<string, unknown>;
type Thing = { place?: number; fields: Fields };
export type Cells = Y.Map<string>;

const STEP = 1024;

const ordered = (things: Map<string, Thing>): Fields[] =>
    [...things]
        .filter(([, thing]) => thing.place !== undefined)
        .sort(([one, { place: a }], [other, { place: b }]) => a! - b! || (one < other ? -1 : 1))
        .map(([id, { fields }]) => ({ ...fields, id }));

/** The storyboard that cells say. Edges of which an end is gone are left out, as in the version that will be made of it. */
export function read(cells: Cells): Board {
    const board: Fields = {};
    const scenes = new Map<string, Thing & { lists: Map<List, Map<string, Thing>> }>();
    const set = (thing: Thing, field: string, value: unknown) => {
        if (field === '@') thing.place = value as number;
        else thing.fields[field] = value;
    };
    cells.forEach((text, key) => {
        const value: unknown = JSON.parse(text);
        const [first, sceneId, part, id, ...rest] = key.split('/');
        if (first !== 'scenes' || sceneId === undefined || part === undefined) {
            board[key] = value;
            return;
        }
        let scene = scenes.get(sceneId);
        if (!scene) scenes.set(sceneId, (scene = { fields: {}, lists: new Map() }));
        if ((LISTS as readonly string[]).includes(part) && id !== undefined && rest.length) {
            let list = scene.lists.get(part as List);
            if (!list) scene.lists.set(part as List, (list = new Map()));
            let element = list.get(id);
            if (!element) list.set(id, (element = { fields: {} }));
            set(element, rest.join('/'), value);
        } else if (part === 'layout' && id !== undefined) {
            const layout = (scene.fields.layout ??= {}) as { pins?: Fields } & Fields;
            if (id === 'pins' && rest.length) (layout.pins ??= {})[rest.join('/')] = value;
            else layout[id] = value;
        } else {
            set(scene, [part, id, ...rest].filter((name) => name !== undefined).join('/'), value);
        }
    });
    for (const scene of scenes.values()) {
        for (const list of LISTS) scene.fields[list] = ordered(scene.lists.get(list) ?? new Map());
        const nodes = new Set((scene.fields.nodes as { id: string }[]).map((node) => node.id));
        scene.fields.edges = (scene.fields.edges as { from: string; to: string }[]).filter(({ from, to }) => nodes.has(from) && nodes.has(to));
    }
    return { ...board, scenes: ordered(scenes) } as unknown as Board;
}

/** Writes an edit into the cells; says whether it is one that can be written so. Others go by the interface. */
export function write(cells: Cells, board: Board, op: Edit): boolean {
    if (op.op === 'batch' || op.op === 'all') return (op.ops as Edit[]).every(writable) && (op.ops as Edit[]).every((one) => write(cells, board, one));
    if (!writable(op)) return false;
    if (op.op === 'settle') {
        cells.set('review', JSON.stringify((board.review ?? []).filter(({ target, why }) => target !== op.target || (op.why !== undefined && why !== op.why))));
        return true;
    }
    const at = `scenes/${op.scene}`;
    const scene = board.scenes.find(({ id }) => id === op.scene);
    if (!scene) return true;
    const set = (key: string, value: unknown) => {
        const text = JSON.stringify(value);
        if (cells.get(key) !== text) cells.set(key, text);
    };
    const drop = (prefix: string) => [...cells.keys()].filter((key) => key.startsWith(prefix)).forEach((key) => cells.delete(key));
    const add = (list: List, element: { id: string }) => {
        const { id, ...fields } = element;
        const last = Math.max(0, ...[...cells.keys()].filter((key) => key.startsWith(`${at}/${list}/`) && key.endsWith('/@')).map((key) => Number(cells.get(key))));
        for (const [field, value] of Object.entries({ '@': last + STEP, ...fields })) if (value !== undefined) set(`${at}/${list}/${id}/${field}`, value);
    };
    switch (op.op) {
        case 'set_label': {
            if (!op.element) {
                set(`${at}/title`, op.label.trim());
                return true;
            }
            const list = listOf(scene, op.element);
            if (!list) return true;
            set(`${at}/${list}/${op.element}/${list === 'notes' ? 'text' : 'label'}`, op.label.trim());
            set(`${at}/${list}/${op.element}/by`, 'user');
            return true;
        }
        case 'add_node':
            add('nodes', op.node);
            return true;
        case 'add_edge':
            add('edges', op.edge);
            return true;
        case 'remove_node':
            drop(`${at}/nodes/${op.node}/`);
            for (const edge of scene.edges) if (edge.from === op.node || edge.to === op.node) drop(`${at}/edges/${edge.id}/`);
            cells.delete(`${at}/layout/pins/${op.node}`);
            return true;
        case 'remove_edge':
            drop(`${at}/edges/${op.edge}/`);
            return true;
        case 'pin':
            set(`${at}/layout/pins/${op.node}`, op.at);
            set(`${at}/nodes/${op.node}/by`, 'user');
            return true;
        case 'unpin':
            cells.delete(`${at}/layout/pins/${op.node}`);
            return true;
        case 'set_kind':
            set(`${at}/kind`, op.kind);
            return true;
        case 'set_field': {
            const list = listOf(scene, op.element);
            if (!list) return true;
            const key = `${at}/${list}/${op.element}`;
            if (op.value === undefined) cells.delete(`${key}/${op.field}`);
            else set(`${key}/${op.field}`, op.value);
            set(`${key}/by`, 'user');
            return true;
        }
        case 'add_group':
            add(op.list, op.group);
            return true;
    }
}

type Written = Own | Extract<Op, { op: 'set_label' | 'add_node' | 'add_edge' | 'remove_node' | 'remove_edge' | 'pin' | 'unpin' | 'set_kind' }>;
const WRITTEN = new Set<string>(['set_label', 'add_node', 'add_edge', 'remove_node', 'remove_edge', 'pin', 'unpin', 'set_kind', 'set_field', 'add_group', 'settle'] satisfies Written['op'][]);
const writable = (op: Edit): op is Written => WRITTEN.has(op.op);

const listOf = (scene: Scene, id: string): List | undefined => LISTS.find((list) => (scene[list] as { id: string }[] | undefined)?.some((element) => element.id === id));
