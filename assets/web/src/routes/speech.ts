// Changes of what was said: shown at once, told with a way back, and taken back where the appliance refuses.
import { client, data, ifMatch, Problem, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { tell, tellError } from '../kit/toast';
import { textOf, type Range, type Transcript } from './talk';

type Op = Schemas['Op'];
type Subject = {
    recording: string;
    transcript: Schemas['Transcript'] | undefined;
    said: Transcript | undefined;
    board: Schemas['StoryboardHead'] | undefined;
    /** Whether the diagrams may follow. */
    draws: boolean;
};

export const renewed = (recording: string) => Promise.all(['transcripts', 'storyboards'].map((kind) => queries.invalidateQueries({ queryKey: [kind, recording] })));

/** Sends an edit of a storyboard; its way back is an edit, too. */
export async function editBoard(board: Pick<Schemas['StoryboardHead'], 'id' | 'version'>, op: Op): Promise<(() => Promise<unknown>) | undefined> {
    const change = (op: Op, version: number) => data(client.PATCH('/v1/storyboards/{storyboard}', { params: { path: { storyboard: board.id }, header: ifMatch(version) }, body: op }));
    const { inverse, version } = await change(op, board.version);
    return inverse ? () => change(inverse, version) : undefined;
}

export function useSpeech({ recording, transcript, said, board, draws }: Subject) {
    const key = ['said', transcript?.id, transcript?.version];
    /** Shows `next` until the appliance has answered. */
    const change = async (next: Transcript | undefined, send: () => Promise<(() => Promise<unknown>) | undefined>, told: string): Promise<boolean> => {
        const before = queries.getQueryData(key);
        if (next) queries.setQueryData(key, next);
        try {
            const back = await send();
            await renewed(recording);
            tell(told, back && (() => back().then(() => renewed(recording))));
            return true;
        } catch (error) {
            queries.setQueryData(key, before);
            tellError(error);
            // Somebody else may have changed it: what is there now is shown.
            void renewed(recording);
            return false;
        }
    };
    /** Back to the version before; the transcript keeps all of them. */
    const correct = async (body: Schemas['TranscriptCorrection']) => {
        const { id, version } = transcript!;
        const now = await data(client.PATCH('/v1/transcripts/{transcript}', { params: { path: { transcript: id }, header: ifMatch(version) }, body }));
        return () => data(client.POST('/v1/transcripts/{transcript}/restore', { params: { path: { transcript: id }, header: ifMatch(now.version) }, body: { version } }));
    };
    const withWords = (change: (word: Transcript['words'][number], at: number) => Transcript['words'][number]) => said && { ...said, words: said.words.map(change) };

    return {
        correct: (words: { word: number; text: string }[], range: Range) => {
            if (!said || !words.length) return Promise.resolve(true);
            const texts = new Map(words.map(({ word, text }) => [word, text]));
            const next = withWords((word, at) => (texts.has(at) ? { ...word, text: texts.get(at)!, confidence: 1 } : word));
            return change(next, async () => {
                // Labels that were drawn from a word follow it; where diagrams are of other words than these, the transcript alone is changed.
                if (board && draws) {
                    try {
                        return await editBoard(board, { op: 'batch', ops: words.map(({ word, text }) => ({ op: 'correct_word', word, text })) });
                    } catch (error) {
                        if (!(error instanceof Problem && error.document.status === 422)) throw error;
                    }
                }
                return correct({ words });
            }, t('corrected', { before: textOf(said.words, range), after: textOf(next!.words, range) }));
        },
        speak: ({ first, last }: Range, name: string) => {
            if (!said) return Promise.resolve(false);
            const speakers = said.speakers?.includes(name) ? said.speakers : [...(said.speakers ?? []), name];
            const speaker = speakers.indexOf(name);
            const next = { ...said, speakers, words: said.words.map((word, at) => (at >= first && at <= last ? { ...word, speaker } : word)) };
            const words = Array.from({ length: last - first + 1 }, (_, i) => ({ word: first + i, speaker: name }));
            return change(next, () => correct({ words }), t('speaker_set', { name }));
        },
        rename: (from: string, to: string) => {
            if (!said) return Promise.resolve(false);
            const next = { ...said, speakers: said.speakers?.map((name) => (name === from ? to : name)) };
            return change(next, () => correct({ speakers: [{ from, to }] }), t('speaker_renamed', { before: from, after: to }));
        },
        redact: (range: Range) => (board ? change(undefined, () => editBoard(board, { op: 'redact', ...range }), t('redacted')) : Promise.resolve(false)),
    };
}
export type Speech = ReturnType<typeof useSpeech>;
