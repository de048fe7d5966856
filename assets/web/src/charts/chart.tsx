// A chart on a page: drawn when its code is there, drawn anew when the look changes, and said in words for who does not see it.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { appearance } from '../app/appearance';
import type { Drawn, Part } from './engine';
import { ready, type Drawing, type Format } from './paint';
import { sentence } from './say';

type Props = { drawing: Drawing; format: Format; label: string; onChoose?: (part: Part) => void; map?: boolean };

export function Chart({ drawing, format, label, onChoose, map }: Props) {
    const node = useRef<HTMLDivElement>(null);
    const drawn = useRef<Drawn>(undefined);
    const choose = useRef(onChoose);
    // How often a drawing was opened: each is empty at first.
    const [opened, arrive] = useState(0);
    const look = useSyncExternalStore(appearance.subscribe, appearance.now);
    useEffect(() => {
        choose.current = onChoose;
    }, [onChoose]);
    useEffect(() => {
        let gone = false;
        const watch = new ResizeObserver(() => drawn.current?.fit());
        void (async () => {
            const { open, know } = await import('./engine');
            if (map) know((await import('./world.json')).default);
            if (gone || !node.current) return;
            drawn.current = open(node.current, (part) => choose.current?.(part));
            watch.observe(node.current);
            arrive((times) => times + 1);
        })();
        return () => {
            gone = true;
            watch.disconnect();
            drawn.current?.end();
            drawn.current = undefined;
        };
    }, [map]);
    useEffect(() => {
        const option = opened > 0 ? ready(drawing, format) : null;
        if (!option) return;
        if (matchMedia('(prefers-reduced-motion: reduce)').matches) option.animation = false;
        drawn.current?.show(option);
    }, [opened, drawing, format, look]);
    return <div ref={node} className={onChoose ? 'chart choosable' : 'chart'} role="img" aria-label={`${label}. ${sentence(drawing, format)}`} />;
}
