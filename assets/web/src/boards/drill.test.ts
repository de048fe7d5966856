import { expect, test } from 'vitest';
import type { Drawing } from '../charts/paint';
import { drillColumn, drillOf, valueOfPart, valueOfRow } from './drill';

const columns = [{ name: 'n', title: 'How many', kind: 'number' as const, formatted: true }, { name: 'project', title: 'Project', kind: 'text' as const, formatted: false }] as Parameters<typeof drillColumn>[1];
const select = { column: 'project', variable: 'project' };
const link = { dashboard: 'usage', column: 'project', variable: 'p' };

test('a value narrows the dashboard, and a second time takes it back', () => {
    expect(drillOf({ select }, {}, 'prj_1')).toEqual({ kind: 'filter', variable: 'project', value: 'prj_1', on: false });
    expect(drillOf({ select }, { set: { project: 'prj_1' } }, 'prj_1')).toMatchObject({ on: true });
    expect(drillOf({ select }, { set: { project: 'prj_2' } }, 'prj_1')).toMatchObject({ on: false });
});

test('what has no value narrows nothing', () => {
    expect(drillOf({ select }, {}, null)).toBeUndefined();
    expect(drillOf({ select }, {}, undefined)).toBeUndefined();
    // Nothing and zero are not the same.
    expect(drillOf({ select }, {}, '0')).toMatchObject({ value: '0' });
});

test('a value leads to another dashboard with the time that is looked at', () => {
    expect(drillOf({ link }, { range: '7d', set: { other: 'x' } }, 'prj_1')).toEqual({ kind: 'lead', dashboard: 'usage', search: { range: '7d', set: { p: 'prj_1' } } });
    expect(drillOf({ link }, {}, null)).toMatchObject({ search: { set: undefined } });
    expect(drillOf({ link: { dashboard: 'usage' } }, {}, undefined)).toMatchObject({ kind: 'lead', dashboard: 'usage' });
    expect(drillOf({}, {}, 'prj_1')).toBeUndefined();
});

test('rows are chosen by the cell that is meant', () => {
    expect(drillColumn({ select }, columns)).toBe(1);
    expect(drillColumn({ link: { dashboard: 'usage' } }, columns)).toBe(1);
    expect(drillColumn({ link: { dashboard: 'usage', column: 'n' } }, columns)).toBe(0);
    expect(drillColumn({}, columns.slice(0, 1))).toBe(0);
});

/** A drawing in German of what the appliance calls done and failed; `parts` as it says what they mean. */
const drawing = (parts: [string[], string][], more: Partial<Drawing> = {}): Drawing => ({
    from: '2026-10-24T00:00:00Z', to: '2026-11-23T00:00:00Z', bucket: 'day', sentence: '', summary: { rows: 3 }, cut: false,
    table: { columns: [], rows: [['2026-11-01', 'Fertig', 5], ['2026-11-01', 'Fehlgeschlagen', 1], ['2026-11-02', 'Fertig', 2]] },
    axes: { x: 'time', y: 'value' }, leads: { rows: ['done', 'failed', null], parts: parts.map(([of, value]) => ({ of, value })) }, ...more,
} as Drawing);

test('rows mean values, not the words in their cells', () => {
    expect([0, 1, 2, 3].map((row) => valueOfRow(drawing([]), row))).toEqual(['done', 'failed', null, undefined]);
    expect(valueOfRow(drawing([], { leads: undefined }), 0)).toBeUndefined();
});

test('each series of a day is its own, however many there are', () => {
    const days = drawing([[['2026-11-01', 'Fertig'], 'done'], [['2026-11-01', 'Fehlgeschlagen'], 'failed'], [['2026-11-02', 'Fertig'], 'done']]);
    const bar = (day: string, seriesName: string) => valueOfPart(days, { seriesType: 'bar', name: '', seriesName, value: [day, 1] });
    expect(bar('2026-11-01', 'Fehlgeschlagen')).toBe('failed');
    expect(bar('2026-11-01', 'Fertig')).toBe('done');
    // Stacked bars have a zero where a series has nothing: no row is there.
    expect(bar('2026-11-02', 'Fehlgeschlagen')).toBeUndefined();
    // What is drawn together means what its day means, if that is one thing.
    expect(bar('2026-11-02', 'Übrige')).toBeUndefined();
    expect(valueOfPart(drawing([[['2026-11-02'], '2026-11-02']]), { seriesType: 'line', seriesName: 'Übrige', value: ['2026-11-02', 4] })).toBe('2026-11-02');
});

test('parts of every kind of drawing are found by what they are called', () => {
    const none = { x: 'none', y: 'none' } as Drawing['axes'];
    const pie = drawing([[['Fertig'], 'done']], { axes: none });
    expect(valueOfPart(pie, { seriesType: 'pie', name: 'Fertig', seriesName: 'series 0', value: 5 })).toBe('done');
    expect(valueOfPart(pie, { seriesType: 'pie', name: 'Übrige', value: 5 })).toBeUndefined();
    const category = drawing([[['Post'], 'mail']], { axes: { x: 'category', y: 'value' } as Drawing['axes'] });
    expect(valueOfPart(category, { seriesType: 'bar', name: 'Post', seriesName: 'n', value: 5 })).toBe('mail');
    // Values of a box plot begin with its place on the axis.
    expect(valueOfPart(category, { seriesType: 'boxplot', name: 'Post', value: [0, 1, 2, 3, 4, 5] })).toBe('mail');
    const ring = drawing([[['Post'], 'mail'], [['Post', 'Fertig'], 'mail']], { axes: none });
    expect(valueOfPart(ring, { seriesType: 'sunburst', name: 'Fertig', treePathInfo: [{ name: '' }, { name: 'Post' }, { name: 'Fertig' }] })).toBe('mail');
    const way = drawing([[['Post', 'Fertig'], 'done'], [['Fertig'], 'done']], { axes: none });
    expect(valueOfPart(way, { seriesType: 'sankey', dataType: 'edge', name: 'Post > Fertig', data: { source: 'Post', target: 'Fertig' }, value: 3 })).toBe('done');
    expect(valueOfPart(way, { seriesType: 'sankey', dataType: 'node', name: 'Fertig', value: 3 })).toBe('done');
    const heat = drawing([[['09', 'Mo'], 'Mon']], { axes: { x: 'category', y: 'category' } as Drawing['axes'], option: { xAxis: { data: ['08', '09'] }, yAxis: { data: ['Mo'] } } });
    expect(valueOfPart(heat, { seriesType: 'heatmap', name: '09', value: [1, 0, 7] })).toBe('Mon');
    const calendar = drawing([[['2026-11-02'], '2026-11-02T00:00:00Z']], { option: { calendar: {} } });
    expect(valueOfPart(calendar, { seriesType: 'heatmap', value: ['2026-11-02', 7] })).toBe('2026-11-02T00:00:00Z');
    const points = drawing([[['unsure', '0'], 'de'], [['unsure', '1'], 'en']]);
    expect(valueOfPart(points, { seriesType: 'scatter', seriesName: 'unsure', dataIndex: 1, value: [1, 2] })).toBe('en');
    expect(valueOfPart(drawing([], { leads: undefined }), { seriesType: 'pie', name: 'Fertig' })).toBeUndefined();
});
