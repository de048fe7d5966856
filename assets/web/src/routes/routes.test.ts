import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { contrast } from './contrast';
import { fileName } from './csv';
import { inclusionRoot } from './proof';
import { rate } from './rate';
import { firstWord, paragraphs, playedAt, playedOf, revealWord, sceneAt, shownAt, spokenAt, wordAt } from './talk';

const word = (text: string, start_ms: number, more = {}) => ({ text, start_ms, end_ms: start_ms + 200, ...more });
const node = (id: string, evidence: number[][]) => ({ id, role: 'activity' as const, label: id, evidence, confidence: 1, by: 'auto' as const });
const edge = (id: string, from: string, to: string, evidence: number[][]) => ({ id, from, to, type: 'then' as const, evidence, confidence: 1, by: 'auto' as const });
const scene = {
    id: 's1', title: 'One', kind: 'flow' as const, words: [2, 9], confidence: 1, caption_style: 'sidecar' as const, by: 'auto' as const,
    nodes: [node('a', [[3, 4]]), node('b', [[7, 8], [5, 5]]), node('mine', [])], edges: [edge('e', 'a', 'b', [[6, 6]])],
};

test('the name of a file that is sent', () => {
    expect(fileName("attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%20b%C3%BC.pdf")).toBe('a bü.pdf');
    expect(['attachment', null, "x; filename*=UTF-8''%E0%A4%A"].map(fileName)).toEqual([undefined, undefined, undefined]);
});

test('the word of a moment', () => {
    const words = [word('a', 100), word('b', 400), word('c', 400), word('d', 900)];
    expect([0, 99, 100, 399, 400, 899, 900, 9_999].map((ms) => wordAt(words, ms))).toEqual([-1, -1, 0, 0, 2, 2, 3, 3]);
});

test('the scene of a word, also between scenes', () => {
    const scenes = [scene, { ...scene, id: 's2', words: [12, 20] }];
    expect([-1, 2, 9, 11, 12, 99].map((at) => sceneAt(scenes, at))).toEqual([0, 0, 0, 0, 1, 1]);
});

test('moments of a video whose scenes are played in another order', () => {
    // Spoken: one from 0, two from 4 s, three from 6 s to 10 s. Played: three, one, two.
    const stretches = [{ scene: 's3', from_ms: 6_000, to_ms: 10_000, at_ms: 0 }, { scene: 's1', from_ms: 0, to_ms: 4_000, at_ms: 4_000 }, { scene: 's2', from_ms: 4_000, to_ms: 6_000, at_ms: 8_000 }];
    expect([0, 3_999, 4_000, 7_000, 8_000, 9_500].map((ms) => spokenAt(stretches, ms))).toEqual([6_000, 9_999, 0, 3_000, 4_000, 5_500]);
    for (const ms of [0, 1, 3_999, 4_000, 6_000, 9_999]) expect(spokenAt(stretches, playedAt(stretches, ms))).toBe(ms);
    expect([spokenAt([], 123), playedAt([], 123)]).toEqual([123, 123]);
    const scenes = ['s1', 's2', 's3'].map((id) => ({ ...scene, id }));
    const ids = (order?: string[]) => playedOf({ scenes, order }).map(({ id }) => id);
    expect([ids(), ids([]), ids(['s3', 's1', 's2']), ids(['s3'])]).toEqual([['s1', 's2', 's3'], ['s1', 's2', 's3'], ['s3', 's1', 's2'], ['s1', 's2', 's3']]);
});

test('elements are there from their first word on, lines with both ends', () => {
    expect(firstWord(scene.nodes[1]!, scene)).toBe(5);
    expect(firstWord(scene.nodes[2]!, scene)).toBe(2);
    expect(shownAt(scene, [], 2)).toEqual({ hidden: new Set(['a', 'b', 'e']), now: 'mine' });
    expect(shownAt(scene, [], 5)).toEqual({ hidden: new Set(['e']), now: 'b' });
    expect(shownAt(scene, [], 6).hidden.size).toBe(0);
});

test('what a person chose goes before what was said', () => {
    const at = (moment: { word: number } | { ms: number }) => ({ ...scene, timeline: [{ at: { word: 1 }, do: 'reveal' as const, target: ['b', 'e'] }, { at: moment, do: 'reveal' as const, target: 'b' }, { at: { word: 0 }, do: 'focus' as const, target: 'b' }] });
    const words = [word('a', 100), word('b', 400), word('c', 500), word('d', 900)];
    expect(revealWord(scene.nodes[1]!, at({ word: 7 }), words)).toBe(7);
    expect(revealWord(scene.nodes[1]!, at({ ms: 899 }), words)).toBe(2);
    expect(shownAt(at({ word: 7 }), words, 6).hidden).toEqual(new Set(['b', 'e']));
});

test('paragraphs begin at another speaker and after a pause', () => {
    const words = [word('Hi', 0, { speaker: 0 }), word('there', 250, { speaker: 0 }), word('Yes', 600, { speaker: 1 }), word('well', 3_000, { speaker: 1 })];
    expect(paragraphs(words).map(({ start, end }) => [start, end])).toEqual([[0, 2], [2, 3], [3, 4]]);
});

test('proofs of logs of every size hold, and with a byte changed do not', async () => {
    const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const tree = (leaves: Buffer[]): Buffer => {
        if (leaves.length === 1) return leaves[0]!;
        const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
        return hash(Buffer.from([1]), tree(leaves.slice(0, half)), tree(leaves.slice(half)));
    };
    const path = (at: number, leaves: Buffer[]): Buffer[] => {
        if (leaves.length === 1) return [];
        const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
        return at < half ? [...path(at, leaves.slice(0, half)), tree(leaves.slice(half))] : [...path(at - half, leaves.slice(half)), tree(leaves.slice(0, half))];
    };
    for (let size = 1; size <= 20; size++) {
        const leaves = Array.from({ length: size }, (_, i) => hash(Buffer.from([0, i])));
        for (let at = 0; at < size; at++) {
            const proof = path(at, leaves).map((step) => step.toString('base64'));
            const root = tree(leaves).toString('base64');
            expect(await inclusionRoot(leaves[at]!.toString('base64'), at, size, proof), `${at} of ${size}`).toBe(root);
            if (size > 1) expect(await inclusionRoot(leaves[(at + 1) % size]!.toString('base64'), at, size, proof)).not.toBe(root);
        }
    }
});

test('requests a second are those between two looks', () => {
    expect(rate([100, 1_000], [130, 3_000])).toBe(15);
    // The first look, and one after the appliance was started anew.
    expect([rate(undefined, [5, 0]), rate([100, 1_000], [3, 3_000])]).toEqual([null, null]);
});

test('contrast is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#FFFFFF')).toBeCloseTo(4.48, 2);
    expect(contrast('#123456', '#123456')).toBe(1);
});
