// The jobs of all workspaces and whether their turns are fair: what runs and waits, who works on it, and the share of the last hour. Nothing of
// what the jobs are about.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, pages, type Schemas } from '../../api/client';
import { clock, moment, number, percent, t, tOr } from '../../i18n';
import { Badge, Empty, Meter, Notice, Show, type Tone } from '../../kit/bits';
import { Segments } from '../../kit/choose';
import { Grid } from '../../kit/grid';
import { keptOf, sortOf } from '../../kit/order';
import type { Column } from '../../kit/table';
import { When } from '../../kit/when';

type Job = Schemas['FleetJob'];
type Turns = Schemas['TenantTurns'];
const TONES: Record<Job['state'], Tone> = { queued: 'plain', running: 'accent', done: 'good', failed: 'warn', dead: 'bad', cancelled: 'plain' };
/** By what they are put in order where there are more than are here. */
const SERVED = { kind: 'kind', state: 'state', attempts: 'attempts', created: 'created', updated: 'updated' } as const;
/** The first that are listed: more nobody looks through. */
const LISTED = 1_000;
const STATES = ['live', 'queued', 'running', 'dead', 'failed', 'cancelled', 'done'] as const;
const OFTEN = 5_000;

export function Fleet() {
    return (
        <>
            <Fairness />
            <All />
        </>
    );
}

const tenantLink = (id: string, slug: string) => <Link to="/system/tenants/$tenant" params={{ tenant: id }} className="mono">{slug}</Link>;

function Fairness() {
    const fair = useQuery({ queryKey: ['appliance', 'fairness'], queryFn: () => data(client.GET('/v1/appliance/jobs/fairness')), refetchInterval: OFTEN });
    const columns: Column<Turns>[] = [
        { id: 'tenant', name: t('workspace_name'), sort: ({ slug }) => slug, cell: ({ id, slug }) => tenantLink(id, slug) },
        { id: 'running', name: t('job_running'), end: true, sort: ({ running }) => running, cell: ({ running, allowed }) => <span className="num">{t('fleet_of', { used: number(running), all: number(allowed) })}</span> },
        { id: 'waiting', name: t('job_queued'), end: true, sort: ({ waiting }) => waiting, cell: ({ waiting }) => <span className="num">{number(waiting)}</span> },
        { id: 'later', name: t('fleet_later'), end: true, sort: ({ later }) => later, cell: ({ later }) => <span className="num soft">{number(later)}</span> },
        { id: 'longest', name: t('fleet_longest'), end: true, sort: ({ longest_wait_s: wait }) => wait, cell: ({ longest_wait_s: wait }) => <span className="num">{wait == null ? '–' : clock(wait * 1000)}</span> },
        { id: 'worked', name: t('fleet_worked'), end: true, sort: ({ worked_s }) => worked_s, cell: ({ worked_s }) => <span className="num">{clock(worked_s * 1000)}</span> },
        { id: 'share', name: t('fleet_share'), sort: ({ share }) => share, cell: ({ slug, share }) => <span className="row"><Meter share={share} label={slug} /><span className="num small">{percent(share)}</span></span> },
    ];
    return (
        <section className="stack tight">
            <h2>{t('fleet_fairness')}</h2>
            <p className="small soft">{t('fleet_fairness_hint')}</p>
            <Show of={fair} lines={3}>
                {({ tenants, jobs_at_work, job_slots, since, left_out, worked_s }) => (
                    <>
                        {!jobs_at_work && <Notice tone="warn" icon="alert">{t('capacity_jobs_stopped')}</Notice>}
                        {left_out > 0 && <Notice tone="warn" icon="alert">{t('fleet_left_out', { n: left_out })}</Notice>}
                        <p className="small">{[job_slots != null && t('capacity_slots', { used: number(tenants.reduce((sum, { running }) => sum + running, 0)), all: number(job_slots) }), t('fleet_since', { time: moment(since), worked: clock(worked_s * 1000) })].filter(Boolean).join(' · ')}</p>
                        {tenants.length > 0 && <Grid name="fairness" caption={t('fleet_fairness')} columns={columns} rows={tenants} rowKey={({ id }) => id} height={44} whole />}
                    </>
                )}
            </Show>
        </section>
    );
}

function All() {
    const [state, setState] = useState<(typeof STATES)[number]>('live');
    const [by, onBy] = useState(() => keptOf('fleet', []).by);
    const sort = sortOf(by, SERVED);
    const wanted = state === 'live' ? undefined : state;
    const jobs = useQuery({
        queryKey: ['appliance', 'fleet', state, sort ?? ''], placeholderData: (before, query) => (query?.queryKey[2] === state ? before : undefined), refetchInterval: OFTEN,
        queryFn: () => pages((after) => data(client.GET('/v1/appliance/jobs', { params: { query: { limit: 200, after, sort, state: wanted } } })), LISTED),
    });
    const columns: Column<Job>[] = [
        { id: 'kind', name: t('kind'), kept: true, sort: ({ kind }) => kind, cell: ({ kind }) => <span className="mono">{kind}</span> },
        { id: 'tenant', name: t('workspace_name'), sort: ({ slug }) => slug, cell: ({ tenant, slug }) => tenantLink(tenant, slug) },
        { id: 'state', name: t('state'), sort: ({ state }) => state, cell: ({ state, priority }) => <span className="row"><Badge tone={TONES[state]}>{t(`job_${state}`)}</Badge>{state === 'queued' && <Badge>{t(`priority_${priority}`)}</Badge>}</span> },
        { id: 'created', name: t('created'), sort: ({ created }) => created, cell: ({ created }) => <When at={created} /> },
        { id: 'worker', name: t('fleet_worker'), sort: ({ worker }) => worker?.since, cell: ({ worker }) => worker && <Worker worker={worker} /> },
        { id: 'attempts', name: t('attempts'), end: true, sort: ({ attempts }) => attempts, cell: ({ attempts, failures }) => <span className="num">{failures ? t('fleet_failed', { all: number(attempts), failed: number(failures) }) : number(attempts)}</span> },
        { id: 'reason', name: t('failure'), sort: ({ reason }) => reason, cell: ({ reason }) => reason && <span className="mono soft">{reason}</span> },
        { id: 'updated', name: t('updated'), extra: true, sort: ({ updated }) => updated, cell: ({ updated }) => <When at={updated} /> },
        { id: 'id', name: t('job_id'), extra: true, sort: ({ id }) => id, cell: ({ id }) => <span className="mono soft">{id}</span> },
    ];
    return (
        <section className="stack tight">
            <h2>{t('nav_jobs')}</h2>
            <Segments label={t('state')} value={state} onChange={(next) => setState(STATES.find((one) => one === next) ?? 'live')} choices={STATES.map((id) => ({ id, name: id === 'live' ? t('fleet_live') : t(`job_${id}`) }))} />
            <Show of={jobs}>
                {(items) => items.length === 0 ? <Empty icon="jobs" title={t('no_jobs')}>{t('fleet_none')}</Empty> : (
                    <Grid name="fleet" caption={t('nav_jobs')} columns={columns} rows={items} rowKey={({ id }) => id} height={44} whole={items.length < LISTED} served={{ by: SERVED, onBy }} />
                )}
            </Show>
        </section>
    );
}

function Worker({ worker: { since, process, stage, share } }: { worker: NonNullable<Job['worker']> }) {
    return (
        <span className="small">
            {process == null ? t('fleet_inside') : t('fleet_process', { process: String(process) })}
            {stage && ` · ${tOr(`stage_${stage}`, stage)} ${percent(share ?? 0)}`} · <When at={since} />
        </span>
    );
}
