// What can be done with what is chosen: the same list for the menu of the canvas, the menu of the tools, and the keys.
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import type { Entry } from '../kit/menu';
import { tell } from '../kit/toast';
import { firstWord } from '../routes/talk';
import { connection, freshId, type EditBy, type Layout, type Op, type Own, type Scene } from './board';
import { shareOf } from './places';

const ROLES = ['activity', 'decision', 'start', 'end', 'object', 'actor', 'event', 'state', 'concept', 'quantity'] as const satisfies Scene['nodes'][number]['role'][];
const SHAPES = ['box', 'pill', 'diamond', 'ellipse', 'cylinder', 'person', 'document'] as const satisfies Schemas['Shape'][];
const TYPES = ['then', 'yes', 'no', 'part_of', 'is_a', 'causes', 'message', 'relates'] as const satisfies Schemas['EdgeType'][];

export type Scope = {
    scene: Scene;
    layout: Layout | undefined;
    editable: boolean;
    edit: EditBy;
    choose: (id: string | null) => void;
    rename: (id: string) => void;
    changeKind: () => void;
    comment?: (id: string | null) => void;
    listen?: (id: string) => void;
    /** The scene after this one, as it is spoken and as it is played. */
    next?: Scene;
    /** Those before which it is played when it goes one place up or down; none for the end, and nothing where it cannot go there. */
    earlier?: { before?: string };
    later?: { before?: string };
    /** The word at the playhead. */
    word?: () => number;
};

export function remove({ scene, edit, choose }: Pick<Scope, 'scene' | 'edit' | 'choose'>, id: string): void {
    choose(null);
    const isNode = scene.nodes.some((one) => one.id === id);
    void edit(isNode ? { op: 'remove_node', scene: scene.id, node: id } : { op: 'remove_edge', scene: scene.id, edge: id }).then((done) => done && tell(t('removed')));
}

/** A new box, led to from the one that is chosen. */
export function addBox({ scene, edit, choose, rename }: Scope, from: string | null): void {
    const node = freshId(scene, 'u');
    const before = scene.nodes.find(({ id }) => id === from);
    const ops: (Op | Own)[] = [{ op: 'add_node', scene: scene.id, node: { id: node, role: 'activity', label: t('new_box'), evidence: [], confidence: 1, by: 'user', ...(before?.actor && { actor: before.actor }), ...(before?.group && { group: before.group }) } }];
    if (before) ops.push(connection(scene, before.id, node));
    void edit({ op: 'all', ops }).then((done) => done && (choose(node), rename(node)));
}

export function commandsFor(scope: Scope, id: string | null): Entry[] {
    const { scene } = scope;
    const node = scene.nodes.find((one) => one.id === id);
    const edge = scene.edges.find((one) => one.id === id);
    if (node) return forBox(scope, node);
    if (edge) return forLine(scope, edge);
    return forScene(scope);
}

const spoken = ({ listen, comment }: Scope, id: string, said: boolean): Entry[] => [
    ...(listen ? [{ id: 'listen', name: t('listen'), icon: 'play' as const, keys: 'L', off: !said, run: () => listen(id) }] : []),
    ...(comment ? [{ id: 'comment', name: t('comment'), icon: 'bubble' as const, keys: 'C', run: () => comment(id) }] : []),
];

function forBox(scope: Scope, node: Scene['nodes'][number]): Entry[] {
    const { scene, layout, editable, edit, rename, choose } = scope;
    const said = spoken(scope, node.id, node.evidence.length > 0);
    if (!editable) return said;
    const others = scene.nodes.filter(({ id }) => id !== node.id);
    const set = (field: 'role' | 'shape' | 'actor' | 'group', value: string | undefined) => () => void edit({ op: 'set_field', scene: scene.id, element: node.id, field, value });
    const pinned = !!scene.layout?.pins?.[node.id];
    const place = layout?.nodes.find(({ id }) => id === node.id)?.place;
    const first = firstWord(node, scene);
    const gather = (list: 'groups' | 'actors') => () => {
        const id = freshId(scene, list === 'groups' ? 'g' : 'a');
        const label = t(list === 'groups' ? 'new_group' : 'new_lane');
        void edit({ op: 'all', ops: [
            { op: 'add_group', scene: scene.id, list, group: { id, label, evidence: [], by: 'user' } },
            { op: 'set_field', scene: scene.id, element: node.id, field: list === 'groups' ? 'group' : 'actor', value: id },
        ] }).then((done) => done && rename(id));
    };
    const among = (list: 'groups' | 'actors', now: string | null | undefined): Entry[] => [
        ...(scene[list] ?? []).map(({ id, label }): Entry => ({ id, name: label || id, on: id === now, run: set(list === 'groups' ? 'group' : 'actor', id) })),
        { id: 'none', name: t('in_none'), on: !now, run: set(list === 'groups' ? 'group' : 'actor', undefined) },
        { id: 'new', name: t(list === 'groups' ? 'new_group' : 'new_lane'), icon: 'plus', run: gather(list) },
    ];
    return [
        { id: 'rename', name: t('rename'), icon: 'edit', keys: 'F2', run: () => rename(node.id) },
        { id: 'connect', name: t('connect_to'), icon: 'link', off: !others.length, entries: others.map(({ id, label }) => ({ id, name: label || id, run: () => void edit(connection(scene, node.id, id)) })) },
        { id: 'next', name: t('add_after'), icon: 'plus', keys: 'N', run: () => addBox(scope, node.id) },
        ...said,
        pinned
            ? { id: 'unpin', name: t('unpin'), icon: 'lock', keys: 'P', run: () => void edit({ op: 'unpin', scene: scene.id, node: node.id }) }
            : { id: 'pin', name: t('pin'), icon: 'lock', keys: 'P', off: !place, run: () => place && layout && void edit({ op: 'pin', scene: scene.id, node: node.id, at: shareOf(place, layout.area) }) },
        { id: 'role', name: t('stands_for'), entries: ROLES.map((role) => ({ id: role, name: t(`stands_${role}`), on: role === node.role, run: set('role', role) })) },
        { id: 'shape', name: t('outline'), entries: [
            { id: 'own', name: t('shape_own'), on: !node.shape, run: set('shape', undefined) },
            ...SHAPES.map((shape) => ({ id: shape, name: t(`shape_${shape}`), on: shape === node.shape, run: set('shape', shape) })),
        ] },
        { id: 'lane', name: t('into_lane'), icon: 'users', entries: among('actors', node.actor) },
        { id: 'group', name: t('into_group'), icon: 'group', entries: among('groups', node.group) },
        { id: 'merge', name: t('merge_into'), off: !others.length, entries: others.map(({ id, label }) => ({
            id, name: label || id, run: () => void edit({ op: 'merge_nodes', scene: scene.id, keep: id, absorb: [node.id] }).then((done) => done && (choose(id), tell(t('merged', { name: label || id })))),
        })) },
        ...split(scope, first, t('split_here')),
        { id: 'remove', name: t('remove'), icon: 'trash', bad: true, keys: 'Delete', run: () => remove(scope, node.id) },
    ];
}

