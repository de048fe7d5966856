// Tables: plain markup for screens of rows, and rows drawn only where they are seen for long ones.
import { useRef, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { t } from '../i18n';

export type Column<T> = { id: string; name: string; cell: (row: T) => ReactNode; end?: boolean; hide?: boolean };

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

function Head<T>({ columns }: { columns: Column<T>[] }) {
    return (
        <thead>
            <tr>
                {columns.map(({ id, name, end, hide }) => (
                    <th key={id} scope="col" className={end ? 'end' : undefined}>{hide ? <span className="hidden">{name}</span> : name}</th>
                ))}
            </tr>
        </thead>
    );
}

function Row<T>({ row, columns }: { row: T; columns: Column<T>[] }) {
    return <tr>{columns.map(({ id, cell, end }) => <td key={id} className={end ? 'end' : undefined}>{cell(row)}</td>)}</tr>;
}

/** A table of any length: what is out of sight is space, not markup. */
export function LongTable<T>({ caption, columns, rows, rowKey, height = 36, more }: { caption: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string; height?: number; more?: () => void }) {
    const frame = useRef<HTMLDivElement>(null);
    const virtual = useVirtualizer({
        count: rows.length, getScrollElement: () => frame.current, estimateSize: () => height, overscan: 12,
        onChange: (now) => { if (more && (now.range?.endIndex ?? 0) >= rows.length - 20) more(); },
    });
    const items = virtual.getVirtualItems();
    const before = items[0]?.start ?? 0;
    const after = virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0);
    return (
        <div className="table-frame" ref={frame} tabIndex={0} role="region" aria-label={caption} style={{ height: 'min(70vh, 46rem)' }}>
            <table className="table" aria-rowcount={rows.length}>
                <caption className="hidden">{caption} ({t('n_rows', { n: rows.length })})</caption>
                <Head columns={columns} />
                <tbody>
                    {before > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: before, padding: 0 }} /></tr>}
                    {items.map((item) => {
                        const row = rows[item.index];
                        return row === undefined ? null : <Row key={rowKey(row)} row={row} columns={columns} />;
                    })}
                    {after > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: after, padding: 0 }} /></tr>}
                </tbody>
            </table>
        </div>
    );
}
