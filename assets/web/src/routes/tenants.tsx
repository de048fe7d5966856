// The tenants of the appliance: made, suspended, closed and reopened by operators.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { bytes, day, number, t, tOr } from '../i18n';
import { Badge, Empty, Notice, Show, type Tone } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Window } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { tell } from '../kit/toast';
import { Secret } from './secret';
import { slugOf } from './set-up';

type Tenant = Schemas['TenantRecord'];
const PLANS = ['trial', 'team', 'business', 'enterprise'] as const;
const STATES: Record<Tenant['state'], Tone> = { active: 'good', suspended: 'warn', closed: 'bad', erased: 'plain' };
type Act = { kind: 'suspend' | 'resume' | 'close' | 'reopen'; tenant: Tenant };

export function Tenants() {
    const session = useSession();
    const queries = useQueryClient();
    const [acting, setActing] = useState<Act | null>(null);
    const tenants = useQuery({ queryKey: ['tenants'], queryFn: () => data(client.GET('/v1/tenants', { params: { query: { limit: 100 } } })) });
    const again = () => queries.invalidateQueries({ queryKey: ['tenants'] });
    const columns: Column<Tenant>[] = [
        { id: 'name', name: t('name'), cell: ({ name, slug }) => <span><strong>{name}</strong><br /><span className="small soft mono">{slug}</span></span> },
        { id: 'state', name: t('state'), cell: ({ state, erase_from }) => <span className="row"><Badge tone={STATES[state]}>{tOr(`tenant_${state}`, state)}</Badge>{erase_from && <span className="small soft">{t('erased_on', { day: day(erase_from) })}</span>}</span> },
        { id: 'plan', name: t('plan'), cell: ({ plan }) => tOr(`plan_${plan}`, plan) },
        { id: 'seats', name: t('limit_seats'), end: true, cell: ({ limits }) => <span className="num">{number(limits.seats)}</span> },
        { id: 'storage', name: t('limit_storage_bytes'), end: true, cell: ({ limits }) => <span className="num">{bytes(limits.storage_bytes)}</span> },
        { id: 'created', name: t('created'), cell: ({ created }) => <span className="soft">{day(created)}</span> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (tenant) => session?.can('system:tenant_suspend') && (
                <More label={`${t('more')}: ${tenant.name}`} entries={[
                    ...(tenant.state === 'active' ? [{ id: 'suspend', name: t('suspend'), run: () => setActing({ kind: 'suspend', tenant }) }] : []),
                    ...(tenant.state === 'suspended' ? [{ id: 'resume', name: t('resume'), run: () => setActing({ kind: 'resume', tenant }) }] : []),
                    ...(tenant.state === 'closed' ? [{ id: 'reopen', name: t('reopen'), run: () => setActing({ kind: 'reopen', tenant }) }] : []),
                    ...(tenant.state === 'active' || tenant.state === 'suspended' ? [{ id: 'close', name: t('close_tenant'), bad: true, run: () => setActing({ kind: 'close', tenant }) }] : []),
                ]} />
            ),
        },
    ];
    return (
        <Page
            crumbs={[{ name: t('nav_system') }, { name: t('nav_tenants') }]} title={t('nav_tenants')} intro={t('tenants_intro')}
            actions={session?.can('system:tenant_create') && <Ask button={{ look: 'primary', icon: 'plus', children: t('new_tenant') }} title={t('new_tenant')}>{(close) => <NewTenant close={close} then={again} />}</Ask>}
        >
            <Show of={tenants}>{({ items }) => items.length ? <Table caption={t('nav_tenants')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="building" title={t('no_tenants')}>{t('no_tenants_hint')}</Empty>}</Show>
            <Window title={acting ? `${t(acting.kind === 'close' ? 'close_tenant' : acting.kind)}: ${acting.tenant.name}` : ''} open={!!acting} onOpen={(open) => !open && setActing(null)}>
                {(close) => acting && <Because act={acting} then={() => (close(), again())} />}
            </Window>
        </Page>
    );
}

function NewTenant({ close, then }: { close: () => void; then: () => unknown }) {
    const [link, setLink] = useState('');
    if (link) return <Secret label={t('owner_link')} text={link} />;
    return (
        <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ name = '', owner = '', plan = 'trial' }) => {
            const slug = slugOf(name);
            const made = await data(client.POST('/v1/tenants', { body: { slug, name, plan: plan as (typeof PLANS)[number], owner: owner || undefined } }));
            then();
            if (made.invitation) setLink(`${location.origin}/join?tenant=${slug}#${made.invitation.code}`);
            else close();
        }}>
            <Field name="name" label={t('name')} isRequired minLength={2} maxLength={100} autoFocus />
            <Field name="owner" type="email" label={t('owner_email')} hint={t('owner_email_hint')} />
            <Pick name="plan" label={t('plan')} initial="team" choices={PLANS.map((id) => ({ id, name: tOr(`plan_${id}`, id) }))} />
        </SendForm>
    );
}

function Because({ act: { kind, tenant }, then }: { act: Act; then: () => unknown }) {
    const params = { path: { tenant: tenant.id } };
    return (
        <>
            {kind === 'close' && <Notice tone="warn">{t('close_tenant_text')}</Notice>}
            <SendForm submit={t(kind === 'close' ? 'close_tenant' : kind)} also={<Cancel />} onSend={async ({ detail = '' }) => {
                const body = { code: 'operator', detail };
                if (kind === 'suspend') await client.POST('/v1/tenants/{tenant}/suspend', { params, body });
                if (kind === 'resume') await client.POST('/v1/tenants/{tenant}/resume', { params, body });
                if (kind === 'reopen') await client.POST('/v1/tenants/{tenant}/reopen', { params, body });
                if (kind === 'close') await client.POST('/v1/tenants/{tenant}/close', { params, body: { reason: detail } });
                tell(t('done'));
                then();
            }}>
                <Field name="detail" label={t('reason')} isRequired autoFocus />
            </SendForm>
        </>
    );
}
