// What can be done with a tenant, and what it is called.
import type { Schemas } from '../api/client';

export const TITLES = { plan: 'change_plan', limits: 'agree_limits', move: 'move_tenant', suspend: 'suspend', resume: 'resume', close: 'close_tenant', reopen: 'reopen', erase: 'erase' } as const;
export type Act = { kind: keyof typeof TITLES; tenant: Schemas['TenantRecord'] };
