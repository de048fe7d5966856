import { expect, test } from 'vitest';
import { beginOf, dayOf } from './days';

const iso = (day: string, zone: string) => new Date(beginOf(day, zone) ?? NaN).toISOString();

test('days begin at midnight of the zone, also when the clock is changed', () => {
    expect(iso('2027-01-31', 'UTC')).toBe('2027-01-31T00:00:00.000Z');
    expect(iso('2027-01-31', 'Europe/Berlin')).toBe('2027-01-30T23:00:00.000Z');
    expect(iso('2027-07-31', 'Europe/Berlin')).toBe('2027-07-30T22:00:00.000Z');
    expect(iso('2027-01-31', 'America/New_York')).toBe('2027-01-31T05:00:00.000Z');
    expect(iso('2027-01-31', 'Asia/Kolkata')).toBe('2027-01-30T18:30:00.000Z');
    // Both nights of Berlin, and the day after each.
    for (const [day, at] of [['2027-03-28', '27T23'], ['2027-03-29', '28T22'], ['2027-10-31', '30T22'], ['2027-11-01', '31T23']] as const) expect(iso(day, 'Europe/Berlin').slice(8, 13)).toBe(at);
    // In Beirut the clock goes from midnight to one: the day begins at one.
    expect(iso('2026-03-29', 'Asia/Beirut')).toBe('2026-03-28T22:00:00.000Z');
    expect(iso('2026-03-30', 'Asia/Beirut')).toBe('2026-03-29T21:00:00.000Z');
    expect(beginOf('yesterday', 'UTC')).toBeUndefined();
});

test('a day is found again from where it begins', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Beirut', 'Pacific/Kiritimati', 'America/St_Johns']) {
        for (let n = 0; n < 800; n += 1) {
            const day = new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
            expect(dayOf(beginOf(day, zone) ?? NaN, zone)).toBe(day);
        }
    }
});