function forLine(scope: Scope, edge: Scene['edges'][number]): Entry[] {
    const { scene, editable, edit, rename } = scope;
    const said = spoken(scope, edge.id, edge.evidence.length > 0);
    if (!editable) return said;
    const set = (field: 'type' | 'directed' | 'from' | 'to', value: string | boolean) => ({ op: 'set_field', scene: scene.id, element: edge.id, field, value }) as const;
    return [
        { id: 'rename', name: t('rename'), icon: 'edit', keys: 'F2', run: () => rename(edge.id) },
        ...said,
        { id: 'type', name: t('says'), entries: TYPES.map((type) => ({ id: type, name: t(`edge_${type}`), on: type === edge.type, run: () => void edit(set('type', type)) })) },
        { id: 'turn', name: t('turn_round'), run: () => void edit({ op: 'all', ops: [set('from', edge.to), set('to', edge.from)] }) },
        { id: 'directed', name: t('with_arrow'), on: edge.directed !== false, run: () => void edit(set('directed', edge.directed === false)) },
        { id: 'remove', name: t('remove'), icon: 'trash', bad: true, keys: 'Delete', run: () => remove(scope, edge.id) },
    ];
}

function forScene(scope: Scope): Entry[] {
    const { scene, editable, edit, rename, changeKind, next, earlier, later, word, comment } = scope;
    const comments: Entry[] = comment ? [{ id: 'comment', name: t('comment'), icon: 'bubble', keys: 'C', run: () => comment(null) }] : [];
    if (!editable) return comments;
    const named = [...(scene.actors ?? []), ...(scene.groups ?? [])];
    return [
        { id: 'add', name: t('add_box'), icon: 'plus', keys: 'N', run: () => addBox(scope, null) },
        { id: 'kind', name: t('change_kind'), icon: 'diagram', keys: 'K', run: changeKind },
        { id: 'rename', name: t('rename_scene'), icon: 'edit', keys: 'F2', run: () => rename(scene.id) },
        ...(named.length ? [{ id: 'lanes', name: t('rename_lane'), entries: named.map(({ id, label }) => ({ id, name: label || id, run: () => rename(id) })) }] : []),
        ...comments,
        ...(word ? split(scope, word(), t('split_playhead')) : []),
        ...(earlier || later ? [
            { id: 'earlier', name: t('play_earlier'), keys: 'Alt+↑', off: !earlier, run: () => void moveScene(scope, earlier?.before) },
            { id: 'later', name: t('play_later'), keys: 'Alt+↓', off: !later, run: () => void moveScene(scope, later?.before) },
        ] : []),
        ...(next ? [{ id: 'merge', name: t('merge_next'), run: () => void edit({ op: 'merge_scenes', first: scene.id, second: next.id }) }] : []),
    ];
}

/** Plays a scene before another, or as the last; what is said over it goes along. */
export const moveScene = ({ scene, edit }: Pick<Scope, 'scene' | 'edit'>, before: string | undefined): Promise<boolean> =>
    edit({ op: 'move_scene', scene: scene.id, before }).then((done) => (done && tell(t('scene_moved')), done));

/** A scene is split before a word that is neither its first nor beyond it. */
function split({ scene, edit }: Scope, word: number, name: string): Entry[] {
    const [first = 0, last = 0] = scene.words;
    return [{ id: 'split', name, keys: 'S', off: word <= first || word > last, run: () => void edit({ op: 'split_scene', scene: scene.id, word }).then((done) => done && tell(t('scene_split'))) }];
}

/** What a key asks for; false where it asks for nothing. */
export function byKey(entries: Entry[], event: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const key = event.key === 'Backspace' ? 'delete' : event.key.toLowerCase();
    const found = entries.find(({ keys, off }) => !off && keys?.toLowerCase() === key);
    found?.run?.();
    return !!found;
}

