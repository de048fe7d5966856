// What a recording is called, by what it is found, and how secret it is.
import { client, data, ifMatch, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { t, tOr } from '../i18n';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';

type Recording = Schemas['Recording'];
type Change = Schemas['RecordingChange'];
const CLASSES = ['public', 'internal', 'confidential', 'secret', 'restricted'] as const;

const renewed = () => Promise.all(['recording', 'recordings', 'tags'].map((kind) => queries.invalidateQueries({ queryKey: [kind] })));
const tagsOf = (text: string) => [...new Set(text.split(/[,、，،]/).map((tag) => tag.trim().toLowerCase()).filter(Boolean))];

export function RecordingFacts({ recording, onClose }: { recording: Recording; onClose: () => void }) {
    const { id, title, tags, classification } = recording;
    const send = (body: Change, version: number) => data(client.PATCH('/v1/recordings/{recording}', { params: { path: { recording: id }, header: ifMatch(version) }, body }));
    return (
        <Window title={t('facts_edit')} open onOpen={(open) => !open && onClose()}>
            {(close) => (
                <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ title: called = '', tags: marks = '', classification: secret = '' }) => {
                    const now = await send({ title: called.trim(), tags: tagsOf(marks), classification: CLASSES.find((one) => one === secret) }, recording.version);
                    await renewed();
                    close();
                    tell(t('saved'), () => send({ title, tags, classification }, now.version).then(renewed));
                }}>
                    <Field name="title" label={t('title')} defaultValue={title} isRequired maxLength={200} autoFocus />
                    <Field name="tags" label={t('tags')} hint={t('tags_hint')} defaultValue={tags.join(', ')} autoComplete="off" />
                    <Pick name="classification" label={t('how_secret')} initial={classification} choices={CLASSES.map((one) => ({ id: one, name: tOr(`class_${one}`, one) }))} />
                </SendForm>
            )}
        </Window>
    );
}

/** Into the trash, with a way back; then one goes on elsewhere. */
export async function trashRecording({ id, title, version }: Recording, onwards?: () => unknown): Promise<void> {
    const params = (of: number) => ({ params: { path: { recording: id }, header: ifMatch(of) } });
    try {
        const gone = await data(client.POST('/v1/recordings/{recording}/trash', params(version)));
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
