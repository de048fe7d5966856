// Who belongs to the workspace, and who is invited.
import { lazy, Suspense, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'react-aria-components/Button';
import { client, data, ifMatch, MOST, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useCommands, useWish } from '../app/commands';
import { membersIn, membersQuery } from '../app/people';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t, tOr } from '../i18n';
import { Action, Badge, Empty, Show, Skeleton, type Tone } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { useConfirm } from '../kit/confirm';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { Grid } from '../kit/grid';
import { keptOf, sortOf } from '../kit/order';
import { Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { When } from '../kit/when';
import { joinLink } from './join-link';
import { Secret } from './secret';
import { ROLES } from './wanted';

// Few come for these.
const Grants = lazy(() => import('./grants').then(({ Grants }) => ({ default: Grants })));
const InviteMany = lazy(() => import('./invite-many').then(({ InviteMany }) => ({ default: InviteMany })));
const MembersBulk = lazy(() => import('./members-bulk').then(({ MembersBulk }) => ({ default: MembersBulk })));
const EraseMember = lazy(() => import('./erase-member').then(({ EraseMember }) => ({ default: EraseMember })));

type Member = Schemas['Member'];
type Invitation = Schemas['Invitation'];
const CLASSES = ['public', 'internal', 'confidential', 'secret', 'restricted'] as const;
/** By what members are put in order where there are more than are here. */
const SERVED = { name: 'name', state: 'state', clearance: 'clearance', seen: 'last_sign_in', created: 'created' } as const;
const STATES: Record<string, Tone> = { active: 'good', suspended: 'warn' };

export function Members() {
    const session = useSession();
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_members') }]} title={t('nav_members')} intro={t('members_intro')} actions={session?.can('member:invite') && <Invite />}>
            <People />
            {session?.can('member:invite') && <Invitations />}
        </Page>
    );
}

function useTenant() {
    return useQuery({ queryKey: ['tenant'], queryFn: () => data(client.GET('/v1/tenant')) }).data;
}

function Invite() {
    const tenant = useTenant();
    const members = useQuery(membersQuery).data ?? [];
    const [inviting, invite] = useState(false);
    const begin = () => invite(true);
    useCommands([{ id: 'invite', name: t('invite'), icon: 'users', run: begin }]);
    useWish('invite', begin);
    return (
        <>
            <Ask button={{ icon: 'upload', children: t('invite_many') }} title={t('invite_many')} large>
                {(close) => <Suspense fallback={<Skeleton />}><InviteMany slug={tenant?.slug ?? ''} known={new Set(members.flatMap(({ email }) => email ?? []))} close={close} /></Suspense>}
            </Ask>
            <Ask button={{ look: 'primary', icon: 'plus', children: t('invite') }} title={t('invite')} open={inviting} onOpen={invite}>
                {(close) => <InviteForm close={close} />}
            </Ask>
        </>
    );
}

function InviteForm({ close }: { close: () => void }) {
    const queries = useQueryClient();
    const tenant = useTenant();
    const [link, setLink] = useState('');
    if (link) return <Secret label={t('invited_hint')} text={link} />;
    return (
        <SendForm submit={t('invite')} also={<Cancel />} onSend={async ({ email = '', role = 'viewer' }) => {
            const made = await data(client.POST('/v1/invitations', { body: { email, role: role as (typeof ROLES)[number] } }));
            await queries.invalidateQueries({ queryKey: ['invitations'] });
            if (tenant) setLink(joinLink(tenant.slug, made.code));
            else close();
        }}>
            <Field name="email" type="email" label={t('email')} isRequired autoFocus />
            <Pick name="role" label={t('role')} initial="editor" choices={ROLES.map((role) => ({ id: role, name: tOr(`role_${role}`, role) }))} />
        </SendForm>
    );
}

