// The tenants of the appliance: made, suspended, closed and reopened by operators.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { bytes, day, number, t, tOr } from '../i18n';
import { Action, Badge, Empty, Notice, Show, type Tone } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Window } from '../kit/overlay';
import { LongTable, Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { tenantsQuery } from './backups';
import { saveText } from './csv';
import { Secret } from './secret';
import { slugOf } from './set-up';

type Tenant = Schemas['TenantRecord'];
const PLANS = ['trial', 'team', 'business', 'enterprise'] as const;
const STATES: Record<Tenant['state'], Tone> = { active: 'good', suspended: 'warn', closed: 'bad', erased: 'plain' };
type Act = { kind: 'plan' | 'limits' | 'move' | 'suspend' | 'resume' | 'close' | 'reopen' | 'erase'; tenant: Tenant };
const TITLES = { plan: 'change_plan', limits: 'agree_limits', move: 'move_tenant', suspend: 'suspend', resume: 'resume', close: 'close_tenant', reopen: 'reopen', erase: 'erase' } as const;

export function Tenants() {
    const session = useSession();
    const queries = useQueryClient();
    const [acting, setActing] = useState<Act | null>(null);
    const tenants = useQuery(tenantsQuery);
    const [wanted, want] = useState('');
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
                    ...(tenant.state !== 'erased' ? (['plan', 'limits'] as const).map((kind) => ({ id: kind, name: t(TITLES[kind]), run: () => setActing({ kind, tenant }) })) : []),
                    ...(tenant.state !== 'erased' && session.can('system:configure') ? [{ id: 'move', name: t('move_tenant'), run: () => setActing({ kind: 'move', tenant }) }] : []),
                    ...(tenant.state === 'active' ? [{ id: 'suspend', name: t('suspend'), run: () => setActing({ kind: 'suspend', tenant }) }] : []),
                    ...(tenant.state === 'suspended' ? [{ id: 'resume', name: t('resume'), run: () => setActing({ kind: 'resume', tenant }) }] : []),
                    ...(tenant.state === 'closed' ? [{ id: 'reopen', name: t('reopen'), run: () => setActing({ kind: 'reopen', tenant }) }] : []),
                    ...(tenant.state === 'active' || tenant.state === 'suspended' ? [{ id: 'close', name: t('close_tenant'), bad: true, run: () => setActing({ kind: 'close', tenant }) }] : []),
                    ...(tenant.state === 'closed' ? [{ id: 'erase', name: t('erase'), bad: true, run: () => setActing({ kind: 'erase', tenant }) }] : []),
                ]} />
            ),
        },
    ];
    return (
        <Page
            crumbs={[{ name: t('nav_system') }, { name: t('nav_tenants') }]} title={t('nav_tenants')} intro={t('tenants_intro')}
            actions={session?.can('system:tenant_create') && <Ask button={{ look: 'primary', icon: 'plus', children: t('new_tenant') }} title={t('new_tenant')}>{(close) => <NewTenant close={close} then={again} />}</Ask>}
        >
            <Show of={tenants}>
                {(all) => {
                    const sought = wanted.trim().toLowerCase();
                    const items = all.filter(({ name, slug }) => `${name} ${slug}`.toLowerCase().includes(sought));
                    if (!all.length) return <Empty icon="building" title={t('no_tenants')}>{t('no_tenants_hint')}</Empty>;
                    return (
                        <>
                            {all.length > 8 && <Field label={t('find')} value={wanted} onChange={want} />}
                            {items.length === 0 ? <Empty icon="building" title={t('nothing_found')} />
                                : items.length > 100 ? <LongTable caption={t('nav_tenants')} columns={columns} rows={items} rowKey={({ id }) => id} height={52} />
                                : <Table caption={t('nav_tenants')} columns={columns} rows={items} rowKey={({ id }) => id} />}
                        </>
                    );
                }}
            </Show>
            <Window title={acting ? `${t(TITLES[acting.kind])}: ${acting.tenant.name}` : ''} open={!!acting} onOpen={(open) => !open && setActing(null)}>
                {(close) => acting && (acting.kind === 'erase' ? <Erase tenant={acting.tenant} then={again} close={close} /> : acting.kind === 'plan' ? <Plan tenant={acting.tenant} then={() => (close(), again())} /> : acting.kind === 'limits' ? <Agreed tenant={acting.tenant} then={() => (close(), again())} /> : acting.kind === 'move' ? <Move tenant={acting.tenant} close={close} /> : <Because act={acting} then={() => (close(), again())} />)}
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
            <SendForm submit={t(TITLES[kind])} also={<Cancel />} onSend={async ({ detail = '' }) => {
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

function Plan({ tenant, then }: { tenant: Tenant; then: () => unknown }) {
    return (
        <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ plan = '' }) => {
            await client.PATCH('/v1/tenants/{tenant}', { params: { path: { tenant: tenant.id }, header: ifMatch(tenant.version) }, body: { plan: plan as (typeof PLANS)[number] } });
            tell(t('saved'));
            then();
        }}>
            <Pick name="plan" label={t('plan')} initial={tenant.plan} choices={PLANS.map((id) => ({ id, name: tOr(`plan_${id}`, id) }))} />
        </SendForm>
    );
}

