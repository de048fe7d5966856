// Numbers, times and what there is to say about a chart, in the language of the page.
import type { Schemas } from '../api/client';
import { bytes, day, locale, t } from '../i18n';

type Format = NonNullable<Schemas['ChartSpec']['format']>;
type Drawing = Schemas['Chart'];

const region = (): string => navigator.languages.find((wish) => wish.split('-')[0] === locale().split('-')[0]) ?? locale();
const kept = new Map<string, Intl.NumberFormat>();
function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = `${region()} ${JSON.stringify(options)}`;
    const found = kept.get(key) ?? new Intl.NumberFormat(region(), options);
    kept.set(key, found);
    return found;
}

/** Prices of small things have parts of a cent. */
const SMALL = { maximumSignificantDigits: 2, roundingPriority: 'morePrecision' } as const;

/** A number as people say it; `short` on axes. */
export function say(value: number, { unit = 'number', decimals, currency }: Format = {}, short = false): string {
    if (!Number.isFinite(value)) return '–';
    const upTo = (digits: number) => ({ maximumFractionDigits: decimals ?? digits });
    switch (unit) {
        case 'bytes':
            return value < 0 ? `−${bytes(-value)}` : bytes(value);
        case 'share':
            return format({ style: 'percent', ...upTo(1) }).format(value);
        case 'milliseconds':
            return lasting(value, decimals ?? 1);
        case 'micros': {
            const amount = value / 1e6;
            const digits = short ? (Math.abs(amount) < 10 ? 2 : 0) : 2;
            const kind = currency ? { style: 'currency' as const, currency } : {};
            return format({ ...kind, minimumFractionDigits: short ? 0 : digits, maximumFractionDigits: digits, ...SMALL, ...(short && Math.abs(amount) >= 10_000 ? { notation: 'compact' } : {}) }).format(amount);
        }
        default:
            return format({ ...(Math.abs(value) >= (short ? 10_000 : 10_000_000) ? { notation: 'compact', maximumFractionDigits: 1 } : upTo(value % 1 ? 2 : 0)) }).format(value);
    }
}

const STEPS: [string, number][] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000], ['millisecond', 1]];
/** A length of time in its largest unit that fits. */
function lasting(ms: number, decimals = 1): string {
    // Days only where hours would be too many to see.
    const [unit, size] = STEPS.find(([unit, size]) => Math.abs(ms) >= (unit === 'day' ? 4 * size : size)) ?? ['second', 1_000];
    return format({ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: decimals }).format(ms / size);
}

/** Whether a text is a moment or a day. */
export const moments = (text: unknown): boolean => (typeof text === 'string' ? /^\d{4}-\d\d-\d\d/.test(text) : typeof text === 'number');

const BUCKETS: Record<string, Intl.DateTimeFormatOptions> = {
    hour: { hour: '2-digit', minute: '2-digit' },
    day: { day: 'numeric', month: 'short' },
    week: { day: 'numeric', month: 'short' },
    month: { month: 'short', year: 'numeric' },
};
const LONG: Record<string, Intl.DateTimeFormatOptions> = {
    hour: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
    day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    week: { day: 'numeric', month: 'short', year: 'numeric' },
    month: { month: 'long', year: 'numeric' },
};
/** Says moments of an axis whose steps are of this length; days are those of UTC, as the appliance counts them. */
export function axisMoment(bucket: string, long = false): (at: unknown) => string {
    const names = new Intl.DateTimeFormat(region(), { ...((long ? LONG : BUCKETS)[bucket] ?? LONG.day), timeZone: 'UTC' });
    return (at) => {
        const moment = new Date(typeof at === 'number' ? at : String(at));
        return Number.isNaN(moment.getTime()) ? String(at) : names.format(moment);
    };
}

/** The name of a country by its two letters. */
export function country(code: string): string {
    return /^[A-Z]{2}$/.test(code) ? (new Intl.DisplayNames(region(), { type: 'region' }).of(code) ?? code) : code;
}

const where = ({ at, kind }: { at: string; kind: string }): string => (kind === 'time' ? day(at) : at);

/** What there is to say about a chart in one sentence. */
export function sentence(drawing: Drawing, spec: Format): string {
    const { rows, least, most } = drawing.summary;
    if (!rows) return t('chart_nothing');
    if (least && most && rows > 1 && least.at !== most.at) {
        return t('chart_says', { n: rows, least: say(least.value, spec), least_at: where(least), most: say(most.value, spec), most_at: where(most) });
    }
    return most ? say(most.value, spec) : t('n_rows', { n: rows });
}

/** A cell of a table. */
export function cell(value: unknown, kind: string, format?: Format): string {
    if (value === null || value === undefined) return '–';
    if (typeof value === 'number') return say(value, format);
    if (kind === 'time') {
        const whole = /T00:00:00(\.0+)?Z?$/.test(String(value)) || /^\d{4}-\d\d-\d\d$/.test(String(value));
        return axisMoment(whole ? 'day' : 'hour', true)(value);
    }
    return String(value);
}
