// The comments on a thing, for who lists them and for who marks where they are.
import { client, data, pages, type Schemas } from '../api/client';

type Comment = Schemas['Comment'];

export const commentsOn = (subject: string) => ({
    queryKey: ['comments', subject], refetchInterval: 15_000,
    queryFn: () => pages((after) => data(client.GET('/v1/subjects/{subject}/comments', { params: { path: { subject }, query: { limit: 200, after } } })), 500),
});

/** Whether a comment is on this part of a scene. */
export const isAt = ({ place: { scene, node } }: Comment, at: Comment['place']): boolean => (scene ?? null) === (at.scene ?? null) && (node ?? null) === (at.node ?? null);

/** How many open comments each part of a scene has. */
export function openBy(comments: Comment[] | undefined, scene: string): Map<string, number> {
    const found = new Map<string, number>();
    for (const { place, resolved, removed } of comments ?? []) if (place.scene === scene && place.node && !resolved && !removed) found.set(place.node, (found.get(place.node) ?? 0) + 1);
    return found;
}
