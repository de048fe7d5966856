// Webhooks: places of the workspace's own that are told what happens.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { act } from '../app/act';
import { actAtOnce } from '../app/at-once';
import { queries, useSession } from '../app/queries';
import { webhooksQuery } from '../app/webhooks';
import { t } from '../i18n';
import { Show } from '../kit/bits';
import { Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { Table } from '../kit/table';
import { tell } from '../kit/toast';
import { Secret } from './secret';
import { Messages } from './webhook-messages';

type Webhook = Schemas['Webhook'];
type Doing = { what: 'messages' | 'edit' | 'key' | 'remove'; webhook: Webhook };

const again = () => queries.invalidateQueries({ queryKey: ['webhooks'] });

export function Webhooks() {
    const session = useSession();
    const webhooks = useQuery(webhooksQuery);
    const may = session?.can('webhook:manage');
    const [doing, start] = useState<Doing | null>(null);
    const at = (what: Doing['what']) => (doing?.what === what ? doing.webhook : undefined);
    const over = (open: boolean) => !open && start(null);
    // What came of it stands among the messages.
    const test = (webhook: Webhook) => void act(['webhook-messages'], () => client.POST('/v1/webhooks/{webhook}/test', { params: { path: { webhook: webhook.id } } }), t('webhook_tested')).then((sent) => sent && start({ what: 'messages', webhook }));
    const entries = (webhook: Webhook) => [
        { id: 'messages', name: t('webhook_messages'), icon: 'list' as const, run: () => start({ what: 'messages', webhook }) },
        ...(may ? [
            { id: 'test', name: t('webhook_test'), icon: 'play' as const, run: () => test(webhook) },
            { id: 'edit', name: t('edit'), icon: 'edit' as const, run: () => start({ what: 'edit', webhook }) },
            { id: 'key', name: t('webhook_new_key'), icon: 'key' as const, run: () => start({ what: 'key', webhook }) },
            { id: 'remove', name: t('webhook_remove'), icon: 'trash' as const, bad: true, run: () => start({ what: 'remove', webhook }) },
        ] : []),
    ];
    const [told, edited, keyed, removed] = [at('messages'), at('edit'), at('key'), at('remove')];
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('webhooks')}</h2>
                {may && <Ask button={{ icon: 'plus', children: t('new_webhook') }} title={t('new_webhook')}>{(close) => <New close={close} />}</Ask>}
            </div>
            <p className="soft small">{t('webhooks_hint')}</p>
            <Show of={webhooks} lines={2}>
                {(rows) => (rows.length ? (
                    <Table<Webhook> caption={t('webhooks')} rows={rows} rowKey={({ id }) => id} columns={[
                        { id: 'title', name: t('title'), cell: ({ title }) => <strong>{title}</strong> },
                        { id: 'url', name: t('address'), cell: ({ url }) => <span className="mono small">{url}</span> },
                        { id: 'on', name: t('alert_is_on'), hide: true, cell: (webhook) => may && (
                            <Switch on={webhook.enabled} onChange={(enabled) => void actAtOnce(['webhooks'], [webhook.id], { enabled }, () => client.PATCH('/v1/webhooks/{webhook}', { params: params(webhook), body: { enabled } }))}>{t('alert_is_on')}</Switch>
                        ) },
                        { id: 'more', name: t('more'), hide: true, end: true, cell: (webhook) => <More label={`${t('more')}: ${webhook.title}`} entries={entries(webhook)} /> },
                    ]} />
                ) : <p className="soft">{t('no_webhooks')}</p>)}
            </Show>
            <Window title={t('webhook_messages_to', { name: told?.title ?? '' })} huge open={!!told} onOpen={over}>{told && <Messages webhook={told.id} />}</Window>
            <Window title={edited?.title ?? ''} open={!!edited} onOpen={over}>{(close) => edited && <Edit webhook={edited} close={close} />}</Window>
            <Window title={t('webhook_new_key')} open={!!keyed} onOpen={over}>{(close) => keyed && <NewKey webhook={keyed} close={close} />}</Window>
            <Confirm
                title={t('webhook_remove')} text={t('remove_webhook_text', { name: removed?.title ?? '' })} action={t('webhook_remove')} open={!!removed} onClose={() => start(null)}
                onYes={() => removed && act(['webhooks'], () => client.DELETE('/v1/webhooks/{webhook}', { params: params(removed) }), t('removed'))}
            />
        </section>
    );
}

const params = ({ id, version }: Webhook) => ({ path: { webhook: id }, header: ifMatch(version) });

const Facts = ({ webhook, first }: { webhook?: Webhook; first?: boolean }) => (
    <>
        <Field name="title" label={t('title')} defaultValue={webhook?.title} isRequired maxLength={120} autoFocus={first} />
        <Field name="url" label={t('address')} defaultValue={webhook?.url} type="url" placeholder="https://" isRequired maxLength={2048} />
    </>
);

/** A key is shown once, so the window stays until it is closed by hand. */
const Key = ({ text, close }: { text: string; close: () => void }) => (
    <SendForm submit={t('close')} onSend={async () => close()}>
        <Secret label={t('webhook_key_once')} text={text} />
    </SendForm>
);

function New({ close }: { close: () => void }) {
    const [key, setKey] = useState('');
    if (key) return <Key text={key} close={close} />;
    return (
        <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ title = '', url = '' }) => {
            const made = await data(client.POST('/v1/webhooks', { body: { title, url } }));
            await again();
            setKey(made.key);
        }}>
            <Facts first />
        </SendForm>
    );
}

const Edit = ({ webhook, close }: { webhook: Webhook; close: () => void }) => (
    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ title = '', url = '' }) => {
        await client.PATCH('/v1/webhooks/{webhook}', { params: params(webhook), body: { title, url } });
        await again();
        tell(t('saved'));
        close();
    }}>
        <Facts webhook={webhook} first />
    </SendForm>
);

function NewKey({ webhook, close }: { webhook: Webhook; close: () => void }) {
    const [key, setKey] = useState('');
    if (key) return <Key text={key} close={close} />;
    return (
        <SendForm submit={t('webhook_new_key')} also={<Cancel />} onSend={async () => {
            const made = await data(client.POST('/v1/webhooks/{webhook}/key', { params: { path: { webhook: webhook.id } } }));
            await again();
            setKey(made.key);
        }}>
            <p>{t('webhook_new_key_text', { name: webhook.title })}</p>
        </SendForm>
    );
}
