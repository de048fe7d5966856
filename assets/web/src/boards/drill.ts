// Where a row or a part of a chart leads: to a narrower look at the same dashboard, or to another one.
import type { Part } from '../charts/engine';
import type { Drawing } from '../charts/paint';
import type { Tile, View } from './data';

type Leads = Pick<Tile, 'select' | 'link'>;
type Columns = Drawing['table']['columns'];
/** `on`: the dashboard is narrowed to it already, and choosing it again takes that back. */
export type Drill =
    | { kind: 'filter'; variable: string; value: string; on: boolean }
    | { kind: 'lead'; dashboard: string; search: View };

/** What choosing a value does; nothing where there is no value to choose. */
export function drillOf({ select, link }: Leads, view: View, value: string | null | undefined): Drill | undefined {
    const known = value !== null && value !== undefined;
    if (select) return known ? { kind: 'filter', variable: select.variable, value, on: view.set?.[select.variable] === value } : undefined;
    if (!link) return undefined;
    return { kind: 'lead', dashboard: link.dashboard, search: { range: view.range, set: link.variable && known ? { [link.variable]: value } : undefined } };
}

/** The column whose cells one chooses rows by: the one that is meant, else the first that is no number. */
export function drillColumn({ select, link }: Leads, columns: Columns): number {
    const meant = columns.findIndex(({ name }) => name === (select?.column ?? link?.column));
    return meant >= 0 ? meant : Math.max(0, columns.findIndex(({ kind }) => kind !== 'number'));
}

/** What a row of the table means: the value of the answer, not the word that stands in the cell. */
export const valueOfRow = ({ leads }: Drawing, row: number): string | null | undefined => leads?.rows[row];

/** What a part that was clicked means; nothing where it was drawn from rows that mean several things. */
export function valueOfPart(drawing: Drawing, part: Part): string | undefined {
    const known = new Map(drawing.leads?.parts.map(({ of, value }) => [JSON.stringify(of), value]));
    return names(drawing, part).map((of) => known.get(JSON.stringify(of))).find((value) => value !== undefined);
}

type Axis = { data?: unknown[] };

/** What a part is called, the most exact name first. */
function names({ axes, option }: Drawing, part: Part): string[][] {
    const { name = '', seriesName = '', seriesType, value, dataType, dataIndex } = part;
    const values: unknown[] = Array.isArray(value) ? value : [];
    // The first is the whole, which has no name.
    if (part.treePathInfo) return [part.treePathInfo.slice(1).map((one) => one.name)];
    if (dataType === 'edge') {
        const { source, target } = part.data as { source: string; target: string };
        return [[source, target]];
    }
    if (seriesType === 'scatter') return [[seriesName, String(dataIndex)], [seriesName]];
    if (seriesType === 'heatmap') {
        if (option?.calendar) return [[String(values[0])]];
        const at = (axis: 'xAxis' | 'yAxis', place: unknown) => String((option?.[axis] as Axis | undefined)?.data?.[Number(place)]);
        return [[at('xAxis', values[0]), at('yAxis', values[1])]];
    }
    const timed = (seriesType === 'line' || seriesType === 'bar') && axes.x === 'time' && values.length > 0;
    const place = timed ? String(values[0]) : name;
    return [[place, seriesName], [place]];
}
