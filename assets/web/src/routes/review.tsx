// One access review: each role with what is known of its use, to be kept or revoked. By keyboard: K, R and U in a row, arrows between rows.
import { useState, type KeyboardEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { client, data, pages, send, type Schemas } from '../api/client';
import { act } from '../app/act';
import { appearance } from '../app/appearance';
import { useCommands } from '../app/commands';
import { usePeople } from '../app/people';
import { projectsQuery } from '../app/projects';
import { queries, useSession } from '../app/queries';
import { useRoles } from '../app/roles';
import { Page } from '../app/shell';
import { ago, day, moment, t, tOr } from '../i18n';
import { Action, Badge, Empty, Show, type Tone } from '../kit/bits';
import { Segments } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Confirm, Window } from '../kit/overlay';
import { LongTable } from '../kit/long-table';
import { Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { When } from '../kit/when';
import { saveText } from './csv';
import { decidedOf, Progress, ReviewState, useScope, type Review as Campaign } from './review-state';

type Item = Schemas['ReviewedRole'];
type Choice = 'keep' | 'revoke' | 'undecided';
type Wanted = 'all' | 'open' | 'keep' | 'revoke';

const TONES: Record<string, Tone> = { keep: 'good', revoke: 'bad', gone: 'plain' };
const itemsKey = (review: string) => ['access-review-items', review];

export function Review() {
    const { review: id } = useParams({ from: '/app/admin/reviews/$review' });
    const params = { path: { access_review: id } };
    const review = useQuery({ queryKey: ['access-reviews', id], queryFn: () => data(client.GET('/v1/access-reviews/{access_review}', { params })) });
    const items = useQuery({ queryKey: itemsKey(id), queryFn: () => pages((after) => data(client.GET('/v1/access-reviews/{access_review}/items', { params: { ...params, query: { limit: 200, after } } })), 5_000) });
    if (review.data) return <Whole review={review.data} items={items} />;
    return <Page crumbs={[{ name: t('nav_reviews'), to: '/admin/reviews' }, { name: '…' }]}><Show of={review} lines={8}>{() => null}</Show></Page>;
}

type Asked = { data: Item[] | undefined; error: unknown; refetch: () => unknown };

function Whole({ review, items }: { review: Campaign; items: Asked }) {
    const session = useSession();
    const navigate = useNavigate();
    const scope = useScope();
    const { nameOf } = usePeople();
    const [wanted, want] = useState<Wanted>('all');
    const [closing, end] = useState(false);
    const [removing, remove] = useState(false);
    const params = { path: { access_review: review.id } };
    const may = session?.can('role:manage') ?? false;
    const open = review.items - decidedOf(review);
    const ask = !review.closed && (session?.can('member:remove') ?? false) && review.reviewers.includes(session?.id ?? '');
    const letters = appearance.now().singleKeys;
    useCommands([
        { id: 'close', name: t('close_review'), icon: 'check', off: !may || !!review.closed, run: () => end(true) },
        ...(ask && letters ? [{ id: 'keep', name: t('keep'), keys: 'K' }, { id: 'revoke', name: t('revoke'), keys: 'R' }, { id: 'undo', name: t('undo'), keys: 'U' }] : []),
        ...(ask ? [{ id: 'rows', name: t('key_rows'), keys: '↑ ↓' }] : []),
    ]);
    const file = async (format: 'csv' | 'json') => {
        try {
            const answer = await send(`/v1/access-reviews/${review.id}/export?format=${format}`);
            const text = await answer.text();
            saveText(`${review.name}.${format}`, format === 'json' ? JSON.stringify(JSON.parse(text), null, 2) : text, format === 'json' ? 'application/json' : 'text/csv');
        } catch (error) {
            tellError(error);
        }
    };
    const actions = (
        <>
            <More label={t('export')} button={{ icon: 'download', children: t('export'), look: 'plain' }} entries={(['csv', 'json'] as const).map((format) => ({ id: format, name: t('export_as', { format: format.toUpperCase() }), run: () => void file(format) }))} />
            {may && !review.closed && <Action look="primary" icon="check" onPress={() => end(true)}>{t('close_review')}</Action>}
            {may && <More label={`${t('more')}: ${review.name}`} entries={[{ id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => remove(true) }]} />}
        </>
    );
    const choices: { id: Wanted; n: number; name: string }[] = [
        { id: 'all', n: review.items, name: t('all') }, { id: 'open', n: open, name: t('undecided') },
        { id: 'keep', n: review.kept, name: t('kept') }, { id: 'revoke', n: review.revoked, name: t('revoked') },
    ];
    return (
        <Page full crumbs={[{ name: t('nav_admin') }, { name: t('nav_reviews'), to: '/admin/reviews' }, { name: review.name }]} title={review.name} intro={scope(review)} actions={actions}>
            <div className="card padded stack tight">
                <div className="row wrap"><ReviewState review={review} /><Progress review={review} /></div>
                <dl className="row wrap review-facts">
                    <div><dt className="small soft">{review.closed ? t('review_closed') : t('due')}</dt><dd className="num">{day(review.closed ?? review.due)}</dd></div>
                    <div><dt className="small soft">{t('reviewers')}</dt><dd>{review.reviewers.map(nameOf).join(', ')}</dd></div>
                    {!review.closed && <div><dt className="small soft">{t('undecided_then')}</dt><dd>{review.undecided === 'keep' ? t('undecided_keep') : t('undecided_revoke')}</dd></div>}
                </dl>
            </div>
            <div className="row wrap apart">
                <Segments label={t('show')} value={wanted} onChange={(id) => want(id as Wanted)} choices={choices.map(({ id, n, name }) => ({ id, name: `${name} ${n}` }))} />
                {ask && letters && <p className="small soft">{t('review_keys')}</p>}
            </div>
            <Show of={items} lines={8}>{(all) => <Roles review={review} all={all} wanted={wanted} ask={ask} />}</Show>
            <Confirm title={t('close_review')} open={closing} onClose={() => end(false)} action={t('close_review')}
                text={open === 0 ? t('close_all_decided') : review.undecided === 'keep' ? t('close_keeps', { n: open }) : t('close_revokes', { n: open })}
                onYes={() => act(['access-reviews', 'access-review-items', 'assignments', 'report'], () => client.POST('/v1/access-reviews/{access_review}/close', { params }), t('review_was_closed'))} />
            <Confirm title={t('remove')} text={t('remove_review_text', { name: review.name })} action={t('remove')} open={removing} onClose={() => remove(false)}
                onYes={async () => {
                    const done = await act([], () => client.DELETE('/v1/access-reviews/{access_review}', { params }), t('removed'));
                    if (!done) return;
                    await navigate({ to: '/admin/reviews' });
                    queries.removeQueries({ queryKey: ['access-reviews', review.id] });
                    await queries.invalidateQueries({ queryKey: ['access-reviews'] });
                }} />
        </Page>
    );
}

const DECIDE: Record<string, Choice> = { k: 'keep', r: 'revoke', u: 'undecided' };

function Roles({ review, all, wanted, ask }: { review: Campaign; all: Item[]; wanted: Wanted; ask: boolean }) {
    const session = useSession();
    const { nameOf } = usePeople();
    const { nameOf: roleOf } = useRoles();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const [revoking, revoke] = useState<Item | null>(null);
    const key = itemsKey(review.id);
    const called = (item: Item) => item.principal_name ?? nameOf(item.principal);
    const mine = ({ principal }: Item) => principal === session?.id;

    /** Shown at once, and taken back where the appliance refuses. */
    const decide = async (item: Item, decision: Choice, reason = '') => {
        const before = queries.getQueryData<Item[]>(key);
        const by = { by: session?.id ?? '', at: new Date().toISOString(), reason, by_closing: false };
        const next = decision === 'undecided' ? undefined : { ...by, decision };
        queries.setQueryData<Item[]>(key, (items) => items?.map((one) => (one.assignment === item.assignment ? { ...one, decided: next } : one)));
        try {
            const body = { assignments: [item.assignment], decision, reason };
            const now = await data(client.POST('/v1/access-reviews/{access_review}/decisions', { params: { path: { access_review: review.id } }, body }));
            queries.setQueryData(['access-reviews', review.id], now);
            void queries.invalidateQueries({ queryKey: ['access-reviews'], exact: true });
            // The role may have been taken back elsewhere meanwhile.
            if (now.gone !== review.gone) await queries.invalidateQueries({ queryKey: key });
        } catch (error) {
            queries.setQueryData(key, before);
            throw error;
        }
    };
    const may = (item: Item, choice: Choice) => ask && !mine(item) && (choice === 'undecided' ? item.decided?.decision === 'keep' : !item.decided || (item.decided.decision === 'keep' && choice === 'revoke'));
    const choose = (item: Item, choice: Choice) => {
        if (!may(item, choice)) return;
        if (choice === 'revoke') revoke(item);
        else decide(item, choice).catch(tellError);
    };

    const rows = all.filter(({ decided }) => wanted === 'all' || (wanted === 'open' ? !decided : decided?.decision === wanted));
    const columns: Column<Item>[] = [
        { id: 'who', name: t('who'), cell: (item) => <span className="row wrap" data-item={item.assignment}><strong>{called(item)}</strong>{item.principal.startsWith('grp_') && <Badge>{t('noun_group')}</Badge>}{item.principal.startsWith('svc_') && <Badge>{t('noun_service_account')}</Badge>}</span> },
        { id: 'role', name: t('role'), cell: ({ role, project }) => <><span>{roleOf(role)}</span><br /><span className="small soft">{project ? (projects.find(({ id }) => id === project)?.title ?? t('project')) : t('whole_workspace')}</span></> },
        { id: 'given', name: t('given'), cell: ({ given, given_by, expires }) => <><When at={given} as="day" className="num" /> <span className="small soft">{nameOf(given_by)}</span>{expires && <><br /><Badge tone="warn">{t('link_until', { day: day(expires) })}</Badge></>}</> },
        { id: 'seen', name: t('last_seen'), cell: ({ principal, last_seen }) => principal.startsWith('grp_') ? <span className="soft">–</span> : last_seen ? <span title={moment(last_seen)}>{ago(last_seen, undefined, 'hour')}</span> : <Badge tone="warn">{t('never')}</Badge> },
        { id: 'decided', name: t('decision'), cell: (item) => <Decision item={item} mine={mine(item)} nameOf={nameOf} ask={ask} name={`${called(item)}, ${roleOf(item.role)}`} may={(choice) => may(item, choice)} choose={(choice) => choose(item, choice)} /> },
    ];
    const press = (event: KeyboardEvent) => {
        if (event.metaKey || event.ctrlKey || event.altKey) return;
        const row = (event.target as HTMLElement).closest('tr');
        const item = all.find(({ assignment }) => assignment === row?.querySelector<HTMLElement>('[data-item]')?.dataset.item);
        if (!row || !item) return;
        const choice = appearance.now().singleKeys ? DECIDE[event.key.toLowerCase()] : undefined;
        const next = event.key === 'ArrowDown' ? row.nextElementSibling : event.key === 'ArrowUp' ? row.previousElementSibling : undefined;
        if (next !== undefined) {
            event.preventDefault();
            next?.querySelector('button')?.focus();
        } else if (choice) {
            event.preventDefault();
            choose(item, choice);
            // Where its own buttons go, the next row's are near; decided rows keep theirs.
            if (choice === 'keep') row.nextElementSibling?.querySelector('button')?.focus();
        }
    };
    if (!rows.length) return <Empty icon="check" title={t('nothing_found')} />;
    const Rows = rows.length > 100 ? LongTable : Table;
    return (
        <div className="review" onKeyDown={press}>
            <Rows caption={t('nav_reviews')} columns={columns} rows={rows} rowKey={({ assignment }) => assignment} {...(rows.length > 100 && { height: 60 })} />
            <Window title={t('revoke')} open={!!revoking} onOpen={(open) => !open && revoke(null)}>
                {(close) => revoking && (
                    <SendForm submit={t('revoke')} also={<Cancel />} onSend={async ({ reason = '' }) => {
                        await decide(revoking, 'revoke', reason);
                        close();
                        tell(t('role_taken', { role: roleOf(revoking.role), name: called(revoking) }));
                        await Promise.all(['assignments', 'report'].map((changed) => queries.invalidateQueries({ queryKey: [changed] })));
                    }}>
                        <p>{t('revoke_role_text', { role: roleOf(revoking.role), name: called(revoking) })}</p>
                        <Field name="reason" label={t('reason')} maxLength={500} autoFocus />
                    </SendForm>
                )}
            </Window>
        </div>
    );
}

type DecisionProps = { item: Item; mine: boolean; ask: boolean; name: string; nameOf: (id: string) => string; may: (choice: Choice) => boolean; choose: (choice: Choice) => void };
function Decision({ item: { decided }, mine, ask, name, nameOf, may, choose }: DecisionProps) {
    if (!decided) {
        if (mine && ask) return <span className="small soft">{t('review_own')}</span>;
        if (!ask) return <span className="soft">{t('undecided')}</span>;
        return (
            <span className="row">
                <Action icon="check" aria-label={`${t('keep')}: ${name}`} onPress={() => choose('keep')}>{t('keep')}</Action>
                <Action icon="close" aria-label={`${t('revoke')}: ${name}`} onPress={() => choose('revoke')}>{t('revoke')}</Action>
            </span>
        );
    }
    const why = decided.by_closing ? (decided.reason && tOr(`closing_${decided.reason}`, decided.reason)) : decided.reason;
    const said = decided.decision === 'keep' ? t('kept') : decided.decision === 'revoke' ? t('revoked') : t('role_gone');
    return (
        <span className="row wrap">
            <Badge tone={TONES[decided.decision]}>{said}</Badge>
            <span className="small soft" title={moment(decided.at)}>{decided.by_closing ? t('by_closing') : nameOf(decided.by)}{why && ` · ${why}`}</span>
            {may('undecided') && <Action look="quiet" icon="undo" aria-label={`${t('undo')}: ${name}`} onPress={() => choose('undecided')} />}
        </span>
    );
}
