// When each part of a scene appears: the words of the scene in a line, and over each word what appears with it. Parts are dragged to
// another word, or moved by the arrow keys. Time runs from left to right in every language.
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react';
import type { Schemas } from '../api/client';
import { clock, t } from '../i18n';
import { chosenMoment, revealWord } from '../routes/talk';
import { Action } from '../kit/bits';
import type { EditBy, Scene } from './board';
import { Playhead } from './playhead';
import type { Player, Playing } from './play';

type Words = Schemas['Transcript2']['words'];
type Props = { scene: Scene; words: Words; editable: boolean; chosen: string | null; onChoose: (id: string) => void; edit: EditBy; player: Player | undefined; playing: Playing };
type Part = { id: string; name: string; word: number; byPerson: boolean; isEdge: boolean };

/** How long a part that was moved by keys rests before it is kept, in milliseconds. */
const REST = 600;
/** The widest name in pixels, and what a letter takes. */
const [WIDEST, LETTER, EDGES] = [150, 7.2, 34];

export function Timeline({ scene, words, editable, chosen, onChoose, edit, player, playing }: Props) {
    const [first, last] = [scene.words[0] ?? 0, Math.min(scene.words[1] ?? 0, words.length - 1)];
    const [moved, move] = useState<{ id: string; word: number } | null>(null);
    const [places, measure] = useState<number[]>([]);
    const line = useRef<HTMLOListElement>(null);
    // What was moved by keys and is not kept yet.
    const waiting = useRef<{ part: Part; word: number; timer: ReturnType<typeof setTimeout> }>(undefined);
    useLayoutEffect(() => {
        const node = line.current;
        if (!node) return;
        const read = () => measure([...node.children].map((word) => node.offsetLeft + (word as HTMLElement).offsetLeft));
        read();
        const watch = new ResizeObserver(read);
        watch.observe(node);
        return () => watch.disconnect();
    }, [words, first, last]);
    const keep = async (part: Part, word: number | null) => {
        if (word !== part.word) await edit({ op: 'move_reveal', scene: scene.id, target: part.id, at: word === null ? undefined : { word } });
        move((now) => (now?.id === part.id ? null : now));
    };
    const settle = () => {
        const { part, word, timer } = waiting.current ?? {};
        waiting.current = undefined;
        clearTimeout(timer);
        if (part && word !== undefined) void keep(part, word);
    };
    const leave = useRef(settle);
    useEffect(() => void (leave.current = settle));
    useEffect(() => () => leave.current(), []);
    // What is chosen in the picture is seen here.
    useEffect(() => {
        const smooth = !matchMedia('(prefers-reduced-motion: reduce)').matches;
        line.current?.parentElement?.querySelector('.reveal.chosen')?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: smooth ? 'smooth' : 'auto' });
    }, [chosen]);

    const parts = useMemo(() => partsOf(scene, words), [scene, words]);
    const within = (word: number) => Math.min(Math.max(word, first), last);
    const shown = parts.map((part) => ({ ...part, word: within(moved?.id === part.id ? moved.word : part.word) }));
    const placed = rows(shown, (word) => places[word - first] ?? 0);
    const press = (part: Part) => (event: KeyboardEvent) => {
        const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -1e6, End: 1e6 };
        const step = steps[event.key];
        if (step !== undefined) {
            event.preventDefault();
            if (waiting.current?.part.id !== part.id) settle();
            const word = within((waiting.current?.word ?? part.word) + step);
            clearTimeout(waiting.current?.timer);
            waiting.current = { part, word, timer: setTimeout(() => leave.current(), REST) };
            move({ id: part.id, word });
        } else if (event.key === 'Delete' || event.key === 'Backspace') {
            event.preventDefault();
            settle();
            if (part.byPerson) void keep(part, null);
        }
    };
    const drag = (part: Part) => (event: PointerEvent<HTMLElement>) => {
        onChoose(part.id);
        if (!editable || event.button !== 0 || !line.current) return;
        const [handle, from] = [event.currentTarget, event.clientX];
        handle.setPointerCapture(event.pointerId);
        let word = part.word;
        const over = (now: globalThis.PointerEvent) => {
            if (Math.abs(now.clientX - from) < 4 && word === part.word) return;
            const at = (places[part.word - first] ?? 0) + now.clientX - from;
            word = first + Math.max(0, places.findLastIndex((place) => place <= at + 10));
            move({ id: part.id, word });
        };
        const stop = () => {
            handle.removeEventListener('pointermove', over);
            if (word !== part.word) void keep(part, word);
            else move(null);
        };
        handle.addEventListener('pointermove', over);
        handle.addEventListener('pointerup', stop, { once: true });
        handle.addEventListener('pointercancel', () => (handle.removeEventListener('pointermove', over), move(null)), { once: true });
    };
    const held = shown.find(({ id }) => id === moved?.id);
    return (
        <section className="reveals" aria-label={t('reveals')}>
            <header className="row">
                <h2 className="hidden">{t('reveals')}</h2>
                {player && (
                    <>
                        <Action
                            look="primary" icon={playing.playing ? 'pause' : 'play'} aria-label={t(playing.playing ? 'pause' : 'preview')} aria-keyshortcuts="Space"
                            onHoverStart={player.prepare} onFocus={player.prepare} onPress={player.toggle}
                        />
                        <Clock player={player} />
                        {playing.shown && !playing.playing && <Action look="quiet" onPress={player.rest}>{t('show_whole')}</Action>}
                    </>
                )}
                {editable && <p className="small soft cut">{t('reveals_hint')}</p>}
            </header>
            <div className="reveals-line" dir="ltr" style={{ '--rows': Math.max(1, ...placed.map(({ row }) => row + 1)) } as CSSProperties}>
                {player && <Playhead player={player} words={words} first={first} last={last} places={places} />}
                {placed.map(({ part, row, x }, i) => (
                    <span
                        key={part.id} role="slider" tabIndex={0} className={['reveal', part.isEdge && 'of-edge', part.byPerson && 'by-person', part.id === chosen && 'chosen', part.id === moved?.id && 'held'].filter(Boolean).join(' ')}
                        style={{ '--x': `${x}px`, '--row': row } as CSSProperties} title={part.name}
                        aria-label={part.name} aria-description={editable ? t('reveals_hint') : undefined} aria-readonly={!editable} aria-valuemin={first} aria-valuemax={last} aria-valuenow={part.word}
                        aria-valuetext={t('reveal_at', { word: words[part.word]?.text ?? '', time: clock(words[part.word]?.start_ms ?? 0) })}
                        onPointerDown={drag(parts[i]!)} onFocus={() => onChoose(part.id)} onKeyDown={editable ? press(parts[i]!) : undefined}
                    >
                        <span className="cut" dir="auto">{part.name}</span>
                    </span>
                ))}
                <ol ref={line} aria-label={t('transcript')}>
                    {words.slice(first, last + 1).map((word, i) => (
                        <li key={i} className={held?.word === first + i ? 'over' : ''} data-time={sentence(words, first, i) ? clock(word.start_ms) : undefined} onClick={() => player?.seek(word.start_ms)}><bdi>{word.text}</bdi></li>
                    ))}
                </ol>
            </div>
        </section>
    );
}

