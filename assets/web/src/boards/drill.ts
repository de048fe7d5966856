// Where a row of a chart leads: to a narrower look at the same dashboard, or to another one.
import type { Drawing } from '../charts/paint';
import type { Tile, View } from './data';

type Leads = Pick<Tile, 'select' | 'link'>;
type Columns = Drawing['table']['columns'];
/** `on`: the dashboard is narrowed to it already, and choosing it again takes that back. */
export type Drill =
    | { kind: 'filter'; variable: string; value: string; on: boolean }
    | { kind: 'lead'; dashboard: string; search: View };

const valueOf = (columns: Columns, row: readonly unknown[], column: string): string | undefined => {
    const found = row[columns.findIndex(({ name }) => name === column)];
    return found === null || found === undefined ? undefined : String(found);
};

/** What choosing a row does; nothing where it has no value to choose. */
export function drillOf({ select, link }: Leads, view: View, columns: Columns, row: readonly unknown[] | undefined): Drill | undefined {
    if (select) {
        const value = row && valueOf(columns, row, select.column);
        return value === undefined ? undefined : { kind: 'filter', variable: select.variable, value, on: view.set?.[select.variable] === value };
    }
    if (!link) return undefined;
    const value = link.column && row ? valueOf(columns, row, link.column) : undefined;
    return { kind: 'lead', dashboard: link.dashboard, search: { range: view.range, set: link.variable && value !== undefined ? { [link.variable]: value } : undefined } };
}

/** The column whose cells one chooses rows by: the one that is meant, else the first that is no number. */
export function drillColumn({ select, link }: Leads, columns: Columns): number {
    const meant = columns.findIndex(({ name }) => name === (select?.column ?? link?.column));
    return meant >= 0 ? meant : Math.max(0, columns.findIndex(({ kind }) => kind !== 'number'));
}
