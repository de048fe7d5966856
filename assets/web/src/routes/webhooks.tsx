// Webhooks: places of the workspace's own that are told what happens.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { queries, useSession } from '../app/queries';
import { t } from '../i18n';
import { Show } from '../kit/bits';
import { Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel } from '../kit/overlay';
import { Table } from '../kit/table';
import { Secret } from './secret';

type Webhook = Schemas['Webhook'];

export const webhooksQuery = { queryKey: ['webhooks'], queryFn: () => pages((after) => data(client.GET('/v1/webhooks', { params: { query: { limit: 100, after } } }))) };

export function Webhooks() {
    const session = useSession();
    const webhooks = useQuery(webhooksQuery);
    const may = session?.can('webhook:manage');
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
                            <Switch on={webhook.enabled} onChange={(enabled) => void act(['webhooks'], () => data(client.PATCH('/v1/webhooks/{webhook}', { params: params(webhook), body: { enabled } })))}>{t('alert_is_on')}</Switch>
                        ) },
                        { id: 'more', name: t('more'), hide: true, end: true, cell: (webhook) => may && (
                            <More label={`${t('more')}: ${webhook.title}`} entries={[
                                { id: 'test', name: t('webhook_test'), icon: 'play', run: () => void act([], () => data(client.POST('/v1/webhooks/{webhook}/test', { params: { path: { webhook: webhook.id } } })), t('webhook_tested')) },
                                { id: 'remove', name: t('webhook_remove'), icon: 'trash', bad: true, run: () => void act(['webhooks'], () => data(client.DELETE('/v1/webhooks/{webhook}', { params: params(webhook) })), t('removed')) },
                            ]} />
                        ) },
                    ]} />
                ) : <p className="soft">{t('no_webhooks')}</p>)}
            </Show>
        </section>
    );
}

const params = ({ id, version }: Webhook) => ({ path: { webhook: id }, header: ifMatch(version) });

/** Its key is shown once, so the window stays until it is closed by hand. */
function New({ close }: { close: () => void }) {
    const [key, setKey] = useState('');
    if (key) {
        return (
            <SendForm submit={t('close')} onSend={async () => close()}>
                <Secret label={t('webhook_key_once')} text={key} />
            </SendForm>
        );
    }
    return (
        <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ title = '', url = '' }) => {
            const made = await data(client.POST('/v1/webhooks', { body: { title, url } }));
            await queries.invalidateQueries({ queryKey: ['webhooks'] });
            setKey(made.key);
        }}>
            <Field name="title" label={t('title')} isRequired maxLength={120} autoFocus />
            <Field name="url" label={t('address')} type="url" placeholder="https://" isRequired maxLength={2048} />
        </SendForm>
    );
}
