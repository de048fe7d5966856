import { expect, test } from 'vitest';
import { FIRST, lookLike, lookOf, QUALITIES, SHAPES, sizeOf, wishFor, wishOf, type Wish } from './order';

const file = (file: string) => ({ file, media_type: '', bytes: 1, sha256: '' });

test('every size is even and within what the API takes', () => {
    for (const shape of Object.keys(SHAPES) as Wish['shape'][])
        for (const quality of QUALITIES)
            for (const side of sizeOf({ shape, quality })) {
                expect(side % 2).toBe(0);
                expect(side).toBeGreaterThanOrEqual(240);
                expect(side).toBeLessThanOrEqual(3840);
            }
    expect(sizeOf({ shape: 'tall', quality: 1080 })).toEqual([1080, 1920]);
    expect(sizeOf({ shape: 'classic', quality: 720 })).toEqual([960, 720]);
});

test('a wish that makes no sense any more is made sense of', () => {
    expect(wishOf(null)).toEqual(FIRST);
    expect(wishOf({ shape: 'round', quality: 4320, fps: 24, container: 'avi', theme: '../x' })).toEqual(FIRST);
    expect(wishOf({ ...FIRST, quality: 2160 }, 1080).quality).toBe(1080);
    expect(wishOf(null, 720).quality).toBe(720);
    expect(wishOf({ ...FIRST, theme: 'dark' }).theme).toBe('dark');
    expect(wishOf({ ...FIRST, kind: 'timeline', motion: 'reduced', captions: 'burned', constant: true })).toEqual({ ...FIRST, motion: 'reduced', captions: 'burned', constant: true });
    expect(wishOf({ ...FIRST, motion: 'wild', captions: 1, constant: 'yes' })).toEqual(FIRST);
});

test('a look says a theme only where one is wished for', () => {
    expect(lookOf(FIRST)).toEqual({ width: 1920, height: 1080, fps: 30, container: 'mp4' });
    expect(lookOf({ ...FIRST, shape: 'square', fps: 60, container: 'webm', theme: 'contrast' })).toEqual({ width: 1080, height: 1080, fps: 60, container: 'webm', theme: 'contrast' });
});

test('a look says of the rest only what is wished for', () => {
    expect(lookOf({ ...FIRST, kind: 'timeline', motion: 'reduced', captions: 'burned', constant: true })).toEqual({ width: 1920, height: 1080, fps: 30, container: 'mp4', kind: 'timeline', motion: 'reduced', captions: 'burned', constant_rate: true });
});

test('what a video was is wished for again', () => {
    const wish: Wish = { shape: 'tall', quality: 720, fps: 60, container: 'webm', theme: 'dark' };
    const [width, height] = sizeOf(wish);
    const video = { width, height, fps: 60, theme: 'dark', files: [file('webm'), file('vtt')] };
    expect(wishFor(video, false)).toEqual(wish);
    expect(wishFor(video, true).theme).toBeUndefined();
    expect(lookLike({ ...video, width: 1000, height: 1500 }, true)).toEqual({ width: 1000, height: 1500, fps: 60, container: 'webm' });
    expect(wishFor({ ...video, width: 1000, height: 1500, fps: 25 }, false)).toMatchObject({ shape: 'tall', quality: 720, fps: 30 });
});