function People() {
    const session = useSession();
    const first = useQuery(membersQuery);
    const [by, onBy] = useState(() => keptOf('members', []).by);
    const sort = sortOf(by, SERVED);
    const inOrder = useQuery({ ...membersIn(sort ?? 'name'), enabled: !!sort && (first.data?.length ?? 0) >= MOST });
    const members = inOrder.data && sort ? inOrder : first;
    const queries = useQueryClient();
    const [wanted, setWanted] = useState('');
    const [granting, grant] = useState<Member | null>(null);
    const [leaving, setLeaving] = useState<Member | null>(null);
    const [lost, setLost] = useState<Member | null>(null);
    const [erasing, erase] = useState<Member | null>(null);
    const [clearing, clear] = useState<Member | null>(null);
    const [password, setPassword] = useState('');
    const change = ({ id, version }: Member, body: Schemas['MemberChange']) =>
        act(['members'], () => client.PATCH('/v1/members/{user}', { params: { path: { user: id }, header: ifMatch(version) }, body }));
    const [ask, dialog] = useConfirm();
    const reset = ({ id, name }: Member) => ask({
        title: t('reset_password'), text: t('reset_password_text', { name }), action: t('reset_password'),
        run: () => data(client.POST('/v1/members/{user}/password', { params: { path: { user: id } } })).then((made) => setPassword(made.password), tellError),
    });
    const remove = ({ id, version, name }: Member) =>
        act(['members'], () => client.DELETE('/v1/members/{user}', { params: { path: { user: id }, header: ifMatch(version) } }), t('member_removed', { name }));
    const columns: Column<Member>[] = [
        { id: 'name', name: t('name'), kept: true, sort: ({ name }) => name, cell: (member) => <span><Button className="plain-link" onPress={() => grant(member)}>{member.name}</Button><br /><span className="small soft">{member.email}</span></span> },
        { id: 'state', name: t('state'), sort: ({ state, locked }) => `${tOr(`member_${state}`, state)} ${locked}`, cell: ({ state, locked }) => <span className="row"><Badge tone={STATES[state] ?? 'plain'}>{tOr(`member_${state}`, state)}</Badge>{locked && <Badge tone="bad">{t('locked')}</Badge>}</span> },
        { id: 'clearance', name: t('clearance'), sort: ({ clearance }) => CLASSES.indexOf(clearance), cell: ({ clearance }) => tOr(`class_${clearance}`, clearance) },
        { id: 'seen', name: t('last_sign_in'), sort: ({ last_sign_in }) => last_sign_in, cell: ({ last_sign_in }) => last_sign_in ? <When at={last_sign_in} as="hour" /> : <span className="soft">{t('never')}</span> },
        { id: 'created', name: t('created'), extra: true, sort: ({ created }) => created, cell: ({ created }) => <When at={created} /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (member) => member.id !== session?.id && session?.can('member:update') && (
                <More label={`${t('more')}: ${member.name}`} entries={[
                    member.state === 'suspended'
                        ? { id: 'resume', name: t('resume'), run: () => void change(member, { suspended: false }) }
                        : { id: 'suspend', name: t('suspend'), run: () => void change(member, { suspended: true }) },
                    { id: 'unlock', name: t('unlock'), off: !member.locked, run: () => void change(member, { locked: false }) },
                    { id: 'roles', name: t('nav_roles'), icon: 'shield', run: () => grant(member) },
                    { id: 'clearance', name: t('clearance'), icon: 'lock', run: () => clear(member) },
                    { id: 'password', name: t('reset_password'), run: () => reset(member) },
                    { id: 'factor', name: t('reset_factor'), icon: 'shield', run: () => setLost(member) },
                    { id: 'remove', name: t('remove'), bad: true, off: !session.can('member:remove'), run: () => setLeaving(member) },
                    ...(session.can('compliance:manage') ? [{ id: 'erase', name: t('erase'), icon: 'trash' as const, bad: true, run: () => erase(member) }] : []),
                ]} />
            ),
        },
    ];
    return (
        <>
            <Show of={members}>
                {(all) => {
                    const sought = wanted.trim().toLowerCase();
                    const items = all.filter(({ name, email }) => `${name} ${email ?? ''}`.toLowerCase().includes(sought));
                    return (
                        <>
                            {all.length > 8 && <Field label={t('find')} value={wanted} onChange={setWanted} />}
                            {items.length === 0 ? <Empty icon="users" title={t('nothing_found')} action={<Action onPress={() => setWanted('')}>{t('clear_filters')}</Action>} />
                                : (
                                    <Grid
                                        name="members" caption={t('nav_members')} columns={columns} rows={items} rowKey={({ id }) => id} height={52} whole={all.length < MOST} served={{ by: SERVED, onBy }}
                                        picks={session?.can('member:update') ? { name: ({ name }) => name, acts: (rows, clear) => <Suspense><MembersBulk rows={rows.filter(({ id }) => id !== session.id)} clear={clear} /></Suspense> } : undefined}
                                    />
                                )}
                        </>
                    );
                }}
            </Show>
            <Window title={granting?.name ?? ''} open={!!granting} onOpen={(open) => !open && grant(null)} large>{granting && <Suspense fallback={<Skeleton />}><Grants principal={granting.id} name={granting.name} /></Suspense>}</Window>
            <Confirm title={t('remove')} text={t('remove_member_text', { name: leaving?.name ?? '' })} action={t('remove')} open={!!leaving} onClose={() => setLeaving(null)} onYes={() => leaving && remove(leaving)} />
            <Confirm
                title={t('reset_factor')} text={t('reset_factor_text', { name: lost?.name ?? '' })} action={t('reset_factor')} open={!!lost} onClose={() => setLost(null)}
                onYes={() => lost && act(['members'], () => client.DELETE('/v1/members/{user}/second-factor', { params: { path: { user: lost.id } } }), t('factor_reset', { name: lost.name }))}
            />
            <Window title={t('erase_named', { name: erasing?.name ?? '' })} open={!!erasing} onOpen={(open) => !open && erase(null)}>
                {(close) => erasing && <Suspense fallback={<Skeleton />}><EraseMember member={erasing} close={close} /></Suspense>}
            </Window>
            {dialog}
            <Window title={t('clearance_of', { name: clearing?.name ?? '' })} open={!!clearing} onOpen={(open) => !open && clear(null)}>
                {(close) => clearing && (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ clearance }) => {
                        await client.PATCH('/v1/members/{user}', { params: { path: { user: clearing.id }, header: ifMatch(clearing.version) }, body: { clearance: clearance as Member['clearance'] } });
                        await queries.invalidateQueries({ queryKey: ['members'] });
                        tell(t('saved'));
                        close();
                    }}>
                        <p className="soft">{t('clearance_hint')}</p>
                        <Pick name="clearance" label={t('clearance')} initial={clearing.clearance} choices={CLASSES.map((id) => ({ id, name: t(`class_${id}`) }))} />
                    </SendForm>
                )}
            </Window>
            <Window title={t('reset_password')} open={!!password} onOpen={(open) => !open && setPassword('')}><Secret label={t('one_time_password')} text={password} /></Window>
        </>
    );
}

