// Alerts: questions that are asked again and again, where they stand, and how they came to that.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { actAtOnce } from '../app/at-once';
import { usePeople } from '../app/people';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, moment, number, t } from '../i18n';
import { Action, Badge, Empty, Notice, Show, type Tone } from '../kit/bits';
import { Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { Table } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { Webhooks } from './webhooks';

// Loaded when somebody makes or changes one.
const AlertForm = lazy(() => import('./alert-form').then(({ AlertForm }) => ({ default: AlertForm })));

type Alert = Schemas['AlertDetail'];
type Phase = Schemas['AlertPhase'];

const TONES: Record<Phase, Tone> = { inactive: 'good', resolved: 'plain', pending: 'warn', firing: 'bad' };
/** Alerts are looked at while one looks on. */
const AGAIN_MS = 30_000;

const alertsQuery = { queryKey: ['alerts'], queryFn: () => pages((after) => data(client.GET('/v1/alerts', { params: { query: { limit: 100, after } } }))), refetchInterval: AGAIN_MS };
const of = (alert: string) => ({ params: { path: { alert } } });
const alertQuery = (alert: string) => ({ queryKey: ['alert', alert], queryFn: () => data(client.GET('/v1/alerts/{alert}', of(alert))), refetchInterval: AGAIN_MS });
const historyQuery = (alert: string) => ({ queryKey: ['alert', alert, 'history'], queryFn: () => data(client.GET('/v1/alerts/{alert}/history', { params: { path: { alert }, query: { limit: 100 } } })), refetchInterval: AGAIN_MS });

const PhaseBadge = ({ phase }: { phase: Phase }) => <Badge tone={TONES[phase]}>{t(`alert_phase_${phase}`)}</Badge>;
const value = (n: number | null | undefined) => (n === null || n === undefined ? '–' : number(n));

export function Alerts() {
    const session = useSession();
    const navigate = useNavigate();
    const alerts = useQuery(alertsQuery);
    const may = session?.can('report:schedule');
    const make = may && (
        <Ask large button={{ icon: 'plus', look: 'primary', children: t('new_alert') }} title={t('new_alert')}>
            {(close) => (
                <Suspense>
                    <AlertForm submit={t('create')} onSend={async (body) => {
                        const { id } = await data(client.POST('/v1/alerts', { body }));
                        await queries.invalidateQueries({ queryKey: ['alerts'] });
                        close();
                        await navigate({ to: '/alerts/$alert', params: { alert: id } });
                    }} />
                </Suspense>
            )}
        </Ask>
    );
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_alerts') }]} title={t('nav_alerts')} intro={t('alerts_intro')} actions={!!alerts.data?.length && make}>
            <Show of={alerts}>
                {(rows) => (rows.length ? (
                    <Table caption={t('nav_alerts')} rows={rows} rowKey={({ id }) => id} columns={[
                        { id: 'title', name: t('title'), cell: ({ id, title }) => <Link to="/alerts/$alert" params={{ alert: id }}>{title}</Link> },
                        { id: 'state', name: t('state'), cell: ({ phase, enabled, silent, trouble }) => (
                            <span className="row wrap">
                                {enabled ? <PhaseBadge phase={phase} /> : <Badge>{t('alert_off')}</Badge>}
                                {silent && <Badge tone="warn">{t('alert_silent')}</Badge>}
                                {trouble && <Badge tone="bad">{t('alert_unanswered')}</Badge>}
                            </span>
                        ) },
                        { id: 'looked', name: t('alert_looked'), end: true, cell: ({ looked }) => (looked ? ago(looked) : '–') },
                    ]} />
                ) : <Empty icon="alert" title={t('no_alerts')} action={make}>{t('no_alerts_hint')}</Empty>)}
            </Show>
            {session?.can('webhook:read') && <Webhooks />}
        </Page>
    );
}

export function AlertPage() {
    const { alert } = useParams({ from: '/app/alerts/$alert' });
    const found = useQuery(alertQuery(alert));
    const title = found.data?.title ?? '';
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_alerts'), to: '/alerts' }, { name: title }]} title={title} intro={found.data?.alert.description} actions={found.data && <Actions alert={found.data} />}>
            <Show of={found}>{(alert) => <Standing alert={alert} />}</Show>
            <History alert={alert} />
        </Page>
    );
}

