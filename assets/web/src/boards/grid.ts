// Where tiles lie: a grid of twelve columns on which none lies upon another.
import type { Tile } from './data';

export const COLUMNS = 12;
/** Tiles from top to bottom, and along a row. */
export const inOrder = (tiles: Tile[]): Tile[] => [...tiles].sort((a, b) => a.y - b.y || a.x - b.x);
const apart = (a: Tile, b: Tile): boolean => a.id === b.id || a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;

/** The tiles with one at its new place: what lies there moves down, and everything moves up as far as it can. */
export function settle(tiles: Tile[], moved: Tile): Tile[] {
    const within = { ...moved, w: Math.min(Math.max(moved.w, 1), COLUMNS), h: Math.min(Math.max(moved.h, 1), 24) };
    const own = { ...within, x: Math.min(Math.max(within.x, 0), COLUMNS - within.w), y: Math.max(within.y, 0) };
    const placed: Tile[] = [own];
    for (const tile of inOrder(tiles.filter(({ id }) => id !== moved.id))) {
        let next = tile;
        while (!placed.every((other) => apart(other, next))) next = { ...next, y: next.y + 1 };
        placed.push(next);
    }
    return compact(placed);
}

/** Moves everything up as far as it can. */
export function compact(tiles: Tile[]): Tile[] {
    const placed: Tile[] = [];
    for (const tile of inOrder(tiles)) {
        let next = tile;
        while (next.y > 0 && placed.every((other) => apart(other, { ...next, y: next.y - 1 }))) next = { ...next, y: next.y - 1 };
        placed.push(next);
    }
    return placed;
}

/** A name for a tile that no other has. */
export function freshId(tiles: Tile[]): string {
    for (let n = tiles.length + 1; ; n++) if (!tiles.some(({ id }) => id === `t${n}`)) return `t${n}`;
}
