// A job as it goes on, by server-sent events.
import { useEffect, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Schemas } from './client';

export type Progress = {
    state: string;
    stage?: string;
    share: number;
    /** Of the whole job, 0 to 1. */
    done: number;
    time_left_s?: number;
};

/** Follows a job to its end; the queries that show what it made are asked again then. */
export function useJob(id: string | undefined, live: boolean): Progress | null {
    const queries = useQueryClient();
    const [progress, setProgress] = useState<Progress | null>(null);
    useEffect(() => {
        if (!id || !live) return;
        const source = new EventSource(`/v1/jobs/${id}/events`);
        source.addEventListener('progress', (event) => setProgress(JSON.parse((event as MessageEvent<string>).data) as Progress));
        source.addEventListener('end', (event) => {
            source.close();
            const job = JSON.parse((event as MessageEvent<string>).data) as Schemas['Job'];
            setProgress({ state: job.state, share: 1, done: 1 });
            void queries.invalidateQueries();
        });
        source.addEventListener('closed', (event) => {
            // A restart is waited for by the browser itself; a lost right is not.
            if ((JSON.parse((event as MessageEvent<string>).data) as { reason: string }).reason === 'denied') source.close();
        });
        return () => source.close();
    }, [id, live, queries]);
    return progress;
}
