// Where people may come from, what is permitted and forbidden beyond roles, and who is signed in.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { actMany } from '../app/act-many';
import { usePeople } from '../app/people';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Badge, Empty, Notice, Show } from '../kit/bits';
import { Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { Grid } from '../kit/grid';
import { useConfirm } from '../kit/confirm';
import type { Column } from '../kit/table';
import { tell } from '../kit/toast';
import { When } from '../kit/when';
import { deviceName } from './device';
import { PasswordRules } from './password-rules';
import { Policies } from './policies';
import { NoFactor, useWithFactor } from './second-factor';
import { SessionRules } from './session-rules';

export function Security() {
    const session = useSession();
    const { may, lacks } = useWithFactor('authpolicy:manage');
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_security') }]} title={t('nav_security')} intro={t('security_intro')}>
            {lacks && <NoFactor />}
            <SignInRules may={may} />
            <SessionRules may={may} />
            <PasswordRules may={may} />
            <Networks may={may} />
            <Policies may={may} />
            {session?.can('session:read') && <Sessions may={session.can('session:revoke')} />}
        </Page>
    );
}

function SignInRules({ may }: { may: boolean }) {
    const rules = useQuery({ queryKey: ['sign-in-rules'], queryFn: () => data(client.GET('/v1/sign-in-rules')) });
    const set = (second_factor: Schemas['Need']) => client.PATCH('/v1/sign-in-rules', { body: { second_factor } });
    const change = (now: Schemas['Need'], before: Schemas['Need']) => void act(['sign-in-rules'], () => set(now), t('saved'), () => set(before));
    return (
        <section className="card padded stack">
            <div className="stack tight"><h2>{t('sign_in_rules')}</h2><p className="soft">{t('sign_in_rules_intro')}</p></div>
            <Show of={rules} lines={1}>
                {({ second_factor }) => may
                    ? <Switch on={second_factor === 'required'} onChange={(on) => change(on ? 'required' : 'optional', second_factor)}>{t('factor_for_all')}</Switch>
                    : <p>{second_factor === 'required' ? t('factor_for_all') : t('factor_for_some')}</p>}
            </Show>
        </section>
    );
}

function Networks({ may }: { may: boolean }) {
    const networks = useQuery({ queryKey: ['networks'], queryFn: () => data(client.GET('/v1/networks')) });
    const set = (networks: string[]) => client.PATCH('/v1/networks', { body: { networks } });
    return (
        <section className="card padded stack">
            <div className="stack tight"><h2>{t('networks')}</h2><p className="soft">{t('networks_intro')}</p></div>
            <Show of={networks} lines={1}>
                {({ networks: now }) => (
                    <>
                        {now.length === 0 ? <Notice icon="check" tone="accent">{t('from_everywhere')}</Notice> : (
                            <ul className="chips">
                                {now.map((network) => (
                                    <li key={network} className="chip mono">
                                        {network}
                                        {may && <Action look="quiet" icon="close" aria-label={`${t('remove')}: ${network}`} onPress={() => void act(['networks'], () => set(now.filter((one) => one !== network)), t('removed'), () => set(now))} />}
                                    </li>
                                ))}
                            </ul>
                        )}
                        {may && (
                            <SendForm key={now.length} submit={t('add')} inline onSend={async ({ network = '' }) => {
                                await set([...now, network.trim()]);
                                await queries.invalidateQueries({ queryKey: ['networks'] });
                                tell(t('saved'));
                            }}>
                                <Guard />
                                <Field name="network" label={t('network')} hint={t('network_hint')} placeholder="10.0.0.0/8" isRequired autoComplete="off" />
                            </SendForm>
                        )}
                    </>
                )}
            </Show>
        </section>
    );
}

type Browser = Schemas['SignedInBrowser'];
/** The newest that are listed. */
const LISTED = 1_000;
function Sessions({ may }: { may: boolean }) {
    const { nameOf } = usePeople();
    const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => pages((after) => data(client.GET('/v1/sessions', { params: { query: { limit: 200, after } } })), LISTED) });
    const [wanted, want] = useState('');
    const [ask, dialog] = useConfirm();
    const end = ({ id, user, device }: Browser) => ask({
        title: t('end_session'), text: t('end_session_of_text', { name: nameOf(user), device: deviceName(device) }), action: t('end'),
        run: () => act(['sessions'], () => client.DELETE('/v1/sessions/{session}', { params: { path: { session: id } } }), t('session_ended')),
    });
    const endMany = (rows: Browser[], clear: () => void) => ask({
        title: t('end_session'), text: t('end_sessions_text', { n: rows.length }), action: t('end'),
        run: () => actMany(['sessions'], rows, ({ id }) => client.DELETE('/v1/sessions/{session}', { params: { path: { session: id } } }), (n) => t('sessions_ended', { n })).then(clear),
    });
    const columns: Column<Browser>[] = [
        { id: 'who', name: t('who'), kept: true, sort: ({ user }) => nameOf(user), cell: (one) => <strong>{nameOf(one.user)}</strong> },
        { id: 'device', name: t('device'), sort: ({ device }) => deviceName(device), cell: ({ device, current }) => <span className="row" title={device}>{deviceName(device)} {current && <Badge tone="good">{t('this_one')}</Badge>}</span> },
        { id: 'address', name: t('address'), sort: ({ address }) => address, cell: ({ address }) => <span className="mono">{address ?? ''}</span> },
        { id: 'used', name: t('last_used'), sort: ({ last_used, created }) => last_used ?? created, cell: ({ last_used, created }) => <When at={last_used ?? created} /> },
        {
            id: 'end', name: t('end'), hide: true, end: true,
            cell: (one) => may && !one.current && <Action aria-label={`${t('end')}: ${nameOf(one.user)}, ${deviceName(one.device)}`} onPress={() => end(one)}>{t('end')}</Action>,
        },
    ];
    return (
        <section className="stack tight">
            {dialog}
            <h2>{t('who_is_in')}</h2>
            <Show of={sessions}>
                {(all) => {
                    const sought = wanted.trim().toLowerCase();
                    const items = all.filter((one) => `${nameOf(one.user)} ${deviceName(one.device)} ${one.address ?? ''}`.toLowerCase().includes(sought));
                    return (
                        <>
                            {all.length > 8 && <Field label={t('find')} value={wanted} onChange={want} />}
                            {items.length === 0 ? <Empty icon="users" title={t('nothing_found')} action={<Action onPress={() => want('')}>{t('clear_filters')}</Action>} />
                                : (
                                    <Grid
                                        name="sessions" caption={t('who_is_in')} columns={columns} rows={items} rowKey={({ id }) => id} whole={all.length < LISTED}
                                        picks={may ? { name: ({ user, device }) => `${nameOf(user)}, ${deviceName(device)}`, acts: (rows, clear) => <Action look="danger" onPress={() => endMany(rows.filter(({ current }) => !current), clear)}>{t('end')}</Action> } : undefined}
                                    />
                                )}
                        </>
                    );
                }}
            </Show>
        </section>
    );
}
