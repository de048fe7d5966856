// What was said, word by word: to hear it, to correct it where it stands, and to say who speaks.
import { lazy, memo, Suspense, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { Button } from 'react-aria-components/Button';
import { clock, t } from '../i18n';
import { Action } from '../kit/bits';
import { Icon } from '../kit/icon';
import type { Speech } from './speech';
import { paragraphs, rangeOf, retyped, textOf, type Range, type Words } from './talk';

const SpeakerWindow = lazy(() => import('./speaker-window').then(({ SpeakerWindow }) => ({ default: SpeakerWindow })));
const RedactWindow = lazy(() => import('./speaker-window').then(({ RedactWindow }) => ({ default: RedactWindow })));

type Props = {
    words: Words;
    speakers: string[];
    /** The word that is heard. */
    now: number;
    seek: (ms: number) => void;
    /** Hears a stretch and stops. */
    hear?: (range: Range) => void;
    /** What may be changed, if anything. */
    speech?: Speech;
    redacts?: boolean;
    /** Words that were searched for. */
    found?: Range;
};

export function Transcript({ words, speakers, now, seek, hear, speech, redacts, found }: Props) {
    const parts = useMemo(() => paragraphs(words), [words]);
    const box = useRef<HTMLDivElement>(null);
    const [range, pick] = useState<Range | null>(found ?? null);
    const [editing, edit] = useState<Range | null>(null);
    const [naming, name] = useState<Range | null>(null);
    const [redacting, redact] = useState<Range | null>(null);
    const anchor = useRef<number | null>(null);
    const at = (to: number) => box.current?.querySelector<HTMLElement>(`[data-word="${to}"]`);

    useEffect(() => {
        if (!found) return;
        pick(found);
        at(found.first)?.scrollIntoView({ block: 'center' });
    }, [found]);
    // The word that is heard stays in sight, but for while somebody works on others.
    useEffect(() => {
        const word = box.current?.querySelector('.now');
        const panel = box.current?.closest('.panel');
        if (!word || !panel || editing) return;
        const [at, of] = [word.getBoundingClientRect(), panel.getBoundingClientRect()];
        if (at.top < of.top + 40 || at.bottom > of.bottom - 60) panel.scrollBy({ top: at.top - of.top - of.height / 3 });
    }, [now, editing]);
    // What is marked by pointer or finger, as any text is marked.
    useEffect(() => {
        if (!speech) return;
        const change = () => {
            const marked = getSelection();
            if (!marked || marked.isCollapsed || !box.current?.contains(marked.anchorNode) || !box.current.contains(marked.focusNode)) return;
            const chosen = [...box.current.querySelectorAll<HTMLElement>('[data-word]')].filter((word) => marked.containsNode(word, true)).map((word) => Number(word.dataset.word));
            if (chosen.length) pick(rangeOf(chosen[0]!, chosen[chosen.length - 1]!));
        };
        document.addEventListener('selectionchange', change);
        return () => document.removeEventListener('selectionchange', change);
    }, [speech]);

    const drop = () => {
        pick(null);
        anchor.current = null;
        getSelection()?.removeAllRanges();
    };
    const begin = (what: Range) => {
        if (!speech || words.slice(what.first, what.last + 1).some(({ redacted }) => redacted)) return;
        edit(what);
        drop();
    };
    const end = (back: number) => {
        edit(null);
        requestAnimationFrame(() => at(back)?.focus());
    };
    // One place to stop at by keyboard; from there the arrows go from word to word, and with Shift they mark.
    const key = (event: KeyboardEvent) => {
        const target = (event.target as HTMLElement).closest<HTMLElement>('[data-word]');
        if (!target) return;
        const from = Number(target.dataset.word);
        const ahead = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
        const chosen = range && from >= range.first && from <= range.last ? range : { first: from, last: from };
        if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
            const to = Math.max(0, Math.min(words.length - 1, from + (event.key === ahead ? 1 : -1)));
            if (event.shiftKey && speech) pick(rangeOf((anchor.current ??= from), to));
            else anchor.current = null;
            at(to)?.focus();
        } else if (event.key === 'Enter') seek(words[from]?.start_ms ?? 0);
        else if (event.key === 'F2') begin(chosen);
        else if (event.key === 'Escape' && range) drop();
        else return;
        event.preventDefault();
    };
    const press = (event: MouseEvent) => {
        const target = (event.target as HTMLElement).closest<HTMLElement>('[data-word]');
        if (!target || !(getSelection()?.isCollapsed ?? true) && event.detail === 1) return;
        const word = Number(target.dataset.word);
        if (event.detail === 2) begin({ first: word, last: word });
        else if (event.detail === 1) {
            pick(null);
            seek(words[word]?.start_ms ?? 0);
        }
    };
    return (
        <>
            <p className="small soft">{speech ? t('transcript_hint') : t('transcript_hear')}</p>
            <div className="transcript" ref={box} onClick={press} onKeyDown={key}>
                {parts.map((part) => {
                    const within = <R extends Range | null>(one: R) => (one && one.first < part.end && one.last >= part.start ? one : null);
                    return (
                        <Part
                            key={part.start} words={words} start={part.start} end={part.end} speaker={part.speaker == null ? '' : (speakers[part.speaker] ?? '')} now={now >= part.start && now < part.end ? now : -1}
                            picked={within(range)} editing={within(editing)} onName={speech && name} onSave={speech && (async (what, text) => {
                                const changed = retyped(words, what, text);
                                if (!changed) return false;
                                end(what.first);
                                await speech.correct(changed, what);
                                return true;
                            })} onCancel={end}
                        />
                    );
                })}
            </div>
            {range && speech && (
                <div className="wordbar" role="toolbar" aria-label={t('marked_words')}>
                    <span className="grow cut small">{textOf(words, range)}</span>
                    {hear && <Action look="quiet" icon="play" aria-label={t('listen')} onPress={() => hear(range)} />}
                    <Action look="quiet" icon="edit" onPress={() => begin(range)}>{t('correct')}</Action>
                    <Action look="quiet" icon="users" onPress={() => name(range)}>{t('speaker')}</Action>
                    {redacts && <Action look="quiet" icon="lock" onPress={() => redact(range)}>{t('redact')}</Action>}
                    <Action look="quiet" icon="close" aria-label={t('close')} onPress={drop} />
                </div>
            )}
            <Suspense>
                {naming && speech && <SpeakerWindow words={words} range={naming} speakers={speakers} speech={speech} onClose={() => (name(null), drop())} />}
                {redacting && speech && <RedactWindow words={words} range={redacting} speech={speech} onClose={() => (redact(null), drop())} />}
            </Suspense>
        </>
    );
}

