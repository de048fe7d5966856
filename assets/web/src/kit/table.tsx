// Tables for screens of rows; what can be sorted and chosen from is in `grid.tsx`, and long ones in a file of their own.
import { memo, type ReactNode } from 'react';

/** `head`: what stands there to be seen in place of the name, like a box for those of all rows; `sort`: by what rows are put in order;
 * `kept`: without it one would not know what the rows are; `extra`: there for those who ask for it. */
export type Column<T> = {
    id: string; name: string; cell: (row: T) => ReactNode; head?: ReactNode; end?: boolean; hide?: boolean;
    sort?: (row: T) => string | number | null | undefined; kept?: boolean; extra?: boolean; ordered?: 'ascending' | 'descending' | 'none';
};

export type TableProps<T> = { caption: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string };

export function Table<T>({ caption, columns, rows, rowKey }: TableProps<T>) {
    return (
        <div className="table-frame" tabIndex={0} role="region" aria-label={caption}>
            <table className="table">
                <caption className="hidden">{caption}</caption>
                <Head columns={columns} />
                <tbody>{rows.map((row) => <Row key={rowKey(row)} row={row} columns={columns} />)}</tbody>
            </table>
        </div>
    );
}

export function Head<T>({ columns }: { columns: Column<T>[] }) {
    return (
        <thead>
            <tr>
                {columns.map(({ id, name, head, end, hide, sort, ordered }) => (
                    <th key={id} scope="col" className={end ? 'end' : undefined} aria-sort={ordered}>{head}{!(sort && head) && (hide || head ? <span className="hidden">{name}</span> : name)}</th>
                ))}
            </tr>
        </thead>
    );
}

function Cells<T>({ row, columns, index }: { row: T; columns: Column<T>[]; index?: number }) {
    return <tr aria-rowindex={index}>{columns.map(({ id, cell, end }) => <td key={id} className={end ? 'end' : undefined}>{cell(row)}</td>)}</tr>;
}
/** Drawn anew when it or the columns are others: not while one scrolls. */
export const Row = memo(Cells) as typeof Cells;
