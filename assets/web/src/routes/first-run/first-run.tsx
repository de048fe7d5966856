// Setting up the appliance step by step: what is done, what is left, and how each is done. Steps can be left out and taken up again.
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { keep, keptOf, stateOf, STEPS, type Step, type StepState } from '../../app/first-run';
import { useFirstRun, type FirstRun } from '../../app/first-run-asked';
import { queries, useSession } from '../../app/queries';
import { Page } from '../../app/shell';
import { t, tOr } from '../../i18n';
import { Action, Badge, Empty, Notice, Skeleton, type Tone } from '../../kit/bits';
import { Icon } from '../../kit/icon';
import { Table, type Column } from '../../kit/table';
import { NewTenant } from '../tenant-acts';
import { Snippet } from './snippet';
import '../appliance/appliance.css';
import './first-run.css';

const Address = lazy(() => import('./settings').then(({ Address }) => ({ default: Address })));
const Mail = lazy(() => import('./settings').then(({ Mail }) => ({ default: Mail })));
const Backup = lazy(() => import('./settings').then(({ Backup }) => ({ default: Backup })));
const Certificates = lazy(() => import('../appliance/certificates').then(({ Certificates }) => ({ default: Certificates })));
const Doctor = lazy(() => import('../appliance/doctor').then(({ Doctor }) => ({ default: Doctor })));

const TONES: Record<StepState, Tone> = { done: 'good', left: 'warn', out: 'plain' };
const END = 'end';

/** Which step is looked at stands behind the `#` of the address; without one it is the first that is left. */
export function FirstRun() {
    const session = useSession();
    const run = useFirstRun();
    const navigate = useNavigate();
    const hash = useLocation({ select: (at) => at.hash });
    const user = session?.id ?? '';
    const [kept, set] = useState(() => keptOf(user));
    const change = (part: Partial<typeof kept>) => {
        const next = { ...kept, ...part };
        set(next);
        keep(user, next);
    };
    const states = STEPS.map((step) => stateOf(step, run.done, kept.out));
    const known = STEPS.find((step) => step === hash);
    const first = STEPS.find((_, i) => states[i] !== 'done' && states[i] !== 'out');
    // Where one began one stays, though the step turns out to be done meanwhile.
    const begun = useRef<Step | undefined>(undefined);
    if (!begun.current && states[0] !== undefined) begun.current = first;
    const at: Step | typeof END = known ?? (hash === END ? END : (begun.current ?? (states.every((state) => state !== undefined) ? END : 'address')));
    const go = (to: Step | typeof END) => void navigate({ to: '/system/set-up', hash: to, replace: true, resetScroll: true });
    const place = at === END ? STEPS.length : STEPS.indexOf(at);
    const after = STEPS[place + 1] ?? END;
    const before = STEPS[place - 1];
    const heading = useRef<HTMLHeadingElement>(null);
    const came = useRef(at);
    const goals = useRef<HTMLOListElement>(null);
    // Who goes on by keys begins at the top of the next step.
    useEffect(() => {
        // Where the steps lie side by side the one that is shown may be out of sight.
        const list = goals.current;
        const goal = list?.querySelector<HTMLElement>('[data-current]');
        if (list && goal && list.scrollWidth > list.clientWidth) list.scrollTo({ left: goal.offsetLeft - (list.clientWidth - goal.offsetWidth) / 2 });
        if (came.current !== at) heading.current?.focus();
        came.current = at;
    }, [at]);
    const done = states.filter((state) => state === 'done').length;
    return (
        <Page crumbs={[{ name: t('nav_system') }, { name: t('first_run') }]} title={t('first_run')} intro={t('first_run_intro')}>
            <div className="first-run">
                <nav aria-label={t('run_steps')}>
                    <p className="small soft">{t('run_n_of', { done, all: STEPS.length })}</p>
                    <ol ref={goals}>
                        {STEPS.map((step, i) => <Goal key={step} to={step} at={at} number={i + 1} state={states[i]} name={t(`run_step_${step}`)} />)}
                        <Goal to={END} at={at} name={t('run_summary')} />
                    </ol>
                </nav>
                <section className="stack run-step" aria-labelledby="run-step">
                    <div className="row wrap apart">
                        <h2 id="run-step" ref={heading} tabIndex={-1}>{at === END ? t('run_summary') : t(`run_step_${at}`)}</h2>
                        {at !== END && <StateBadge state={states[place]} />}
                    </div>
                    {at === END ? <Summary states={states} over={() => { change({ over: true }); void navigate({ to: '/system/tenants' }); }} /> : (
                        <>
                            <p className="soft">{t(`run_why_${at}`)}</p>
                            <Suspense fallback={<Skeleton lines={6} />}><Content step={at} run={run} /></Suspense>
                            <div className="row wrap run-ways">
                                {before && <Action look="quiet" onPress={() => go(before)}>{t('run_back')}</Action>}
                                <span className="grow" />
                                {states[place] !== 'done' && (kept.out.includes(at)
                                    ? <Action look="quiet" onPress={() => change({ out: kept.out.filter((one) => one !== at) })}>{t('run_take_up')}</Action>
                                    : <Action look="quiet" onPress={() => { change({ out: [...kept.out, at] }); go(after); }}>{t('run_leave_out')}</Action>)}
                                <Action look="primary" onPress={() => go(after)}>{t('next')}</Action>
                            </div>
                        </>
                    )}
                </section>
            </div>
        </Page>
    );
}

