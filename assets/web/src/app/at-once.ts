// Changes that are seen before the appliance has answered, and taken back where it refuses.
import type { QueryKey } from '@tanstack/react-query';
import { tell, tellError } from '../kit/toast';
import { queries } from './queries';

type Thing = Record<string, unknown>;
/** What becomes of a thing: its new fields, or nothing of it where it goes. */
type Change = Thing | null;

/** What is known with things changed, wherever they stand in it: alone, in a list, in a page of one, in pages. */
export function changedIn(known: unknown, ids: ReadonlySet<string>, change: Change): unknown {
    if (Array.isArray(known)) {
        const next = known.flatMap((one: unknown) => (change === null && isOne(one, ids) ? [] : [changedIn(one, ids, change)]));
        return next.length === known.length && next.every((one, i) => one === known[i]) ? known : next;
    }
    if (!known || typeof known !== 'object') return known;
    if (isOne(known, ids)) return change === null ? known : { ...known, ...change };
    for (const part of ['items', 'pages'] as const) {
        const held = (known as Thing)[part];
        if (!Array.isArray(held)) continue;
        const next = changedIn(held, ids, change);
        return next === held ? known : { ...known, [part]: next };
    }
    return known;
}
const isOne = (one: unknown, ids: ReadonlySet<string>): one is Thing => !!one && typeof one === 'object' && ids.has(String((one as Thing).id));

type Told = { told?: string; undo?: () => Promise<unknown> };

/**
 * Shows a change of things at once wherever they are known under these keys, and does it. What the appliance has is asked for afterwards; where
 * it refuses, all is as it was and the reason is thrown.
 */
export async function atOnce<T>(keys: string[], ids: string[], change: Change, what: () => Promise<T>): Promise<T> {
    const these = new Set(ids);
    // What is on its way would put back what was before.
    await Promise.all(keys.map((key) => queries.cancelQueries({ queryKey: [key] })));
    const before: [QueryKey, unknown, unknown][] = [];
    for (const key of keys) for (const [own, known] of queries.getQueriesData({ queryKey: [key] })) {
        const next = changedIn(known, these, change);
        if (next === known) continue;
        before.push([own, known, queries.setQueryData(own, next)]);
    }
    try {
        return await what();
    } catch (error) {
        // What has come meanwhile is newer than what was before.
        for (const [own, known, shown] of before) if (queries.getQueryData(own) === shown) queries.setQueryData(own, known);
        throw error;
    } finally {
        void Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    }
}

/** The same for what a button does: what came of it is told. True when it was done. */
export async function actAtOnce(keys: string[], ids: string[], change: Change, what: () => Promise<unknown>, { told, undo }: Told = {}): Promise<boolean> {
    try {
        await atOnce(keys, ids, change, what);
        if (told) tell(told, undo && (async () => {
            await undo();
            await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
        }));
        return true;
    } catch (error) {
        tellError(error);
        return false;
    }
}