/** The moment of the talk. */
function Clock({ player }: { player: Player }) {
    const line = useRef<HTMLSpanElement>(null);
    useEffect(() => player.watch((ms) => {
        const now = clock(ms);
        if (line.current && line.current.textContent !== now) line.current.textContent = now;
    }), [player]);
    return <span ref={line} className="small num" role="timer" aria-label={t('moment')} />;
}

/** Whether a sentence begins with the `i`th word after `first`. */
const sentence = (words: Words, first: number, i: number): boolean => i === 0 || /[.!?。？！]$/.test(words[first + i - 1]?.text ?? '');

/** What appears in a scene, in the order in which it does; a line not before its ends. */
function partsOf(scene: Scene, words: Words): Part[] {
    const nodes = new Map(scene.nodes.map((node) => [node.id, { label: node.label, word: revealWord(node, scene, words) }]));
    const part = (id: string, name: string, word: number, isEdge: boolean): Part => ({ id, name, word, byPerson: chosenMoment(scene, id) !== undefined, isEdge });
    const boxes = scene.nodes.map(({ id, label }) => part(id, label || id, nodes.get(id)!.word, false));
    const lines = scene.edges.map((edge) => {
        const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
        const name = edge.label || `${from?.label ?? ''} → ${to?.label ?? ''}`;
        return part(edge.id, name, Math.max(revealWord(edge, scene, words), from?.word ?? 0, to?.word ?? 0), true);
    });
    return [...boxes, ...lines].sort((a, b) => a.word - b.word || Number(a.isEdge) - Number(b.isEdge));
}

/** Parts in as few rows as keep them apart, each where its word is. */
function rows(parts: Part[], place: (word: number) => number): { part: Part; row: number; x: number }[] {
    const ends: number[] = [];
    // In the order of their places; the order in the document stays that of the scene, so that the focus does not jump.
    const order = parts.map((part, i) => ({ part, i, x: place(part.word) })).sort((a, b) => a.x - b.x || a.i - b.i);
    const found = order.map(({ part, i, x }) => {
        const free = ends.findIndex((end) => end <= x);
        const row = free < 0 ? ends.length : free;
        ends[row] = x + Math.min(WIDEST, [...part.name].length * LETTER + EDGES) + 4;
        return { part, i, row, x };
    });
    return found.sort((a, b) => a.i - b.i);
}
