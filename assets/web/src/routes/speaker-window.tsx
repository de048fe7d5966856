// Who says words, and words that nobody is to hear.
import { useState } from 'react';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Segments } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel, Confirm, Window } from '../kit/overlay';
import type { Speech } from './speech';
import { textOf, type Range, type Words } from './talk';

type Props = { words: Words; range: Range; speech: Speech; onClose: () => void };

export function SpeakerWindow({ words, range, speakers, speech, onClose }: Props & { speakers: string[] }) {
    const speaker = words[range.first]?.speaker;
    const present = speaker == null ? undefined : speakers[speaker];
    const [where, setWhere] = useState('here');
    const [name, setName] = useState('');
    return (
        <Window title={t('speaker_none')} open onOpen={(open) => !open && onClose()}>
            {(close) => (
                <SendForm submit={t('save')} also={<Cancel />} onSend={async () => {
                    const to = name.trim();
                    const done = where === 'all' && present ? await speech.rename(present, to) : await speech.speak(range, to);
                    if (done) close();
                }}>
                    <p className="soft small quote">{shortened(textOf(words, range))}</p>
                    {present && (
                        <Segments label={t('speaker_none')} value={where} onChange={setWhere} choices={[{ id: 'here', name: t('speaker_here') }, { id: 'all', name: t('speaker_everywhere', { name: present }) }]} />
                    )}
                    <Field name="name" label={t('name')} value={name} onChange={setName} isRequired maxLength={100} autoFocus autoComplete="off" />
                    {where === 'here' && speakers.length > 0 && (
                        <div className="row wrap">
                            {[...new Set(speakers)].filter((one) => one !== present).map((one) => <Action key={one} icon="users" onPress={() => setName(one)}>{one}</Action>)}
                        </div>
                    )}
                </SendForm>
            )}
        </Window>
    );
}

export function RedactWindow({ words, range, speech, onClose }: Props) {
    return <Confirm title={t('redact')} text={t('redact_text', { words: shortened(textOf(words, range)) })} action={t('redact')} open onClose={onClose} onYes={() => speech.redact(range)} />;
}

const shortened = (text: string) => (text.length > 160 ? `${text.slice(0, 80)} … ${text.slice(-70)}` : text);
