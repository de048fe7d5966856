// Glossaries: names and terms as they are to be written, with what they are misheard as.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useChosen } from '../app/chosen';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { number, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Confirm, Window } from '../kit/overlay';
import { LongTable } from '../kit/long-table';
import { Table, type Column } from '../kit/table';
import { tell } from '../kit/toast';
import { MakeNamed, ShowNamed } from './named';

type Summary = Schemas['GlossarySummary'];
type Term = Schemas['Term'];
const KEYS = ['glossaries', 'glossary'];

export function Glossaries() {
    const session = useSession();
    const navigate = useNavigate();
    const { glossary: wanted } = useSearch({ from: '/app/glossaries' });
    const { choices } = useChosen();
    const glossaries = useQuery({ queryKey: ['glossaries'], queryFn: () => pages((after) => data(client.GET('/v1/glossaries', { params: { query: { limit: 200, after } } }))) });
    const choose = (glossary: string) => void navigate({ to: '/glossaries', search: { glossary }, replace: true });
    const make = (name: string) => data(client.POST('/v1/glossaries', { body: { name } }));
    const fresh = session?.can('template:manage') && <MakeNamed label={t('new_glossary')} list="glossaries" make={make} choose={choose} />;
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_glossaries') }]} title={t('nav_glossaries')} intro={t('glossaries_intro')}
            actions={!!glossaries.data?.length && fresh}>
            <ShowNamed of={glossaries} label={t('nav_glossaries')} wanted={wanted} choose={choose}
                empty={<Empty icon="list" title={t('no_glossaries')} action={fresh}>{t('no_glossaries_hint')}</Empty>}
                mark={({ id, term_count }) => <>{choices?.glossary === id && <Badge tone="good">{t('in_use')}</Badge>}<span className="num soft">{number(term_count)}</span></>}>
                {(now) => <One key={now.id} summary={now} />}
            </ShowNamed>
        </Page>
    );
}

