// The parts of a tenant's page that are counts: its limits against its use, its work, its people, its meters.
import type { Schemas } from '../api/client';
import { say } from '../charts/say';
import { bytes, day, number, t, tOr } from '../i18n';
import { Badge, Meter, type Tone } from '../kit/bits';
import { Table, type Column } from '../kit/table';
import { meterName } from './meters';
import { kindName } from './progress';
import type { Has, SignIns, Used, Work as Jobs } from './tenant-use';

type Name = keyof Schemas['Limits'];
const ORDER: Name[] = ['storage_bytes', 'minutes_per_month', 'seats', 'projects', 'concurrent_jobs', 'requests_per_second', 'max_height_px'];
const toneOf = (share: number): Tone => (share > 0.95 ? 'bad' : share > 0.8 ? 'warn' : 'plain');

/** How much of a limit is used; nothing where that is not a matter of counting. */
function usedOf(name: Name, has: Has | undefined): number | undefined {
    if (!has) return undefined;
    if (name === 'minutes_per_month') return Math.ceil(has.video_seconds / 60);
    return name === 'storage_bytes' || name === 'seats' || name === 'projects' ? has[name] : undefined;
}

export function Limits({ limits, has }: { limits: Schemas['Limits']; has?: Has }) {
    return (
        <section className="card padded stack">
            <h2>{t('limits')}</h2>
            <dl className="limits">
                {ORDER.map((name) => {
                    const [allowed, used] = [limits[name], usedOf(name, has)];
                    const show = (n: number) => (name === 'storage_bytes' ? bytes(n) : number(n));
                    const share = used === undefined ? undefined : allowed ? used / allowed : used ? 1 : 0;
                    return (
                        <div key={name}>
                            <dt>{t(`limit_${name}`)}</dt>
                            <dd className="num">{used === undefined ? show(allowed) : t('used_of', { used: show(used), allowed: show(allowed) })}</dd>
                            {share !== undefined && <dd><Meter share={share} label={t(`limit_${name}`)} tone={toneOf(share)} /></dd>}
                        </div>
                    );
                })}
            </dl>
        </section>
    );
}

const TONES: Record<string, Tone> = { queued: 'plain', running: 'accent', done: 'good', failed: 'warn', dead: 'bad', cancelled: 'plain' };

export function Work({ work }: { work: Jobs[] }) {
    const live = (state: string) => work.filter((one) => one.state === state).reduce((sum, { jobs }) => sum + jobs, 0);
    const columns: Column<Jobs>[] = [
        { id: 'kind', name: t('kind'), cell: ({ kind }) => kindName(kind) },
        { id: 'state', name: t('state'), cell: ({ state }) => <Badge tone={TONES[state] ?? 'plain'}>{tOr(`job_${state}`, state)}</Badge> },
        { id: 'jobs', name: t('of_tenant_jobs'), end: true, cell: ({ jobs }) => <span className="num">{number(jobs)}</span> },
    ];
    return (
        <section className="stack tight fits">
            <h2>{t('of_tenant_work')}</h2>
            <p className="small soft">{t('of_tenant_work_now', { waiting: number(live('queued')), running: number(live('running')) })}</p>
            {work.length ? <Table caption={t('of_tenant_work')} columns={columns} rows={work} rowKey={({ kind, state }) => `${kind} ${state}`} /> : <p className="soft">{t('of_tenant_no_work')}</p>}
        </section>
    );
}

export function People({ signIns }: { signIns: SignIns[] }) {
    const columns: Column<SignIns>[] = [
        { id: 'day', name: t('when'), cell: ({ day: on }) => day(on) },
        { id: 'done', name: t('of_tenant_signed_in'), end: true, cell: ({ done }) => <span className="num">{number(done)}</span> },
        { id: 'refused', name: t('of_tenant_refused'), end: true, cell: ({ refused }) => <span className="num">{number(refused)}</span> },
    ];
    return (
        <section className="stack tight fits">
            <h2>{t('of_tenant_people')}</h2>
            <p className="small soft">{t('of_tenant_people_hint')}</p>
            {signIns.length ? <Table caption={t('of_tenant_sign_ins')} columns={columns} rows={[...signIns].reverse().slice(0, 10)} rowKey={({ day }) => day} /> : <p className="soft">{t('of_tenant_no_sign_ins')}</p>}
        </section>
    );
}

function amount({ unit, quantity }: Used): string {
    if (unit === 'ms') return say(quantity, { unit: 'milliseconds' });
    if (unit === 'byte') return bytes(quantity);
    if (unit === 'byte_hour') return t('of_tenant_for_a_day', { size: bytes(quantity / 24) });
    return unit ? say(quantity) : '';
}

export function Use({ meters }: { meters: Used[] }) {
    const columns: Column<Used>[] = [
        { id: 'meter', name: t('meter'), cell: ({ meter }) => (meter === 'other' ? t('of_tenant_own_meters') : meterName(meter)) },
        { id: 'amount', name: t('of_tenant_amount'), end: true, cell: (one) => <span className="num">{amount(one)}</span> },
        { id: 'events', name: t('of_tenant_events'), end: true, cell: ({ events }) => <span className="num">{number(events)}</span> },
    ];
    return (
        <section className="stack tight fits">
            <h2>{t('of_tenant_use')}</h2>
            {meters.length ? <Table caption={t('of_tenant_use')} columns={columns} rows={meters} rowKey={({ meter }) => meter} /> : <p className="soft">{t('of_tenant_no_use')}</p>}
        </section>
    );
}
