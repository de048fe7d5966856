import { describe, expect, it } from 'vitest';
import type { Layout, Scene } from './board';
import { clear, roomAt, shareOf, type Rect } from './places';

const lane = (id: string, x: number) => ({ guide: 'container', id, tone: 0, place: { x, y: 100, width: 200, height: 600 }, label: { place: { x: x + 50, y: 110, width: 100, height: 30 } } });
const layout = { guides: [lane('a1', 0), lane('a2', 200)], nodes: [] } as unknown as Layout;
const scene = { actors: [{ id: 'a1' }, { id: 'a2' }] } as Scene;

describe('a box that is put somewhere', () => {
    it('belongs to the lane that its middle lies in', () => {
        expect(roomAt({ x: 150, y: 300, width: 120, height: 60 }, scene, layout)).toMatchObject({ id: 'a2', field: 'actor' });
        expect(roomAt({ x: 800, y: 300, width: 120, height: 60 }, scene, layout)).toBeUndefined();
    });
    it('stays within the lane, below its name', () => {
        const put = (box: Rect) => clear(box, roomAt(box, scene, layout)!.room);
        expect(put({ x: 150, y: 90, width: 120, height: 60 })).toEqual({ x: 204, y: 148, width: 120, height: 60 });
        expect(put({ x: 20, y: 300, width: 120, height: 60 })).toEqual({ x: 20, y: 300, width: 120, height: 60 });
    });
    it('is pinned by its middle', () => {
        expect(shareOf({ x: 40, y: 20, width: 20, height: 20 }, { x: 0, y: 0, width: 100, height: 60 })).toEqual([0.5, 0.5]);
    });
});
