// The tenants of the appliance: made, suspended, closed and reopened by operators.
import { lazy, Suspense, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { useCommands } from '../app/commands';
import { keptOf } from '../app/first-run';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { MOST_TENANTS, tenantsQuery } from '../app/tenants';
import { bytes, day, number, t, tOr } from '../i18n';
import { Action, Badge, Empty, Show, Skeleton } from '../kit/bits';
import { Field } from '../kit/form';
import { More } from '../kit/menu';
import { Window } from '../kit/overlay';
import { Grid } from '../kit/grid';
import type { Column } from '../kit/table';
import { When } from '../kit/when';
import { entriesOf, PLANS, STATES, TITLES, type Act } from './tenant-titles';

// What is asked before something is done comes when it is first asked.
const TenantAct = lazy(() => import('./tenant-acts').then(({ TenantAct }) => ({ default: TenantAct })));
const TurnTenants = lazy(() => import('./tenant-acts').then(({ TurnTenants }) => ({ default: TurnTenants })));
const SetUpCard = lazy(() => import('./first-run/card').then(({ SetUpCard }) => ({ default: SetUpCard })));
const NewTenant = lazy(() => import('./tenant-acts').then(({ NewTenant }) => ({ default: NewTenant })));

type Tenant = Schemas['TenantRecord'];
type Turning = { kind: 'suspend' | 'resume'; rows: Tenant[]; clear: () => void };

export function Tenants() {
    const session = useSession();
    const queries = useQueryClient();
    const navigate = useNavigate();
    const [acting, setActing] = useState<Act | null>(null);
    const [turning, setTurning] = useState<Turning | null>(null);
    const [making, make] = useState(false);
    const tenants = useQuery(tenantsQuery);
    const [wanted, want] = useState('');
    const again = () => queries.invalidateQueries({ queryKey: ['tenants'] });
    const columns: Column<Tenant>[] = [
        { id: 'name', name: t('name'), kept: true, sort: ({ name }) => name, cell: ({ id, name, slug }) => <span><Link to="/system/tenants/$tenant" params={{ tenant: id }}>{name || slug}</Link><br /><span className="small soft mono">{slug}</span></span> },
        { id: 'state', name: t('state'), sort: ({ state }) => tOr(`tenant_${state}`, state), cell: ({ state, erase_from }) => <span className="row"><Badge tone={STATES[state]}>{tOr(`tenant_${state}`, state)}</Badge>{erase_from && <span className="small soft">{t('erased_on', { day: day(erase_from) })}</span>}</span> },
        { id: 'plan', name: t('plan'), sort: ({ plan }) => PLANS.indexOf(plan), cell: ({ plan }) => tOr(`plan_${plan}`, plan) },
        { id: 'seats', name: t('limit_seats'), end: true, sort: ({ limits }) => limits.seats, cell: ({ limits }) => <span className="num">{number(limits.seats)}</span> },
        { id: 'storage', name: t('limit_storage_bytes'), end: true, sort: ({ limits }) => limits.storage_bytes, cell: ({ limits }) => <span className="num">{bytes(limits.storage_bytes)}</span> },
        { id: 'minutes', name: t('limit_minutes_per_month'), end: true, extra: true, sort: ({ limits }) => limits.minutes_per_month, cell: ({ limits }) => <span className="num">{number(limits.minutes_per_month)}</span> },
        { id: 'created', name: t('created'), sort: ({ created }) => created, cell: ({ created }) => <When at={created} as="day" /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (tenant) => {
                const entries = entriesOf(tenant, session, setActing);
                return entries.length > 0 && <More label={`${t('more')}: ${tenant.name}`} entries={entries} />;
            },
        },
    ];
    const mayMake = session?.can('system:tenant_create') ?? false;
    const [over, setOver] = useState(() => keptOf(session?.id ?? '').over);
    useCommands([
        { id: 'tenant', name: t('new_tenant'), icon: 'plus', off: !mayMake, run: () => make(true) },
        { id: 'set-up', name: t('first_run'), icon: 'list', run: () => void navigate({ to: '/system/set-up' }) },
    ]);
    const fresh = mayMake && <Action look="primary" icon="plus" onPress={() => make(true)}>{t('new_tenant')}</Action>;
    return (
        <Page
            crumbs={[{ name: t('nav_system') }, { name: t('nav_tenants') }]} title={t('nav_tenants')} intro={t('tenants_intro')}
            actions={!!tenants.data?.length && fresh}
        >
            {!over && <Suspense><SetUpCard end={() => setOver(true)} /></Suspense>}
            <Show of={tenants}>
                {(all) => {
                    const sought = wanted.trim().toLowerCase();
                    const items = all.filter(({ name, slug }) => `${name} ${slug}`.toLowerCase().includes(sought));
                    if (!all.length) return <Empty icon="building" title={t('no_tenants')} action={fresh}>{t('no_tenants_hint')}</Empty>;
                    return (
                        <>
                            {all.length > 8 && <Field label={t('find')} value={wanted} onChange={want} />}
                            {items.length === 0 ? <Empty icon="building" title={t('nothing_found')} action={<Action onPress={() => want('')}>{t('clear_filters')}</Action>} />
                                : (
                                    <Grid
                                        name="tenants" caption={t('nav_tenants')} columns={columns} rows={items} rowKey={({ id }) => id} height={52} whole={all.length < MOST_TENANTS}
                                        picks={session?.can('system:tenant_suspend') ? { name: ({ name }) => name, acts: (rows, clear) => <Turns rows={rows} turn={(kind, rows) => setTurning({ kind, rows, clear })} /> } : undefined}
                                    />
                                )}
                        </>
                    );
                }}
            </Show>
            <Window title={t('new_tenant')} open={making} onOpen={make}>{(close) => <Suspense fallback={<Skeleton />}><NewTenant close={close} then={again} /></Suspense>}</Window>
            <Window title={acting ? `${t(TITLES[acting.kind])}: ${acting.tenant.name}` : ''} open={!!acting} onOpen={(open) => !open && setActing(null)}>
                {(close) => acting && <Suspense fallback={<Skeleton />}><TenantAct act={acting} then={again} close={close} /></Suspense>}
            </Window>
            <Window title={turning ? `${t(TITLES[turning.kind])}: ${t('n_selected', { n: turning.rows.length })}` : ''} open={!!turning} onOpen={(open) => !open && setTurning(null)}>
                {(close) => turning && <Suspense fallback={<Skeleton />}><TurnTenants kind={turning.kind} tenants={turning.rows} then={() => (close(), turning.clear())} /></Suspense>}
            </Window>
        </Page>
    );
}

/** Several kept out, or let in again, for one reason. */
function Turns({ rows, turn }: { rows: Tenant[]; turn: (kind: Turning['kind'], rows: Tenant[]) => void }) {
    const [active, suspended] = [rows.filter(({ state }) => state === 'active'), rows.filter(({ state }) => state === 'suspended')];
    return (
        <>
            {active.length > 0 && <Action onPress={() => turn('suspend', active)}>{t('suspend')}</Action>}
            {suspended.length > 0 && <Action onPress={() => turn('resume', suspended)}>{t('resume')}</Action>}
        </>
    );
}