function One({ summary }: { summary: Summary }) {
    const { choices, choose, may } = useChosen();
    const [editing, edit] = useState<Term | 'new' | null>(null);
    const [renaming, rename] = useState(false);
    const [removing, remove] = useState(false);
    const path = { glossary: summary.id };
    const glossary = useQuery({ queryKey: ['glossary', summary.id], queryFn: () => data(client.GET('/v1/glossaries/{glossary}', { params: { path } })) });
    const params = { path, header: ifMatch(glossary.data?.version ?? summary.version) };
    const terms = glossary.data?.terms ?? [];
    const set = (terms: Term[], told: string) => {
        const before = glossary.data?.terms ?? [];
        // To take it back, whatever it is by then: the words that were there.
        return act(KEYS, () => client.PATCH('/v1/glossaries/{glossary}', { params, body: { terms } }), told, () => client.PATCH('/v1/glossaries/{glossary}', { params: { path, header: { 'If-Match': '*' } }, body: { terms: before } }));
    };
    const read = async (file: File) => {
        const csv = await file.text();
        await act(KEYS, () => client.POST('/v1/glossaries/{glossary}/import', { params, body: { csv, keep: true } }), t('terms_read'));
    };
    const columns: Column<Term>[] = [
        { id: 'spelling', name: t('spelling'), cell: ({ spelling }) => <strong>{spelling}</strong> },
        { id: 'aliases', name: t('aliases'), cell: ({ aliases }) => <span className="row wrap">{aliases.map((alias) => <Badge key={alias}>{alias}</Badge>)}</span> },
        { id: 'language', name: t('language'), cell: ({ language }) => <span className="soft">{language ?? t('any')}</span> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (term) => may && (
                <span className="row end">
                    <Action look="quiet" icon="edit" aria-label={`${t('edit_term')}: ${term.spelling}`} onPress={() => edit(term)} />
                    <Action look="quiet" icon="trash" aria-label={`${t('remove')}: ${term.spelling}`} onPress={() => void set(terms.filter((one) => one !== term), t('removed'))} />
                </span>
            ),
        },
    ];
    const save = (kept: string) => location.assign(`/v1/glossaries/${summary.id}/export?format=${kept}`);
    return (
        <div className="stack">
            <section className="card padded stack">
                <div className="row apart wrap">
                    <h2 className="cut">{summary.name}</h2>
                    <div className="row wrap">
                        {may && <Switch on={choices?.glossary === summary.id} onChange={(on) => void choose({ glossary: on ? summary.id : null })}>{t('use_everywhere')}</Switch>}
                        {may && <FileTrigger acceptedFileTypes={['.csv', 'text/csv']} onSelect={(files) => { const file = files?.[0]; if (file && file.size <= 524_288) void read(file); }}><Action icon="upload">{t('read_table')}</Action></FileTrigger>}
                        {may && <Action icon="plus" onPress={() => edit('new')}>{t('add_term')}</Action>}
                        <More label={`${t('more')}: ${summary.name}`} entries={[
                            { id: 'csv', name: t('export_as', { format: 'CSV' }), icon: 'download', run: () => save('csv') },
                            { id: 'json', name: t('export_as', { format: 'JSON' }), icon: 'download', run: () => save('json') },
                            { id: 'rename', name: t('rename'), icon: 'edit', off: !may, run: () => rename(true) },
                            { id: 'remove', name: t('remove'), icon: 'trash', bad: true, off: !may, run: () => remove(true) },
                        ]} />
                    </div>
                </div>
                <Show of={glossary}>
                    {({ terms }) => terms.length === 0 ? <p className="soft">{t('no_terms')}</p>
                        : terms.length > 100 ? <LongTable caption={t('terms')} columns={columns} rows={terms} rowKey={({ spelling, language }) => `${spelling} ${language ?? ''}`} height={44} />
                        : <Table caption={t('terms')} columns={columns} rows={terms} rowKey={({ spelling, language }) => `${spelling} ${language ?? ''}`} />}
                </Show>
            </section>
            <Window title={editing === 'new' ? t('add_term') : t('edit_term')} open={editing !== null} onOpen={(open) => !open && edit(null)}>
                {(close) => editing && (
                    <TermForm term={editing === 'new' ? undefined : editing} save={async (term) => {
                        const next = editing === 'new' ? [...terms, term] : terms.map((one) => (one === editing ? term : one));
                        await client.PATCH('/v1/glossaries/{glossary}', { params, body: { terms: next } });
                        await Promise.all(KEYS.map((key) => queries.invalidateQueries({ queryKey: [key] })));
                        close();
                    }} />
                )}
            </Window>
            <Window title={t('rename')} open={renaming} onOpen={rename}>
                {(close) => (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ name = '' }) => {
                        await client.PATCH('/v1/glossaries/{glossary}', { params, body: { name } });
                        await Promise.all(KEYS.map((key) => queries.invalidateQueries({ queryKey: [key] })));
                        tell(t('saved'));
                        close();
                    }}>
                        <Field name="name" label={t('name')} defaultValue={summary.name} isRequired maxLength={100} autoFocus />
                    </SendForm>
                )}
            </Window>
            <Confirm
                title={t('remove')} text={t('remove_glossary_text', { name: summary.name })} action={t('remove')} open={removing} onClose={() => remove(false)}
                onYes={() => act([...KEYS, 'choices'], () => client.DELETE('/v1/glossaries/{glossary}', { params }), t('removed'))}
            />
        </div>
    );
}

function TermForm({ term, save }: { term?: Term; save: (term: Term) => Promise<void> }) {
    const [exact, setExact] = useState(term ? term.case === 'exact' : true);
    return (
        <SendForm submit={t('save')} also={<Cancel />} onSend={({ spelling = '', aliases = '', language = '' }) =>
            save({ spelling: spelling.trim(), aliases: aliases.split(',').map((one) => one.trim()).filter(Boolean), language: language.trim() || undefined, case: exact ? 'exact' : 'free' })}>
            <Field name="spelling" label={t('spelling')} defaultValue={term?.spelling} isRequired maxLength={100} autoFocus />
            <Field name="aliases" label={t('aliases')} hint={t('aliases_hint')} defaultValue={term?.aliases.join(', ')} />
            <Field name="language" label={t('language')} hint={t('term_language_hint')} defaultValue={term?.language ?? ''} maxLength={35} />
            <Switch on={exact} onChange={setExact}>{t('exact_case')}</Switch>
        </SendForm>
    );
}
