// The film of a page that Audiagram exports, as a composition of Remotion: the same parts at the same places, moved by the
// same score, with the same voice. Every frame is what React makes of the frame's number, as Remotion wants it.
import React, { memo, useEffect, useMemo, useState } from 'react';
import { Audio, Composition, cancelRender, continueRender, delayRender, registerRoot, staticFile, useCurrentFrame } from 'remotion';

const EASES = {
    linear: (t) => t,
    out: (t) => 1 - (1 - t) ** 3,
    in_out: (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2),
};
/** Value of a track at a frame: at rest, then by the last move that has begun. */
const value = ([rest, moves], n) => {
    const move = moves.findLast(([first]) => first <= n);
    if (!move) return rest;
    const [first, end, from, to, ease] = move;
    return n + 1 >= end ? to : from + (to - from) * EASES[ease]((n + 1 - first) / (end - first));
};
/** What the camera sees at a frame. */
const view = ({ start, moves }, n) => {
    const i = moves.findLastIndex(([first]) => first <= n);
    if (i < 0) return start;
    const [first, end, to, ease] = moves[i];
    if (n + 1 >= end) return to;
    const from = i > 0 ? moves[i - 1][2] : start;
    const share = EASES[ease]((n + 1 - first) / (end - first));
    return from.map((a, k) => a + (to[k] - a) * share);
};

const Markup = memo(({ html }) => <g dangerouslySetInnerHTML={{ __html: html }} />);

/** A box, an arrow, a label: it comes, is lit, steps back. */
function Part({ part, drawing, rise, frame }) {
    const shown = value(part.shown, frame);
    let transform;
    if (part.kind === 'node' && shown < 1) transform = `translate(0 ${Math.round((1 - shown) * rise)})`;
    if (part.carry) {
        const { track, off, ratio, middle } = part.carry;
        const left = 1 - value(track, frame);
        const scale = 1 + (ratio - 1) * left;
        if (left > 0) transform = `translate(${off[0] * left + middle[0] * (1 - scale)} ${off[1] * left + middle[1] * (1 - scale)}) scale(${scale})`;
    }
    const { body, lit, shaft } = drawing;
    return (
        <g opacity={(shaft && shown > 0 ? 1 : shown) * value(part.dim, frame)} transform={transform}>
            {shaft && <path {...shaft} pathLength="1" strokeDasharray="1 1" strokeDashoffset={1 - shown} />}
            <g opacity={shaft ? Math.max(0, shown * 4 - 3) : 1}>
                <Markup html={body} />
            </g>
            {lit && (
                <g opacity={value(part.lit, frame)}>
                    <Markup html={lit} />
                </g>
            )}
        </g>
    );
}

/** The parts of an exported scene as markup, by their number. */
function drawings(svg) {
    const scene = new DOMParser().parseFromString(svg, 'text/html').querySelector('.scene');
    const found = [...scene.querySelectorAll('[data-i]')].map((group) => {
        const path = group.querySelector('.shaft path');
        const named = path && [...path.attributes].map(({ name, value }) => [name.replace(/-(\w)/g, (_, c) => c.toUpperCase()), value]);
        return {
            at: Number(group.dataset.i),
            inside: group.closest('.diagram') !== null,
            body: group.querySelector('.body')?.innerHTML ?? '',
            lit: group.querySelector('.lit')?.innerHTML,
            shaft: named && Object.fromEntries(named),
        };
    });
    return found;
}

function Film({ blank }) {
    const frame = useCurrentFrame();
    const [film, setFilm] = useState(null);
    const [handle] = useState(() => delayRender('the film'));
    useEffect(() => {
        fetch(staticFile('film.json'))
            .then((answer) => answer.json())
            .then(setFilm)
            .then(() => continueRender(handle), cancelRender);
    }, [handle]);
    const drawn = useMemo(() => film?.scenes.map(drawings), [film]);
    if (!film) return null;
    const { score, background, voice } = film;
    const found = score.scenes.findIndex((scene) => frame < scene.end);
    const at = found < 0 ? score.scenes.length - 1 : found;
    const scene = score.scenes[at];
    const [x, y, w, h] = scene.window;
    const part = (drawing) => <Part key={`${at} ${drawing.at}`} part={scene.parts[drawing.at]} drawing={drawing} rise={scene.rise} frame={frame} />;
    return (
        <div style={{ position: 'absolute', inset: 0, background }}>
            {!blank && (
                <svg viewBox={`0 0 ${score.canvas.join(' ')}`} width="100%" height="100%">
                    <svg x={x} y={y} width={w} height={h} viewBox={view(scene.camera, frame).join(' ')} preserveAspectRatio="none">
                        {drawn[at].filter((drawing) => drawing.inside).map(part)}
                    </svg>
                    {drawn[at].filter((drawing) => !drawing.inside).map(part)}
                </svg>
            )}
            {voice && <Audio src={staticFile(voice)} />}
        </div>
    );
}

registerRoot(() => (
    <Composition
        id="film"
        component={Film}
        width={1920}
        height={1080}
        fps={30}
        durationInFrames={1}
        defaultProps={{ blank: false }}
        calculateMetadata={async () => {
            const { score } = await (await fetch(staticFile('film.json'))).json();
            const [width, height] = score.canvas;
            return { width, height, fps: score.fps, durationInFrames: score.frames };
        }}
    />
));
