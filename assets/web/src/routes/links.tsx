// Every link that shows something without an account: to whom it was given, how long it is good, and the way to end it.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { usePeople } from '../app/people';
import { Page } from '../app/shell';
import { day, number, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Segments } from '../kit/choose';
import { LongTable } from '../kit/long-table';
import { Confirm } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';

type ViewLink = Schemas['ViewLink'];
type State = 'open' | 'over' | 'revoked';
const stateOf = ({ revoked, expires, max_views: most, views }: ViewLink): State =>
    revoked ? 'revoked' : Date.parse(expires) < Date.now() || (most != null && views >= most) ? 'over' : 'open';

export function ViewLinks() {
    const { nameOf } = usePeople();
    const [wanted, want] = useState<'open' | 'all'>('open');
    const [ending, end] = useState<ViewLink | null>(null);
    const links = useQuery({ queryKey: ['links', 'all'], queryFn: () => pages((after) => data(client.GET('/v1/view-links', { params: { query: { limit: 200, after } } })), 2_000) });
    const columns: Column<ViewLink>[] = [
        { id: 'what', name: t('link_shows'), cell: ({ subject }) => <Subject id={subject} /> },
        { id: 'note', name: t('note'), cell: (link) => <span className="row wrap">{link.note || <span className="soft">–</span>}{link.has_password && <Badge>{t('password')}</Badge>}{stateOf(link) !== 'open' && <Badge tone="warn">{t(`link_${stateOf(link)}`)}</Badge>}</span> },
        { id: 'by', name: t('link_by'), cell: ({ owner, created }) => <><span>{nameOf(owner)}</span><br /><When at={created} className="small soft" /></> },
        { id: 'until', name: t('link_ends'), cell: ({ expires }) => day(expires) },
        { id: 'views', name: t('link_views'), end: true, cell: ({ views, max_views: most, last_used: last }) => <><span className="num">{number(views)}{most != null && ` / ${number(most)}`}</span>{last && <><br /><When at={last} className="small soft" /></>}</> },
        { id: 'revoke', name: t('revoke'), hide: true, end: true, cell: (link) => stateOf(link) === 'open' && <Action aria-label={`${t('revoke')}: ${link.note || t('link')}`} onPress={() => end(link)}>{t('revoke')}</Action> },
    ];
    return (
        <Page crumbs={[{ name: t('nav_links') }]} title={t('nav_links')} intro={t('links_intro')}>
            <Segments label={t('state')} value={wanted} onChange={(next) => want(next === 'all' ? 'all' : 'open')} choices={[{ id: 'open', name: t('link_open') }, { id: 'all', name: t('all') }]} />
            <Show of={links}>
                {(all) => {
                    const rows = all.filter((link) => wanted === 'all' || stateOf(link) === 'open');
                    if (!rows.length) return <Empty icon="link" title={t('no_links')}>{t('no_links_hint')}</Empty>;
                    return rows.length > 100 ? <LongTable caption={t('nav_links')} columns={columns} rows={rows} rowKey={({ id }) => id} height={60} /> : <Table caption={t('nav_links')} columns={columns} rows={rows} rowKey={({ id }) => id} />;
                }}
            </Show>
            <Confirm
                title={t('revoke')} text={t('revoke_link_text', { name: ending?.note || t('link') })} action={t('revoke')} open={!!ending} onClose={() => end(null)}
                onYes={() => ending && act(['links'], () => client.DELETE('/v1/view-links/{view_link}', { params: { path: { view_link: ending.id } } }), t('removed'))}
            />
        </Page>
    );
}

/** What a link shows, by name: a video or a dashboard. */
function Subject({ id }: { id: string }) {
    const ofVideo = id.startsWith('vid');
    const video = useQuery({ queryKey: ['video', id], enabled: ofVideo, retry: false, queryFn: () => data(client.GET('/v1/videos/{video}', { params: { path: { video: id } } })) }).data;
    const board = useQuery({ queryKey: ['dashboard', id], enabled: !ofVideo, retry: false, queryFn: () => data(client.GET('/v1/dashboards/{dashboard}', { params: { path: { dashboard: id } } })) }).data;
    if (video) return <Link to="/recordings/$recording" params={{ recording: video.recording }}>{video.title}</Link>;
    if (board) return <Link to="/dashboards/$dashboard" params={{ dashboard: id }}>{board.title}</Link>;
    return <span className="soft">{t(ofVideo ? 'noun_video' : 'noun_dashboard')}</span>;
}
