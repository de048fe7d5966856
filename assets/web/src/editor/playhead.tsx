// Where the preview is, over the words: dragged, or moved by keys.
import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import type { Schemas } from '../api/client';
import { clock, t } from '../i18n';
import { wordAt } from '../routes/talk';
import type { Player } from './play';

type Props = { player: Player; words: Schemas['Transcript2']['words']; first: number; last: number; places: number[] };

export function Playhead({ player, words, first, last, places }: Props) {
    const head = useRef<HTMLSpanElement>(null);
    const within = (word: number) => Math.min(Math.max(word, first), last);
    useEffect(() => {
        let said = -2;
        return player.watch((ms) => {
            const node = head.current;
            if (!node) return;
            const word = within(wordAt(words, ms));
            const [from, to] = [words[word]?.start_ms ?? 0, words[word + 1]?.start_ms ?? Infinity];
            const [at = 0, next] = [places[word - first], places[word - first + 1]];
            const share = Math.min(1, Math.max(0, (ms - from) / (to - from)));
            const x = at + ((next ?? at) - at) * (Number.isFinite(share) ? share : 0);
            node.style.transform = `translateX(${x}px)`;
            if (word === said) return;
            said = word;
            node.setAttribute('aria-valuenow', String(word));
            node.setAttribute('aria-valuetext', t('reveal_at', { word: words[word]?.text ?? '', time: clock(ms) }));
            // Kept in sight while it moves by itself.
            const line = node.parentElement;
            if (player.state.playing && line && (x < line.scrollLeft + 40 || x > line.scrollLeft + line.clientWidth - 80)) line.scrollTo({ left: Math.max(0, x - 120) });
        });
    }, [player, words, first, last, places]);
    const press = (event: KeyboardEvent) => {
        if (stepBy(player, words, event.key, first, last)) event.preventDefault();
    };
    const drag = (event: PointerEvent<HTMLElement>) => {
        const line = event.currentTarget.parentElement;
        if (event.button !== 0 || !line) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        player.pause();
        const move = ({ clientX }: globalThis.PointerEvent) => {
            const x = clientX - line.getBoundingClientRect().left + line.scrollLeft;
            const word = Math.max(0, places.findLastIndex((place) => place <= x));
            player.seek(words[first + word]?.start_ms ?? 0);
        };
        const node = event.currentTarget;
        node.addEventListener('pointermove', move);
        const stop = () => node.removeEventListener('pointermove', move);
        node.addEventListener('pointerup', stop, { once: true });
        node.addEventListener('pointercancel', stop, { once: true });
    };
    return (
        <span
            ref={head} className="playhead" role="slider" tabIndex={0} aria-label={t('playhead')} aria-valuemin={first} aria-valuemax={last} aria-valuenow={first}
            onKeyDown={press} onPointerDown={drag}
        />
    );
}

/** Goes on by words; false for other keys. */
export function stepBy(player: Player, words: Props['words'], key: string, first: number, last: number): boolean {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 5, PageDown: -5, Home: -1e6, End: 1e6 };
    const step = steps[key];
    if (step === undefined) return false;
    player.pause();
    const word = Math.min(Math.max(wordAt(words, player.now() + 1) + step, first), last);
    player.seek(words[word]?.start_ms ?? 0);
    return true;
}
