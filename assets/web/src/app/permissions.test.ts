// Every permission of a tenant has words, and so has what it is about. That the languages have the same keys the build sees to.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nounOf } from './permissions';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('every permission is said in words', () => {
    const codes = [...read('../../../../appliance/model/src/permission.rs').matchAll(/= \d+ "(\w+:\w+)";/g)].map(([, code]) => code!).filter((code) => !code.startsWith('system:'));
    const words = JSON.parse(read('../../messages/en.json')) as Record<string, string>;
    expect(codes).toHaveLength(64);
    expect(codes.filter((code) => !words[`perm_${code.replace(':', '_')}`] || !words[`area_${nounOf(code)}`])).toEqual([]);
    // And nothing is said of what there is not.
    const known = new Set(codes.flatMap((code) => [`perm_${code.replace(':', '_')}`, `area_${nounOf(code)}`]));
    expect(Object.keys(words).filter((key) => /^(perm|area)_/.test(key) && !known.has(key))).toEqual([]);
});
