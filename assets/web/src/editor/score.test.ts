import { describe, expect, it } from 'vitest';
import type { Layout, Scene } from './board';
import { cuts, lookAt, scoreOf } from './score';

const words = Array.from({ length: 12 }, (_, i) => ({ text: `w${i}`, start_ms: i * 1_000, end_ms: i * 1_000 + 500 }));
const node = (id: string, ...evidence: number[][]) => ({ id, role: 'activity' as const, label: id, evidence, confidence: 1, by: 'auto' as const });
const edge = (id: string, from: string, to: string, ...evidence: number[][]) => ({ id, from, to, type: 'then' as const, evidence, confidence: 1, by: 'auto' as const });
const scene = (more: Partial<Scene>): Scene => ({ id: 's1', title: 'S', kind: 'flow', words: [0, 11], confidence: 1, nodes: [], edges: [], caption_style: 'sidecar', by: 'auto', ...more });
// Every range is said on its first word, unless it is told otherwise.
const layout = (scene: Scene, told: Layout['said'] = {}) => ({
    nodes: scene.nodes.map(({ id }) => ({ id })),
    said: { ...Object.fromEntries([...scene.nodes, ...scene.edges].map(({ id, evidence }) => [id, evidence.map(([first = 0]) => first)])), ...told },
}) as unknown as Layout;
const score = (of: Scene, told?: Layout['said']) => scoreOf(of, words, layout(of, told), 0, 12_000);

describe('a score', () => {
    it('lets boxes come just before their word, and lines after both ends', () => {
        const of = score(scene({ nodes: [node('a', [1, 2]), node('b', [4, 4])], edges: [edge('e', 'a', 'b', [2, 2])] }));
        expect(of.entrances.get('a')?.at).toBe(880);
        expect(of.entrances.get('b')?.at).toBe(3_880);
        expect(of.entrances.get('e')?.at).toBe(3_880 + 135);
    });
    it('lets parts come with the word that says them, which is seldom the first', () => {
        const of = scene({ nodes: [node('a', [1, 4]), node('b', [5, 9])], edges: [edge('e', 'a', 'b', [5, 9]), edge('f', 'a', 'b', [5, 9])] });
        const { entrances } = score(of, { a: [3], b: [6], e: [8], f: [] });
        expect(['a', 'b', 'e', 'f'].map((id) => entrances.get(id)?.at)).toEqual([2_880, 5_880, 7_880, 5_880 + 135]);
    });
    it('turns back to what is spoken of again', () => {
        const of = score(scene({ nodes: [node('a', [1, 1], [8, 9]), node('b', [4, 4])] }), { a: [1, 9] });
        expect(lookAt(of, 8_500).get('a')).toBe('back');
        expect(lookAt(of, 9_000).get('a')).toBe('now');
    });
    it('has what nobody spoke of come with its neighbour', () => {
        const of = score(scene({ nodes: [node('a', [3, 3]), node('b')], edges: [edge('e', 'a', 'b')] }));
        expect(of.entrances.get('b')?.at).toBe(2_880 + 80);
    });
    it('does as a person wishes', () => {
        const of = score(scene({ nodes: [node('a', [1, 1])], timeline: [{ do: 'reveal', target: 'a', at: { word: 6 } }] }));
        expect(of.entrances.get('a')?.at).toBe(6_000);
    });
    it('lights what is spoken of, and everything at the end', () => {
        const of = score(scene({ nodes: [node('a', [1, 1]), node('b', [5, 5])] }));
        expect([...lookAt(of, 0)]).toEqual([['a', 'later'], ['b', 'later']]);
        expect([...lookAt(of, 1_000)]).toEqual([['a', 'now'], ['b', 'later']]);
        expect([...lookAt(of, 5_000)]).toEqual([['a', 'back'], ['b', 'now']]);
        expect(lookAt(of, 11_000).size).toBe(0);
    });
    it('begins scenes in the pause before their words', () => {
        expect(cuts([scene({ words: [0, 4] }), scene({ id: 's2', words: [5, 11] })], words, 13_000)).toEqual([0, 4_600, 13_000]);
    });
});
