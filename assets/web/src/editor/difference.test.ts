import { describe, expect, it } from 'vitest';
import type { Board } from './board';
import { difference, marks } from './difference';

const board = (scenes: unknown[]) => ({ scenes }) as Board;
const node = (id: string, label: string) => ({ id, label });
const scene = (over: object) => ({ id: 's1', title: 'Order', kind: 'flow', nodes: [node('n1', 'Check'), node('n2', 'Ship')], edges: [{ id: 'e1', from: 'n1', to: 'n2', label: '' }], ...over });

describe('the difference between two versions', () => {
    it('is nothing where nothing differs', () => {
        expect(difference(board([scene({})]), board([scene({})]))).toEqual([]);
    });
    it('says what was added, removed, renamed and moved', () => {
        const after = scene({ nodes: [node('n1', 'Check stock'), node('n3', 'Pack')], edges: [], layout: { pins: { n1: [0.5, 0.5] } } });
        const [one] = difference(board([scene({})]), board([after]));
        expect(one!.changes).toEqual([
            { what: 'renamed', id: 'n1', from: 'Check', to: 'Check stock' },
            { what: 'moved', id: 'n1', name: 'Check stock' },
            { what: 'added', id: 'n3', name: 'Pack' },
            { what: 'removed', id: 'n2', name: 'Ship' },
            { what: 'removed', id: 'e1', name: 'Check → Ship' },
        ]);
        const { before, after: later } = marks(one!.changes);
        expect([before.get('n2'), before.get('n1'), later.get('n1'), later.get('n3')]).toEqual(['gone', 'changed', 'changed', 'new']);
    });
    it('says what a part stands for now, what a line says, and when a part appears', () => {
        const before = scene({ nodes: [{ ...node('n1', 'Check'), role: 'activity' }, node('n2', 'Ship')], edges: [{ id: 'e1', from: 'n1', to: 'n2', label: '', type: 'then' }] });
        const after = scene({ nodes: [{ ...node('n1', 'Check'), role: 'decision', shape: 'box' }, node('n2', 'Ship')], edges: [{ id: 'e1', from: 'n1', to: 'n2', label: '', type: 'yes' }], timeline: [{ do: 'reveal', target: 'n2', at: { word: 3 } }] });
        expect(difference(board([before]), board([after]))[0]!.changes).toEqual([
            { what: 'role', id: 'n1', name: 'Check', from: 'activity', to: 'decision' },
            { what: 'redrawn', id: 'n1', name: 'Check' },
            { what: 'timed', id: 'n2', name: 'Ship' },
            { what: 'type', id: 'e1', name: 'Check → Ship', from: 'then', to: 'yes' },
        ]);
    });
    it('names scenes that came and went', () => {
        const found = difference(board([scene({})]), board([scene({ id: 's2', title: 'New' })]));
        expect(found.map(({ id, before, after }) => [id, !!before, !!after])).toEqual([['s2', false, true], ['s1', true, false]]);
    });
});
