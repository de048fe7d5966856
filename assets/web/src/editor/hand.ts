// What is under the hand. A box that is dragged moves by itself, with its own lines: React Flow, told of each step, would go through all
// boxes and lines of the canvas for it, some 300 times 60 times a second. It is told where the box ends.
import { createContext, use, useSyncExternalStore } from 'react';

export type Point = { x: number; y: number };

export class Hand {
    private readonly places = new Map<string, Point>();
    private readonly followers = new Map<string, Set<() => void>>();
    /** Where a box is now, while it is dragged. */
    of = (id: string): Point | undefined => this.places.get(id);
    /** Tells `follower` of each step of the box. */
    follow(id: string, follower: () => void): () => void {
        const followers = this.followers.get(id) ?? new Set();
        this.followers.set(id, followers.add(follower));
        return () => {
            followers.delete(follower);
            if (!followers.size) this.followers.delete(id);
        };
    }
    move(id: string, to: Point) {
        this.places.set(id, to);
        this.followers.get(id)?.forEach((follower) => follower());
    }
    /** Tells nobody: the canvas is told where the box lies now, and draws it and its lines there. */
    letGo(id: string) {
        this.places.delete(id);
    }
}
export const HandContext = createContext(new Hand());

/** Where a box is while it is dragged; nothing while it rests. */
export function useHeld(id: string): Point | undefined {
    const hand = use(HandContext);
    return useSyncExternalStore((follower) => hand.follow(id, follower), () => hand.of(id));
}
