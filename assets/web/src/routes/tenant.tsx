// One tenant as those who run the appliance see it: what it is, what it may use and uses, what goes on, and what can be done. Counts and
// states only: nothing that its people have made, and nobody of them by name.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useCommands } from '../app/commands';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { day, t, tOr } from '../i18n';
import { Action, Badge, Notice, Show, Skeleton } from '../kit/bits';
import { More } from '../kit/menu';
import { Window } from '../kit/overlay';
import { When } from '../kit/when';
import './appliance/appliance.css';
import { Errands } from './errands';
import { saveText } from './csv';
import { entriesOf, STATES, TITLES, type Act } from './tenant-titles';
import { Limits, People, Use, Work } from './tenant-parts';
import { tenantUseQuery } from './tenant-use';

const TenantAct = lazy(() => import('./tenant-acts').then(({ TenantAct }) => ({ default: TenantAct })));

type Tenant = Schemas['TenantRecord'];

export function TenantPage() {
    const { tenant: id } = useParams({ from: '/app/system/tenants/$tenant' });
    const tenant = useQuery({ queryKey: ['tenants', id], queryFn: () => data(client.GET('/v1/tenants/{tenant}', { params: { path: { tenant: id } } })) });
    const up = [{ name: t('nav_system') }, { name: t('nav_tenants'), to: '/system/tenants' }];
    if (tenant.data) return <Whole key={id} tenant={tenant.data} up={up} />;
    return <Page crumbs={[...up, { name: '…' }]}><Show of={tenant} lines={8}>{() => null}</Show></Page>;
}

function Whole({ tenant, up }: { tenant: Tenant; up: { name: string; to?: string }[] }) {
    const session = useSession();
    const [acting, setActing] = useState<Act | null>(null);
    const again = () => queries.invalidateQueries({ queryKey: ['tenants'] });
    const name = tenant.name || tenant.slug;
    const entries = entriesOf(tenant, session, setActing);
    const backsUp = (session?.can('system:backup') ?? false) && tenant.state !== 'erased';
    const backUp = () => void act(['upkeep', 'backups'], () => client.POST('/v1/backups', { body: { tenant: tenant.id } }), t('backup_begun'));
    useCommands([...entries, ...(backsUp ? [{ id: 'backup', name: t('back_up'), icon: 'download' as const, run: backUp }] : [])]);
    const turns = entries.find(({ id }) => id === 'suspend' || id === 'resume' || id === 'reopen');
    return (
        <Page
            crumbs={[...up, { name }]}
            actions={
                <>
                    {turns && <Action onPress={turns.run}>{turns.name}</Action>}
                    {entries.length > 0 && <More label={`${t('more')}: ${name}`} entries={[...entries.filter((entry) => entry !== turns), ...(backsUp ? [{ id: 'backup', name: t('back_up'), run: backUp }] : [])]} />}
                </>
            }
        >
            <div className="head">
                <div>
                    <h1>{name}</h1>
                    <p className="row wrap"><Badge tone={STATES[tenant.state]}>{tOr(`tenant_${tenant.state}`, tenant.state)}</Badge><Badge tone="accent">{tOr(`plan_${tenant.plan}`, tenant.plan)}</Badge><span className="soft mono">{tenant.slug}</span></p>
                </div>
            </div>
            <Standing tenant={tenant} />
            <Facts tenant={tenant} />
            {tenant.state !== 'erased' && <Inside tenant={tenant} />}
            <Errands tenant={tenant.id} />
            <Window title={acting ? `${t(TITLES[acting.kind])}: ${name}` : ''} open={!!acting} onOpen={(open) => !open && setActing(null)}>
                {(close) => acting && <Suspense fallback={<Skeleton />}><TenantAct act={acting} then={again} close={close} /></Suspense>}
            </Window>
        </Page>
    );
}

/** What its state means, where it is not at work. */
function Standing({ tenant }: { tenant: Tenant }) {
    const { state, erase_from, slug, id } = tenant;
    const ending = state === 'closed' || state === 'erased';
    const erasure = useQuery({ queryKey: ['tenants', id, 'erasure', tenant.version], enabled: ending, queryFn: () => data(client.GET('/v1/tenants/{tenant}/erasure', { params: { path: { tenant: id } } })) });
    if (state === 'active') return null;
    if (state === 'suspended') return <Notice tone="warn">{t('of_tenant_is_suspended')}</Notice>;
    if (state === 'closed') return <Notice tone="bad">{erase_from ? t('of_tenant_is_closed', { day: day(erase_from) }) : t('close_tenant_text')}</Notice>;
    const proof = erasure.data;
    return (
        <Notice icon="trash">
            <div className="stack tight">
                <p>{t('of_tenant_is_erased')}</p>
                {proof?.receipt && <div><Action icon="download" onPress={() => saveText(`erased-${slug}.json`, JSON.stringify(proof, null, 2), 'application/json')}>{t('save_receipt')}</Action></div>}
            </div>
        </Notice>
    );
}

function Facts({ tenant: { id, slug, home, plan, agreed, created, erase_from, state } }: { tenant: Tenant }) {
    return (
        <section className="card padded stack">
            <h2>{t('of_tenant_facts')}</h2>
            <dl className="known">
                <div><dt>{t('plan')}</dt><dd>{tOr(`plan_${plan}`, plan)}{agreed && <> <Badge>{t('of_tenant_agreed')}</Badge></>}</dd></div>
                <div><dt>{t('run_region')}</dt><dd className="mono">{home}</dd></div>
                <div><dt>{t('created')}</dt><dd><When at={created} as="moment" className="" /></dd></div>
                {erase_from && <div><dt>{t('of_tenant_erase_from')}</dt><dd><When at={erase_from} as="moment" className="" /></dd></div>}
                <div><dt>{t('of_tenant_id')}</dt><dd className="mono">{id}</dd></div>
                {state !== 'erased' && <div className="whole"><dt>{t('of_tenant_sign_in')}</dt><dd className="mono">{`${location.origin}/sign-in?tenant=${slug}`}</dd></div>}
            </dl>
        </section>
    );
}

/** What is asked of its own file; to ask is noted in the log of the appliance. */
function Inside({ tenant }: { tenant: Tenant }) {
    // Who runs the appliance asks by that right; `query:run` is for what is in a workspace.
    const asks = useSession()?.can('system:read') ?? false;
    const use = useQuery({ ...tenantUseQuery(tenant.id), enabled: asks });
    if (!asks) return <Limits limits={tenant.limits} />;
    return (
        <Show of={use} lines={8}>
            {(use) => (
                <>
                    <Limits limits={tenant.limits} has={use.has} />
                    <div className="tenant-pair">
                        <Work work={use.work} />
                        <People signIns={use.signIns} />
                    </div>
                    <Use meters={use.meters} />
                </>
            )}
        </Show>
    );
}
