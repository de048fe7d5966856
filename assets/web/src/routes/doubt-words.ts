// What a person should look at, said in the reader's language, and the sentence it is about.
import type { Schemas } from '../api/client';
import { t, tOr } from '../i18n';
import { textOf, type Words } from './talk';

type Item = NonNullable<Schemas['Storyboard']['review']>[number];
export type Cited = Pick<Item, 'words'>;
/** Longest passage that is shown, in letters. */
const MOST = 280;

/** What is doubtful. Files that were written before there were codes, and codes of a newer appliance, have their own sentence. */
export function doubtOf({ code, args = {}, why }: Pick<Item, 'code' | 'args' | 'why'>): string {
    const n = Number(args.n ?? 0);
    switch (code && `doubt_${code}`) {
        case 'doubt_kind_unsure': return t('doubt_kind_unsure', { kind: tOr(`diagram_${args.kind}`, args.kind ?? '') });
        case 'doubt_nothing_drawn': return t('doubt_nothing_drawn');
        case 'doubt_box_unsure': return t('doubt_box_unsure');
        case 'doubt_arrow_unsure': return t('doubt_arrow_unsure');
        case 'doubt_otherwise_unsaid': return t('doubt_otherwise_unsaid');
        case 'doubt_box_alone': return t('doubt_box_alone');
        case 'doubt_before_unsaid': return t('doubt_before_unsaid');
        case 'doubt_hands_over_to_nobody': return t('doubt_hands_over_to_nobody', { name: args.label ?? '' });
        case 'doubt_many_boxes': return t('doubt_many_boxes', { n });
        case 'doubt_boxes_at_once': return t('doubt_boxes_at_once');
        case 'doubt_not_english': return t('doubt_not_english');
        case 'doubt_no_rules': return t('doubt_no_rules', { language: args.lang ?? '' });
        case 'doubt_model_too_long': return t('doubt_model_too_long');
        case 'doubt_model_ungrounded': return t('doubt_model_ungrounded');
        case 'doubt_model_unread': return t('doubt_model_unread');
        case 'doubt_model_silent': return t('doubt_model_silent');
        default: return why;
    }
}

/** The passage of the talk that an item is about, and when it is said; nothing where it cites none or the words are not there. */
export function passageOf({ words: cited }: Cited, words: Words | undefined): { text: string; from: number; until: number } | undefined {
    const [first, last] = cited ?? [];
    const begin = words?.[first ?? -1];
    const end = words?.[last ?? -1];
    if (!words || first === undefined || last === undefined || !begin || !end || last < first) return undefined;
    const text = textOf(words, { first, last });
    const letters = Array.from(text);
    return { text: letters.length > MOST ? `${letters.slice(0, MOST).join('')}…` : text, from: begin.start_ms, until: end.end_ms + 150 };
}
