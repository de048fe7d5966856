// Who else is here: their marks in the head of the page, and on the canvas where they point and what they have chosen.
import { useEffect } from 'react';
import { useReactFlow, useStore, ViewportPortal } from '@xyflow/react';
import { Button } from 'react-aria-components/Button';
import { t } from '../i18n';
import type { Person, Session } from './session';

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

/** Says where our pointer is, a few times a second. */
export function OwnPointer({ session, scene }: { session: Session | undefined; scene: string }) {
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
    return null;
}
