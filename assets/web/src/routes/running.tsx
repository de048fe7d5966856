// Work that goes on, a line each: what it is about, how far it is, how long yet.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { useJob } from '../api/job';
import { percent, t, tOr } from '../i18n';
import { Meter } from '../kit/bits';
import { lasting } from './lasting';
import { kindName } from './progress';
import type { Standings } from './recording-list';

const MOST = 4;

export function Running({ standings: { live, recordingOf } }: { standings: Standings }) {
    if (!live.length) return null;
    return (
        <section className="stack tight">
            <div className="row apart"><h2>{t('running')}</h2><Link to="/jobs">{t('nav_jobs')}</Link></div>
            <div className="card">{live.slice(0, MOST).map((job) => <One key={job.id} job={job} about={recordingOf(job)} />)}</div>
            {live.length > MOST && <Link to="/jobs" className="small">{t('n_more', { n: live.length - MOST })}</Link>}
        </section>
    );
}

function One({ job, about }: { job: Schemas['Job']; about: string }) {
    const progress = useJob(job.id, true);
    const board = useQuery({ queryKey: ['storyboard', about], enabled: about.startsWith('sto'), queryFn: () => data(client.GET('/v1/storyboards/{storyboard}', { params: { path: { storyboard: about } } })) }).data;
    const id = board?.recording ?? about;
    const recording = useQuery({ queryKey: ['recording', id], enabled: id.startsWith('rec'), queryFn: () => data(client.GET('/v1/recordings/{recording}', { params: { path: { recording: id } } })) }).data;
    const name = recording?.title ?? board?.title ?? kindName(job.kind);
    const stage = progress?.stage ?? job.stage ?? '';
    return (
        <div className="running">
            <div className="row apart">
                {recording ? <Link to="/recordings/$recording" params={{ recording: recording.id }} className="cut"><strong>{name}</strong></Link> : <strong className="cut">{name}</strong>}
                <span className="small soft num">{job.state === 'queued' && !progress?.stage ? t('job_queued') : `${tOr(`stage_${stage}`, kindName(job.kind))} · ${percent(progress?.done ?? 0)}`}{progress?.time_left_s != null && ` · ${t('time_left', { time: lasting(progress.time_left_s) })}`}</span>
            </div>
            <Meter share={progress?.done ?? 0} label={name} />
        </div>
    );
}
