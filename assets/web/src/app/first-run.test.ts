import { expect, test } from 'vitest';
import { doneOf, isLocal, keep, keptOf, listOf, settingOf, stateOf, STEPS, toml } from './first-run';

const setting = (key: string, value: unknown) => ({ key, value, default: null, differs: true, source: 'file' as const, meaning: '' });
const fresh = { settings: [setting('listen.names', ['localhost', '127.0.0.1']), setting('mail.server', null), setting('upkeep.backups', null)] };
const ready = { settings: [setting('listen.names', ['localhost', 'video.example.org']), setting('mail.server', 'smtp.example.org'), setting('upkeep.backups', '/backup')] };
const served = (own: boolean, self_signed: boolean, days_left: number) => ({ served: { own, chain: [{ self_signed, days_left }] } });

test('nothing is said to be done or left before it is known', () => {
    expect(Object.values(doneOf({}))).toEqual(STEPS.map(() => undefined));
    expect(STEPS.map((step) => stateOf(step, doneOf({}), ['mail']))).toEqual([undefined, undefined, 'out', undefined, undefined, undefined]);
});

test('a fresh appliance has everything before it', () => {
    const done = doneOf({ configuration: fresh, certificates: served(true, true, 300), tenants: [], doctor: { checks: [{ state: 'ok' }, { state: 'fail' }] } });
    expect(Object.values(done)).toEqual(STEPS.map(() => false));
});

test('an appliance in use has nothing left', () => {
    const done = doneOf({ configuration: ready, certificates: served(false, false, 90), tenants: [{ state: 'active' }], backups: [{ whole: true, failed: 0 }], doctor: { checks: [{ state: 'ok' }, { state: 'warn' }, { state: 'skip' }] } });
    expect(Object.values(done)).toEqual(STEPS.map(() => true));
});

test('each step asks for what it is there for', () => {
    const of = (facts: Parameters<typeof doneOf>[0]) => doneOf({ configuration: ready, ...facts });
    expect(of({ certificates: served(false, false, 3) }).certificate).toBe(false);
    expect(of({ certificates: { served: { own: false, chain: [] } } }).certificate).toBe(false);
    expect(of({ tenants: [{ state: 'closed' }, { state: 'erased' }] }).workspace).toBe(false);
    // A folder is not a backup, nor is one with a hole, nor that of one workspace.
    expect(of({}).backup).toBeUndefined();
    expect(of({ backups: [] }).backup).toBe(false);
    expect(of({ backups: [{ whole: true, failed: 1 }, { whole: false, failed: 0 }] }).backup).toBe(false);
});

test('names of the machine itself are no address', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1', 'a.localhost'].map(isLocal)).toEqual([true, true, true, true, true]);
    expect(['video.example.org', '192.168.1.4', 'localhost.example.org'].map(isLocal)).toEqual([false, false, false]);
});

test('settings are read as what they are', () => {
    const read = { settings: [setting('a', 5), setting('b', ['x', 3]), setting('c', null)] };
    expect([settingOf(read, 'a'), settingOf(read, 'b'), settingOf(read, 'c'), settingOf(undefined, 'a')]).toEqual(['5', '', '', '']);
    expect([listOf(read, 'b'), listOf(read, 'a')]).toEqual([['x'], []]);
});

test('what was left out is kept for each operator apart', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    const before = globalThis.localStorage;
    Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true });
    try {
        keep('ada', { out: ['mail'], over: true });
        expect(keptOf('ada')).toEqual({ out: ['mail'], over: true });
        expect(keptOf('grace')).toEqual({ out: [], over: false });
        kept.set('set-up:ada', '{"out":["mail","everything",7],"over":"yes"}');
        expect(keptOf('ada')).toEqual({ out: ['mail'], over: false });
        kept.set('set-up:ada', '{');
        expect(keptOf('ada')).toEqual({ out: [], over: false });
    } finally {
        Object.defineProperty(globalThis, 'localStorage', { value: before, configurable: true });
    }
});

test('lines of the file of settings say what was typed, whatever it is', () => {
    expect(toml({ name: 'mail', values: { server: 'smtp.example.org', port: 465, user: '', from: undefined } })).toBe('[mail]\nserver = "smtp.example.org"\nport = 465');
    expect(toml({ name: 'listen', values: { names: ['a.example', 'b [ c'] } })).toBe('[listen]\nnames = ["a.example", "b [ c"]');
    // Nothing that is typed ends its line or its text.
    expect(toml({ name: 'x', values: { a: 'say "no"\n[mail]\\', b: '\u007f\u0001' } })).toBe('[x]\na = "say \\"no\\"\\n[mail]\\\\"\nb = "\\u007f\\u0001"');
});
