// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { atOnce, changedIn } from './at-once';
import { queries } from './queries';

const ids = new Set(['b']);
beforeEach(() => queries.clear());

test('things are changed and go wherever they stand', () => {
    const list = [{ id: 'a', n: 1 }, { id: 'b', n: 1 }];
    expect(changedIn(list, ids, { n: 2 })).toEqual([{ id: 'a', n: 1 }, { id: 'b', n: 2 }]);
    expect(changedIn({ items: list, next: 'c' }, ids, null)).toEqual({ items: [{ id: 'a', n: 1 }], next: 'c' });
    expect(changedIn({ pages: [{ items: list }, { items: [] }], pageParams: [] }, ids, { n: 3 })).toEqual({ pages: [{ items: [{ id: 'a', n: 1 }, { id: 'b', n: 3 }] }, { items: [] }], pageParams: [] });
    expect(changedIn({ id: 'b', n: 1 }, ids, { n: 4 })).toEqual({ id: 'b', n: 4 });
});

test('what has nothing of it stays the same value', () => {
    for (const known of [[{ id: 'a' }], { items: [{ id: 'a' }] }, { id: 'a' }, undefined, null, 'b', 5]) expect(changedIn(known, ids, { n: 2 })).toBe(known);
});

test('it is seen before it is done, and stays', async () => {
    queries.setQueryData(['things', 'all'], [{ id: 'b', on: false }]);
    let done = () => {};
    const doing = atOnce(['things'], ['b'], { on: true }, () => new Promise<void>((resolve) => (done = resolve)));
    await Promise.resolve();
    await new Promise((next) => setTimeout(next));
    expect(queries.getQueryData(['things', 'all'])).toEqual([{ id: 'b', on: true }]);
    done();
    await doing;
    expect(queries.getQueryData(['things', 'all'])).toEqual([{ id: 'b', on: true }]);
});

test('what is refused is taken back, but not what has come meanwhile', async () => {
    queries.setQueryData(['things', 'one'], { items: [{ id: 'b', on: false }] });
    queries.setQueryData(['things', 'two'], { items: [{ id: 'b', on: false }] });
    const refused = atOnce(['things'], ['b'], null, async () => {
        queries.setQueryData(['things', 'two'], { items: [{ id: 'b', on: false }, { id: 'c', on: true }] });
        throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    expect(queries.getQueryData(['things', 'one'])).toEqual({ items: [{ id: 'b', on: false }] });
    expect(queries.getQueryData(['things', 'two'])).toEqual({ items: [{ id: 'b', on: false }, { id: 'c', on: true }] });
});
