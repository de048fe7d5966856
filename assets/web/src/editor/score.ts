// When the parts of a scene appear and what has the viewer's attention, by the rules of the film (studio::film::{cue, scene}): so a preview
// needs nothing but the diagram as it is now and the words. On which word a part is said, the layout tells: that takes the language's lists.
import type { Schemas } from '../api/client';
import type { Layout, Scene } from './board';

type Words = Schemas['Transcript2']['words'];

const LEAD = 120;
const ENTER = 270;
const LINE = 200;
const [STAGGER, STAGGER_TOTAL] = [80, 400];
const TOGETHER = 400;
const QUIET = 1_500;
const [HOLD, LINGER, TURN] = [1_400, 600, 270];
const BREATH = 400;

/** When a part begins to appear, for how long it does, and whether by words or a wish of its own. */
export type Entrance = { at: number; takes: number; own: boolean };
export type Score = {
    start: number;
    end: number;
    entrances: Map<string, Entrance>;
    /** From when on what is spoken of. */
    turns: { at: number; ids: Set<string> }[];
    /** From when on everything is there alike. */
    close: number;
};
/** How a part looks at a moment: not there yet, spoken of, or stepped back. */
export type Look = 'later' | 'now' | 'back';

/** When each scene begins, in the pause before its first word, and when the last ends. */
export function cuts(scenes: Scene[], words: Words, duration: number): number[] {
    const found = scenes.map((scene, i) => {
        const word = scene.words[0] ?? 0;
        const first = words[word]?.start_ms ?? 0;
        if (i === 0) return 0;
        return Math.max(0, Math.min(first - LEAD, Math.max(first - BREATH, words[word - 1]?.end_ms ?? 0)));
    });
    return [...found, Math.max(duration, words[words.length - 1]?.end_ms ?? 0)];
}

export function scoreOf(scene: Scene, words: Words, layout: Layout, start: number, end: number): Score {
    // A moment passes before an edit is laid out anew: what it has made follows its neighbours until then.
    const said = (id: string) => (layout.said[id] ?? []).flatMap((word) => words[word]?.start_ms ?? []);
    const cues = (scene.timeline ?? []).map(({ at, do: what, target, dur_ms }) => ({
        what, takes: dur_ms ?? undefined, ids: target == null ? [] : Array.isArray(target) ? target : [target],
        at: 'word' in at ? (words[at.word]?.start_ms ?? 0) + (at.offset_ms ?? 0) : at.ms,
    }));
    const own = (id: string, takes: number): Entrance | undefined => {
        const cue = cues.findLast(({ what, ids }) => what === 'reveal' && ids.includes(id));
        if (cue) return { at: cue.at, takes: Math.min(cue.takes ?? takes, 5_000), own: true };
        const [first] = said(id);
        return first === undefined ? undefined : { at: first - LEAD, takes, own: true };
    };

    // Boxes: by their own words, else with the earliest neighbour, else with the box before.
    const shown = new Set(layout.nodes.map(({ id }) => id));
    const nodes = scene.nodes.filter(({ id }) => shown.has(id));
    const mine = new Map(nodes.map((node) => [node.id, own(node.id, ENTER)]));
    const beside = (id: string, i: number) => {
        const linked = scene.edges.flatMap(({ from, to }) => (from === id ? (mine.get(to)?.at ?? []) : to === id ? (mine.get(from)?.at ?? []) : []));
        if (linked.length) return Math.min(...linked);
        return nodes.slice(0, i).reverse().map((node) => mine.get(node.id)?.at).find((at) => at !== undefined) ?? start;
    };
    const due = nodes.map(({ id }, i): Entrance & { id: string } => ({ id, ...(mine.get(id) ?? { at: beside(id, i), takes: ENTER, own: false }) }));
    spread(due, start);
    const entrances = new Map<string, Entrance>(due.map(({ id, ...entrance }) => [id, entrance]));

    // Lines: not before the later of their ends is there for the most part.
    for (const edge of scene.edges) {
        const ends = [edge.from, edge.to].flatMap((id) => entrances.get(id) ?? []);
        const ready = ends.length ? Math.max(...ends.map(({ at, takes }) => Math.max(at, start) + takes / 2)) : start;
        const mine = own(edge.id, LINE);
        entrances.set(edge.id, mine ? { ...mine, at: Math.max(mine.at, ready) } : { at: ready, takes: LINE, own: false });
    }
    // What lies behind: with the first box in it.
    for (const part of [...(scene.actors ?? []), ...(scene.groups ?? [])]) {
        const inside = nodes.filter(({ actor, group }) => actor === part.id || group === part.id).map(({ id }) => entrances.get(id)!.at);
        const mine = own(part.id, ENTER);
        const chosen = cues.some(({ what, ids }) => what === 'reveal' && ids.includes(part.id));
        entrances.set(part.id, { at: (chosen ? mine?.at : inside.length ? Math.min(...inside) : mine?.at) ?? start, takes: ENTER, own: false });
    }
    for (const note of scene.notes ?? []) entrances.set(note.id, own(note.id, ENTER) ?? { at: start, takes: ENTER, own: false });

    const turns = turnsOf(scene, entrances, said, cues, end);
    const entered = Math.max(start, ...[...entrances.values()].map(({ at, takes }) => at + takes));
    const last = Math.max(turns[turns.length - 1]?.at ?? start, entered);
    const close = Math.max(start, Math.min(Math.max(last + LINGER, end - HOLD), end - TURN));
    return { start, end, entrances, turns, close };
}

