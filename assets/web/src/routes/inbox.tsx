// What the one who is signed in was told.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { Page } from '../app/shell';
import { ago, clock, day, number, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Icon, type IconName } from '../kit/icon';
import './portal.css';

type Told = Schemas['Notification'];
type Facts = {
    series?: { series: string; value?: number | null }[]; more?: number; why?: string; report?: string; recording?: string; project?: string; time_ms?: number; reason?: string;
    ends?: string;
};

const inboxQuery = { queryKey: ['inbox'], queryFn: () => data(client.GET('/v1/notifications', { params: { query: { limit: 200 } } })), refetchInterval: 60_000 };

export function Inbox() {
    const inbox = useQuery(inboxQuery);
    const unread = inbox.data?.unread ?? 0;
    const readAll = () => act(['inbox'], () => data(client.POST('/v1/notifications/read', {})));
    return (
        <Page
            crumbs={[{ name: t('nav_work') }, { name: t('nav_inbox') }]} title={t('nav_inbox')} intro={t('inbox_intro')}
            actions={<>
                {unread > 0 && <Action icon="check" onPress={() => void readAll()}>{t('inbox_read_all')}</Action>}
                <Link to="/settings" hash="notifications" className="button quiet"><Icon name="gear" />{t('notifications')}</Link>
            </>}
        >
            <Show of={inbox}>
                {({ items }) => (items.length ? <ul className="told">{items.map((told) => <One key={told.id} told={told} />)}</ul> : <Empty icon="mail" title={t('inbox_empty')}>{t('inbox_empty_hint')}</Empty>)}
            </Show>
        </Page>
    );
}

const ICONS: Record<string, IconName> = { comment: 'bubble', video: 'video', project: 'folder', report: 'list', alert: 'alert', key: 'key' };

function One({ told }: { told: Told }) {
    const [kind = ''] = told.happening.split('.');
    const bad = ['alert.firing', 'alert.trouble', 'video.failed'].includes(told.happening);
    const facts = said(told.data as Facts);
    const read = () => act(['inbox'], () => data(client.POST('/v1/notifications/{notification}/read', { params: { path: { notification: told.id } } })));
    return (
        <li className={told.read ? undefined : 'unread'}>
            <span className={bad ? 'mark bad' : 'mark'}><Icon name={ICONS[kind] ?? 'mail'} /></span>
            <div className="grow">
                <p><Thing told={told} onRead={() => void (told.read || read())} /></p>
                <p className="small soft">{[ago(told.at), facts].filter(Boolean).join(' · ')}</p>
            </div>
            {!told.read && <Badge tone="accent">{t('inbox_new')}</Badge>}
            {!told.read && <Action look="quiet" icon="check" aria-label={`${t('inbox_read')}: ${sentence(told)}`} onPress={() => void read()} />}
        </li>
    );
}

/** What happened, as a link to the thing; to go there is to have read it. */
function Thing({ told, onRead }: { told: Told; onRead: () => void }) {
    const { report, recording, project, time_ms: at } = told.data as Facts;
    const text = sentence(told);
    if (report) return <Link to="/reports/$report" params={{ report }} onClick={onRead}>{text}</Link>;
    if (recording) return <Link to="/recordings/$recording" params={{ recording }} search={at === undefined ? {} : { at }} onClick={onRead}>{text}</Link>;
    if (project) return <Link to="/projects/$project" params={{ project }} onClick={onRead}>{text}</Link>;
    if (told.happening === 'key.expiring') return <Link to="/settings" hash="keys" onClick={onRead}>{text}</Link>;
    if (told.happening.startsWith('alert.')) return <Link to="/alerts/$alert" params={{ alert: told.about }} onClick={onRead}>{text}</Link>;
    return <>{text}</>;
}

function sentence({ happening, title, by: name, data: facts, at }: Told): string {
    const by = name ?? t('somebody');
    switch (happening) {
        case 'comment.mention': return t('said_mention', { by, title });
        case 'comment.reply': return t('said_reply', { by, title });
        case 'comment.made': return t('said_comment', { by, title });
        case 'video.made': return t('said_video', { title });
        case 'video.failed': return t('said_video_failed', { title });
        case 'project.shared': return t('said_shared', { by, title });
        case 'report.made': return t('said_report', { title });
        case 'alert.firing': return t('said_alert', { title });
        case 'alert.resolved': return t('said_alert_over', { title });
        case 'alert.trouble': return t('said_alert_trouble', { title });
        case 'key.expiring': return t('said_key', { title, day: day((facts as Facts).ends ?? at) });
        default: return title;
    }
}

/** What else is to be said of it in a line. */
function said({ series = [], more = 0, why, reason, time_ms: at }: Facts): string {
    if (why) return why;
    if (reason) return REASONS()[reason] ?? '';
    if (at !== undefined) return t('at_moment', { at: clock(at) });
    const one = ({ series: name, value }: { series: string; value?: number | null }) => [name, value === null || value === undefined ? '–' : number(value)].filter(Boolean).join(': ');
    return [...series.map(one), ...(more ? [`+${number(more)}`] : [])].join(', ');
}

const REASONS = (): Record<string, string> => ({
    bad_input: t('failed_bad_input'), missing: t('failed_missing'), not_allowed: t('failed_not_allowed'), limit: t('failed_limit'), deadline: t('failed_deadline'),
});
