// What a tenant uses, as those who run the appliance may know it: counts from the appliance's own tables, and nothing that a tenant has made.
import { client, data, type Schemas } from '../api/client';

type Row = Schemas['QueryAnswer']['rows'][number];
const DAYS = 30;

async function ask(sql: string): Promise<Row[]> {
    const answer = await data(client.POST('/v1/query', { body: { sql } }));
    // A text is what those get who ask for another form.
    return typeof answer === 'string' ? [] : answer.rows;
}
/** A text of SQL. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const count = (value: unknown): number => (Number.isFinite(Number(value)) ? Number(value) : 0);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export type Has = { seats: number; projects: number; storage_bytes: number; video_seconds: number };
export type Work = { kind: string; state: string; jobs: number };
export type Used = { meter: string; unit: string; quantity: number; events: number };
export type SignIns = { day: string; done: number; refused: number };
export type Use = { has?: Has; work: Work[]; meters: Used[]; signIns: SignIns[] };

/** Questions are asked one after the other: each opens the file of the tenant, and may wait for its turn. */
async function readUse(tenant: string): Promise<Use> {
    const own = `tenant_id = ${quoted(tenant)}`;
    const since = `day >= now() - INTERVAL '${DAYS} days'`;
    const [has] = await ask(`SELECT seats, projects, storage_bytes, video_seconds FROM tenants WHERE ${own} LIMIT 1`);
    const work = await ask(`SELECT kind, state, sum(jobs) FROM jobs_by_day WHERE ${own} AND (${since} OR state IN ('queued', 'running')) GROUP BY kind, state ORDER BY kind, state`);
    const meters = await ask(`SELECT meter, unit, sum(quantity), sum(events) FROM usage_by_day WHERE ${own} AND ${since} GROUP BY meter, unit ORDER BY meter`);
    const signIns = await ask(`SELECT CAST(day AS DATE) AS d, sum(CASE WHEN outcome = 'done' THEN sign_ins ELSE 0 END), sum(CASE WHEN outcome = 'done' THEN 0 ELSE sign_ins END) FROM sign_ins WHERE ${own} AND ${since} GROUP BY d ORDER BY d`);
    return {
        has: has && { seats: count(has[0]), projects: count(has[1]), storage_bytes: count(has[2]), video_seconds: count(has[3]) },
        work: work.map(([kind, state, jobs]) => ({ kind: text(kind), state: text(state), jobs: count(jobs) })),
        meters: meters.map(([meter, unit, quantity, events]) => ({ meter: text(meter), unit: text(unit), quantity: count(quantity), events: count(events) })),
        signIns: signIns.map(([day, done, refused]) => ({ day: text(day), done: count(done), refused: count(refused) })),
    };
}

export const tenantUseQuery = (tenant: string) => ({ queryKey: ['tenants', tenant, 'use'], queryFn: () => readUse(tenant), staleTime: 60_000, retry: false });
