// How far the appliance is set up: each step is read from what the appliance says of itself, never from what somebody ticked.
import type { Schemas } from '../api/client';

export const STEPS = ['address', 'certificate', 'mail', 'workspace', 'backup', 'doctor'] as const;
export type Step = (typeof STEPS)[number];
/** `left`: still to be done; `out`: left out on purpose, in this browser; nothing while it is not known. */
export type StepState = 'done' | 'left' | 'out';

/** The text of a setting; nothing where it says nothing. */
export function settingOf(configuration: Pick<Schemas['Configuration'], 'settings'> | undefined, key: string): string {
    const value = configuration?.settings.find((one) => one.key === key)?.value;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
export function listOf(configuration: Pick<Schemas['Configuration'], 'settings'> | undefined, key: string): string[] {
    const value = configuration?.settings.find((one) => one.key === key)?.value;
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** Whether a name means the machine itself and nothing to anybody else. */
export const isLocal = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost') || name.startsWith('127.') || name === '::1';

/** A certificate of this many days is not one to think of today. */
const SOON_DAYS = 21;

export type Facts = {
    configuration?: Pick<Schemas['Configuration'], 'settings'>;
    certificates?: { served: Pick<Schemas['ServedCertificate'], 'own'> & { chain: Pick<Schemas['CertificateIdentity'], 'days_left' | 'self_signed'>[] } };
    tenants?: Pick<Schemas['TenantRecord'], 'state'>[];
    /** Nothing where there is no folder for them. */
    backups?: Pick<Schemas['Backup'], 'whole' | 'failed'>[];
    doctor?: { checks: Pick<Schemas['Finding'], 'state'>[] };
};

/** Whether each step is done; nothing while it is not known. */
export function doneOf({ configuration, certificates, tenants, backups, doctor }: Facts): Record<Step, boolean | undefined> {
    const leaf = certificates?.served.chain[0];
    return {
        address: configuration && listOf(configuration, 'listen.names').some((name) => !isLocal(name)),
        certificate: certificates && !!leaf && !certificates.served.own && !leaf.self_signed && leaf.days_left >= SOON_DAYS,
        mail: configuration && settingOf(configuration, 'mail.server') !== '',
        workspace: tenants && tenants.some(({ state }) => state === 'active'),
        backup: configuration && (settingOf(configuration, 'upkeep.backups') === '' ? false : backups && backups.some(({ whole, failed }) => whole && failed === 0)),
        doctor: doctor && doctor.checks.every(({ state }) => state !== 'fail'),
    };
}

type Kept = { out: Step[]; over: boolean };
const key = (user: string) => `set-up:${user}`;
export function keptOf(user: string): Kept {
    try {
        const read = JSON.parse(localStorage.getItem(key(user)) ?? 'null') as Partial<Kept> | null;
        return { out: Array.isArray(read?.out) ? STEPS.filter((step) => read.out?.includes(step)) : [], over: read?.over === true };
    } catch {
        return { out: [], over: false };
    }
}
export function keep(user: string, kept: Kept): void {
    try {
        localStorage.setItem(key(user), JSON.stringify(kept));
    } catch {
        // A browser that keeps nothing offers the steps again.
    }
}

export function stateOf(step: Step, done: Record<Step, boolean | undefined>, out: Step[]): StepState | undefined {
    if (done[step]) return 'done';
    if (out.includes(step)) return 'out';
    return done[step] === undefined ? undefined : 'left';
}

export type Section = { name: string; values: Record<string, string | number | string[] | undefined> };
/** TOML writes texts as JSON does, but for one character that JSON leaves as it is. */
const said = (value: string | number): string => JSON.stringify(value).replaceAll('\u007f', '\\u007f');
/** A section of the file of settings; what says nothing is left out. */
export function toml({ name, values }: Section): string {
    const lines = Object.entries(values).flatMap(([key, value]) => {
        if (value === undefined || value === '') return [];
        return [`${key} = ${Array.isArray(value) ? `[${value.map(said).join(', ')}]` : said(value)}`];
    });
    return [`[${name}]`, ...lines].join('\n');
}
