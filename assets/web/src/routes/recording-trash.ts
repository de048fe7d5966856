// Recordings into the trash and out of it.
import { client, data, ifMatch, type Schemas } from '../api/client';
import { atOnce } from '../app/at-once';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { tell, tellError } from '../kit/toast';

type Recording = Schemas['Recording'];

/** What is known of recordings is asked for anew. */
export const renewed = () => Promise.all(['recording', 'recordings', 'tags'].map((kind) => queries.invalidateQueries({ queryKey: [kind] })));

/** Into the trash, with a way back; then one goes on elsewhere. */
export async function trashRecording({ id, title, version }: Recording, onwards?: () => unknown): Promise<void> {
    const params = (of: number) => ({ params: { path: { recording: id }, header: ifMatch(of) } });
    try {
        const gone = await atOnce(['recordings'], [id], null, () => data(client.POST('/v1/recordings/{recording}/trash', params(version))));
        await onwards?.();
        await renewed();
        tell(t('trashed', { name: title }), async () => {
            await client.POST('/v1/recordings/{recording}/restore', params(gone.version));
            await renewed();
        });
    } catch (error) {
        tellError(error);
    }
}