function Actions({ alert }: { alert: Alert }) {
    const session = useSession();
    const navigate = useNavigate();
    const [editing, edit] = useState(false);
    const [removing, remove] = useState(false);
    if (!session?.can('report:schedule')) return null;
    const params = { path: { alert: alert.id }, header: ifMatch(alert.version) };
    const change = (body: Schemas['AlertUpdate']) => actAtOnce(['alerts', 'alert'], [alert.id], body, () => client.PATCH('/v1/alerts/{alert}', { params, body }));
    const test = async () => {
        try {
            const { series } = await data(client.POST('/v1/alerts/{alert}/test', of(alert.id)));
            tell(t('alert_test_met', { n: series.filter(({ met }) => met).length }));
        } catch (error) {
            tellError(error);
        }
    };
    return (
        <>
            <Switch on={alert.enabled} onChange={(enabled) => void change({ enabled })}>{t('alert_is_on')}</Switch>
            <Action icon="play" onPress={() => void test()}>{t('alert_test')}</Action>
            <Action icon="edit" onPress={() => edit(true)}>{t('edit')}</Action>
            <Action icon="trash" look="quiet" aria-label={t('alert_remove')} onPress={() => remove(true)} />
            <Window large title={t('alert_edit')} open={editing} onOpen={edit}>
                <Suspense>
                    <AlertForm now={{ alert: alert.alert, deliver: alert.deliver }} submit={t('save')} onSend={async (body) => {
                        await data(client.PATCH('/v1/alerts/{alert}', { params, body }));
                        await Promise.all(['alerts', 'alert'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
                        edit(false);
                    }} />
                </Suspense>
            </Window>
            <Confirm title={t('alert_remove')} text={t('alert_remove_text', { name: alert.title })} action={t('alert_remove')} open={removing} onClose={() => remove(false)} onYes={async () => {
                if (await act(['alerts'], () => data(client.DELETE('/v1/alerts/{alert}', { params })), t('removed'))) await navigate({ to: '/alerts' });
            }} />
        </>
    );
}

function Standing({ alert }: { alert: Alert }) {
    return (
        <>
            {alert.trouble && <Notice tone="bad">{t('alert_trouble', { why: alert.trouble.why })}</Notice>}
            <section className="stack tight">
                <h2>{t('alert_series')}</h2>
                {alert.series.length ? (
                    <Table caption={t('alert_series')} rows={alert.series} rowKey={({ series }) => series} columns={[
                        { id: 'series', name: t('name'), cell: ({ series }) => series || t('alert_series_all') },
                        { id: 'phase', name: t('state'), cell: ({ phase }) => <PhaseBadge phase={phase} /> },
                        { id: 'value', name: t('value'), end: true, cell: (row) => value(row.value) },
                        { id: 'since', name: t('when'), end: true, cell: ({ phase, since }) => (phase === 'inactive' ? '–' : ago(since)) },
                    ]} />
                ) : <p className="soft">{t('no_alert_series')}</p>}
            </section>
            <Silences alert={alert} />
        </>
    );
}

/** The end of an hour from now, as a field for date and time wants it. */
const inHours = (hours: number) => {
    const at = new Date(Date.now() + hours * 3_600_000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function Silences({ alert }: { alert: Alert }) {
    const session = useSession();
    const { nameOf } = usePeople();
    const may = session?.can('report:schedule');
    const over = (to: string) => Date.parse(to) <= Date.now();
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('alert_silences')}</h2>
                {may && (
                    <Ask button={{ children: t('alert_silence') }} title={t('alert_silence')}>
                        {(close) => (
                            <SendForm submit={t('alert_silence')} also={<Cancel />} onSend={async ({ to = '', reason = '' }) => {
                                await data(client.POST('/v1/alerts/{alert}/silences', { ...of(alert.id), body: { to: new Date(to).toISOString(), reason } }));
                                await Promise.all(['alerts', 'alert'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
                                close();
                            }}>
                                <Field name="to" label={t('alert_silence_until')} type="datetime-local" defaultValue={inHours(2)} isRequired />
                                <Field name="reason" label={t('reason')} isRequired maxLength={300} />
                            </SendForm>
                        )}
                    </Ask>
                )}
            </div>
            {alert.silences.length ? (
                <Table caption={t('alert_silences')} rows={alert.silences} rowKey={({ number: id }) => String(id)} columns={[
                    { id: 'when', name: t('when'), cell: ({ from, to }) => `${moment(from)} – ${moment(to)}` },
                    { id: 'reason', name: t('reason'), cell: ({ reason }) => reason },
                    { id: 'who', name: t('who'), cell: ({ by }) => nameOf(by) },
                    { id: 'end', name: t('alert_silence_end'), hide: true, end: true, cell: ({ number: silence, to }) => may && !over(to) && (
                        <Action look="quiet" onPress={() => void act(['alerts', 'alert'], () => data(client.DELETE('/v1/alerts/{alert}/silences/{silence}', { params: { path: { alert: alert.id, silence: String(silence) } } })))}>{t('alert_silence_end')}</Action>
                    ) },
                ]} />
            ) : <p className="soft">{t('no_alert_silences')}</p>}
        </section>
    );
}

function History({ alert }: { alert: string }) {
    const history = useQuery(historyQuery(alert));
    return (
        <section className="stack tight">
            <h2>{t('alert_history')}</h2>
            <Show of={history}>
                {({ items }) => (items.length ? (
                    <Table caption={t('alert_history')} rows={items} rowKey={(entry) => String(entry.number)} columns={[
                        { id: 'at', name: t('when'), cell: ({ at }) => moment(at) },
                        { id: 'what', name: t('inbox_what'), cell: (entry) => (
                            entry.what === 'series' ? <span className="row wrap"><PhaseBadge phase={entry.to} />{entry.series || t('alert_series_all')}</span>
                            : entry.what === 'trouble' ? t('alert_trouble', { why: entry.why }) : t('alert_well')
                        ) },
                        { id: 'value', name: t('value'), end: true, cell: (entry) => (entry.what === 'series' ? value(entry.value) : '') },
                        { id: 'silent', name: t('alert_silent'), hide: true, cell: ({ silent }) => silent && <Badge tone="warn">{t('alert_silent')}</Badge> },
                    ]} />
                ) : <p className="soft">{t('no_alert_history')}</p>)}
            </Show>
        </section>
    );
}
