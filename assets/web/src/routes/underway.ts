// What is being made of a recording: jobs about itself, and those about its storyboard, which a rendering is about.
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { isLive } from './progress';

type Job = Schemas['Job'];
const newest = (about: string | undefined) => ({
    queryKey: ['jobs', about], enabled: !!about,
    queryFn: () => data(client.GET('/v1/jobs', { params: { query: { about: about!, limit: 1 } } })),
});

/** The newest job of all, and those that are to be shown: what is on its way, or else how the newest ended if that was not well. */
export function useUnderway(recording: string | undefined, storyboard: string | undefined) {
    const [whole, drawn] = [useQuery(newest(recording)), useQuery(newest(storyboard))];
    const jobs: Job[] = [...(whole.data?.items ?? []), ...(drawn.data?.items ?? [])].sort((one, other) => other.created.localeCompare(one.created));
    const [job] = jobs;
    const live = jobs.filter(isLive);
    return { job, known: !!whole.data, live, shown: live.length ? live : job && (job.state === 'dead' || job.state === 'cancelled') ? [job] : [] };
}
