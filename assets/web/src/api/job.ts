// A job as it goes on, by server-sent events.
import { useEffect, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Schemas } from './client';

/** What is told of a job while it goes on, and after its end. */
export type Progress = Pick<Schemas['JobProgress'], 'state' | 'stage' | 'share' | 'done' | 'time_left_s'>;

/** Follows a job to its end; the queries that show what it made are asked again then. */
export function useJob(id: string | undefined, live: boolean): Progress | null {
    const queries = useQueryClient();
    const [progress, setProgress] = useState<Progress | null>(null);
    useEffect(() => {
        if (!id || !live) return;
        const source = new EventSource(`/v1/jobs/${id}/events`);
        source.addEventListener('progress', (event) => setProgress(JSON.parse((event as MessageEvent<string>).data) as Schemas['JobProgress']));
        source.addEventListener('end', (event) => {
            source.close();
            const job = JSON.parse((event as MessageEvent<string>).data) as Schemas['Job'];
            setProgress({ state: job.state, share: 1, done: 1 });
            void queries.invalidateQueries();
        });
        source.addEventListener('closed', (event) => {
            // A restart is waited for by the browser itself; a lost right is not.
            if ((JSON.parse((event as MessageEvent<string>).data) as Schemas['StreamClosed']).reason === 'denied') source.close();
        });
        return () => source.close();
    }, [id, live, queries]);
    return progress;
}
