// The variables of a dashboard: what can be chosen for all of its charts, from a list or by a query.
import { useState } from 'react';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Segments } from '../kit/choose';
import { Field } from '../kit/form';
import { Window } from '../kit/overlay';
import { StatementField } from '../kit/statement';
import type { Variable } from './data';

const MOST = 10;
/** A name as queries can have it. */
const named = (text: string): string => text.toLowerCase().replace(/[^a-z0-9_]/g, '_').replace(/^[^a-z]+/, '').slice(0, 40);
const fresh = (all: Variable[]): string => {
    for (let n = all.length + 1; ; n++) if (!all.some(({ name }) => name === `v${n}`)) return `v${n}`;
};

export function Variables({ of, done, close }: { of: Variable[]; done: (variables: Variable[]) => void; close: () => void }) {
    const [all, set] = useState(of);
    const change = (at: number, part: Partial<Variable>) => set(all.map((own, i) => (i === at ? { ...own, ...part } : own)));
    const names = all.map(({ name }) => name);
    const sound = all.every(({ name, title }) => name && title.trim() && !['from', 'to', 'bucket'].includes(name)) && new Set(names).size === names.length;
    return (
        <Window title={t('board_variables')} large open onOpen={(open) => !open && close()}>
            <div className="stack">
                {all.map((own, i) => (
                    <fieldset key={i} className="stack tight">
                        <legend className="small">{own.title || own.name}</legend>
                        <div className="builder-pair">
                            <Field label={t('title')} value={own.title} onChange={(title) => change(i, { title })} maxLength={120} isRequired />
                            <Field label={t('variable_name')} value={own.name} onChange={(name) => change(i, { name: named(name) })} hint={t('variable_name_hint')} maxLength={40} isRequired code />
                        </div>
                        <Segments label={t('choices_from')} value={own.query === undefined || own.query === null ? 'list' : 'query'} onChange={(kind) => change(i, kind === 'query' ? { query: 'SELECT project_id, title FROM projects ORDER BY title', choices: undefined } : { query: undefined, choices: [] })}
                            choices={[{ id: 'list', name: t('choices_list') }, { id: 'query', name: t('choices_query') }]} />
                        {own.query === undefined || own.query === null
                            ? <Lines label={t('choices_list')} hint={t('choices_list_hint')} value={own.choices ?? []} change={(choices) => change(i, { choices })} />
                            : <StatementField tongue="sql" label="SQL" value={own.query} onChange={(query) => change(i, { query })} hint={t('choices_query_hint')} most={16_384} />}
                        <div className="row">
                            <span className="grow"><Field label={t('variable_initial')} value={own.initial ?? ''} onChange={(initial) => change(i, { initial: initial || undefined })} maxLength={200} /></span>
                            <Action look="quiet" icon="trash" aria-label={`${t('remove')}: ${own.title || own.name}`} onPress={() => set(all.filter((_, at) => at !== i))} />
                        </div>
                    </fieldset>
                ))}
                {all.length < MOST && <div><Action icon="plus" onPress={() => set([...all, { name: fresh(all), title: t('variable'), choices: [] }])}>{t('add_variable')}</Action></div>}
            </div>
            <div className="actions">
                <Action onPress={close}>{t('cancel')}</Action>
                <Action look="primary" isDisabled={!sound} onPress={() => done(all)}>{t('apply')}</Action>
            </div>
        </Window>
    );
}

/** Texts, one a line; what is typed stays as it is while it is typed. */
function Lines({ label, hint, value, change }: { label: string; hint: string; value: string[]; change: (lines: string[]) => void }) {
    const [text, set] = useState(value.join('\n'));
    return <Field label={label} hint={hint} lines value={text} onChange={(next) => {
        set(next);
        change(next.split('\n').map((line) => line.trim()).filter(Boolean).slice(0, 100));
    }} />;
}
