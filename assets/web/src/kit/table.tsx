// Tables for screens of rows; long ones are in a file of their own, which few pages need.
import type { ReactNode } from 'react';

/** `head`: what stands there to be seen in place of the name, like a box for those of all rows. */
export type Column<T> = { id: string; name: string; cell: (row: T) => ReactNode; head?: ReactNode; end?: boolean; hide?: boolean };

export function Table<T>({ caption, columns, rows, rowKey }: { caption: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string }) {
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
                {columns.map(({ id, name, head, end, hide }) => (
                    <th key={id} scope="col" className={end ? 'end' : undefined}>{head}{hide || head ? <span className="hidden">{name}</span> : name}</th>
                ))}
            </tr>
        </thead>
    );
}

export function Row<T>({ row, columns }: { row: T; columns: Column<T>[] }) {
    return <tr>{columns.map(({ id, cell, end }) => <td key={id} className={end ? 'end' : undefined}>{cell(row)}</td>)}</tr>;
}
