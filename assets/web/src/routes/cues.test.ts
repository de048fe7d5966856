import { expect, test } from 'vitest';
import { cueAt, readCues } from './cues';

const FILE = 'WEBVTT\r\nLanguage: en\r\n\r\nNOTE a remark\r\n\r\n1\r\n00:01.500 --> 00:03.000 line:80%\r\n<v Ada>First, we\r\ncheck &lt;stock&gt; &amp; pack.</v>\r\n\r\n01:00:00.000 --> 01:00:01.000\nLate\n\nbroken --> 00:02.000\nno\n';

test('cues are read as plain text', () => {
    expect(readCues(FILE)).toEqual([{ start: 1_500, end: 3_000, text: 'First, we check <stock> & pack.' }, { start: 3_600_000, end: 3_601_000, text: 'Late' }]);
    expect(readCues('')).toEqual([]);
});

test('the cue of a moment', () => {
    const cues = readCues(FILE);
    expect([0, 1_500, 5_000, 4_000_000].map((ms) => cueAt(cues, ms))).toEqual([-1, 0, 0, 1]);
});