type PartProps = {
    words: Words;
    start: number;
    end: number;
    speaker: string;
    now: number;
    picked: Range | null;
    editing: Range | null;
    onName?: (range: Range) => void;
    onSave?: (range: Range, text: string) => Promise<boolean>;
    onCancel: (back: number) => void;
};
// Callbacks are new each time the page is drawn; what they do depends on the words alone.
const same = (one: PartProps, other: PartProps) => (['words', 'start', 'end', 'speaker', 'now', 'picked', 'editing'] as const).every((key) => one[key] === other[key]) && !one.onName === !other.onName;
const Part = memo(function Part({ words, start, end, speaker, now, picked, editing, onName, onSave, onCancel }: PartProps) {
    const shown = [];
    for (let at = start; at < end; at++) {
        if (editing && onSave && at >= editing.first && at <= editing.last) {
            if (at === editing.first) shown.push(<Retype key={at} words={words} range={editing} onSave={onSave} onCancel={onCancel} />);
            continue;
        }
        const word = words[at]!;
        const look = [now === at && 'now', (word.confidence ?? 1) < 0.5 && 'unsure', word.redacted && 'redacted', picked && at >= picked.first && at <= picked.last && 'picked'].filter(Boolean).join(' ');
        shown.push(
            <span key={at}>
                <span className={`word ${look}`} data-word={at} role="button" tabIndex={at === 0 || now === at ? 0 : -1}>{word.redacted ? '▒▒▒' : word.text}{word.redacted && <span className="hidden">{t('redacted_word')}</span>}</span>
                {words[at + 1]?.joined ? '' : ' '}
            </span>,
        );
    }
    const when = clock(words[start]?.start_ms ?? 0);
    return (
        <div className="said">
            <div className="when small soft">
                <span className="num">{when}</span>
                {onName ? <Button className="plain-link who" aria-label={`${speaker || t('speaker_none')}, ${when}`} onPress={() => onName({ first: start, last: end - 1 })}><Icon name="users" /> {speaker || t('speaker_none')}</Button> : <strong>{speaker}</strong>}
            </div>
            <p dir="auto">{shown}</p>
        </div>
    );
}, same);

/** Words where they stand, as a field: Enter keeps what is typed, Escape leaves it. */
function Retype({ words, range, onSave, onCancel }: { words: Words; range: Range; onSave: (range: Range, text: string) => Promise<boolean>; onCancel: (back: number) => void }) {
    const before = words.slice(range.first, range.last + 1).map(({ text }) => text).join(' ');
    const [text, setText] = useState(before);
    const [fault, setFault] = useState(false);
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => field.current?.select(), []);
    return (
        <span className="retype">
            <input
                ref={field} className="input" value={text} autoFocus size={Math.max(6, text.length + 1)} maxLength={2_000} aria-label={t('correct_words')} aria-invalid={fault} spellCheck
                onChange={(event) => (setText(event.target.value), setFault(false))} onClick={(event) => event.stopPropagation()}
                onBlur={() => text === before && onCancel(-1)}
                onKeyDown={async (event) => {
                    event.stopPropagation();
                    if (event.key === 'Escape') onCancel(range.first);
                    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) setFault(!(await onSave(range, text)));
                }}
            />
            <span className="small soft" role={fault ? 'alert' : undefined}>{fault ? t('as_many_words', { n: range.last - range.first + 1 }) : t('correct_keys')}</span>
        </span>
    );
}
