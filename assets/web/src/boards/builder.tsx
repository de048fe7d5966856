// Makes a chart: what is counted by what, chosen from lists; or asked in SQL. How it looks is seen at once.
import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { client, data, type Schemas } from '../api/client';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Pick as Choose, Segments } from '../kit/choose';
import { Field } from '../kit/form';
import { Window } from '../kit/overlay';
import { StatementField } from '../kit/statement';
import './boards.css';
import { draftQuery, words, type Board, type ChartKind, type ChartSpec, type Pick, type View } from './data';
import { Measures } from './measures';
import { Numbers } from './numbers';
import { Roles } from './roles';
import { Body, Broken, Frame } from './tile';

const KINDS: ChartKind[] = [
    'line', 'area', 'bar', 'stacked_bar', 'pie', 'donut', 'value', 'gauge', 'table', 'pivot', 'heat_map', 'calendar', 'histogram', 'box_plot', 'scatter', 'bubble',
    'treemap', 'sunburst', 'sankey', 'graph', 'funnel', 'waterfall', 'radar', 'candlestick', 'map',
];
const STEPS = ['auto', 'hour', 'day', 'week', 'month'] as const;
const TESTS = ['is', 'is_not', 'contains', 'above', 'below', 'is_there'] as const;

export type Column = { table: string; name: string; number: boolean; time: boolean; about: string };
const SCHEMA = `SELECT c.table_name, c.column_name, c.data_type, t.comment FROM information_schema.columns c
LEFT JOIN table_columns t ON t.table_name = c.table_name AND t.column_name = c.column_name
WHERE c.table_schema = 'public' AND c.table_name <> 'table_columns' ORDER BY c.table_name, c.ordinal_position`;
const schemaQuery = {
    queryKey: ['schema'], staleTime: Infinity,
    queryFn: async (): Promise<Column[]> => {
        // As JSON, for nothing else is asked for.
        const { rows } = (await data(client.POST('/v1/query', { body: { sql: SCHEMA } }))) as Schemas['QueryAnswer'];
        return rows.map(([table, name, type, about]) => ({ table: String(table), name: String(name), about: String(about ?? ''), number: /int|float|double|decimal/i.test(String(type)), time: /time|date/i.test(String(type)) }));
    },
};

const FIRST: Pick = { table: 'usage', measures: [{ aggregate: 'count' }], by: { column: 'at', step: 'auto' }, time: 'at' };

export function Builder({ board, view, chart, done, close }: { board: Board; view: View; chart?: ChartSpec; done: (chart: ChartSpec) => void; close: () => void }) {
    const [spec, set] = useState<ChartSpec>(chart ?? { type: 'line', title: t('new_chart'), query: { pick: FIRST } });
    const [shown, show] = useState(spec);
    const change = (part: Partial<ChartSpec>) => set({ ...spec, ...part });
    // Looked at when one has stopped typing.
    useEffect(() => {
        const timer = setTimeout(() => show(spec), 450);
        return () => clearTimeout(timer);
    }, [spec]);
    const draft = useQuery({ ...draftQuery({ ...shown, title: shown.title.trim() || '–' }, board, view), placeholderData: (before) => before });
    const picks = 'pick' in spec.query;
    const speak = words(board);
    return (
        <Window title={chart ? t('edit_chart') : t('add_chart')} huge open onOpen={(open) => !open && close()}>
            <div className="builder">
                <div className="builder-form">
                    <Field label={t('title')} value={spec.title} onChange={(title) => change({ title })} maxLength={120} isRequired autoFocus />
                    <span className="label small" id="kinds-label">{t('chart_type')}</span>
                    <ToggleButtonGroup className="segments kinds" aria-labelledby="kinds-label" selectionMode="single" disallowEmptySelection selectedKeys={[spec.type]} onSelectionChange={(keys) => { for (const key of keys) change({ type: key as ChartKind }); }}>
                        {KINDS.map((kind) => <ToggleButton key={kind} id={kind}><span className="cut">{t(`kind_${kind}`)}</span></ToggleButton>)}
                    </ToggleButtonGroup>
                    <Segments label={t('question')} value={picks ? 'pick' : 'sql'} onChange={(mode) => {
                        if (mode === 'sql' && picks) change({ query: { sql: 'SELECT date_trunc($bucket, at) AS day, meter, sum(quantity) AS quantity\nFROM usage WHERE at >= $from AND at < $to\nGROUP BY 1, 2 ORDER BY 1' }, encoding: undefined });
                        if (mode === 'pick' && !picks) change({ query: { pick: FIRST }, encoding: undefined });
                    }} choices={[{ id: 'pick', name: t('by_lists') }, { id: 'sql', name: 'SQL' }]} />
                    {'pick' in spec.query ? <Picks pick={spec.query.pick} board={board} set={(pick) => change({ query: { pick }, encoding: undefined })} /> : (
                        <StatementField tongue="sql" label="SQL" value={spec.query.sql} onChange={(sql) => change({ query: { sql } })} hint={t('sql_names')} most={16_384} />
                    )}
                    <Roles spec={spec} columns={draft.data?.table.columns.map(({ name }) => name) ?? []} change={change} />
                    <Numbers spec={spec} change={change} />
                </div>
                <div className="builder-look" aria-live="polite">
                    <Frame tile={{ x: 0, y: 0, w: 12, h: 4 }} title={speak(spec.title)} busy={draft.isFetching}>
                        {draft.error ? <Broken error={draft.error} /> : <Body drawing={draft.data} spec={shown} title={spec.title} />}
                    </Frame>
                </div>
            </div>
            <div className="actions">
                <Action onPress={close}>{t('cancel')}</Action>
                <Action look="primary" isDisabled={!spec.title.trim() || !!draft.error} onPress={() => done(spec)}>{chart ? t('apply') : t('add_chart')}</Action>
            </div>
        </Window>
    );
}

