// The language of the page: messages, dates, numbers, direction.
import { LOADERS, type Page } from '../generated/locale';
import type { Messages } from '../generated/messages';
import { formatter, type Formatter } from './format';

export type Language = keyof typeof LOADERS;
type Catalogue = Record<string, string | ((p: never) => string)>;

const NAMES: { code: string; name: string }[] = [
    { code: 'en', name: 'English' },
    { code: 'de', name: 'Deutsch' },
    { code: 'hi', name: 'हिन्दी' },
    { code: 'ja', name: '日本語' },
    { code: 'zh-CN', name: '简体中文' },
    { code: 'ar', name: 'العربية' },
];
const known = (code: string): code is Language => code in LOADERS;
/** The languages that there are, each by its own name. */
export const LANGUAGES = NAMES.filter(({ code }) => known(code));
const RIGHT_TO_LEFT = new Set(['ar', 'he', 'fa', 'ur']);

/** A language that is spoken: its words as far as they are there, and the pages whose words have been asked for. */
type Voice = { language: Language; words: Catalogue; formatter: Formatter; sources: Awaited<ReturnType<(typeof LOADERS)[Language]>>['PAGES']; pages: Map<Page, Promise<void>> };
let voice: Voice = { language: 'en', words: {}, formatter: formatter('en'), sources: {} as Voice['sources'], pages: new Map() };

async function learn(one: Voice, page: Page): Promise<void> {
    const { default: words } = await one.sources[page]();
    Object.assign(one.words, words(one.formatter));
}
function learned(one: Voice, page: Page): Promise<void> {
    let learning = one.pages.get(page);
    if (!learning) {
        learning = learn(one, page);
        one.pages.set(page, learning);
        // Asked for again when it is next gone to.
        learning.catch(() => one.pages.delete(page));
    }
    return learning;
}

/** Loads a language with the words of all pages that have been gone to, and has the document follow it. */
export async function speak(language: Language): Promise<void> {
    const { default: words, PAGES: sources } = await LOADERS[language]();
    const own = formatter(language);
    const next: Voice = { language, words: words(own), formatter: own, sources, pages: new Map() };
    // A page may be gone to meanwhile.
    for (let missing; (missing = [...voice.pages.keys()].filter((page) => !next.pages.has(page))).length; ) await Promise.all(missing.map((page) => learned(next, page)));
    voice = next;
    document.documentElement.lang = locale();
    document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

/** The words of a page, before it is drawn; those of the frame and of the first page are there from the start. */
export const wordsOf = (page: Page): Promise<void> => learned(voice, page);

/** The language that is kept, else the first of the browser's that there is. */
export function preferred(): Language {
    try {
        const kept = localStorage.getItem('language') ?? '';
        if (known(kept)) return kept;
    } catch {
        // In a frame of another site many browsers keep nothing.
    }
    for (const wish of navigator.languages) {
        const base = wish.split('-')[0] ?? '';
        if (known(wish)) return wish;
        const near = LANGUAGES.map(({ code }) => code).find((code) => code.split('-')[0] === base);
        if (near && known(near)) return near;
    }
    return 'en';
}

export const language = (): Language => voice.language;
export const locale = (): string => (voice.language === 'en-XA' ? 'en' : voice.language);
/** Dates and numbers as the browser's region writes them, where it speaks the language. */
export const region = (): string => navigator.languages.find((wish) => wish.split('-')[0] === locale().split('-')[0]) ?? locale();

type Args<K extends keyof Messages> = Messages[K] extends null ? [] : [Messages[K]];

/** The message in the language of the page. */
export function t<K extends keyof Messages>(key: K, ...args: Args<K>): string {
    const message = voice.words[key];
    if (typeof message === 'function') return message(args[0] as never);
    return message ?? key;
}

/** The message if there is one: for words that the server chose, like the states of jobs. */
export function tOr(key: string, fallback: string): string {
    const message = voice.words[key];
    return typeof message === 'string' ? message : fallback;
}

export const number = (n: number): string => new Intl.NumberFormat(region()).format(n);

export const percent = (share: number): string =>
    new Intl.NumberFormat(region(), { style: 'percent', maximumFractionDigits: 0 }).format(share);

export function bytes(n: number): string {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
    const step = n < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
    return new Intl.NumberFormat(region(), { style: 'unit', unit: units[step] ?? 'byte', maximumFractionDigits: step ? 1 : 0 }).format(
        n / 1000 ** step,
    );
}

/** A time as people say it: `90` is `90 seconds`, `1800` is `30 minutes`, `43_200` is `12 hours`. */
export function lasting(seconds: number): string {
    const [unit, size] = ([['hour', 3600], ['minute', 60]] as const).find(([, size]) => seconds % size === 0) ?? (['second', 1] as const);
    return new Intl.NumberFormat(region(), { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size);
}

/** `75_000` is `1:15`. */
export function clock(ms: number): string {
    const s = Math.max(0, Math.floor(ms / 1000));
    const two = (n: number) => String(n).padStart(2, '0');
    const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

let zone: string | undefined;
/** The time zone of dates and times from now on; without one the browser's. */
export const inZone = (wanted: string | undefined): void => void (zone = wanted);
/** The time zone of dates and times now; nothing is the browser's. */
export const inWhichZone = (): string | undefined => zone;
/** The time zone of the browser. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const dated = (at: string, form: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(region(), { ...form, timeZone: zone }).format(new Date(at));
export const day = (at: string): string => dated(at, { dateStyle: 'medium' });
export const moment = (at: string): string => dated(at, { dateStyle: 'medium', timeStyle: 'short' });
/** The time of day. */
export const clockOf = (at: number): string => dated(new Date(at).toISOString(), { hour: '2-digit', minute: '2-digit' });
export const second = (at: string): string => dated(at, { dateStyle: 'short', timeStyle: 'medium' });
/** To the second, with its time zone. */
export const exactly = (at: string): string => dated(at, { dateStyle: 'full', timeStyle: 'long' });

/** `3 hours ago`, `in 2 days`; never nearer than the `finest` that is known. */
export function ago(at: string, now = Date.now(), finest: 'minute' | 'hour' = 'minute'): string {
    const seconds = (new Date(at).getTime() - now) / 1000;
    const format = new Intl.RelativeTimeFormat(region(), { numeric: 'auto' });
    const steps = ([['day', 86_400], ['hour', 3_600], ['minute', 60]] as const).slice(0, finest === 'hour' ? 2 : 3);
    for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
    return format.format(0, finest);
}