/** Boxes that are due at one moment come one after the other, those that are spoken of first. */
function spread(due: (Entrance & { id: string })[], start: number): void {
    const moments = new Map<number, (Entrance & { id: string })[]>();
    for (const one of due) {
        const moment = Math.max(one.at, start);
        moments.set(moment, [...(moments.get(moment) ?? []), one]);
    }
    for (const [moment, same] of moments) {
        same.sort((a, b) => Number(b.own) - Number(a.own));
        const gaps = Math.max(1, same.length - 1);
        same.forEach((one, k) => k > 0 && (one.at = moment + Math.min(STAGGER * k, (STAGGER_TOTAL * k) / gaps)));
    }
}

type CueAt = { what: string; ids: string[]; at: number };
function turnsOf(scene: Scene, entrances: Map<string, Entrance>, said: (id: string) => number[], cues: CueAt[], end: number): Score['turns'] {
    const turns: Score['turns'] = [];
    const ends = new Map(scene.edges.map(({ id, from, to }) => [id, [from, to]]));
    const parts = [...scene.nodes, ...scene.edges, ...(scene.notes ?? [])].flatMap(({ id }) => (entrances.has(id) ? [{ id, ...entrances.get(id)! }] : []));
    for (const { id, at, own } of parts.sort((a, b) => a.at - b.at)) {
        const turn = turns[turns.length - 1];
        if (turn && at <= turn.at + TOGETHER) turn.ids.add(id);
        else if (own) turns.push({ at, ids: new Set([id, ...(ends.get(id) ?? [])]) });
    }
    // Spoken of again, while nothing else happens.
    for (const { id } of scene.nodes) {
        const entrance = entrances.get(id);
        for (const word of entrance ? said(id).slice(1) : []) {
            const at = word - LEAD;
            if (at > entrance!.at + entrance!.takes && at < end && turns.every((turn) => Math.abs(turn.at - at) >= QUIET)) turns.push({ at, ids: new Set([id]) });
        }
    }
    for (const { what, at, ids } of cues) if (what === 'focus') turns.push({ at, ids: new Set(ids) });
    return turns.sort((a, b) => a.at - b.at);
}

/** How each part looks at a moment; parts that are simply there are left out. */
export function lookAt(score: Score, ms: number): Map<string, Look> {
    const looks = new Map<string, Look>();
    const turn = ms < score.close ? score.turns.findLast(({ at }) => at <= ms) : undefined;
    for (const [id, { at }] of score.entrances) {
        if (ms < at) looks.set(id, 'later');
        else if (turn?.ids.has(id)) looks.set(id, 'now');
        else if (turn && at < turn.at) looks.set(id, 'back');
    }
    return looks;
}

/** The moments at which something changes, so that between them nothing needs to be looked at. */
export const momentsOf = (score: Score): number[] =>
    [...new Set([...[...score.entrances.values()].map(({ at }) => at), ...score.turns.map(({ at }) => at), score.close])].sort((a, b) => a - b);
