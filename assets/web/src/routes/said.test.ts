import { expect, test } from 'vitest';
import { findSaid, rangeOf, retyped, textOf, type Words } from './talk';

const say = (text: string): Words => text.split(' ').map((text, i) => ({ text, start_ms: i * 500, end_ms: i * 500 + 400, confidence: 1, joined: false, new_line: false, redacted: false })) as Words;
const words = say('The shop checks the stock, then it packs the bicycle. The stock is low.');

test('words typed anew are told one by one', () => {
    expect(retyped(words, { first: 3, last: 4 }, ' the  stack, ')).toEqual([{ word: 4, text: 'stack,' }]);
    expect(retyped(words, { first: 3, last: 4 }, 'the stock,')).toEqual([]);
    expect(retyped(words, { first: 3, last: 4 }, 'stock')).toBeUndefined();
    expect(retyped(words, { first: 3, last: 3 }, '  ')).toBeUndefined();
});

test('a range is in order, and reads as it was written', () => {
    expect(rangeOf(4, 2)).toEqual({ first: 2, last: 4 });
    expect(textOf(words, { first: 2, last: 4 })).toBe('checks the stock,');
    const joined = say('東京 です');
    joined[1]!.joined = true;
    expect(textOf(joined, { first: 0, last: 1 })).toBe('東京です');
});

test('what was searched for is found where it is said', () => {
    expect(findSaid(words, 'the STOCK is')).toEqual({ first: 10, last: 12 });
    expect(findSaid(words, 'pac')).toEqual({ first: 7, last: 7 });
    expect(findSaid(words, 'packs the train')).toEqual({ first: 7, last: 8 });
    expect(findSaid(words, 'nothing')).toBeUndefined();
    expect(findSaid(words, '“”')).toBeUndefined();
});
