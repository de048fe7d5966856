// What is counted, by which amounts people speak of it, and what a price in millionths looks like.
import type { Schemas } from '../api/client';
import { locale, number, t, tOr } from '../i18n';

type Rate = Schemas['Rate'];
const MINUTE = 60_000;
const GB_DAY = 24e9;
/** The appliance's own meters; a tenant's others are counted in units of their own. */
export const METERS = ['audiagram.speech', 'audiagram.video', 'audiagram.frames', 'audiagram.storage', 'audiagram.seats', 'audiagram.calls', 'audiagram.egress', 'audiagram.deliveries', 'audiagram.graphics', 'audiagram.tokens'] as const;
const TIMES = { hour: 60 * MINUTE, minute: MINUTE };
const BLOCKS: Record<string, Record<string, number>> = {
    'audiagram.speech': TIMES,
    'audiagram.video': TIMES,
    'audiagram.frames': { frames: 1_000 },
    'audiagram.storage': { gb_month: 30 * GB_DAY, gb_day: GB_DAY },
    'audiagram.seats': { seat_month: 30, seat_day: 1 },
    'audiagram.calls': { calls: 1_000 },
    'audiagram.egress': { gb: 1e9 },
    'audiagram.deliveries': { messages: 1_000 },
    'audiagram.graphics': TIMES,
    'audiagram.tokens': { tokens: 1_000_000 },
};

export const meterName = (meter: string): string => tOr(`meter_${meter.replace('audiagram.', '')}`, meter);
export const blockName = (meter: string, block: number): string => {
    const known = Object.entries(BLOCKS[meter] ?? {}).find(([, units]) => units === block)?.[0];
    return known ? tOr(`block_${known}`, known) : t('n_units', { n: block });
};
/** The blocks that a price can be for; one that is in use stays. */
export function blocksOf(meter: string, used?: number): { id: string; name: string }[] {
    const blocks = new Set([...Object.values(BLOCKS[meter] ?? {}), ...(used ? [used] : [])]);
    return [...blocks].map((block) => ({ id: String(block), name: blockName(meter, block) }));
}

const MICROS = 1e6;
export function money(micros: number, currency: string): string {
    try {
        return new Intl.NumberFormat(locale(), { style: 'currency', currency, maximumFractionDigits: 6 }).format(micros / MICROS);
    } catch {
        return `${number(micros / MICROS)} ${currency}`;
    }
}
/** Millionths of what was typed: `0.0125` is 12,500. */
export const micros = (typed: string): number => Math.round(Number(typed.replace(',', '.')) * MICROS);
export const typed = (micros: number): string => String(micros / MICROS);

/** How a price differs from the one before, for the same amount: 0.1 is a tenth more. */
export function change(now: Rate, before: Rate | undefined): number | null {
    if (!before || before.price_micros === 0) return null;
    return now.price_micros / now.block / (before.price_micros / before.block) - 1;
}