function Goal({ to, at, number, state, name }: { to: string; at: string; number?: number; state?: StepState; name: string }) {
    return (
        <li>
            <Link to="/system/set-up" hash={to} replace activeOptions={{ exact: true, includeHash: true }} className="item" data-current={to === at || undefined} aria-current={to === at ? 'step' : undefined}>
                <span className={`run-mark ${state ?? ''}`} aria-hidden="true">{state === 'done' ? <Icon name="check" /> : state === 'out' ? <Icon name="minus" /> : number ?? <Icon name="list" />}</span>
                {name}
                {state && <span className="hidden">: {t(`run_state_${state}`)}</span>}
            </Link>
        </li>
    );
}

const StateBadge = ({ state }: { state: StepState | undefined }) => (state ? <Badge tone={TONES[state]}>{t(`run_state_${state}`)}</Badge> : <Badge>{t('loading')}</Badge>);

function Content({ step, run }: { step: Step; run: FirstRun }): ReactNode {
    if (step === 'address') return <Address />;
    if (step === 'certificate') return <><Own run={run} /><Certificates /></>;
    if (step === 'mail') return <Mail />;
    if (step === 'workspace') return <Workspaces run={run} />;
    if (step === 'backup') return <Backup />;
    return <Doctor />;
}

/** What a certificate that the appliance made for itself means, and how another one is served. */
function Own({ run }: { run: FirstRun }) {
    const configuration = run.configuration.data;
    if (!run.certificates.data?.served.own || !configuration) return null;
    return (
        <>
            <Notice icon="lock">{t('run_own_certificate')}</Notice>
            <Snippet configuration={configuration} section={{ name: 'listen', values: { certificate: '/etc/audiagram/chain.pem', certificate_key: '/etc/audiagram/key.pem' } }} />
        </>
    );
}

function Workspaces({ run }: { run: FirstRun }) {
    const [making, make] = useState(false);
    const all = run.tenants.data;
    if (!all) return <Skeleton lines={4} />;
    const there = all.filter(({ state }) => state !== 'erased');
    const columns: Column<Schemas['TenantRecord']>[] = [
        { id: 'name', name: t('name'), cell: ({ id, name, slug }) => <span><Link to="/system/tenants/$tenant" params={{ tenant: id }}>{name}</Link><br /><span className="small soft mono">{slug}</span></span> },
        { id: 'plan', name: t('plan'), cell: ({ plan }) => tOr(`plan_${plan}`, plan) },
        { id: 'state', name: t('state'), cell: ({ state }) => tOr(`tenant_${state}`, state) },
    ];
    return (
        <>
            {there.length > 0 && <Table caption={t('nav_tenants')} columns={columns} rows={there.slice(0, 8)} rowKey={({ id }) => id} />}
            {there.length > 8 && <p className="small"><Link to="/system/tenants">{t('nav_tenants')}</Link></p>}
            {making || there.length === 0 ? (
                <div className="card padded stack">
                    {/* What the owner comes in with is shown once: it stays until it is closed. */}
                    <NewTenant also={null} close={() => make(false)} then={() => (make(true), queries.invalidateQueries({ queryKey: ['tenants'] }))} />
                    {there.length > 0 && <div className="row"><Action look="quiet" onPress={() => make(false)}>{t('close')}</Action></div>}
                </div>
            ) : <div className="row"><Action icon="plus" onPress={() => make(true)}>{t('new_tenant')}</Action></div>}
        </>
    );
}

function Summary({ states, over }: { states: (StepState | undefined)[]; over: () => void }) {
    const left = STEPS.filter((_, i) => states[i] !== 'done');
    return (
        <>
            {left.length === 0 ? <Empty icon="check" title={t('run_all_done')}>{t('run_all_done_hint')}</Empty> : <Notice tone="warn">{t('run_left', { n: left.length })}</Notice>}
            <ul className="card run-list">
                {STEPS.map((step, i) => (
                    <li key={step} className="row wrap apart">
                        <span className="stack tight grow"><strong>{t(`run_step_${step}`)}</strong>{states[i] !== 'done' && <span className="small soft">{t(`run_why_${step}`)}</span>}</span>
                        <span className="row"><StateBadge state={states[i]} />{states[i] !== 'done' && <Link className="button" to="/system/set-up" hash={step} aria-label={`${t('run_go')}: ${t(`run_step_${step}`)}`}>{t('run_go')}</Link>}</span>
                    </li>
                ))}
            </ul>
            <div className="row wrap run-ways">
                <span className="grow small soft">{left.length > 0 && t('run_later')}</span>
                {left.length > 0 && <Action look="quiet" onPress={over}>{t('run_no_more')}</Action>}
                <Link className="button primary" to="/system/tenants">{t('done')}</Link>
            </div>
        </>
    );
}
