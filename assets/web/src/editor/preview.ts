// The preview of the editor: a player for the recording, and which scene the moment belongs to.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Schemas } from '../api/client';
import { firstWord, playedOf } from '../routes/talk';
import type { Board, Layout, Scene } from './board';
import { Player } from './play';
import { cuts, scoreOf } from './score';

type Words = Schemas['Transcript2']['words'];
const still = { playing: false, shown: false };
const nothing = () => () => {};

export function usePreview(recording: string | undefined, board: Board | undefined, words: Words | undefined, scene: Scene | undefined, layout: Layout | undefined, onScene: (id: string) => void) {
    const duration = Math.max(board?.source.duration_ms ?? 0, words?.[words.length - 1]?.end_ms ?? 0);
    const [player, setPlayer] = useState<Player>();
    useEffect(() => {
        if (!recording || !duration) return;
        const made = new Player(recording, duration);
        setPlayer(made);
        return () => (made.close(), setPlayer(undefined));
    }, [recording, duration]);
    const state = useSyncExternalStore(player?.subscribe ?? nothing, () => player?.state ?? still);
    const scenes = board?.scenes;
    const begins = useMemo(() => (scenes && words ? cuts(scenes, words, duration) : []), [scenes, words, duration]);
    // The voice goes with the scenes, in whatever order they are played.
    const stretches = useMemo(() => (board?.order?.length && begins.length ? playedOf(board).map((one) => board.scenes.indexOf(one)).map((i) => ({ from_ms: begins[i] ?? 0, to_ms: begins[i + 1] ?? duration })) : []), [board, begins, duration]);
    useEffect(() => player?.arrange(stretches), [player, stretches]);
    const at = scenes && scene ? scenes.indexOf(scene) : -1;
    const [start, end] = [begins[at] ?? 0, begins[at + 1] ?? duration];
    const score = useMemo(() => (scene && layout && words ? scoreOf(scene, words, layout, start, end) : undefined), [scene, layout, words, start, end]);

    // The picture goes on to the scene that is spoken over.
    const now = useRef({ scenes, begins, at, onScene });
    useEffect(() => void (now.current = { scenes, begins, at, onScene }));
    useEffect(() => player?.watch((ms) => {
        const { scenes, begins, at, onScene } = now.current;
        const spoken = begins.slice(0, -1).findLastIndex((begin) => begin <= ms);
        if (player.state.playing && spoken >= 0 && spoken !== at) onScene(scenes![spoken]!.id);
    }), [player]);
    // A scene that is gone to otherwise is played from its start.
    useEffect(() => {
        if (player && !player.state.playing && (player.now() < start || player.now() >= end)) player.place(start);
    }, [player, start, end]);

    return { player, state, score, begins };
}

/** From when to when the sentence is said that an element was drawn from. */
export function sentenceOf(element: { evidence: number[][] }, scene: Scene, words: Words): [from: number, until: number] {
    const ends = (at: number) => /[.!?。？！]$/.test(words[at]?.text ?? '');
    let first = firstWord(element, scene);
    let last = Math.max(first, element.evidence[0]?.[1] ?? first);
    while (first > (scene.words[0] ?? 0) && !ends(first - 1)) first--;
    while (last < words.length - 1 && !ends(last)) last++;
    return [words[first]?.start_ms ?? 0, (words[last]?.end_ms ?? 0) + 150];
}
