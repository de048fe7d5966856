// The versions of a transcript: who changed what was said, and the way back to each.
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { usePeople } from '../app/people';
import { moment, number, t, tOr } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Window } from '../kit/overlay';

type Props = { transcript: Schemas['Transcript']; may: boolean; onClose: () => void };
export function TranscriptVersions({ transcript, may, onClose }: Props) {
    const { nameOf } = usePeople();
    const path = { transcript: transcript.id };
    const versions = useQuery({
        queryKey: ['transcripts', transcript.recording, 'versions', transcript.version],
        queryFn: () => pages((after) => data(client.GET('/v1/transcripts/{transcript}/versions', { params: { path, query: { limit: 100, after } } })), 500),
    });
    const restore = (version: number, base: number) => client.POST('/v1/transcripts/{transcript}/restore', { params: { path, header: ifMatch(base) }, body: { version } });
    return (
        <Window title={t('transcript_versions')} open onOpen={(open) => !open && onClose()} large>
            <Show of={versions}>
                {(all) => (
                    <ul className="lines">
                        {all.map(({ number: n, made, by, origin, restored }) => (
                            <li key={n} className="row apart">
                                <span>
                                    <span className="row wrap"><strong>{t('version', { n })}</strong>{n === transcript.version && <Badge tone="accent">{t('version_now')}</Badge>}<span className="soft">{tOr(`origin_${origin}`, origin)}{restored ? ` (${number(restored)})` : ''}</span></span>
                                    <span className="small soft">{moment(made)} · {nameOf(by)}</span>
                                </span>
                                {may && n !== transcript.version && (
                                    <Action icon="undo" aria-label={`${t('version_restore')}: ${t('version', { n })}`} onPress={() => void act(['transcripts', 'storyboards'], () => restore(n, transcript.version), t('restored', { name: t('version', { n }) }), () => restore(transcript.version, transcript.version + 1))}>{t('version_restore')}</Action>
                                )}
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
        </Window>
    );
}
