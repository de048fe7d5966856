// Who else is here: their marks in the head of the page, and on the canvas where they point and what they have chosen.
import { useEffect, useRef } from 'react';
import { useReactFlow, useStore, ViewportPortal, type ReactFlowInstance } from '@xyflow/react';
import { Button } from 'react-aria-components/Button';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import type { Person, Session, View } from './session';

/** The first letters of the first and the last word of a name. */
function initials(name: string): string {
    const words = name.trim().split(/\s+/);
    return [words[0], words.length > 1 ? words[words.length - 1] : undefined].map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}

const SHOWN = 5;

export function People({ people, followed, onFollow }: { people: Person[]; followed: number | null; onFollow: (client: number | null) => void }) {
    if (!people.length) return null;
    return (
        <div className="people" role="group" aria-label={t('here_now', { n: people.length })}>
            {people.slice(0, SHOWN).map(({ client, name, tone }) => (
                <Button
                    key={client} className={`person who-${tone}`} aria-pressed={followed === client} aria-label={t('follow', { name })}
                    onPress={() => onFollow(followed === client ? null : client)}
                >
                    <span aria-hidden="true">{initials(name)}</span>
                </Button>
            ))}
            {people.length > SHOWN && <span className="person more num">+{people.length - SHOWN}</span>}
        </div>
    );
}

/** Who has chosen a box: a frame and a name that can be read however small the picture is. */
export function Held({ by: { name, tone } }: { by: Person }) {
    const zoom = useStore((store) => store.transform[2]);
    return <span className={`held-by who-${tone}`} style={{ '--pixel': `${1 / zoom}px` } as React.CSSProperties}><span>{name}</span></span>;
}

/** Pointers of the others in this scene, where the picture has them. */
export function Pointers({ people }: { people: Person[] }) {
    const zoom = useStore((store) => store.transform[2]);
    return (
        <ViewportPortal>
            {people.filter(({ pointer }) => pointer).map(({ client, name, tone, pointer }) => (
                <div key={client} className={`pointer who-${tone}`} aria-hidden="true" style={{ transform: `translate(${pointer![0]}px, ${pointer![1]}px) scale(${1 / zoom})` }}>
                    <svg width="18" height="20" viewBox="0 0 18 20"><path d="M1 1l6 17 3-7 7-3z" /></svg>
                    <span>{name}</span>
                </div>
            ))}
        </ViewportPortal>
    );
}

/** Says where our pointer is and what we see, a few times a second. */
export function OwnPlace({ session, scene, following }: { session: Session | undefined; scene: string; following: boolean }) {
    const flow = useReactFlow();
    const area = useStore((store) => store.domNode);
    useEffect(() => {
        if (!session || !area) return;
        let wait: ReturnType<typeof setTimeout> | undefined;
        let last: PointerEvent;
        const say = () => {
            wait = undefined;
            const { x, y } = flow.screenToFlowPosition({ x: last.clientX, y: last.clientY });
            session.be({ scene, pointer: [Math.round(x), Math.round(y)] });
        };
        const move = (event: PointerEvent) => {
            last = event;
            wait ??= setTimeout(say, 80);
        };
        const leave = () => {
            clearTimeout(wait);
            wait = undefined;
            session.be({ pointer: null });
        };
        area.addEventListener('pointermove', move);
        area.addEventListener('pointerleave', leave);
        return () => {
            clearTimeout(wait);
            area.removeEventListener('pointermove', move);
            area.removeEventListener('pointerleave', leave);
        };
    }, [session, scene, area, flow]);

    const view = useStore(({ transform: [x, y, zoom], width, height }) => (width ? [(width / 2 - x) / zoom, (height / 2 - y) / zoom, width / zoom, height / zoom].map(Math.round).join(' ') : ''));
    useEffect(() => {
        // Two who go along with one another would never come to rest.
        if (!session || !view || following) return;
        const timer = setTimeout(() => session.be({ scene, view: view.split(' ').map(Number) as View }), 120);
        return () => clearTimeout(timer);
    }, [session, scene, view, following]);
    return null;
}

/** Shows all of the scene as large as it can be, until somebody looks closer; or what somebody sees who is followed. */
export function Seen({ flow, bounds, followed }: { flow: Pick<ReactFlowInstance, 'fitBounds' | 'setCenter'> | undefined; bounds: { x: number; y: number; width: number; height: number }; followed: Person | undefined }) {
    const width = useStore((store) => store.width);
    const height = useStore((store) => store.height);
    const moved = useRef(false);
    const area = useStore((store) => store.domNode);
    useEffect(() => {
        const move = () => void (moved.current = true);
        for (const event of ['wheel', 'pointerdown'] as const) area?.addEventListener(event, move, { passive: true });
        return () => { for (const event of ['wheel', 'pointerdown'] as const) area?.removeEventListener(event, move); };
    }, [area]);
    useEffect(() => {
        if (flow && width && height && !moved.current) void flow.fitBounds(bounds, { padding: 0.04 });
        // Boxes that move do not move the picture.
    }, [flow, width, height]);
    const view = followed?.view?.join(' ');
    useEffect(() => {
        if (!flow || !view || !width || !height) return;
        const [x, y, wide, high] = view.split(' ').map(Number) as View;
        void flow.setCenter(x, y, { zoom: Math.min(width / wide, height / high), duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250 });
    }, [flow, view, width, height]);
    return null;
}

/** Says with whom one goes along, and how to stop. */
export function Following({ who, onStop }: { who: Person; onStop: () => void }) {
    return (
        <div className={`following who-${who.tone}`} role="status">
            <span>{t('following', { name: who.name })}</span>
            <Action look="quiet" icon="close" aria-label={t('follow_end')} onPress={onStop}><kbd>Esc</kbd></Action>
        </div>
    );
}
