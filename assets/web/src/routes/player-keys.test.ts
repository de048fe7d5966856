import { expect, test } from 'vitest';
import { chapterAt, chapterBy, deedOf, speedBy } from './player-keys';

test('keys', () => {
    expect(deedOf('K', false)).toEqual({ do: 'toggle' });
    expect(deedOf('7', false)).toEqual({ do: 'to', share: 0.7 });
    expect(deedOf('ArrowRight', false)).toEqual({ do: 'by', ms: 5_000 });
    expect(deedOf('ArrowDown', false)).toBeUndefined();
    expect(deedOf('ArrowDown', true)).toEqual({ do: 'volume', by: -0.1 });
    expect(deedOf('q', true)).toBeUndefined();
});

test('speeds end where they end', () => {
    expect(speedBy(1, 1)).toBe(1.25);
    expect(speedBy(2, 1)).toBe(2);
    expect(speedBy(0.5, -1)).toBe(0.5);
    expect(speedBy(1.1, 1)).toBe(1.25);
});

test('chapters before and after', () => {
    const chapters = [{ title: 'a', ms: 1_000 }, { title: 'b', ms: 10_000 }, { title: 'c', ms: 20_000 }];
    expect(chapterAt(chapters, 0)).toBe(-1);
    expect(chapterAt(chapters, 10_000)).toBe(1);
    expect(chapterBy(chapters, 15_000, -1)).toBe(10_000);
    expect(chapterBy(chapters, 11_000, -1)).toBe(1_000);
    expect(chapterBy(chapters, 11_000, 1)).toBe(20_000);
    expect(chapterBy(chapters, 25_000, 1)).toBeUndefined();
    expect(chapterBy(chapters, 0, 1)).toBe(1_000);
});
