// What the one who is signed in was told.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { Page } from '../app/shell';
import { ago, number, t, tOr } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Table } from '../kit/table';

type Told = Schemas['Notification'];
type Facts = { series?: { series: string; value?: number | null }[]; more?: number; why?: string; report?: string };

const inboxQuery = { queryKey: ['inbox'], queryFn: () => data(client.GET('/v1/notifications', { params: { query: { limit: 200 } } })), refetchInterval: 60_000 };

export function Inbox() {
    const inbox = useQuery(inboxQuery);
    const unread = inbox.data?.unread ?? 0;
    const readAll = () => act(['inbox'], () => data(client.POST('/v1/notifications/read', {})));
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_inbox') }]} title={t('nav_inbox')} intro={t('inbox_intro')} actions={unread > 0 && <Action icon="check" onPress={() => void readAll()}>{t('inbox_read_all')}</Action>}>
            <Show of={inbox}>
                {({ items }) => (items.length ? (
                    <Table<Told> caption={t('nav_inbox')} rows={items} rowKey={({ id }) => id} columns={[
                        { id: 'what', name: t('inbox_what'), cell: ({ happening, read }) => (
                            <span className="row wrap">
                                <Badge tone={happening === 'alert.firing' || happening === 'alert.trouble' ? 'bad' : 'plain'}>{tOr(`told_${happening.replace('.', '_')}`, happening)}</Badge>
                                {!read && <Badge tone="accent">{t('inbox_new')}</Badge>}
                            </span>
                        ) },
                        { id: 'title', name: t('title'), cell: (told) => <Thing told={told} /> },
                        { id: 'facts', name: t('value'), cell: ({ data: facts }) => <span className="soft">{said(facts as Facts)}</span> },
                        { id: 'at', name: t('when'), end: true, cell: ({ at }) => ago(at) },
                    ]} />
                ) : <Empty icon="bubble" title={t('inbox_empty')} />)}
            </Show>
        </Page>
    );
}

/** What it is about, as a link; to go there is to have read it. */
function Thing({ told }: { told: Told }) {
    const read = () => void act(['inbox'], () => data(client.POST('/v1/notifications/{notification}/read', { params: { path: { notification: told.id } } })));
    const { report } = told.data as Facts;
    if (report) return <Link to="/reports/$report" params={{ report }} onClick={read}>{told.title}</Link>;
    return <Link to="/alerts/$alert" params={{ alert: told.about }} onClick={read}>{told.title}</Link>;
}

function said({ series = [], more = 0, why }: Facts): string {
    if (why) return why;
    const one = ({ series: name, value }: { series: string; value?: number | null }) => [name, value === null || value === undefined ? '–' : number(value)].filter(Boolean).join(': ');
    return [...series.map(one), ...(more ? [`+${number(more)}`] : [])].join(', ');
}
