import { expect, it } from 'vitest';
import { inside } from './inside';

const of = (text: unknown) => inside(text, 'https://audiagram.test');

it('keeps places of the app', () => {
    for (const place of ['/', '/jobs?state=done', '/recordings/rec_1?at=5#w2', '/x?next=https://evil.example']) expect(of(place)).toBe(place);
});
it('lets nothing lead elsewhere', () => {
    for (const place of ['//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/\n/evil.example', '/.//evil.example', '/x/..//evil.example', 'https://evil.example', 'javascript:alert(1)', '@evil.example', '', 7, undefined]) {
        expect(of(place), String(place)).toBe(undefined);
    }
    expect(of('/sign-in?next=/jobs')).toBe(undefined);
});
