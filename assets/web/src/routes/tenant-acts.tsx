// What operators are asked before something is done with a tenant.
import { useState, type ReactNode } from 'react';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { actMany } from '../app/act-many';
import { t, tOr } from '../i18n';
import { Action, Notice } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { saveText } from './csv';
import { Secret } from './secret';
import { slugOf } from './slug';
import { PLANS, TITLES, type Act } from './tenant-titles';

type Tenant = Schemas['TenantRecord'];

export function TenantAct({ act, then, close }: { act: Act; then: () => unknown; close: () => void }) {
    const { kind, tenant } = act;
    const done = () => (close(), then());
    if (kind === 'erase') return <Erase tenant={tenant} then={then} close={close} />;
    if (kind === 'plan') return <Plan tenant={tenant} then={done} />;
    if (kind === 'limits') return <Agreed tenant={tenant} then={done} />;
    if (kind === 'move') return <Move tenant={tenant} close={close} />;
    return <Because act={act} then={done} />;
}

/** `also`: what stands beside the button that makes it, where it is in no dialog. */
export function NewTenant({ close, then, also = <Cancel /> }: { close: () => void; then: () => unknown; also?: ReactNode }) {
    const [link, setLink] = useState('');
    if (link) return <Secret label={t('owner_link')} text={link} />;
    return (
        <SendForm submit={t('create')} also={also} onSend={async ({ name = '', owner = '', plan = 'trial' }) => {
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
            <SendForm submit={t(TITLES[kind])} also={<Cancel />} onSend={async ({ reason = '' }) => {
                const body = { reason };
                if (kind === 'suspend') await client.POST('/v1/tenants/{tenant}/suspend', { params, body });
                if (kind === 'resume') await client.POST('/v1/tenants/{tenant}/resume', { params, body });
                if (kind === 'reopen') await client.POST('/v1/tenants/{tenant}/reopen', { params, body });
                if (kind === 'close') await client.POST('/v1/tenants/{tenant}/close', { params, body });
                tell(t('done'));
                then();
            }}>
                <Field name="reason" label={t('reason')} isRequired maxLength={200} autoFocus />
            </SendForm>
        </>
    );
}

/** Several of them, for one reason. */
export function TurnTenants({ kind, tenants, then }: { kind: 'suspend' | 'resume'; tenants: Tenant[]; then: () => unknown }) {
    return (
        <SendForm submit={t(TITLES[kind])} also={<Cancel />} onSend={async ({ reason = '' }) => {
            const turn = ({ id }: Tenant) => (kind === 'suspend' ? client.POST('/v1/tenants/{tenant}/suspend', { params: { path: { tenant: id } }, body: { reason } }) : client.POST('/v1/tenants/{tenant}/resume', { params: { path: { tenant: id } }, body: { reason } }));
            await actMany(['tenants'], tenants, turn, (n) => t(kind === 'suspend' ? 'tenants_suspended' : 'tenants_resumed', { n }));
            then();
        }}>
            <p className="soft">{tenants.map(({ name }) => name).join(' · ')}</p>
            <Field name="reason" label={t('reason')} isRequired maxLength={200} autoFocus />
        </SendForm>
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
            <SendForm bad submit={t('erase')} also={<Cancel />} onSend={async ({ confirm = '' }) => {
                const erased = await data(client.POST('/v1/tenants/{tenant}/erase', { params: { path: { tenant: tenant.id } }, body: { confirm } }));
                then();
                setReceipt(JSON.stringify(erased, null, 2));
            }}>
                <Field name="confirm" label={t('type_to_confirm', { name: tenant.slug })} isRequired autoComplete="off" autoFocus />
            </SendForm>
        </>
    );
}
