// Work in progress and what came of it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { Page } from '../app/shell';
import { ago, t, tOr } from '../i18n';
import { Badge, Empty, Show, type Tone } from '../kit/bits';
import { Table, type Column } from '../kit/table';
import { isLive, JobCard, kindName } from './progress';

type Job = Schemas['Job'];
const TONES: Record<Job['state'], Tone> = { queued: 'plain', running: 'accent', done: 'good', failed: 'warn', dead: 'bad', cancelled: 'plain' };

export function Jobs() {
    const jobs = useQuery({ queryKey: ['jobs'], queryFn: () => data(client.GET('/v1/jobs', { params: { query: { limit: 100 } } })), refetchInterval: 10_000 });
    const columns: Column<Job>[] = [
        { id: 'kind', name: t('kind'), cell: ({ kind, about }) => about?.startsWith('rec') ? <Link to="/recordings/$recording" params={{ recording: about }}>{kindName(kind)}</Link> : kindName(kind) },
        { id: 'state', name: t('state'), cell: ({ state }) => <Badge tone={TONES[state]}>{tOr(`job_${state}`, state)}</Badge> },
        { id: 'attempts', name: t('attempts'), end: true, cell: ({ attempts }) => <span className="num">{attempts}</span> },
        { id: 'failure', name: t('failure'), cell: ({ failure }) => <span className="soft">{failure?.message ?? ''}</span> },
        { id: 'created', name: t('created'), cell: ({ created }) => <span className="soft">{ago(created)}</span> },
    ];
    return (
        <Page crumbs={[{ name: t('nav_jobs') }]} title={t('nav_jobs')} intro={t('jobs_intro')}>
            <Show of={jobs}>
                {({ items }) => items.length === 0 ? <Empty icon="jobs" title={t('no_jobs')}>{t('no_jobs_hint')}</Empty> : (
                    <>
                        {items.filter(isLive).map((job) => <JobCard key={job.id} job={job} />)}
                        <Table caption={t('nav_jobs')} columns={columns} rows={items.filter((job) => !isLive(job))} rowKey={({ id }) => id} />
                    </>
                )}
            </Show>
        </Page>
    );
}
