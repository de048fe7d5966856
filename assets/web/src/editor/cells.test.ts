import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Board, Op } from './board';
import { read, write, type Cells } from './cells';

/** Cells as the appliance makes them of a small storyboard. */
function cells(doc = new Y.Doc()): Cells {
    const map = doc.getMap<string>('cells');
    const all: Record<string, unknown> = {
        title: 'Orders', 'scenes/s2/@': 2048, 'scenes/s2/title': 'Later', 'scenes/s2/kind': 'steps', 'scenes/s1/@': 1024, 'scenes/s1/title': 'First', 'scenes/s1/kind': 'flow',
        'scenes/s1/nodes/n1/@': 1024, 'scenes/s1/nodes/n1/label': 'Check', 'scenes/s1/nodes/n2/@': 2048, 'scenes/s1/nodes/n2/label': 'Ship',
        'scenes/s1/edges/e1/@': 1024, 'scenes/s1/edges/e1/from': 'n1', 'scenes/s1/edges/e1/to': 'n2', 'scenes/s1/layout/pins/n2': [0.5, 0.5],
    };
    for (const [key, value] of Object.entries(all)) map.set(key, JSON.stringify(value));
    return map;
}
const edit = (map: Cells, op: object) => write(map, read(map), { scene: 's1', ...op } as Op);
const first = (map: Cells) => (read(map) as Board).scenes[0]!;

describe('cells', () => {
    it('say a storyboard', () => {
        const board = read(cells());
        expect(board.scenes.map(({ title }) => title)).toEqual(['First', 'Later']);
        expect(board.scenes[0]!.nodes.map(({ id, label }) => [id, label])).toEqual([['n1', 'Check'], ['n2', 'Ship']]);
        expect(board.scenes[0]!.layout?.pins).toEqual({ n2: [0.5, 0.5] });
    });
    it('take the edits of the canvas', () => {
        const map = cells();
        expect(edit(map, { op: 'set_label', element: 'n1', label: ' Check stock ' })).toBe(true);
        expect(edit(map, { op: 'add_node', node: { id: 'n3', label: 'Pack', role: 'activity', evidence: [], confidence: 1, by: 'user' } })).toBe(true);
        expect(edit(map, { op: 'remove_node', node: 'n2' })).toBe(true);
        const { nodes, edges, layout } = first(map);
        expect(nodes.map(({ id, label }) => [id, label])).toEqual([['n1', 'Check stock'], ['n3', 'Pack']]);
        expect([edges, layout]).toEqual([[], undefined]);
    });
    it('take what a box stands for, where it belongs, and what was looked at', () => {
        const map = cells();
        map.set('review', JSON.stringify([{ target: 's1/n1', why: 'Who?' }, { target: 's1/n2', why: 'When?' }]));
        expect(edit(map, { op: 'all', ops: [
            { op: 'add_group', scene: 's1', list: 'groups', group: { id: 'g1', label: 'Hall', evidence: [], by: 'user' } },
            { op: 'set_field', scene: 's1', element: 'n1', field: 'group', value: 'g1' },
            { op: 'set_field', scene: 's1', element: 'n1', field: 'role', value: 'decision' },
            { op: 'settle', scene: 's1', target: 's1/n1', why: 'Who?' },
        ] })).toBe(true);
        expect(first(map).nodes[0]).toMatchObject({ group: 'g1', role: 'decision', by: 'user' });
        expect(first(map).groups).toEqual([{ id: 'g1', label: 'Hall', evidence: [], by: 'user' }]);
        expect((read(map) as Board).review).toEqual([{ target: 's1/n2', why: 'When?' }]);
        edit(map, { op: 'set_field', element: 'n1', field: 'group', value: undefined });
        expect(first(map).nodes[0]).not.toHaveProperty('group');
    });
    it('leave what needs the words of the talk to the interface', () => {
        expect(edit(cells(), { op: 'split_scene', word: 7 })).toBe(false);
        expect(edit(cells(), { op: 'batch', ops: [{ op: 'pin', scene: 's1', node: 'n1', at: [0, 0] }, { op: 'merge_scenes', first: 's1', second: 's2' }] })).toBe(false);
    });
    it('merge, and drop what leads to a box that is gone', () => {
        const [one, other] = [new Y.Doc(), new Y.Doc()];
        const here = cells(one);
        Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
        const there = other.getMap<string>('cells');
        edit(here, { op: 'remove_node', node: 'n2' });
        edit(there, { op: 'add_edge', edge: { id: 'c1', from: 'n2', to: 'n1', type: 'then', evidence: [], confidence: 1, by: 'user' } });
        edit(there, { op: 'set_label', element: 'n2', label: 'Send' });
        Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
        Y.applyUpdate(one, Y.encodeStateAsUpdate(other));
        expect(read(here)).toEqual(read(there));
        expect([first(here).nodes.map(({ id }) => id), first(here).edges]).toEqual([['n1'], []]);
    });
});
