// Keys of the workspace's people and programs, and the programs themselves.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { programsQuery } from '../app/people';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t, tOr } from '../i18n';
import { Badge, Empty, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';
import { Grants } from './grants';
import { KeyForm, KeyTable } from './keys';

type Program = Schemas['ServiceAccount'];

export function ApiKeys() {
    const session = useSession();
    const keys = useQuery({ queryKey: ['api-keys'], queryFn: () => pages((after) => data(client.GET('/v1/api-keys', { params: { query: { limit: 200, after } } }))) });
    const programs = useQuery(programsQuery);
    const again = () => queries.invalidateQueries({ queryKey: ['api-keys'] });
    const may = (session?.can('apikey:create') ?? false) && !session?.operator;
    const program = <Ask button={{ icon: 'plus', children: t('new_program') }} title={t('new_program')}>{(close) => <NewProgram close={close} />}</Ask>;
    return (
        <Page
            crumbs={[{ name: t('nav_admin') }, { name: t('nav_api_keys') }]} title={t('nav_api_keys')} intro={t('api_keys_intro')}
            actions={may && session && (
                <>
                    {!!programs.data?.length && program}
                    <KeyForm look="primary" permissions={session.permissions} programs={(programs.data ?? []).filter(({ state }) => state === 'active')} create={(body) => data(client.POST('/v1/api-keys', { body }))} then={again} />
                </>
            )}
        >
            <Show of={keys}>
                {(items) => <KeyTable keys={items} revoke={async (id) => (await client.DELETE('/v1/api-keys/{api_key}', { params: { path: { api_key: id } } }), again())} />}
            </Show>
            <section className="stack tight">
                <h2>{t('programs')}</h2>
                <Show of={programs} lines={2}>{(items) => items.length ? <Programs items={items} /> : <Empty icon="key" title={t('no_programs')} action={may && program}>{t('no_programs_hint')}</Empty>}</Show>
            </section>
        </Page>
    );
}

function NewProgram({ close }: { close: () => void }) {
    return (
        <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ name = '' }) => {
            await client.POST('/v1/service-accounts', { body: { name } });
            await queries.invalidateQueries({ queryKey: ['service-accounts'] });
            close();
        }}>
            <Field name="name" label={t('name')} hint={t('new_program_hint')} isRequired maxLength={100} autoFocus />
        </SendForm>
    );
}

function Programs({ items }: { items: Program[] }) {
    const session = useSession();
    const [granting, grant] = useState<Program | null>(null);
    const [removing, remove] = useState<Program | null>(null);
    const params = ({ id, version }: Program) => ({ path: { service_account: id }, header: ifMatch(version) });
    const suspend = (program: Program, suspended: boolean) => act(['service-accounts', 'api-keys'], () => client.PATCH('/v1/service-accounts/{service_account}', { params: params(program), body: { suspended } }), t('saved'));
    const columns: Column<Program>[] = [
        { id: 'name', name: t('name'), cell: ({ name }) => <strong>{name}</strong> },
        { id: 'state', name: t('state'), cell: ({ state }) => <Badge tone={state === 'active' ? 'good' : 'warn'}>{tOr(`member_${state}`, state)}</Badge> },
        { id: 'clearance', name: t('clearance'), cell: ({ clearance }) => tOr(`class_${clearance}`, clearance) },
        { id: 'created', name: t('created'), cell: ({ created }) => <When at={created} /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (program) => session?.can('member:update') && (
                <More label={`${t('more')}: ${program.name}`} entries={[
                    { id: 'roles', name: t('nav_roles'), icon: 'shield', run: () => grant(program) },
                    program.state === 'suspended' ? { id: 'resume', name: t('resume'), run: () => void suspend(program, false) } : { id: 'suspend', name: t('suspend'), run: () => void suspend(program, true) },
                    { id: 'remove', name: t('remove'), icon: 'trash', bad: true, off: !session.can('member:remove'), run: () => remove(program) },
                ]} />
            ),
        },
    ];
    return (
        <>
            <Table caption={t('programs')} columns={columns} rows={items} rowKey={({ id }) => id} />
            <Window title={granting?.name ?? ''} large open={!!granting} onOpen={(open) => !open && grant(null)}>{granting && <Grants principal={granting.id} name={granting.name} />}</Window>
            <Confirm
                title={t('remove')} text={t('remove_program_text', { name: removing?.name ?? '' })} action={t('remove')} open={!!removing} onClose={() => remove(null)}
                onYes={() => removing && act(['service-accounts', 'api-keys'], () => client.DELETE('/v1/service-accounts/{service_account}', { params: params(removing) }), t('removed'))}
            />
        </>
    );
}
