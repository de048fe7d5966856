// What concerns oneself: who one is, how the page looks, of what one is told, one's password, browsers one is signed in with, one's keys.
import { lazy, Suspense, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { Guard } from '../kit/leaving';
import { OwnPasswordField } from '../app/password-field';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Badge, Show, Skeleton } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { useConfirm } from '../kit/confirm';
import { Table, type Column } from '../kit/table';
import { tell } from '../kit/toast';
import { When } from '../kit/when';
import { Appearance } from './looks';
import { deviceName } from './device';
import { KeyForm, KeyTable } from './keys';
import { Profile } from './profile';
import { Wishes } from './wishes';

// It draws a picture of a key, which few come for.
const SecondFactor = lazy(() => import('./own-factor').then(({ SecondFactor }) => ({ default: SecondFactor })));

export function Settings() {
    const session = useSession();
    // Before the second factor that the workspace asks for nothing else can be asked for. The card stays where it is when the rest comes: what
    // it shows is shown once.
    const open = !session?.locked;
    return (
        <Page crumbs={[{ name: t('nav_settings') }]} title={t('nav_settings')}>
            {open && session && <Profile />}
            {open && <section className="card padded stack"><h2>{t('appearance')}</h2><Appearance /></section>}
            {open && session && !session.operator && <Wishes />}
            {open && <section className="card padded stack"><h2>{t('password')}</h2><Password /></section>}
            <Suspense fallback={<Skeleton lines={4} />}><SecondFactor /></Suspense>
            {open && <Sessions />}
            {open && session && !session.operator && <OwnKeys permissions={session.permissions} />}
        </Page>
    );
}

function Password() {
    const [round, setRound] = useState(0);
    return (
        <SendForm key={round} submit={t('change_password')} onSend={async (values) => {
            await client.POST('/v1/me/password', { body: { old: values.old ?? '', new: values.new ?? '' } });
            setRound(round + 1);
            tell(t('password_changed'));
        }}>
            <Guard />
            <Field name="old" type="password" label={t('old_password')} isRequired autoComplete="current-password" />
            <OwnPasswordField />
        </SendForm>
    );
}

type Browser = Schemas['SignedInBrowser'];
function Sessions() {
    const sessions = useQuery({ queryKey: ['own-sessions'], queryFn: () => data(client.GET('/v1/me/sessions')) });
    const [ask, dialog] = useConfirm();
    const end = ({ id, device }: Browser) => ask({
        title: t('end_session'), text: t('end_session_text', { device: deviceName(device) }), action: t('end'),
        run: () => act(['own-sessions'], () => client.DELETE('/v1/me/sessions/{session}', { params: { path: { session: id } } }), t('session_ended')),
    });
    const endOthers = () => ask({ title: t('end_others'), text: t('end_others_text'), action: t('end_others'), run: () => act(['own-sessions'], () => client.DELETE('/v1/me/sessions'), t('others_out')) });
    const columns: Column<Browser>[] = [
        { id: 'device', name: t('device'), cell: ({ device, current }) => <span className="row" title={device}>{deviceName(device)} {current && <Badge tone="good">{t('this_one')}</Badge>}</span> },
        { id: 'address', name: t('address'), cell: ({ address }) => <span className="mono">{address ?? ''}</span> },
        { id: 'used', name: t('last_used'), cell: ({ last_used, created }) => <When at={last_used ?? created} /> },
        { id: 'end', name: t('end'), hide: true, end: true, cell: (one) => !one.current && <Action aria-label={`${t('end')}: ${deviceName(one.device)}`} onPress={() => end(one)}>{t('end')}</Action> },
    ];
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('browsers')}</h2>
                {(sessions.data?.items.length ?? 0) > 1 && <Action icon="out" onPress={endOthers}>{t('end_others')}</Action>}
            </div>
            <Show of={sessions}>{({ items }) => <Table caption={t('browsers')} columns={columns} rows={items} rowKey={({ id }) => id} />}</Show>
            {dialog}
        </section>
    );
}

function OwnKeys({ permissions }: { permissions: string[] }) {
    const queries = useQueryClient();
    const keys = useQuery({ queryKey: ['own-keys'], queryFn: () => data(client.GET('/v1/me/api-keys')) });
    const again = () => queries.invalidateQueries({ queryKey: ['own-keys'] });
    return (
        <section className="stack tight" id="keys">
            <div className="row apart">
                <h2>{t('your_keys')}</h2>
                <KeyForm permissions={permissions} create={(body) => data(client.POST('/v1/me/api-keys', { body }))} then={again} />
            </div>
            <Show of={keys}>
                {({ items }) => <KeyTable keys={items} revoke={async (id) => (await client.DELETE('/v1/me/api-keys/{api_key}', { params: { path: { api_key: id } } }), again())} />}
            </Show>
        </section>
    );
}
