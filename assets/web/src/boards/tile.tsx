// A chart of a dashboard: what it shows, that it is on its way, that there is nothing, or why it is not to be had.
import { useState, type CSSProperties, type MouseEvent, type ReactNode } from 'react';
import { useQuery, type UseQueryOptions } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { describe, Problem } from '../api/client';
import { Chart } from '../charts/chart';
import type { Part } from '../charts/engine';
import type { Drawing, Format } from '../charts/paint';
import { cell, say, sentence } from '../charts/say';
import { t } from '../i18n';
import { Icon } from '../kit/icon';
import { More, type Entry } from '../kit/menu';
import type { ChartSpec, Tile, View } from './data';
import { drillColumn, drillOf, valueOfPart, valueOfRow, type Drill } from './drill';

type Props = {
    of: UseQueryOptions<Drawing>; tile: Tile; view: View; say: (text: string | undefined) => string;
    choose: (variable: string, value: string) => void; every?: number;
};

export function TileCard({ of, tile, view, say: words, choose, every }: Props) {
    const asked = useQuery({ ...of, refetchInterval: every ? every * 1000 : false, refetchIntervalInBackground: false, placeholderData: (before) => before });
    const [asTable, showTable] = useState(false);
    const navigate = useNavigate();
    const title = words(tile.chart.title);
    const drawing = asked.data;
    const leads = !!tile.select || !!tile.link;
    const drill = (row: number) => (drawing && leads ? drillOf(tile, view, valueOfRow(drawing, row)) : undefined);
    const go = (goal: Drill | undefined) => {
        if (goal?.kind === 'filter') choose(goal.variable, goal.on ? '' : goal.value);
        else if (goal) void navigate({ to: '/dashboards/$dashboard', params: { dashboard: goal.dashboard }, search: goal.search });
    };
    const part = (chosen: Part) => drawing && go(drillOf(tile, view, valueOfPart(drawing, chosen)));
    const entries: Entry[] = [
        { id: 'table', name: asTable ? t('as_chart') : t('as_table'), icon: asTable ? 'chart' : 'list', run: () => showTable(!asTable), off: !drawing || tile.chart.type === 'table' || tile.chart.type === 'pivot' },
        { id: 'csv', name: t('as_csv'), icon: 'download', run: () => drawing && save(`${tile.id}.csv`, csv(drawing)), off: !drawing },
        { id: 'again', name: t('refresh'), icon: 'redo', run: () => void asked.refetch() },
    ];
    return (
        <Frame tile={tile} title={title} description={words(tile.chart.description)} busy={asked.isFetching} actions={<More label={`${t('more')}: ${title}`} entries={entries} />}>
            {asked.error && !drawing ? <Broken error={asked.error} /> : <Body drawing={drawing} spec={tile.chart} title={title} asTable={asTable} onChoose={leads ? part : undefined} rows={leads && drawing ? { at: drillColumn(tile, drawing.table.columns), drill, go } : undefined} />}
        </Frame>
    );
}

/** The card of a tile at its place. */
export function Frame({ tile, title, description, actions, busy, className, children }: { tile: Pick<Tile, 'x' | 'y' | 'w' | 'h'>; title: string; description?: string; actions?: ReactNode; busy?: boolean; className?: string; children: ReactNode }) {
    const place = { gridColumn: `${tile.x + 1} / span ${tile.w}`, gridRow: `${tile.y + 1} / span ${tile.h}`, '--rows': tile.h } as CSSProperties;
    return (
        <section className={`card tile-card ${className ?? ''}`} style={place} aria-label={title} aria-busy={busy}>
            <header>
                <div className="grow">
                    <h2 className="cut" title={title}>{title}</h2>
                    {description && <p className="cut" title={description}>{description}</p>}
                </div>
                {actions}
            </header>
            <div className="tile-body">{children}</div>
        </section>
    );
}

/** Where rows lead: by which cell one chooses them, what that does, and doing it. */
type Leading = { at: number; drill: (row: number) => Drill | undefined; go: (goal: Drill) => void };

