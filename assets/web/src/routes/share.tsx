// Links for people without an account: with an end, and with a password if one wants.
import { useState, type ReactNode } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { act } from '../app/act';
import { ago, day, number, t } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { useConfirm } from '../kit/confirm';
import { Window } from '../kit/overlay';
import { inDays } from './in-days';
import { Secret } from './secret';

export function ShareWindow({ subject, open, onOpen }: { subject: string; open: boolean; onOpen: (open: boolean) => void }) {
    return (
        <Window title={t('share')} open={open} onOpen={onOpen} large>
            <Links subject={subject} page="watch" body={({ origins = '' }) => ({ origins: originsOf(origins) })}>
                <Field name="origins" label={t('board_origins')} hint={t('board_origins_hint')} autoComplete="off" />
            </Links>
        </Window>
    );
}

/** Origins as they are written by hand: apart by blanks or commas, with a slash at the end that belongs to no origin. */
const originsOf = (text: string) => text.split(/[\s,]+/).filter(Boolean).map((origin) => origin.replace(/\/$/, '').toLowerCase());

const framersOf = ({ dashboard, origins }: Schemas['ViewLink']) => dashboard?.origins ?? origins;

/** What a page has in it that holds the link in a frame: a video with its bar, a dashboard as wide as there is room. */
const frameOf = (page: LinksProps['page'], token: string) =>
    `<iframe src="${location.origin}/${page}/${token}" ${page === 'watch' ? 'width="960" height="630" allow="fullscreen" style="border:0"' : 'width="100%" height="800"'}></iframe>`;

type LinksProps = {
    subject: string;
    /** The page that shows it. */
    page: 'watch' | 'shown';
    /** What else the form asks, and what that says of the link. */
    body?: (values: Record<string, string>) => Partial<Schemas['NewViewLink']>;
    children?: ReactNode;
};

export function Links({ subject, page, body: more, children }: LinksProps) {
    const queries = useQueryClient();
    const [made, setMade] = useState<Schemas['ViewLinkToken'] | null>(null);
    const key = ['links', subject];
    const links = useQuery({ queryKey: key, queryFn: () => data(client.GET('/v1/subjects/{subject}/view-links', { params: { path: { subject } } })) });
    const [ask, dialog] = useConfirm();
    const revoke = ({ id, note }: Schemas['ViewLink']) => ask({
        title: t('revoke'), text: t('revoke_link_text', { name: note || t('link') }), action: t('revoke'),
        run: () => act(['links'], () => client.DELETE('/v1/view-links/{view_link}', { params: { path: { view_link: id } } }), t('link_was_revoked')),
    });
    return (
        <>
            {made && <Secret label={t('link_made')} text={`${location.origin}/${page}/${made.token}`} />}
            {made && framersOf(made).length > 0 && <Secret label={t('link_frame')} text={frameOf(page, made.token)} />}
            <SendForm submit={t('make_link')} onSend={async ({ days = '7', password = '', note = '', max_views: most = '', ...values }) => {
                const body = { note, expires: inDays(Number(days)), ...(password && { password }), ...(most && { max_views: Number(most) }), ...more?.(values) };
                setMade(await data(client.POST('/v1/subjects/{subject}/view-links', { params: { path: { subject } }, body })));
                await queries.invalidateQueries({ queryKey: key });
            }}>
                <Pick name="days" label={t('good_for')} initial="7" choices={[1, 7, 30, 90].map((n) => ({ id: String(n), name: t('n_days', { n }) }))} />
                <Field name="password" label={t('link_password')} hint={t('link_password_hint')} autoComplete="off" />
                <Field name="max_views" type="number" inputMode="numeric" label={t('max_views')} hint={t('max_views_hint')} autoComplete="off" />
                <Field name="note" label={t('note')} maxLength={200} autoComplete="off" />
                {children}
            </SendForm>
            <Show of={links} lines={2}>
                {({ items }) => (
                    <ul className="stack tight">
                        {items.filter(({ revoked }) => !revoked).map((link) => (
                            <li key={link.id} className="row apart">
                                <span className="grow">
                                    <span className="row"><strong className="cut">{link.note || t('link')}</strong>{link.has_password && <Badge>{t('password')}</Badge>}{link.dashboard && <Badge>{t('link_version', { n: link.dashboard.version })}</Badge>}</span>
                                    <span className="small soft">{t('link_until', { day: day(link.expires) })} · {t('n_views', { n: link.views })}{link.max_views != null && ` / ${number(link.max_views)}`}{link.last_used ? ` · ${ago(link.last_used)}` : ''}</span>
                                    {framersOf(link).length > 0 && <span className="small soft">{t('link_framers', { origins: framersOf(link).join(', ') })}</span>}
                                </span>
                                <Action look="quiet" aria-label={`${t('revoke')}: ${link.note || t('link')}`} onPress={() => revoke(link)}>{t('revoke')}</Action>
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
            {dialog}
        </>
    );
}
