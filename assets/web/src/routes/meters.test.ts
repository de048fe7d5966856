import { expect, test } from 'vitest';
import { change, micros, typed } from './meters';

test('a price is whole millionths, however it was typed', () => {
    expect(micros('0.0125')).toBe(12_500);
    expect(micros('1,10')).toBe(1_100_000);
    expect(micros(typed(333_333))).toBe(333_333);
    // What is no number is none.
    expect(micros('much')).toBeNaN();
});

test('prices of different blocks are compared for the same amount', () => {
    const rate = (price_micros: number, block: number) => ({ meter: 'audiagram.speech', price_micros, block });
    expect(change(rate(120, 60), rate(1, 1))).toBeCloseTo(1);
    expect(change(rate(50, 100), rate(1, 1))).toBeCloseTo(-0.5);
    expect(change(rate(50, 100), undefined)).toBeNull();
    expect(change(rate(50, 100), rate(0, 1))).toBeNull();
});
