// Orders a video of what is edited.
import { client, data } from '../api/client';
import type { Session } from '../app/queries';
import { keepBeyond } from '../routes/order';
import { lookOfLast } from '../routes/making';

/** How many videos of a recording are looked through for one of this storyboard, the newest first. */
const LOOKED = 50;

type What = { session: Session | undefined; storyboard: string; recording: string; project: string | null | undefined };

/** In the form of the last video of the storyboard, as it was ordered; the first one in that of the workspace. */
export async function renderAsLast({ session, storyboard, recording, project }: What): Promise<void> {
    const { items } = await data(client.GET('/v1/videos', { params: { query: { recording, limit: LOOKED } } }));
    const last = items.find((one) => one.storyboard === storyboard);
    const as = last && (await lookOfLast(session, project, last));
    const { id } = await data(client.POST('/v1/storyboards/{storyboard}/videos', { params: { path: { storyboard } }, body: as ? { look: as.look } : {} }));
    if (as) keepBeyond(id, as.beyond);
}