function Picks({ pick, board, set }: { pick: Pick; board: Board; set: (pick: Pick) => void }) {
    const schema = useQuery(schemaQuery);
    const all = schema.data ?? [];
    const tables = [...new Set(all.map(({ table }) => table))];
    const columns = all.filter(({ table }) => table === pick.table);
    const names = (keep: (column: Column) => boolean) => columns.filter(keep).map(({ name, about }) => ({ id: name, name, hint: about.slice(0, 48) }));
    const timed = (name: string | undefined) => columns.some((column) => column.name === name && column.time);
    const none = [{ id: '', name: t('none') }];
    const change = (part: Partial<Pick>) => set({ ...pick, ...part });
    const table = (table: string) => {
        const time = all.find((column) => column.table === table && column.time)?.name;
        set({ table, measures: [{ aggregate: 'count' }], by: time ? { column: time, step: 'auto' } : undefined, time });
    };
    const by = (column: string) => (column ? { column, step: timed(column) ? ('auto' as const) : undefined } : undefined);
    const conditions = pick.conditions ?? [];
    const condition = (at: number, part: Partial<(typeof conditions)[number]>) => change({ conditions: conditions.map((own, i) => (i === at ? { ...own, ...part } : own)) });
    return (
        <>
            <Choose label={t('table')} value={pick.table} onChange={table} choices={tables.map((id) => ({ id, name: id }))} />
            <Measures measures={pick.measures} columns={columns} change={(measures) => change({ measures })} />
            <div className="builder-pair">
                <Choose label={t('by_what')} value={pick.by?.column ?? ''} onChange={(column) => change({ by: by(column) })} choices={[...none, ...names(() => true)]} />
                {timed(pick.by?.column) && <Choose label={t('step')} value={pick.by?.step ?? 'auto'} onChange={(step) => change({ by: { column: pick.by?.column ?? '', step: step as (typeof STEPS)[number] } })} choices={STEPS.map((id) => ({ id, name: t(`step_${id}`) }))} />}
            </div>
            <Choose label={t('split_by')} value={pick.split?.column ?? ''} onChange={(column) => change({ split: by(column) })} choices={[...none, ...names(({ number }) => !number)]} />
            {conditions.map((own, i) => (
                <fieldset key={i} className="stack tight">
                    <legend className="small">{t('condition')}</legend>
                    <div className="builder-pair">
                        <Choose bare label={t('column')} value={own.column} onChange={(column) => condition(i, { column })} choices={names(() => true)} />
                        <Choose bare label={t('condition')} value={own.test} onChange={(test) => condition(i, { test: test as (typeof TESTS)[number] })} choices={TESTS.map((id) => ({ id, name: t(`test_${id}`) }))} />
                    </div>
                    <div className="row">
                        {own.test !== 'is_there' && <span className="grow"><Field label={t('value')} value={own.value} onChange={(value) => condition(i, { value })} hint={board.variables?.length ? board.variables.map(({ name }) => `$${name}`).join(', ') : undefined} maxLength={200} /></span>}
                        <Action look="quiet" icon="trash" aria-label={t('remove')} onPress={() => change({ conditions: conditions.filter((_, at) => at !== i) })} />
                    </div>
                </fieldset>
            ))}
            {conditions.length < 8 && columns[0] && <div><Action icon="plus" onPress={() => change({ conditions: [...conditions, { column: columns[0]?.name ?? '', test: 'is', value: '' }] })}>{t('add_condition')}</Action></div>}
            <Choose label={t('in_time_range')} value={pick.time ?? ''} onChange={(time) => change({ time: time || undefined })} choices={[...none, ...names(({ time }) => time)]} />
        </>
    );
}
