// What a recording is called, by what it is found, and how secret it is.
import { client, data, ifMatch, type Schemas } from '../api/client';
import { atOnce } from '../app/at-once';
import { t, tOr } from '../i18n';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { tell } from '../kit/toast';
import { renewed } from './recording-trash';

type Recording = Schemas['Recording'];
type Change = Schemas['RecordingChange'];
const CLASSES = ['public', 'internal', 'confidential', 'secret', 'restricted'] as const;

const tagsOf = (text: string) => [...new Set(text.split(/[,、，،]/).map((tag) => tag.trim().toLowerCase()).filter(Boolean))];

export function RecordingFacts({ recording, onClose }: { recording: Recording; onClose: () => void }) {
    const { id, title, tags, classification } = recording;
    const send = (body: Change, version: number) => data(client.PATCH('/v1/recordings/{recording}', { params: { path: { recording: id }, header: ifMatch(version) }, body }));
    return (
        <Window title={t('facts_edit')} open onOpen={(open) => !open && onClose()}>
            {(close) => (
                <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ title: called = '', tags: marks = '', classification: secret = '' }) => {
                    const next = { title: called.trim(), tags: tagsOf(marks), classification: CLASSES.find((one) => one === secret) };
                    const now = await atOnce(['recording', 'recordings'], [id], next, () => send(next, recording.version));
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
