// What was said in a recording: its newest transcript, and the words of it.
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';

export function useSaid(recording: string | undefined) {
    const transcript = useQuery({
        queryKey: ['transcripts', recording], enabled: !!recording,
        queryFn: () => data(client.GET('/v1/transcripts', { params: { query: { recording, limit: 1 } } })),
    }).data?.items[0];
    const said = useQuery({
        queryKey: ['said', transcript?.id, transcript?.version], enabled: !!transcript, placeholderData: (before) => before,
        queryFn: () => data(client.GET('/v1/transcripts/{transcript}/content', { params: { path: { transcript: transcript!.id }, query: { version: transcript!.version } } })),
    }).data as Schemas['Transcript2'] | undefined;
    return { transcript, said };
}
