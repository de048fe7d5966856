// Work in progress and what came of it; what waits can be moved, what runs called off, what failed tried again.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, data, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { actMany } from '../app/act-many';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, t, tOr } from '../i18n';
import { Action, Badge, Empty, Show, type Tone } from '../kit/bits';
import { Segments } from '../kit/choose';
import { More } from '../kit/menu';
import { Grid } from '../kit/grid';
import { keptOf, sortOf } from '../kit/order';
import type { Column } from '../kit/table';
import { When } from '../kit/when';
import { isLive, JobCard, kindName } from './progress';

type Job = Schemas['Job'];
const TONES: Record<Job['state'], Tone> = { queued: 'plain', running: 'accent', done: 'good', failed: 'warn', dead: 'bad', cancelled: 'plain' };
const PRIORITIES = ['interactive', 'batch', 'maintenance'] as const;
/** By what they are put in order where there are more than are here. */
const SERVED = { kind: 'kind', state: 'state', attempts: 'attempts', failure: 'failure', created: 'created', updated: 'updated' } as const;
/** The first that are listed: more nobody looks through. */
const LISTED = 1_000;
const STATES = ['all', 'queued', 'running', 'done', 'dead', 'cancelled'] as const;

export function Jobs() {
    const session = useSession();
    const navigate = useNavigate();
    const { state = 'all' } = useSearch({ from: '/app/jobs' });
    const wanted = STATES.find((one) => one === state && one !== 'all') as Job['state'] | undefined;
    const [by, onBy] = useState(() => keptOf('jobs', []).by);
    const sort = sortOf(by, SERVED);
    const jobs = useQuery({
        queryKey: ['jobs', 'list', wanted ?? 'all', sort ?? ''], placeholderData: (before, query) => (query?.queryKey[2] === (wanted ?? 'all') ? before : undefined), refetchInterval: 10_000,
        queryFn: () => pages((after) => data(client.GET('/v1/jobs', { params: { query: { limit: 200, after, sort, ...(wanted && { state: wanted }) } } })), LISTED),
    });
    const may = (what: string) => session?.can(what) ?? false;
    const path = ({ id }: Job) => ({ params: { path: { job: id } } });
    const entries = (job: Job) => [
        ...PRIORITIES.filter((priority) => job.state === 'queued' && may('render:prioritize') && priority !== job.priority).map((priority) => ({
            id: priority, name: t(`priority_${priority}`), run: () => void act(['jobs'], () => client.POST('/v1/jobs/{job}/priority', { ...path(job), body: { priority } }), t('job_moved')),
        })),
        ...(isLive(job) && may('render:cancel') ? [{ id: 'cancel', name: t('call_off'), bad: true, run: () => void act(['jobs'], () => client.POST('/v1/jobs/{job}/cancel', path(job)), t('job_called_off'), () => client.POST('/v1/jobs/{job}/retry', path(job))) }] : []),
        ...(!isLive(job) && job.state !== 'done' && may('render:submit') ? [{ id: 'retry', name: t('try_again'), run: () => void act(['jobs'], () => client.POST('/v1/jobs/{job}/retry', path(job)), t('job_again')) }] : []),
    ];
    const columns: Column<Job>[] = [
        { id: 'kind', name: t('kind'), kept: true, sort: ({ kind }) => kindName(kind), cell: ({ kind, about }) => about?.startsWith('rec') ? <Link to="/recordings/$recording" params={{ recording: about }}>{kindName(kind)}</Link> : kindName(kind) },
        { id: 'state', name: t('state'), sort: ({ state }) => tOr(`job_${state}`, state), cell: ({ state, priority }) => <span className="row"><Badge tone={TONES[state]}>{tOr(`job_${state}`, state)}</Badge>{state === 'queued' && <Badge>{t(`priority_${priority}`)}</Badge>}</span> },
        { id: 'attempts', name: t('attempts'), end: true, sort: ({ attempts }) => attempts, cell: ({ attempts }) => <span className="num">{attempts}</span> },
        { id: 'failure', name: t('failure'), sort: ({ failure }) => failure?.message, cell: ({ failure }) => <span className="soft">{failure?.message ?? ''}</span> },
        { id: 'created', name: t('created'), sort: ({ created }) => created, cell: ({ created }) => <When at={created} /> },
        { id: 'updated', name: t('updated'), extra: true, sort: ({ updated }) => updated, cell: ({ updated }) => <When at={updated} /> },
        { id: 'id', name: t('job_id'), extra: true, sort: ({ id }) => id, cell: ({ id }) => <span className="mono soft">{id}</span> },
        { id: 'more', name: t('more'), hide: true, end: true, cell: (job) => { const list = entries(job); return list.length > 0 && <More label={`${t('more')}: ${kindName(job.kind)}`} entries={list} />; } },
    ];
    const bulk = (rows: Job[], clear: () => void) => {
        const [live, failed] = [rows.filter(isLive), rows.filter((job) => !isLive(job) && job.state !== 'done')];
        const send = (to: 'cancel' | 'retry') => (job: Job) => (to === 'cancel' ? client.POST('/v1/jobs/{job}/cancel', path(job)) : client.POST('/v1/jobs/{job}/retry', path(job))).then(() => job);
        return (
            <>
                {live.length > 0 && may('render:cancel') && <Action onPress={() => void actMany(['jobs'], live, send('cancel'), (n) => t('jobs_called_off', { n }), send('retry')).then(clear)}>{t('call_off')}</Action>}
                {failed.length > 0 && may('render:submit') && <Action onPress={() => void actMany(['jobs'], failed, send('retry'), (n) => t('jobs_again', { n })).then(clear)}>{t('try_again')}</Action>}
            </>
        );
    };
    return (
        <Page crumbs={[{ name: t('nav_jobs') }]} title={t('nav_jobs')} intro={t('jobs_intro')}>
            <Segments
                label={t('state')} value={state} onChange={(next) => void navigate({ to: '/jobs', search: { state: next === 'all' ? undefined : next }, replace: true })}
                choices={STATES.map((id) => ({ id, name: id === 'all' ? t('all') : t(`job_${id}`) }))}
            />
            <Show of={jobs}>
                {(items) => items.length === 0 ? <Empty icon="jobs" title={t('no_jobs')} action={wanted ? <Action onPress={() => void navigate({ to: '/jobs', search: {}, replace: true })}>{t('clear_filters')}</Action> : <Link to="/" className="button primary">{t('to_start')}</Link>}>{t('no_jobs_hint')}</Empty> : (
                    <>
                        {items.filter(({ state }) => state === 'running').map((job) => <JobCard key={job.id} job={job} />)}
                        <Grid
                            name="jobs" caption={t('nav_jobs')} columns={columns} rows={items} rowKey={({ id }) => id} height={44} whole={items.length < LISTED} served={{ by: SERVED, onBy }}
                            picks={may('render:cancel') || may('render:submit') ? { name: ({ kind, created }) => `${kindName(kind)}, ${ago(created)}`, acts: bulk } : undefined}
                        />
                    </>
                )}
            </Show>
        </Page>
    );
}
