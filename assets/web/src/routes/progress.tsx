// A job on its way: its stages, how far, how long yet, and the way to stop it or try again.
import { useQueryClient } from '@tanstack/react-query';
import { client, type Schemas } from '../api/client';
import { useJob } from '../api/job';
import { percent, t, tOr } from '../i18n';
import { Action, Meter, Notice } from '../kit/bits';
import { Icon } from '../kit/icon';
import { tellError } from '../kit/toast';
import './recording.css';

type Job = Schemas['Job'];
export const isLive = (job: Job): boolean => job.state === 'queued' || job.state === 'running' || job.state === 'failed';

const STAGES: Record<string, string[]> = {
    'video.make': ['prepare', 'transcribe', 'outline', 'render', 'store'], 'video.render': ['prepare', 'render', 'store'],
};

/** `video.make` is “Making the video”. */
export const kindName = (kind: string): string => tOr(`kind_${kind.replaceAll('.', '_')}`, kind);

export function duration(seconds: number): string {
    if (seconds < 60) return t('n_seconds', { n: Math.max(1, Math.round(seconds)) });
    return t('n_minutes', { n: Math.round(seconds / 60) });
}

export function JobCard({ job }: { job: Job }) {
    const queries = useQueryClient();
    const live = isLive(job);
    const progress = useJob(job.id, live);
    const stage = progress?.stage ?? job.stage ?? '';
    const path = { params: { path: { job: job.id } } };
    const act = (what: Promise<unknown>) => void what.then(() => queries.invalidateQueries(), tellError);
    if (!live) {
        const why = job.failure?.message;
        return (
            <Notice tone={job.state === 'cancelled' ? 'warn' : 'bad'}>
                <p><strong>{tOr(`job_${job.state}`, job.state)}</strong></p>
                {why && <p>{why}</p>}
                <Action icon="undo" onPress={() => act(client.POST('/v1/jobs/{job}/retry', path))}>{t('try_again')}</Action>
            </Notice>
        );
    }
    const done = progress?.done ?? 0;
    const stages = STAGES[job.kind] ?? [];
    const at = stages.indexOf(stage);
    return (
        <section className="card progress" aria-label={kindName(job.kind)}>
            <div className="row apart">
                <h2>{kindName(job.kind)}</h2>
                <Action look="quiet" onPress={() => act(client.POST('/v1/jobs/{job}/cancel', path))}>{t('cancel')}</Action>
            </div>
            <Meter share={done} label={kindName(job.kind)} />
            <div className="row apart small">
                <span>{job.state === 'queued' && !progress?.stage ? t('job_queued') : tOr(`stage_${stage}`, stage || t('job_running'))} · <span className="num">{percent(done)}</span></span>
                {progress?.time_left_s != null && <span className="soft">{t('time_left', { time: duration(progress.time_left_s) })}</span>}
            </div>
            {stages.length > 0 && (
                <ol className="stages">
                    {stages.map((name, i) => (
                        <li key={name} className={name === stage ? 'on' : undefined}>{at > i && <Icon name="check" />}{tOr(`stage_${name}`, name)}</li>
                    ))}
                </ol>
            )}
        </section>
    );
}
