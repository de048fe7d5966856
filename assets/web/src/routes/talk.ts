// A talk as it is said: which words, scenes and elements belong to a moment.
import type { Schemas } from '../api/client';

export type Transcript = Schemas['Transcript2'];
export type Words = Transcript['words'];
type Storyboard = Schemas['Storyboard'];
type Scene = Storyboard['scenes'][number];

/** The last word that has begun at `ms`; -1 before the first. */
export function wordAt(words: Transcript['words'], ms: number): number {
    let [low, high] = [0, words.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (words[middle]!.start_ms <= ms) low = middle + 1;
        else high = middle;
    }
    return low - 1;
}

/** The scene that a word belongs to, else the nearest before it. */
export function sceneAt(scenes: Scene[], word: number): number {
    let found = 0;
    scenes.forEach((scene, i) => {
        if ((scene.words[0] ?? 0) <= word) found = i;
    });
    return found;
}

/** The scenes in the order in which they are played. */
export function playedOf({ scenes, order }: Pick<Storyboard, 'scenes' | 'order'>): Scene[] {
    const found = (order ?? []).flatMap((id) => scenes.find((scene) => scene.id === id) ?? []);
    return found.length === scenes.length ? found : scenes;
}

/** What is heard over a scene: a stretch of the recording, and when it is played. */
type Stretch = Schemas['PlayedStretch'];
/** The moment of the recording that is heard at a moment of the video; without stretches they are the same. */
export function spokenAt(stretches: Stretch[], ms: number): number {
    const here = stretches.findLast(({ at_ms }) => at_ms <= ms);
    return here ? Math.min(here.from_ms + ms - here.at_ms, here.to_ms) : ms;
}
/** The moment of the video at which a moment of the recording is heard. */
export function playedAt(stretches: Stretch[], ms: number): number {
    const here = stretches.find(({ from_ms, to_ms }) => ms >= from_ms && ms < to_ms) ?? stretches.find(({ to_ms }) => ms === to_ms);
    return here ? here.at_ms + ms - here.from_ms : ms;
}

/** When a scene begins. */
export const startOf = (scene: Scene, words: Transcript['words']): number => words[scene.words[0] ?? 0]?.start_ms ?? 0;

/** The first word that an element was drawn from; what a person added without words is there from the scene's start. */
export function firstWord(element: { evidence: number[][] }, scene: Scene): number {
    const firsts = element.evidence.map(([first]) => first ?? 0);
    return firsts.length ? Math.min(...firsts) : (scene.words[0] ?? 0);
}

/** The word with which an element appears: that which a person chose, else the first one that it was drawn from. */
export function revealWord(element: { id: string; evidence: number[][] }, scene: Scene, words: Transcript['words']): number {
    const at = chosenMoment(scene, element.id);
    if (!at) return firstWord(element, scene);
    return 'word' in at ? at.word : Math.max(wordAt(words, at.ms), scene.words[0] ?? 0);
}

/** The moment that a person chose for an element. The last one counts, as in the film. */
export function chosenMoment(scene: Scene, id: string): Moment | undefined {
    return scene.timeline?.findLast(({ do: what, target }) => what === 'reveal' && (target === id || (Array.isArray(target) && target.includes(id))))?.at;
}
type Moment = NonNullable<Scene['timeline']>[number]['at'];

/** Elements whose words are still to come, and the node said last. */
export function shownAt(scene: Scene, words: Transcript['words'], word: number): { hidden: Set<string>; now: string | undefined } {
    const hidden = new Set<string>();
    let now: { id: string; word: number } | undefined;
    for (const node of scene.nodes) {
        const first = revealWord(node, scene, words);
        if (first > word) hidden.add(node.id);
        else if (!now || first >= now.word) now = { id: node.id, word: first };
    }
    for (const edge of scene.edges) {
        if (hidden.has(edge.from) || hidden.has(edge.to) || revealWord(edge, scene, words) > word) hidden.add(edge.id);
    }
    return { hidden, now: now?.id };
}

export type Paragraph = { start: number; end: number; speaker: number | null | undefined };

/** Words in paragraphs: another speaker, a pause of a breath, or a sentence's end after a while begin one. */
export function paragraphs(words: Transcript['words']): Paragraph[] {
    const found: Paragraph[] = [];
    words.forEach((word, i) => {
        const last = found[found.length - 1];
        const before = words[i - 1];
        const turn = before && (word.speaker ?? null) !== (before.speaker ?? null);
        const pause = before && word.start_ms - before.end_ms > 900;
        const long = last && i - last.start > 60 && /[.!?。？！]$/.test(before?.text ?? '');
        if (!last || turn || pause || long || word.new_line) found.push({ start: i, end: i + 1, speaker: word.speaker });
        else last.end = i + 1;
    });
    return found;
}

/** Words of a transcript, both ends among them. */
export type Range = { first: number; last: number };
export const rangeOf = (one: number, other: number): Range => ({ first: Math.min(one, other), last: Math.max(one, other) });
export const textOf = (words: Words, { first, last }: Range): string =>
    words.slice(first, last + 1).map(({ text, joined }, i) => `${i && !joined ? ' ' : ''}${text}`).join('');

/** What was typed in place of words, word by word; nothing where their number is another one, for words have numbers that pictures hang on. */
export function retyped(words: Words, range: Range, text: string): { word: number; text: string }[] | undefined {
    const parts = text.trim().split(/\s+/);
    if (parts.length !== range.last - range.first + 1 || !parts[0]) return undefined;
    return parts.map((part, i) => ({ word: range.first + i, text: part })).filter(({ word, text: now }) => words[word]?.text !== now);
}

const bare = (text: string) => text.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();

/** Where words that were searched for are said; the last of them may go on. Where it is not found to its end, the longest beginning of it. */
export function findSaid(words: Words, text: string): Range | undefined {
    const wanted = text.split(/\s+/).map(bare).filter(Boolean).slice(0, 12);
    const said = words.map(({ text: word }, at) => ({ at, word: bare(word) })).filter(({ word }) => word);
    for (let length = wanted.length; length > 0; length--) {
        const found = said.findIndex((_, i) => wanted.slice(0, length).every((part, j) => {
            const word = said[i + j]?.word;
            return word !== undefined && (j === length - 1 ? word.startsWith(part) : j === 0 ? word.endsWith(part) : word === part);
        }));
        if (found >= 0) return { first: said[found]!.at, last: said[found + length - 1]!.at };
    }
    return undefined;
}

/** The sentences that words lie in; where nothing ends them, forty words either way. */
export function sentenceOf(words: Words, { first, last }: Range): Range {
    const ends = (at: number) => /[.!?。？！]["”』」)]?$/.test(words[at]?.text ?? '');
    let [from, to] = [first, last];
    while (from > 0 && first - from < 40 && !ends(from - 1)) from--;
    while (to < words.length - 1 && to - last < 40 && !ends(to)) to++;
    return { first: from, last: to };
}
