// What can be done with a tenant, and what it is called.
import type { Schemas } from '../api/client';
import type { Session } from '../app/queries';
import { t } from '../i18n';
import type { Tone } from '../kit/bits';
import type { Entry } from '../kit/menu';

type Tenant = Schemas['TenantRecord'];
export const TITLES = { plan: 'change_plan', limits: 'agree_limits', move: 'move_tenant', suspend: 'suspend', resume: 'resume', close: 'close_tenant', reopen: 'reopen', erase: 'erase' } as const;
export type Kind = keyof typeof TITLES;
export type Act = { kind: Kind; tenant: Tenant };
export const PLANS = ['trial', 'team', 'business', 'enterprise'] as const;
export const STATES: Record<Tenant['state'], Tone> = { active: 'good', suspended: 'warn', closed: 'bad', erased: 'plain' };

/** What is asked for in a state, in the order of a menu. */
const OPEN: Record<Tenant['state'], Kind[]> = {
    active: ['plan', 'limits', 'move', 'suspend', 'close'],
    suspended: ['plan', 'limits', 'move', 'resume', 'close'],
    closed: ['plan', 'limits', 'move', 'reopen', 'erase'],
    erased: [],
};
/** The acts of a tenant that are open to somebody. */
export const actsOf = (tenant: Tenant, session: Session | undefined): Kind[] =>
    session?.can('system:tenant_suspend') ? OPEN[tenant.state].filter((kind) => kind !== 'move' || session.can('system:configure')) : [];

export const entriesOf = (tenant: Tenant, session: Session | undefined, act: (act: Act) => void): Entry[] =>
    actsOf(tenant, session).map((kind) => ({ id: kind, name: t(TITLES[kind]), bad: kind === 'close' || kind === 'erase', run: () => act({ kind, tenant }) }));
