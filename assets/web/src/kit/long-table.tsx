// Tables of any length.
import { useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { t } from '../i18n';
import { Head, Row, type TableProps } from './table';

export type LongProps = { height?: number; more?: () => void };

/** A table of any length: what is out of sight is space, not markup. */
export function LongTable<T>({ caption, columns, rows, rowKey, height = 36, more }: TableProps<T> & LongProps) {
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
            <table className="table" aria-rowcount={rows.length + 1}>
                <caption className="hidden">{caption} ({t('n_rows', { n: rows.length })})</caption>
                <Head columns={columns} />
                <tbody>
                    {before > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: before, padding: 0 }} /></tr>}
                    {items.map((item) => {
                        const row = rows[item.index];
                        return row === undefined ? null : <Row key={rowKey(row)} row={row} columns={columns} index={item.index + 2} />;
                    })}
                    {after > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: after, padding: 0 }} /></tr>}
                </tbody>
            </table>
        </div>
    );
}
