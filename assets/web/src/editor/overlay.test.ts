import { describe, expect, it } from 'vitest';
import type { Layout, Scene } from './board';
import { overlaid } from './overlay';

const placed = (id: string, x: number, label: string) => ({ id, role: 'activity', shape: 'box', tone: 1, place: { x, y: 100, width: 200, height: 80 }, label: { place: { x, y: 100, width: 200, height: 80 }, lines: label.split('|'), size: 24, from_start: false } });
const layout = { area: { x: 0, y: 0, width: 1000, height: 500 }, title: { place: {}, lines: ['Order'], size: 40, from_start: true }, guides: [], nodes: [placed('a', 0, 'Check|stock'), placed('b', 400, 'Ship')], edges: [{ id: 'e', points: [[200, 140], [400, 140]], arrow: true, dashed: false }] } as unknown as Layout;
const node = (id: string, label: string) => ({ id, label, role: 'activity', evidence: [], confidence: 1, by: 'user' });
const scene = (more: object) => ({ title: 'Order', nodes: [node('a', 'Check stock'), node('b', 'Ship')], edges: [{ id: 'e', from: 'a', to: 'b' }], ...more }) as unknown as Scene;

describe('edits over a layout', () => {
    it('are none where nothing was edited', () => {
        expect(overlaid(layout, scene({}))).toEqual(layout);
    });
    it('rename, remove, add and move', () => {
        const { nodes, edges } = overlaid(layout, scene({
            nodes: [node('a', 'Check the whole stock twice'), node('c', 'Pack')], edges: [{ id: 'f', from: 'a', to: 'c', label: 'then' }], layout: { pins: { a: [0.5, 0.5] } },
        }));
        expect(nodes.map(({ id, label }) => [id, label.lines.join(' ')])).toEqual([['a', 'Check the whole stock twice'], ['c', 'Pack']]);
        expect([nodes[0]!.place.x, nodes[0]!.place.y]).toEqual([400, 210]);
        expect(nodes[0]!.label.place.x).toBe(400);
        expect(nodes[1]!.place.x).toBe(640);
        expect(edges.map(({ id, label }) => [id, label?.lines.join(' ')])).toEqual([['f', 'then']]);
    });
});
