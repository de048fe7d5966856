// What a dashboard is called, what it opens with and how often it looks again.
import { useState } from 'react';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Pick as Choose } from '../kit/choose';
import { Field } from '../kit/form';
import { Window } from '../kit/overlay';
import { EVERY, often, Ranges } from './bar';
import { words, type Board } from './data';

export type Properties = Pick<Board, 'title' | 'description' | 'range' | 'refresh_s'>;

export function PropertiesOf({ board, done, close }: { board: Board; done: (properties: Properties) => void; close: () => void }) {
    const speak = words(board);
    const [title, setTitle] = useState(speak(board.title));
    const [description, setDescription] = useState(speak(board.description));
    const [range, setRange] = useState(board.range ?? '30d');
    const [every, setEvery] = useState(board.refresh_s ?? 0);
    /** A text that is as it was stays what the languages of the dashboard have words for. */
    const kept = (now: string, before: string | undefined) => (now.trim() === speak(before) ? before : now.trim());
    return (
        <Window title={t('board_properties')} open onOpen={(open) => !open && close()}>
            <Field label={t('title')} value={title} onChange={setTitle} maxLength={120} isRequired autoFocus />
            <Field label={t('description')} value={description} onChange={setDescription} maxLength={400} lines />
            <Ranges label={t('board_opens_with')} value={range} choose={setRange} />
            <Choose label={t('looks_again')} value={String(every)} onChange={(seconds) => setEvery(Number(seconds))} choices={[...new Set([...EVERY, every])].sort((a, b) => a - b).map((seconds) => ({ id: String(seconds), name: often(seconds) }))} />
            <div className="actions">
                <Action onPress={close}>{t('cancel')}</Action>
                <Action look="primary" isDisabled={!title.trim()} onPress={() => done({ title: kept(title, board.title) ?? board.title, description: kept(description, board.description) ?? '', range, refresh_s: every || undefined })}>{t('apply')}</Action>
            </div>
        </Window>
    );
}
