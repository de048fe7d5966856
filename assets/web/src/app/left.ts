// Where somebody left what they watched: kept in this browser, for each who uses it apart.
import { queries, SESSION, type Session } from './queries';

export type Left = { id: string; title: string; ms: number; length: number; at: number };
const MOST = 12;

const key = () => `left:${queries.getQueryData<Session | null>(SESSION)?.id ?? ''}`;

/** What was watched and not to its end, the last first. */
export function lefts(): Left[] {
    try {
        const kept: unknown = JSON.parse(localStorage.getItem(key()) ?? '[]');
        return Array.isArray(kept) ? (kept as Left[]).filter((one) => typeof one?.id === 'string' && typeof one.ms === 'number' && typeof one.length === 'number') : [];
    } catch {
        return [];
    }
}

/** From how many milliseconds on it is worth to go on, and so many before the end it is over. */
const EDGE = 5_000;
export const isUnderway = ({ ms, length }: Pick<Left, 'ms' | 'length'>): boolean => ms > EDGE && ms < length - EDGE;

export function leftAt(id: string): number {
    const left = lefts().find((one) => one.id === id);
    return left && isUnderway(left) ? left.ms : 0;
}

export function leave(left: Omit<Left, 'at'>): void {
    const others = lefts().filter(({ id }) => id !== left.id);
    const next = isUnderway(left) ? [{ ...left, ms: Math.round(left.ms), at: Date.now() }, ...others] : others;
    try {
        localStorage.setItem(key(), JSON.stringify(next.slice(0, MOST)));
    } catch {
        // A browser that keeps nothing begins at the beginning.
    }
}
