// A job on its way: its stages, how far, how long yet, and the way to stop it or try again.
import { useQueryClient } from '@tanstack/react-query';
import { client, type Schemas } from '../api/client';
import { useJob } from '../api/job';
import { percent, t, tOr } from '../i18n';
import { Action, Meter, Notice } from '../kit/bits';
import { Icon } from '../kit/icon';
import { tellError } from '../kit/toast';
import { lasting } from './lasting';
import './recording.css';

type Job = Schemas['Job'];
export const isLive = (job: Job): boolean => job.state === 'queued' || job.state === 'running' || job.state === 'failed';

const STAGES: Record<string, string[]> = {
    'video.make': ['prepare', 'transcribe', 'outline', 'render', 'store'], 'video.render': ['prepare', 'render', 'store'],
};

/** `video.make` is “Making the video”. */
export const kindName = (kind: string): string => tOr(`kind_${kind.replaceAll('.', '_')}`, kind);

/** How far a live job is, and the way to stop it. */
function useProgress(job: Job) {
    const queries = useQueryClient();
    const progress = useJob(job.id, isLive(job));
    const stage = progress?.stage ?? job.stage ?? '';
    const path = { params: { path: { job: job.id } } };
    const act = (what: Promise<unknown>) => void what.then(() => queries.invalidateQueries(), tellError);
    return {
        stage, done: progress?.done ?? 0,
        name: job.state === 'queued' && !progress?.stage ? t('job_queued') : tOr(`stage_${stage}`, stage || t('job_running')),
        left: progress?.time_left_s == null ? '' : t('time_left', { time: lasting(progress.time_left_s) }),
        cancel: () => act(client.POST('/v1/jobs/{job}/cancel', path)),
        retry: () => act(client.POST('/v1/jobs/{job}/retry', path)),
    };
}

export function JobCard({ job }: { job: Job }) {
    const { stage, done, name, left, cancel, retry } = useProgress(job);
    if (!isLive(job)) {
        const why = job.failure?.message;
        return (
            <Notice tone={job.state === 'cancelled' ? 'warn' : 'bad'}>
                <p><strong>{tOr(`job_${job.state}`, job.state)}</strong></p>
                {why && <p>{why}</p>}
                <Action icon="undo" onPress={retry}>{t('try_again')}</Action>
            </Notice>
        );
    }
    const stages = STAGES[job.kind] ?? [];
    const at = stages.indexOf(stage);
    return (
        <section className="card progress" aria-label={kindName(job.kind)}>
            <div className="row apart">
                <h2>{kindName(job.kind)}</h2>
                <Action look="quiet" onPress={cancel}>{t('cancel')}</Action>
            </div>
            <Meter share={done} label={kindName(job.kind)} />
            <div className="row apart small">
                <span>{name} · <span className="num">{percent(done)}</span></span>
                {left && <span className="soft">{left}</span>}
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

/** The same in one line, over a page that has no room for more. */
export function JobLine({ job }: { job: Job }) {
    const { done, name, left, cancel } = useProgress(job);
    return (
        <section className="job-line" aria-label={kindName(job.kind)}>
            <strong>{kindName(job.kind)}</strong>
            <Meter share={done} label={kindName(job.kind)} />
            <span className="small">{name} · <span className="num">{percent(done)}</span>{left && <span className="soft"> · {left}</span>}</span>
            <Action look="quiet" onPress={cancel}>{t('cancel')}</Action>
        </section>
    );
}
