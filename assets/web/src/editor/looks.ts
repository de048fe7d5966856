// How each part of the canvas looks while a preview plays. Parts ask for their own look, so that only those are drawn anew that change.
import { createContext, use, useEffect, useSyncExternalStore } from 'react';
import type { Player } from './play';
import { lookAt, momentsOf, type Look, type Score } from './score';

export class Looks {
    private looks = new Map<string, Look>();
    private readonly listeners = new Set<() => void>();
    readonly subscribe = (listener: () => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
    };
    of = (id: string | null | undefined): Look | undefined => (id ? this.looks.get(id) : undefined);
    set(looks: Map<string, Look>) {
        if (!looks.size && !this.looks.size) return;
        this.looks = looks;
        for (const listener of this.listeners) listener();
    }
}
export const LooksContext = createContext(new Looks());

export function useLook(id: string | null | undefined): string {
    const looks = use(LooksContext);
    const look = useSyncExternalStore(looks.subscribe, () => looks.of(id));
    return look ? ` is-${look}` : '';
}

/** Has the looks follow the player; something is looked at only where something changes. */
export function useScored(looks: Looks, player: Player | undefined, score: Score | undefined): void {
    useEffect(() => {
        if (!player || !score) return;
        const moments = momentsOf(score);
        let last = '';
        return player.watch((ms) => {
            const { shown } = player.state;
            const now = shown ? String(moments.findLastIndex((moment) => moment <= ms)) : 'whole';
            if (now === last) return;
            last = now;
            looks.set(shown ? lookAt(score, ms) : new Map());
        });
    }, [looks, player, score]);
}
