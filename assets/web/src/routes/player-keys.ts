// The keys of the player, as people know them from others.
export type Deed =
    | { do: 'toggle' }
    | { do: 'captions' }
    | { do: 'mute' }
    | { do: 'full' }
    | { do: 'by'; ms: number }
    | { do: 'to'; share: number }
    | { do: 'speed'; by: number }
    | { do: 'chapter'; by: number }
    | { do: 'volume'; by: number };

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

const DEEDS: Record<string, Deed> = {
    ' ': { do: 'toggle' }, k: { do: 'toggle' }, c: { do: 'captions' }, m: { do: 'mute' }, f: { do: 'full' },
    j: { do: 'by', ms: -10_000 }, l: { do: 'by', ms: 10_000 }, arrowleft: { do: 'by', ms: -5_000 }, arrowright: { do: 'by', ms: 5_000 },
    '<': { do: 'speed', by: -1 }, '>': { do: 'speed', by: 1 }, pageup: { do: 'chapter', by: -1 }, pagedown: { do: 'chapter', by: 1 },
    arrowup: { do: 'volume', by: 0.1 }, arrowdown: { do: 'volume', by: -0.1 }, home: { do: 'to', share: 0 }, end: { do: 'to', share: 1 },
};
/** What scrolls the page where the player does not have the focus. */
const OWN = new Set(['arrowup', 'arrowdown', 'home', 'end', 'pageup', 'pagedown']);

/** What a key asks for; `inside`: the player has the focus. Time runs from left to right in every language. */
export function deedOf(key: string, inside: boolean): Deed | undefined {
    const name = key.toLowerCase();
    if (/^\d$/.test(name)) return { do: 'to', share: Number(name) / 10 };
    return inside || !OWN.has(name) ? DEEDS[name] : undefined;
}

/** The next speed of those that are offered. */
export function speedBy(speed: number, by: number): number {
    const nearest = SPEEDS.reduce((best, one, i) => (Math.abs(one - speed) < Math.abs(SPEEDS[best]! - speed) ? i : best), 0);
    return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, nearest + by))]!;
}

export type Chapter = { title: string; ms: number };
/** The chapter that a moment lies in; -1 before the first. */
export const chapterAt = (chapters: Chapter[], ms: number): number => chapters.findLastIndex((one) => one.ms <= ms + 20);

/** Where the chapter before or after begins; back goes to the start of the own one first. */
export function chapterBy(chapters: Chapter[], ms: number, by: number): number | undefined {
    const at = chapterAt(chapters, ms);
    if (by < 0 && at >= 0 && ms - chapters[at]!.ms > 3_000) return chapters[at]!.ms;
    return chapters[at + by]?.ms;
}
