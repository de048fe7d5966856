import { describe, expect, it } from 'vitest';
import { between, ordered, sortOf, turned } from './order';

describe('rows in order', () => {
    const rows = [{ n: 'Zoë' }, { n: 'ada 10' }, { n: '' }, { n: 'Ada 2' }, { n: 'émile' }];
    it('is that of the language, with numbers as numbers, and nothing last', () => {
        expect(ordered(rows, ({ n }) => n, false, 'en').map(({ n }) => n)).toEqual(['Ada 2', 'ada 10', 'émile', 'Zoë', '']);
        expect(ordered(rows, ({ n }) => n, true, 'en').map(({ n }) => n)).toEqual(['Zoë', 'émile', 'ada 10', 'Ada 2', '']);
    });
    it('sorts numbers by size and keeps equal ones as they were', () => {
        const sized = [{ s: 10, t: 'a' }, { s: 9, t: 'b' }, { s: 10, t: 'c' }, { s: null, t: 'd' }];
        expect(ordered(sized, ({ s }) => s, false, 'en').map(({ t }) => t).join('')).toBe('bacd');
        expect(ordered(sized, ({ s }) => s, true, 'en').map(({ t }) => t).join('')).toBe('acbd');
    });
    it('does not touch what it was given', () => {
        const given = [3, 1, 2];
        ordered(given, (n) => n, false, 'en');
        expect(given).toEqual([3, 1, 2]);
    });
});

it('turns up, down and back', () => {
    const up = turned(undefined, 'a');
    const down = turned(up, 'a');
    expect([up, down, turned(down, 'a'), turned(down, 'b')]).toEqual([{ id: 'a', down: false }, { id: 'a', down: true }, undefined, { id: 'b', down: false }]);
});

it('knows what lies between two rows', () => {
    expect(between(['a', 'b', 'c', 'd'], 'd', 'b')).toEqual(['b', 'c', 'd']);
    expect(between(['a', 'b'], 'gone', 'b')).toEqual(['b']);
});

it('asks the interface for what it knows', () => {
    const served = { name: 'title', size: 'bytes' } as const;
    expect([sortOf(undefined, served), sortOf({ id: 'name', down: false }, served), sortOf({ id: 'size', down: true }, served), sortOf({ id: 'state', down: true }, served)]).toEqual([undefined, 'title', '-bytes', undefined]);
});
