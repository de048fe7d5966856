// The comments on a thing, for who lists them and for who marks where they are.
import { client, data, pages, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { spokenAt } from './talk';

type Comment = Schemas['Comment'];

export const commentsOn = (subject: string) => ({
    queryKey: ['comments', subject], refetchInterval: 15_000,
    queryFn: () => pages((after) => data(client.GET('/v1/subjects/{subject}/comments', { params: { path: { subject }, query: { limit: 200, after } } })), 500),
});

/** How many videos of a recording are asked for comments, the newest first. */
const VIDEOS = 50;

/** The comments on the moments of a recording: its own, and those that were written on its videos, each at the moment of the recording that
 * the video plays there. What is rendered again is another video; what was said stays. */
export const commentsOnTalk = (recording: string) => ({
    queryKey: ['comments', 'talk', recording], refetchInterval: 15_000,
    queryFn: async (): Promise<Comment[]> => {
        const { items } = await queries.fetchQuery({
            queryKey: ['videos', recording, 'commented'], staleTime: 60_000,
            queryFn: () => data(client.GET('/v1/videos', { params: { query: { recording, limit: VIDEOS } } })),
        });
        const all = await Promise.all([commentsOn(recording).queryFn(), ...items.map(onVideo)]);
        return all.flat();
    },
});

/** Those on a video, at moments of the recording. New ones are not written there, so they are asked for less often. */
async function onVideo({ id, storyboard, storyboard_version: version }: Schemas['Video']): Promise<Comment[]> {
    const { queryKey, queryFn } = commentsOn(id);
    const comments = await queries.fetchQuery({ queryKey, queryFn, staleTime: 60_000 });
    if (comments.every(({ place }) => place.time_ms == null)) return comments;
    const { stretches } = await queries.fetchQuery({
        queryKey: ['playing', storyboard, version], staleTime: Infinity,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/playing', { params: { path: { storyboard }, query: { version } } })),
    }).catch(() => ({ stretches: [] }));
    return comments.map((one) => (one.place.time_ms == null ? one : { ...one, place: { ...one.place, time_ms: spokenAt(stretches, one.place.time_ms) } }));
}

/** Whether a comment is on this part of a scene. */
export const isAt = ({ place: { scene, node } }: Comment, at: Comment['place']): boolean => (scene ?? null) === (at.scene ?? null) && (node ?? null) === (at.node ?? null);

/** How many open comments each part of a scene has. */
export function openBy(comments: Comment[] | undefined, scene: string): Map<string, number> {
    const found = new Map<string, number>();
    for (const { place, resolved, removed } of comments ?? []) if (place.scene === scene && place.node && !resolved && !removed) found.set(place.node, (found.get(place.node) ?? 0) + 1);
    return found;
}
