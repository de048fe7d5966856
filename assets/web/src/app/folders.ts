// Folders of a project, the ways between them, and recordings on such a way.
import { client, data, pages, type Schemas } from '../api/client';
import { t } from '../i18n';
import { tell } from '../kit/toast';
import { atOnce } from './at-once';
import { queries } from './queries';

export { byName, inOrder, wayTo } from './tree';

export type Folder = Schemas['Folder'];
export type Recording = Schemas['Recording'];
/** A project, and the folder in it; without one, the project itself. */
export type Place = { project: string; folder?: string };

export const foldersQuery = (project: string) => ({
    queryKey: ['folders', project],
    queryFn: () => pages((after) => data(client.GET('/v1/projects/{project}/folders', { params: { path: { project }, query: { after, limit: 200 } } }))),
});

const AT_ONCE = 100;

async function send(ids: string[], { project, folder }: Place): Promise<void> {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
        const recordings = ids.slice(at, at + AT_ONCE).map((id) => ({ id }));
        await client.POST('/v1/projects/{project}/recordings/move', { params: { path: { project } }, body: { recordings, folder } });
    }
}

const again = () => Promise.all(['recordings', 'recording', 'jobs', 'folders'].map((key) => queries.invalidateQueries({ queryKey: [key] })));

/** Moves recordings to a place of this name, and tells so with a way back to where each of them was. */
export async function moveRecordings(recordings: Recording[], to: Place, place: string): Promise<void> {
    const from = new Map<string, { ids: string[]; at: Place }>();
    for (const { id, project, folder } of recordings) {
        const at = { project: project ?? '', folder: folder ?? undefined };
        const key = `${at.project} ${at.folder ?? ''}`;
        from.set(key, { at, ids: [...(from.get(key)?.ids ?? []), id] });
    }
    const ids = recordings.map(({ id }) => id);
    await atOnce(['recordings'], ids, null, () => send(ids, to));
    await again();
    const [first] = recordings;
    const told = recordings.length === 1 && first ? t('moved_one', { name: first.title, place }) : t('moved_many', { n: recordings.length, place });
    tell(told, async () => {
        for (const { ids, at } of from.values()) await send(ids, at);
        await again();
    });
}