const GIB = 2 ** 30;
const COUNTS = ['minutes_per_month', 'seats', 'projects', 'concurrent_jobs', 'requests_per_second', 'max_height_px'] as const;

/** Limits that were agreed beyond the plan, or those of the plan again. */
function Agreed({ tenant, then }: { tenant: Tenant; then: () => unknown }) {
    const { limits, agreed } = tenant;
    const set = async (agreed: Schemas['Limits'] | null) => {
        await client.PATCH('/v1/tenants/{tenant}', { params: { path: { tenant: tenant.id }, header: ifMatch(tenant.version) }, body: { agreed } });
        tell(t('saved'));
        then();
    };
    const back = <Action onPress={() => void set(null).catch(tellError)}>{t('limits_of_plan')}</Action>;
    return (
        <SendForm submit={t('save')} also={<>{agreed && back}<Cancel /></>} onSend={async ({ storage = '', ...values }) => {
            const counts = Object.fromEntries(COUNTS.map((name) => [name, Number(values[name])])) as Record<(typeof COUNTS)[number], number>;
            await set({ ...counts, storage_bytes: Math.round(Number(storage) * GIB) });
        }}>
            <p className="soft small">{agreed ? t('limits_agreed') : t('limits_are_plan')}</p>
            <div className="grid">
                {COUNTS.map((name) => <Field key={name} name={name} type="number" label={t(`limit_${name}`)} defaultValue={String(limits[name])} isRequired />)}
                <Field name="storage" type="number" label={t('storage_gib')} defaultValue={String(limits.storage_bytes / GIB)} isRequired />
            </div>
        </SendForm>
    );
}

/** To a volume of its own, or back to the one that all share, while its people work. */
function Move({ tenant, close }: { tenant: Tenant; close: () => void }) {
    return (
        <SendForm submit={t('move_tenant')} also={<Cancel />} onSend={async ({ volume = '' }) => {
            await client.POST('/v1/tenants/{tenant}/move', { params: { path: { tenant: tenant.id } }, body: volume.trim() ? { volume: volume.trim() } : {} });
            tell(t('move_begun', { name: tenant.name }));
            close();
        }}>
            <Field name="volume" label={t('volume')} hint={t('volume_hint')} maxLength={100} autoComplete="off" autoFocus />
        </SendForm>
    );
}

/** For good, before the time of grace is over: named to be confirmed, answered with the signed receipt. */
function Erase({ tenant, then, close }: { tenant: Tenant; then: () => unknown; close: () => void }) {
    const [receipt, setReceipt] = useState('');
    if (receipt) {
        return (
            <>
                <Notice tone="good" icon="check">{t('erased_text', { name: tenant.name })}</Notice>
                <div className="actions">
                    <Action onPress={close}>{t('done')}</Action>
                    <Action look="primary" icon="download" onPress={() => saveText(`erased-${tenant.slug}.json`, receipt, 'application/json')}>{t('save_receipt')}</Action>
                </div>
            </>
        );
    }
    return (
        <>
            <Notice tone="bad">{t('erase_text')}</Notice>
            <SendForm submit={t('erase')} also={<Cancel />} onSend={async ({ confirm = '' }) => {
                const erased = await data(client.POST('/v1/tenants/{tenant}/erase', { params: { path: { tenant: tenant.id } }, body: { confirm } }));
                then();
                setReceipt(JSON.stringify(erased, null, 2));
            }}>
                <Field name="confirm" label={t('type_to_confirm', { name: tenant.slug })} isRequired autoComplete="off" autoFocus />
            </SendForm>
        </>
    );
}
