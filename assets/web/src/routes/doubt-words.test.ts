import { beforeAll, expect, it, vi } from 'vitest';
import { speak, wordsOf } from '../i18n';
import { doubtOf, passageOf } from './doubt-words';
import type { Words } from './talk';

const words = 'First we check the stock. Then we ship it.'.split(' ').map((text, i) => ({ text, start_ms: i * 400, end_ms: i * 400 + 300 })) as Words;

beforeAll(async () => {
    vi.stubGlobal('document', { documentElement: {} });
    await speak('de');
    await wordsOf('recording');
});

it('says codes in the language of the page, with what they name', () => {
    expect(doubtOf({ code: 'otherwise_unsaid', why: 'x' })).toBe('Was sonst geschieht, wird nicht gesagt');
    expect(doubtOf({ code: 'hands_over_to_nobody', args: { label: 'Vertrieb' }, why: 'x' })).toBe('Vertrieb übergibt an niemanden');
    expect(doubtOf({ code: 'many_boxes', args: { n: '13' }, why: 'x' })).toBe('13 Kästen sind viel für eine Szene');
    expect(doubtOf({ code: 'kind_unsure', args: { kind: 'flow' }, why: 'x' })).toContain('Ablauf');
});

it('shows the sentence of files without codes, and of codes it does not know', () => {
    expect(doubtOf({ why: 'low confidence 0.50' })).toBe('low confidence 0.50');
    expect(doubtOf({ code: 'from_the_future', why: 'a new doubt' })).toBe('a new doubt');
});

it('cites the passage and when it is said', () => {
    expect(passageOf({ words: [0, 4] }, words)).toEqual({ text: 'First we check the stock.', from: 0, until: 2_050 });
    expect(passageOf({ words: [5, 99] }, words)).toBeUndefined();
    expect(passageOf({ words: [4, 2] }, words)).toBeUndefined();
    expect(passageOf({}, words)).toBeUndefined();
    expect(passageOf({ words: [0, 4] }, undefined)).toBeUndefined();
});
