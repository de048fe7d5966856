import { afterEach, expect, test } from 'vitest';
import { beyondIn, beyondOf, FIRST, keepBeyond, lookLike, lookOf, QUALITIES, SHAPES, sizeOf, wishFor, wishOf, type Wish } from './order';

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

test('what a video does not say of itself is wished for again, too', () => {
    const video = { width: 1280, height: 720, fps: 30, theme: 'light', files: [file('mp4')] };
    const beyond = { kind: 'timeline', motion: 'reduced', captions: 'burned', constant: true } as const;
    expect(lookOf(wishFor(video, false, beyond))).toEqual({ width: 1280, height: 720, fps: 30, container: 'mp4', theme: 'light', kind: 'timeline', motion: 'reduced', captions: 'burned', constant_rate: true });
    // Made again after edits: which kind a scene has may be one of them.
    expect(lookLike(video, true, beyond)).toEqual({ width: 1280, height: 720, fps: 30, container: 'mp4', motion: 'reduced', captions: 'burned', constant_rate: true });
    expect(lookLike(video, true)).toEqual({ width: 1280, height: 720, fps: 30, container: 'mp4' });
});

test('diagrams say what moves and where captions go', () => {
    const scenes = (...styles: ('sidecar' | 'burned')[]) => styles.map((caption_style) => ({ caption_style }));
    expect(beyondIn({ motion: 'reduced', scenes: scenes('burned', 'burned') })).toEqual({ motion: 'reduced', captions: 'burned' });
    expect(beyondIn({ motion: 'full', scenes: scenes('burned', 'sidecar') })).toEqual({});
    expect(beyondIn({ motion: 'full', scenes: [] })).toEqual({});
});

const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
afterEach(() => (before ? Object.defineProperty(globalThis, 'localStorage', before) : Reflect.deleteProperty(globalThis, 'localStorage')));

test('how a video was ordered is kept by its job, of the newest hundred', () => {
    const kept = new Map<string, string>();
    Object.defineProperty(globalThis, 'localStorage', { configurable: true, value: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } });
    expect(beyondOf('job_1')).toBeUndefined();
    keepBeyond('job_1', { ...FIRST, constant: true, motion: 'reduced', kind: 'cycle' });
    keepBeyond('job_2', FIRST);
    expect(beyondOf('job_1')).toEqual({ constant: true, motion: 'reduced', kind: 'cycle' });
    // Ordered here with nothing beyond: that is known, and no diagram is asked.
    expect(beyondOf('job_2')).toEqual({});
    for (let n = 3; n < 102; n++) keepBeyond(`job_${n}`, {});
    expect([beyondOf('job_1'), beyondOf('job_2')]).toEqual([undefined, {}]);
    kept.set('orders', '[["job_1",{"motion":"wild","constant":"yes","kind":7}],7,["job_2",null]]');
    expect([beyondOf('job_1'), beyondOf('job_2')]).toEqual([{}, undefined]);
    kept.set('orders', '{');
    expect(beyondOf('job_1')).toBeUndefined();
});
