import { expect, test } from 'vitest';
import { drillColumn, drillOf } from './drill';

const columns = [{ name: 'n', title: 'How many', kind: 'number' as const, formatted: true }, { name: 'project', title: 'Project', kind: 'text' as const, formatted: false }] as Parameters<typeof drillColumn>[1];
const select = { column: 'project', variable: 'project' };
const link = { dashboard: 'usage', column: 'project', variable: 'p' };

test('a row narrows the dashboard, and a second time takes it back', () => {
    expect(drillOf({ select }, {}, columns, [3, 'Shop'])).toEqual({ kind: 'filter', variable: 'project', value: 'Shop', on: false });
    expect(drillOf({ select }, { set: { project: 'Shop' } }, columns, [3, 'Shop'])).toMatchObject({ on: true });
    expect(drillOf({ select }, { set: { project: 'Tram' } }, columns, [3, 'Shop'])).toMatchObject({ on: false });
});

test('a row without a value, and a column that is gone, narrow nothing', () => {
    expect(drillOf({ select }, {}, columns, [3, null])).toBeUndefined();
    expect(drillOf({ select }, {}, columns, undefined)).toBeUndefined();
    expect(drillOf({ select: { ...select, column: 'gone' } }, {}, columns, [3, 'Shop'])).toBeUndefined();
    // Nothing and zero are not the same.
    expect(drillOf({ select: { column: 'n', variable: 'n' } }, {}, columns, [0, 'Shop'])).toMatchObject({ value: '0' });
});

test('a row leads to another dashboard with the time that is looked at, and its value', () => {
    expect(drillOf({ link }, { range: '7d', set: { other: 'x' } }, columns, [3, 'Shop'])).toEqual({ kind: 'lead', dashboard: 'usage', search: { range: '7d', set: { p: 'Shop' } } });
    expect(drillOf({ link }, {}, columns, [3, null])).toMatchObject({ search: { set: undefined } });
    expect(drillOf({ link: { dashboard: 'usage' } }, {}, columns, undefined)).toMatchObject({ kind: 'lead', dashboard: 'usage' });
    expect(drillOf({}, {}, columns, [3, 'Shop'])).toBeUndefined();
});

test('rows are chosen by the cell that is meant', () => {
    expect(drillColumn({ select }, columns)).toBe(1);
    expect(drillColumn({ link: { dashboard: 'usage' } }, columns)).toBe(1);
    expect(drillColumn({ link: { dashboard: 'usage', column: 'n' } }, columns)).toBe(0);
    expect(drillColumn({}, columns.slice(0, 1))).toBe(0);
});
