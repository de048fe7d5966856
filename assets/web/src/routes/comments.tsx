// What people say about a talk or a diagram, each at its moment or its box; answered, and settled when it is dealt with.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components/Button';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { actAtOnce } from '../app/at-once';
import { usePeople } from '../app/people';
import { queries, useSession } from '../app/queries';
import { commentsOn, commentsOnTalk, isAt } from './comments-on';
import { clock, t } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { When } from '../kit/when';

type Comment = Schemas['Comment'];
type Place = Comment['place'];
/** `place`: where a new one goes; `here`: those of this place alone; `talk`: of a recording, with those of its videos; `seek`: goes to the moment
 * of one. */
type Props = { subject: string; place: Place; here?: boolean; talk?: boolean; seek?: (ms: number) => void };
const again = () => queries.invalidateQueries({ queryKey: ['comments'] });

export function Comments({ subject, place, here, talk, seek }: Props) {
    const session = useSession();
    const [round, setRound] = useState(0);
    const comments = useQuery(talk ? commentsOnTalk(subject) : commentsOn(subject));
    return (
        <div className="stack">
            {session?.can('comment:create') && (
                <SendForm key={round} submit={place.time_ms == null ? t('send') : `${t('send')} · ${clock(place.time_ms)}`} onSend={async ({ text = '' }) => {
                    await client.POST('/v1/subjects/{subject}/comments', { params: { path: { subject } }, body: { text, place } });
                    await again();
                    setRound(round + 1);
                }}>
                    <Guard />
                    <Field name="text" label={t('write_comment')} hint={t('comment_hint')} lines isRequired maxLength={4_000} />
                </SendForm>
            )}
            <Show of={comments} lines={3}>
                {(all) => {
                    const sorted = all.filter((one) => !here || isAt(one, place)).sort((one, other) => Number(!!one.resolved) - Number(!!other.resolved) || (one.place.time_ms ?? 0) - (other.place.time_ms ?? 0));
                    if (!sorted.length) return <p className="soft">{t('no_comments')}</p>;
                    return <ul className="lines">{sorted.map((comment) => <li key={comment.id}><One comment={comment} seek={seek} top /></li>)}</ul>;
                }}
            </Show>
        </div>
    );
}

function One({ comment, seek, top }: { comment: Comment; seek?: (ms: number) => void; top?: boolean }) {
    const session = useSession();
    const { nameOf } = usePeople();
    const [open, setOpen] = useState(false);
    const { id, version, author, text, place, resolved, replies, created, removed } = comment;
    const params = { path: { comment: id }, header: ifMatch(version) };
    const settle = (resolved: boolean) => actAtOnce(['comments'], [id], { resolved: resolved ? new Date().toISOString() : null }, () => client.PATCH('/v1/comments/{comment}', { params, body: { resolved } }));
    const mine = author === session?.id;
    return (
        <article className="comment">
            <header className="row apart">
                <span className="row wrap"><strong>{nameOf(author)}</strong><When at={created} className="small soft" />{resolved && <Badge tone="good">{t('resolved')}</Badge>}</span>
                {place.time_ms != null && seek && <Button className="plain-link num small" onPress={() => seek(place.time_ms ?? 0)}>{clock(place.time_ms)}</Button>}
            </header>
            <p className={removed ? 'soft' : undefined}>{removed ? t('comment_removed') : text}</p>
            {top && !removed && session?.can('comment:create') && (
                <div className="row">
                    <Action look="quiet" onPress={() => setOpen(!open)} aria-expanded={open}>{replies ? t('n_replies', { n: replies }) : t('reply')}</Action>
                    <Action look="quiet" onPress={() => void settle(!resolved)}>{resolved ? t('reopen') : t('resolve')}</Action>
                    {(mine || session.can('comment:moderate')) && <Action look="quiet" icon="trash" aria-label={`${t('remove')}: ${text.slice(0, 40)}`} onPress={() => void actAtOnce(['comments'], [id], replies ? { removed: new Date().toISOString() } : null, () => client.DELETE('/v1/comments/{comment}', { params: { path: { comment: id } } }), { told: t('removed') })} />}
                </div>
            )}
            {open && <Replies of={id} />}
        </article>
    );
}

function Replies({ of }: { of: string }) {
    const [round, setRound] = useState(0);
    const path = { comment: of };
    const replies = useQuery({ queryKey: ['comments', 'of', of], queryFn: () => pages((after) => data(client.GET('/v1/comments/{comment}/replies', { params: { path, query: { limit: 200, after } } })), 200) });
    return (
        <div className="stack tight replies">
            {replies.data?.map((comment) => <One key={comment.id} comment={comment} />)}
            <SendForm key={round} submit={t('reply')} onSend={async ({ text = '' }) => {
                await client.POST('/v1/comments/{comment}/replies', { params: { path }, body: { text } });
                await again();
                setRound(round + 1);
            }}>
                <Guard />
                <Field name="text" label={t('reply')} lines isRequired maxLength={4_000} autoFocus />
            </SendForm>
        </div>
    );
}