/** What a chart shows. */
export function Body({ drawing, spec, title, asTable, onChoose, rows }: { drawing: Drawing | undefined; spec: ChartSpec; title: string; asTable?: boolean; onChoose?: (part: Part) => void; rows?: Leading }) {
    if (!drawing) return <div className="tile-wait" role="status"><span className="hidden">{t('loading')}</span><span className="skeleton" /></div>;
    const format: Format = { ...spec.format, currency: drawing.currency ?? spec.format?.currency };
    if (drawing.table.rows.length === 0) return <div className="tile-none"><Icon name="chart" /><p>{t('chart_nothing')}</p></div>;
    const table = asTable || spec.type === 'table' || spec.type === 'pivot';
    if (table) return <Rows drawing={drawing} format={format} caption={title} leading={rows} />;
    const chart = drawing.option && <Chart drawing={drawing} format={format} label={title} onChoose={onChoose} map={spec.type === 'map'} />;
    const { single } = drawing;
    if (single && spec.type === 'value') {
        return (
            <>
                <div className="tile-single"><strong>{say(single.value ?? NaN, format)}</strong><Change now={single.value} before={single.before} bad={single.less_is_better} /></div>
                <div className="spark">{chart}</div>
            </>
        );
    }
    return (
        <>
            {chart}
            {single && <div className={spec.type === 'gauge' ? 'tile-middle low' : 'tile-middle'} aria-hidden="true"><strong>{say(single.value ?? NaN, format)}</strong></div>}
            {drawing.cut && <p className="tile-cut">{t('chart_cut', { n: drawing.table.rows.length })}</p>}
        </>
    );
}

function Change({ now, before, bad }: { now?: number | null; before?: number | null; bad: boolean }) {
    if (typeof now !== 'number' || typeof before !== 'number' || before === 0) return null;
    const change = now / before - 1;
    const up = change > 0;
    const tone = Math.abs(change) < 0.005 ? '' : up === bad ? 'bad' : 'good';
    return <span className={`tile-change ${tone}`} title={t('than_before')}><span aria-hidden="true">{up ? '▲' : '▼'}</span>{say(Math.abs(change), { unit: 'share', decimals: 0 })}<span className="hidden">{up ? t('more_than_before') : t('less_than_before')}</span></span>;
}

/** The numbers of a chart as a table. */
function Rows({ drawing, format, caption, leading }: { drawing: Drawing; format: Format; caption: string; leading?: Leading }) {
    const { columns, rows } = drawing.table;
    const shown = rows.slice(0, 500);
    return (
        <div className="tile-table" tabIndex={0} role="region" aria-label={`${t('table')}: ${caption}`}>
            <table className="table">
                <caption className="hidden">{caption}. {sentence(drawing, format)}</caption>
                <thead><tr>{columns.map(({ name, title, kind }, i) => <th key={i} scope="col" className={kind === 'number' ? 'end' : ''}>{title || name}</th>)}</tr></thead>
                <tbody>
                    {shown.map((row, i) => {
                        const goal = leading?.drill(i);
                        return (
                            <tr key={i} {...(goal && leading && leadingRow(goal, leading.go))}>{row.map((value, j) => {
                                const column = columns[j];
                                const text = cell(value, column?.kind ?? 'text', column?.formatted ? format : {});
                                return <td key={j} className={column?.kind === 'number' ? 'end num cell' : 'cell'} title={text.length > 24 ? text : undefined}>{goal && leading?.at === j ? <Lead goal={goal} go={leading.go}>{text}</Lead> : text}</td>;
                            })}</tr>
                        );
                    })}
                </tbody>
            </table>
            {(drawing.cut || rows.length > shown.length) && <p className="tile-cut">{t('chart_cut', { n: shown.length })}</p>}
        </div>
    );
}

/** By pointer all of the row chooses it, but for what in it does so itself, and for text that is being marked. */
const leadingRow = (goal: Drill, go: (goal: Drill) => void) => ({
    className: goal.kind === 'filter' && goal.on ? 'choosable on' : 'choosable',
    onClick: ({ target }: MouseEvent) => (target as Element).closest('a, button') || getSelection()?.isCollapsed === false || go(goal),
});

/** By keys, and by what reads pages aloud, the cell that names it does. */
function Lead({ goal, go, children }: { goal: Drill; go: (goal: Drill) => void; children: string }) {
    if (goal.kind === 'lead') return <Link to="/dashboards/$dashboard" params={{ dashboard: goal.dashboard }} search={goal.search}>{children || '–'}</Link>;
    return <ToggleButton className="plain-link" isSelected={goal.on} onChange={() => go(goal)}>{children || '–'}</ToggleButton>;
}

export function Broken({ error }: { error: unknown }) {
    const denied = error instanceof Problem && error.document.status === 403;
    return (
        <div className="tile-none" role="alert">
            <Icon name={denied ? 'lock' : 'alert'} />
            <p>{denied ? t('error_denied') : t('error_title')}</p>
            <p className="small">{describe(error)}</p>
        </div>
    );
}

/** Comma-separated values; what a spreadsheet would take for a formula has an apostrophe before it. */
function csv({ table }: Drawing): string {
    const field = (value: unknown) => {
        const text = value === null || value === undefined ? '' : String(value);
        const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
        return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return [table.columns.map(({ name, title }) => title || name), ...table.rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}

export function save(name: string, text: string, type = 'text/csv'): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
