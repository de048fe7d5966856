// How a video is wanted: its shape, size, speed and form; what was wanted last is wanted again.
import type { Schemas } from '../api/client';

export type Look = NonNullable<Schemas['Render']['look']>;
type Video = Pick<Schemas['Video'], 'width' | 'height' | 'fps' | 'theme' | 'files'>;
type Told = Pick<Schemas['Storyboard'], 'motion'> & { scenes: Pick<Schemas['Storyboard']['scenes'][number], 'caption_style'>[] };

/** Width to height. */
export const SHAPES = { wide: [16, 9], tall: [9, 16], square: [1, 1], classic: [4, 3] } as const;
export const QUALITIES = [720, 1080, 2160] as const;
export const THEMES = ['light', 'dark', 'contrast'] as const;
export const MOTIONS = ['full', 'reduced'] as const;
export const CAPTIONS = ['sidecar', 'burned'] as const;

export type Wish = {
    shape: keyof typeof SHAPES;
    /** Pixels of the shorter side. */
    quality: (typeof QUALITIES)[number];
    fps: 30 | 60;
    container: 'mp4' | 'webm';
    /** The brand's or the workspace's without one. */
    theme?: (typeof THEMES)[number];
    /** What scenes are drawn as, how much moves and where captions go: as the storyboard has it without a word. */
    kind?: Schemas['Kind'];
    motion?: (typeof MOTIONS)[number];
    captions?: (typeof CAPTIONS)[number];
    /** A picture in every frame. */
    constant?: true;
};
/** What a video does not say of how it was wanted. */
export type Beyond = Pick<Wish, 'kind' | 'motion' | 'captions' | 'constant'>;
export const FIRST: Wish = { shape: 'wide', quality: 1080, fps: 30, container: 'mp4' };

/** Width and height in pixels. */
export function sizeOf({ shape, quality }: Pick<Wish, 'shape' | 'quality'>): [number, number] {
    const [w, h] = SHAPES[shape];
    const least = Math.min(w, h);
    return [(quality * w) / least, (quality * h) / least];
}

export function lookOf(wish: Wish): Look {
    const [width, height] = sizeOf(wish);
    const { fps, container, theme, kind, motion, captions, constant } = wish;
    return { width, height, fps, container, ...(theme && { theme }), ...(kind && { kind }), ...(motion && { motion }), ...(captions && { captions }), ...(constant && { constant_rate: true }) };
}

const among = <T>(all: readonly T[], one: unknown): T | undefined => all.find((known) => known === one);

/** What is wished for, as far as it is known here and the plan allows it (`most` pixels). */
export function wishOf(kept: unknown, most = Infinity): Wish {
    const { shape, quality, fps, container, theme, motion, captions, constant } = (kept ?? {}) as Record<string, unknown>;
    const allowed = QUALITIES.filter((one) => one <= most);
    return {
        shape: among(Object.keys(SHAPES) as Wish['shape'][], shape) ?? FIRST.shape,
        quality: among(allowed, quality) ?? allowed.findLast((one) => one <= FIRST.quality) ?? QUALITIES[0],
        fps: among([30, 60] as const, fps) ?? FIRST.fps,
        container: among(['mp4', 'webm'] as const, container) ?? FIRST.container,
        theme: among(THEMES, theme),
        // What one talk is drawn as says nothing about the next.
        motion: among(MOTIONS, motion),
        captions: among(CAPTIONS, captions),
        constant: constant === true ? true : undefined,
    };
}

/** The wish that a video came of, as near as the choices are. */
export function wishFor({ width, height, fps, theme, files }: Video, branded: boolean, beyond: Beyond = {}): Wish {
    const shapes = Object.keys(SHAPES) as Wish['shape'][];
    const off = (shape: Wish['shape']) => Math.abs(Math.log((width / height) * (SHAPES[shape][1] / SHAPES[shape][0])));
    const least = Math.min(width, height);
    return {
        shape: shapes.reduce((best, one) => (off(one) < off(best) ? one : best)),
        quality: QUALITIES.findLast((one) => one <= least) ?? QUALITIES[0],
        fps: fps > 30 ? 60 : 30,
        container: files.some(({ file }) => file === 'webm') ? 'webm' : 'mp4',
        // In the colours of a brand the theme is only what it began with.
        theme: branded ? undefined : among(THEMES, theme),
        ...beyond,
    };
}

/** Exactly as a video is: for one that is made again with what was edited since. Kinds are part of that: what somebody has drawn otherwise
 * since then stays. */
export const lookLike = (video: Video, branded: boolean, beyond: Beyond = {}): Look => {
    const { container, theme, motion, captions, constant } = wishFor(video, branded, beyond);
    const { width, height, fps } = video;
    return { width, height, fps, container, ...(theme && { theme }), ...(motion && { motion }), ...(captions && { captions }), ...(constant && { constant_rate: true }) };
};

/** What the diagrams that a video shows say of it, where nobody here knows how it was ordered. */
export const beyondIn = ({ motion, scenes }: Told): Beyond => ({
    ...(motion === 'reduced' && { motion }),
    ...(scenes.length > 0 && scenes.every(({ caption_style }) => caption_style === 'burned') && { captions: 'burned' as const }),
});

const ORDERS = 'orders';
const MOST_ORDERS = 100;
type Kept = [job: string, beyond: Beyond];
function orders(): Kept[] {
    try {
        const read: unknown = JSON.parse(localStorage.getItem(ORDERS) ?? '[]');
        return Array.isArray(read) ? (read as Kept[]).filter((one) => Array.isArray(one) && typeof one[0] === 'string') : [];
    } catch {
        return [];
    }
}

/** How the video of a job was ordered in this browser, beyond what the video says. */
export function beyondOf(job: string): Beyond | undefined {
    const kept = orders().find(([id]) => id === job)?.[1] as Record<string, unknown> | undefined;
    if (!kept || typeof kept !== 'object') return undefined;
    const { kind, motion, captions, constant } = { ...wishOf(kept), kind: typeof kept.kind === 'string' ? (kept.kind as Wish['kind']) : undefined };
    return { ...(kind && { kind }), ...(motion && { motion }), ...(captions && { captions }), ...(constant && { constant }) };
}
export function keepBeyond(job: string, { kind, motion, captions, constant }: Beyond): void {
    try {
        localStorage.setItem(ORDERS, JSON.stringify([[job, { kind, motion, captions, constant }], ...orders().filter(([id]) => id !== job)].slice(0, MOST_ORDERS)));
    } catch {
        // A browser that keeps nothing asks the diagrams.
    }
}

/** Stands for no choice of a language that is spoken: it is found out. */
export const ANY = 'any';

const KEY = 'order';
export function lastWish(most?: number): Wish {
    try {
        return wishOf(JSON.parse(localStorage.getItem(KEY) ?? 'null'), most);
    } catch {
        return wishOf(null, most);
    }
}
export function keepWish(wish: Wish): void {
    try {
        localStorage.setItem(KEY, JSON.stringify(wish));
    } catch {
        // A browser that keeps nothing asks for the defaults again.
    }
}