function Invitations() {
    const queries = useQueryClient();
    const tenant = useTenant();
    const [link, setLink] = useState('');
    const invitations = useQuery({ queryKey: ['invitations'], queryFn: () => pages((after) => data(client.GET('/v1/invitations', { params: { query: { limit: 200, after } } }))) });
    const again = () => queries.invalidateQueries({ queryKey: ['invitations'] });
    const renew = (id: string) => void data(client.POST('/v1/invitations/{invitation}/code', { params: { path: { invitation: id } }, body: {} })).then((made) => (setLink(joinLink(tenant?.slug ?? '', made.code)), again()), tellError);
    const [ask, dialog] = useConfirm();
    const revoke = ({ id, email }: Invitation) => ask({
        title: t('revoke'), text: t('revoke_invitation_text', { name: email }), action: t('revoke'),
        run: () => act(['invitations'], () => client.DELETE('/v1/invitations/{invitation}', { params: { path: { invitation: id } } }), t('invitation_revoked', { name: email })),
    });
    const columns: Column<Invitation>[] = [
        { id: 'email', name: t('email'), cell: ({ email }) => email },
        { id: 'role', name: t('role'), cell: ({ role }) => tOr(`role_${role}`, role) },
        { id: 'expires', name: t('expires'), cell: ({ expires }) => <When at={expires} as="day" /> },
        { id: 'more', name: t('more'), hide: true, end: true, cell: (one) => <More label={`${t('more')}: ${one.email}`} entries={[{ id: 'again', name: t('new_link'), run: () => renew(one.id) }, { id: 'revoke', name: t('revoke'), bad: true, run: () => revoke(one) }]} /> },
    ];
    return (
        <section className="stack tight">
            <h2>{t('invitations')}</h2>
            <Show of={invitations}>{(items) => items.length ? <Table caption={t('invitations')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="mail" title={t('no_invitations')} />}</Show>
            {dialog}
            <Window title={t('new_link')} open={!!link} onOpen={(open) => !open && setLink('')}><Secret label={t('invited_hint')} text={link} /></Window>
        </section>
    );
}
