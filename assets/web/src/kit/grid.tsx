// A table one works with: put in order by a column, with the columns one wants, and rows that are chosen to be acted on together.
import { lazy, Suspense, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { locale, t } from '../i18n';
import { Action, Skeleton } from './bits';
import { Icon } from './icon';
import type { LongTable as Long } from './long-table';
import { between, keep, keptOf, ordered, turned, type By, type Kept, type Served } from './order';
import { Table, type Column, type TableProps } from './table';

const LongTable = lazy(() => import('./long-table').then(({ LongTable }) => ({ default: LongTable }))) as unknown as typeof Long;
/** From so many rows on what is out of sight is not drawn. */
const LONG = 100;

type CheckProps = { label: string; on: boolean; some?: boolean; onChange: (on: boolean, far: boolean) => void };
const Check = ({ label, on, some = false, onChange }: CheckProps) => (
    <input
        type="checkbox" className="tick" aria-label={label} checked={on} ref={(node) => void (node && (node.indeterminate = some))}
        onChange={({ target, nativeEvent }) => onChange(target.checked, (nativeEvent as MouseEvent).shiftKey)}
    />
);

export type Picks<T> = { name: (row: T) => string; acts: (rows: T[], clear: () => void) => ReactNode };
type Props<T> = TableProps<T> & {
    /** Under which name the browser keeps how one wants it. */
    name: string;
    /** Whether these are all the rows that there are: some of many are not put in order here. */
    whole?: boolean;
    /** By which columns whoever has all of them puts them in order, and whom to tell. */
    served?: { by: Served; onBy: (by: By | undefined) => void };
    /** What stands above it while nothing is chosen. */
    title?: ReactNode;
    picks?: Picks<T>;
    height?: number;
    more?: () => void;
};

export function Grid<T>({ name, caption, columns, rows, rowKey, whole = true, served, title, picks, height, more }: Props<T>) {
    const [{ by, hidden }, set] = useState<Kept>(() => keptOf(name, columns.flatMap(({ id, extra }) => (extra ? [id] : []))));
    const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
    const last = useRef<string>(undefined);
    const change = (change: Partial<Kept>) => {
        const next = { by, hidden, ...change };
        set(next);
        keep(name, next);
        if ('by' in change) served?.onBy(next.by);
    };
    const sorter = whole ? columns.find(({ id }) => id === by?.id)?.sort : undefined;
    const sorted = useMemo(() => (sorter && by ? ordered(rows, sorter, by.down, locale()) : rows), [rows, by, columns, whole]);
    const picked = picks ? sorted.filter((row) => chosen.has(rowKey(row))) : [];
    const clear = () => choose(new Set());

    const pick = useRef<(row: T, on: boolean, far: boolean) => void>(undefined);
    pick.current = (row, on, far) => {
        const key = rowKey(row);
        const these = far && last.current !== undefined ? between(sorted.map(rowKey), last.current, key) : [key];
        last.current = key;
        const next = new Set(chosen);
        for (const one of these) if (on) next.add(one); else next.delete(one);
        choose(next);
    };
    // The same as long as nothing is chosen or turned, so that rows are not drawn anew while one scrolls.
    const shown = useMemo(() => {
        const wanted = columns.filter(({ id }) => !hidden.includes(id)).map((column): Column<T> => {
            if (!column.sort || !(whole || served?.by[column.id])) return column;
            const on = by?.id === column.id;
            return {
                ...column, ordered: on ? (by.down ? 'descending' : 'ascending') : 'none',
                head: (
                    <Button className={on ? 'sort on' : 'sort'} onPress={() => change({ by: turned(by, column.id) })}>
                        {column.name}<span className={on && !by.down ? 'up' : undefined}><Icon name="down" /></span>
                    </Button>
                ),
            };
        });
        if (!picks) return wanted;
        return [{
            id: 'pick', name: t('select_all'),
            head: <Check label={t('select_all')} on={picked.length > 0 && picked.length === rows.length} some={picked.length > 0 && picked.length < rows.length} onChange={(on) => choose(new Set(on ? rows.map(rowKey) : []))} />,
            cell: (row: T) => <Check label={t('select_named', { name: picks.name(row) })} on={chosen.has(rowKey(row))} onChange={(on, far) => pick.current?.(row, on, far)} />,
        }, ...wanted];
    }, [columns, rows, hidden, by, whole, chosen]);

    const choices = columns.filter(({ kept, hide }) => !kept && !hide);
    const table = { caption, columns: shown, rows: sorted, rowKey };
    return (
        <section className="stack tight grid-table">
            <div className="row apart wrap chosen">
                <div className="row wrap" role="status">{picked.length ? <h2>{t('n_selected', { n: picked.length })}</h2> : title}</div>
                <div className="row wrap">
                    {picked.length > 0 && picks && (
                        <>
                            {picks.acts(picked, clear)}
                            <Action look="quiet" icon="close" aria-label={t('clear_selection')} onPress={clear} />
                        </>
                    )}
                    {choices.length > 1 && (
                        <MenuTrigger>
                            <Action look="quiet" icon="list" aria-label={`${t('columns')}: ${caption}`}>{t('columns')}</Action>
                            <Popover className="popover" placement="bottom end">
                                <Menu
                                    className="menu" aria-label={t('columns')} selectionMode="multiple" disallowEmptySelection selectedKeys={choices.flatMap(({ id }) => (hidden.includes(id) ? [] : [id]))}
                                    onSelectionChange={(now) => change({ hidden: now === 'all' ? [] : choices.flatMap(({ id }) => (now.has(id) ? [] : [id])) })}
                                >
                                    {choices.map(({ id, name }) => (
                                        <MenuItem key={id} id={id} textValue={name} className="item">
                                            {({ isSelected }) => <>{name}<span className="end" aria-hidden="true">{isSelected && <Icon name="check" />}</span></>}
                                        </MenuItem>
                                    ))}
                                </Menu>
                            </Popover>
                        </MenuTrigger>
                    )}
                </div>
            </div>
            {rows.length > LONG ? (
                <Suspense fallback={<Skeleton lines={10} />}><LongTable {...table} height={height} more={more} /></Suspense>
            ) : <Table {...table} />}
        </section>
    );
}
