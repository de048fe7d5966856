import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
/** The codes as the appliance has them: they are never renamed. */
const codes = [...read('../../../../appliance/api/src/problem.rs').matchAll(/^ {4}\w+ \d{3} "(\w+)" "/gm)].map(([, code]) => code);

it('has a message for every kind of problem, in every language', () => {
    expect(codes.length).toBeGreaterThan(30);
    for (const language of ['en', 'de', 'hi', 'ja', 'zh-CN', 'ar']) {
        const messages = JSON.parse(read(`../../messages/${language}.json`)) as Record<string, string>;
        expect(codes.filter((code) => !messages[`problem_${code}`]), language).toEqual([]);
        // And none for kinds that there are no more.
        const others = ['unreadable', 'again_in', 'because'];
        expect(Object.keys(messages).filter((key) => key.startsWith('problem_') && ![...codes, ...others].includes(key.slice(8))), language).toEqual([]);
    }
});
