// Of what one wants to be told, and how: in the page, and by mail where the appliance sends any.
import { useEffect, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { LANGUAGES, t } from '../i18n';
import { Notice, Show } from '../kit/bits';
import { Pick, Switch } from '../kit/choose';
import { tellError } from '../kit/toast';
import './portal.css';

type Settings = Schemas['NotificationSettings'];
type Change = Schemas['NotificationSettingsChange'];
type Channel = 'inbox' | 'mail';

const KEY = ['notification-settings'];
const settingsQuery = { queryKey: KEY, queryFn: () => data(client.GET('/v1/me/notifications')) };

// What is not known here yet is shown by its code.
const names = (): Record<string, string> => ({
    'comment.mention': t('wish_mention'), 'comment.reply': t('wish_reply'), 'comment.made': t('wish_comment'),
    'video.made': t('wish_video'), 'video.failed': t('wish_video_failed'), 'project.shared': t('wish_shared'),
    'report.made': t('wish_report'), 'alert.firing': t('wish_alert'), 'alert.resolved': t('wish_alert_over'), 'alert.trouble': t('wish_alert_trouble'),
    'key.expiring': t('wish_key'),
});

/** Shown at once, and as it was when it is refused. What others have changed meanwhile stays: only what is named changes. */
async function change(body: Change): Promise<void> {
    await queries.cancelQueries({ queryKey: KEY });
    const before = queries.getQueryData<Settings>(KEY);
    if (before) {
        const items = before.items.map((item) => ({ ...item, ...body.items?.find(({ happening }) => happening === item.happening) }) as Settings['items'][number]);
        queries.setQueryData<Settings>(KEY, { ...before, items, language: body.language ?? before.language });
    }
    try {
        queries.setQueryData(KEY, await data(client.PATCH('/v1/me/notifications', { params: { header: { 'If-Match': '*' } }, body })));
    } catch (error) {
        queries.setQueryData(KEY, before);
        tellError(error);
    }
}

export function Wishes() {
    const settings = useQuery(settingsQuery);
    const section = useRef<HTMLElement>(null);
    // Who comes for this sees it, however much stands above it.
    const ready = !!settings.data;
    useEffect(() => {
        if (ready && location.hash === '#notifications') section.current?.scrollIntoView();
    }, [ready]);
    return (
        <section className="card padded stack" id="notifications" ref={section}>
            <div className="stack tight">
                <h2>{t('notifications')}</h2>
                <p className="small soft">{t('notifications_hint')}</p>
            </div>
            <Show of={settings} lines={8}>{(settings) => <Choices settings={settings} />}</Show>
        </section>
    );
}

function Choices({ settings }: { settings: Settings }) {
    const { items, mails, address, language } = settings;
    const called = names();
    const channels: { id: Channel; name: string }[] = [{ id: 'inbox', name: t('by_page') }, ...(mails ? [{ id: 'mail' as const, name: t('by_mail') }] : [])];
    const parts = [
        { name: t('wishes_work'), items: items.filter(({ happening, addressed }) => !addressed && !happening.startsWith('key.')) },
        { name: t('wishes_numbers'), hint: mails ? t('wishes_addressed') : undefined, items: items.filter(({ addressed }) => addressed) },
        { name: t('wishes_account'), items: items.filter(({ happening }) => happening.startsWith('key.')) },
    ];
    return (
        <>
            {mails ? (
                <div className="row wrap apart">
                    <p className="small">{t('mails_go_to', { address: address ?? '' })}</p>
                    <Pick
                        label={t('mail_language')} value={language ?? 'none'} onChange={(language) => language !== 'none' && void change({ language })}
                        choices={[...(language ? [] : [{ id: 'none', name: t('mail_language_none') }]), ...LANGUAGES.filter(({ code }) => code !== 'en-XA').map(({ code, name }) => ({ id: code, name }))]}
                    />
                </div>
            ) : <Notice icon="mail">{t('no_mails')}</Notice>}
            <table className="wishes">
                <caption className="hidden">{t('notifications')}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t('wish_when')}</th>
                        {channels.map(({ id, name }) => <th key={id} scope="col">{name}</th>)}
                    </tr>
                </thead>
                {parts.map(({ name, hint, items }) => (
                    <tbody key={name}>
                        <tr><th scope="rowgroup" colSpan={channels.length + 1}>{name}{hint && <span className="hint">{hint}</span>}</th></tr>
                        {items.map((item) => (
                            <tr key={item.happening}>
                                <th scope="row">{called[item.happening] ?? item.happening}</th>
                                {channels.map(({ id, name }) => (
                                    <td key={id}>
                                        <Switch on={item[id]} onChange={(on) => void change({ items: [id === 'inbox' ? { happening: item.happening, inbox: on } : { happening: item.happening, mail: on }] })}>
                                            <span className="hidden">{`${called[item.happening] ?? item.happening}: ${name}`}</span>
                                        </Switch>
                                    </td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                ))}
            </table>
        </>
    );
}
