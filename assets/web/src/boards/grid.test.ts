import { expect, test } from 'vitest';
import { painted } from '../charts/paint';
import type { Tile } from './data';
import { compact, freshId, settle } from './grid';

const tile = (id: string, x: number, y: number, w: number, h: number): Tile => ({ id, x, y, w, h, chart: { type: 'bar', title: id, query: { sql: 'SELECT 1' } } });
const places = (tiles: Tile[]) => Object.fromEntries(tiles.map(({ id, x, y, w, h }) => [id, [x, y, w, h]]));

test('what lies where a tile goes moves down, and gaps close', () => {
    const tiles = [tile('a', 0, 0, 6, 2), tile('b', 6, 0, 6, 2), tile('c', 0, 2, 12, 3)];
    expect(places(settle(tiles, { ...tiles[1]!, x: 3 }))).toEqual({ b: [3, 0, 6, 2], a: [0, 2, 6, 2], c: [0, 4, 12, 3] });
    expect(places(settle(tiles, { ...tiles[0]!, w: 40, h: 0 }))).toEqual({ a: [0, 0, 12, 1], b: [6, 1, 6, 2], c: [0, 3, 12, 3] });
    expect(places(compact([tile('a', 0, 5, 4, 2), tile('b', 0, 9, 4, 2)]))).toEqual({ a: [0, 0, 4, 2], b: [0, 2, 4, 2] });
});

test('tiles never lie upon each other, wherever they are put', () => {
    let tiles = [tile('a', 0, 0, 6, 2), tile('b', 6, 0, 6, 2), tile('c', 0, 2, 4, 3), tile('d', 4, 2, 8, 3)];
    for (let n = 0; n < 500; n++) {
        const one = tiles[n % tiles.length]!;
        tiles = settle(tiles, { ...one, x: (n * 7) % 14 - 1, y: (n * 5) % 9 - 1, w: 1 + ((n * 3) % 12), h: 1 + (n % 4) });
        const taken = new Set<string>();
        for (const { x, y, w, h } of tiles) for (let i = x; i < x + w; i++) for (let j = y; j < y + h; j++) {
            expect(i < 12 && i >= 0 && j >= 0 && !taken.has(`${i} ${j}`)).toBe(true);
            taken.add(`${i} ${j}`);
        }
    }
    expect(freshId([tile('t2', 0, 0, 1, 1)])).toBe('t3');
});

test('only what is a colour is painted', () => {
    const option = { xAxis: { data: ['role:bad'] }, series: [{ name: 'role:bad', itemStyle: { color: 'role:bad' }, axisLine: { lineStyle: { color: [[1, 'role:line']] } } }] };
    expect(painted(option, false, (name) => `#${name}`)).toEqual({ xAxis: { data: ['role:bad'] }, series: [{ name: 'role:bad', itemStyle: { color: '#bad' }, axisLine: { lineStyle: { color: [[1, '#line']] } } }] });
});
