// Groups: people who have roles together.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { groupsQuery, usePeople } from '../app/people';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Confirm, Window } from '../kit/overlay';
import { Grants } from './grants';
import { MakeNamed, ShowNamed } from './named';

type Group = Schemas['Group'];

export function Groups() {
    const session = useSession();
    const navigate = useNavigate();
    const { group: wanted } = useSearch({ from: '/app/admin/groups' });
    const groups = useQuery(groupsQuery);
    const choose = (group: string) => void navigate({ to: '/admin/groups', search: { group }, replace: true });
    const make = (name: string) => data(client.POST('/v1/groups', { body: { name } }));
    const fresh = session?.can('group:manage') && <MakeNamed label={t('new_group')} list="groups" make={make} choose={choose} />;
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_groups') }]} title={t('nav_groups')} intro={t('groups_intro')}
            actions={!!groups.data?.length && fresh}>
            <ShowNamed of={groups} label={t('nav_groups')} wanted={wanted} choose={choose}
                empty={<Empty icon="users" title={t('no_groups')} action={fresh}>{t('no_groups_hint')}</Empty>}>
                {(now) => <One key={now.id} group={now} />}
            </ShowNamed>
        </Page>
    );
}

function One({ group }: { group: Group }) {
    const session = useSession();
    const may = session?.can('group:manage') ?? false;
    const [renaming, rename] = useState(false);
    const [removing, remove] = useState(false);
    const params = { path: { group: group.id }, header: ifMatch(group.version) };
    return (
        <div className="card padded stack">
            <div className="row apart">
                <h2 className="cut">{group.name}</h2>
                {may && (
                    <More label={`${t('more')}: ${group.name}`} entries={[
                        { id: 'rename', name: t('rename'), icon: 'edit', run: () => rename(true) },
                        { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => remove(true) },
                    ]} />
                )}
            </div>
            <People group={group} may={may} />
            <Grants principal={group.id} name={group.name} />
            <Window title={t('rename')} open={renaming} onOpen={rename}>
                {(close) => (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ name = '' }) => {
                        await client.PATCH('/v1/groups/{group}', { params, body: { name } });
                        await queries.invalidateQueries({ queryKey: ['groups'] });
                        close();
                    }}>
                        <Field name="name" label={t('name')} defaultValue={group.name} isRequired maxLength={100} autoFocus />
                    </SendForm>
                )}
            </Window>
            <Confirm
                title={t('remove')} text={t('remove_group_text', { name: group.name })} action={t('remove')} open={removing} onClose={() => remove(false)}
                onYes={() => act(['groups', 'assignments'], () => client.DELETE('/v1/groups/{group}', { params }), t('removed'))}
            />
        </div>
    );
}

function People({ group, may }: { group: Group; may: boolean }) {
    const { users } = usePeople();
    const path = { group: group.id };
    const key = ['group-members', group.id];
    const inside = useQuery({ queryKey: key, queryFn: () => pages((after) => data(client.GET('/v1/groups/{group}/members', { params: { path, query: { limit: 200, after } } }))) });
    const put = (user: string) => client.POST('/v1/groups/{group}/members', { params: { path }, body: { user } });
    const take = (user: string) => client.DELETE('/v1/groups/{group}/members/{user}', { params: { path: { ...path, user } } });
    const there = new Set(inside.data?.map(({ id }) => id));
    const others = users.filter(({ id }) => !there.has(id));
    return (
        <section className="stack tight" aria-label={t('nav_members')}>
            <h3>{t('nav_members')} <span className="soft num">{inside.data?.length ?? ''}</span></h3>
            <Show of={inside} lines={2}>
                {(items) => items.length === 0 ? <p className="soft small">{t('group_empty')}</p> : (
                    <ul className="lines">
                        {items.map(({ id, name, email }) => (
                            <li key={id} className="row apart">
                                <span className="grow"><strong>{name}</strong> <span className="soft small">{email}</span></span>
                                {may && <Action look="quiet" icon="close" aria-label={`${t('remove')}: ${name}`} onPress={() => void act(['group-members'], () => take(id), t('left_group', { name }), () => put(id))} />}
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
            {may && others.length > 0 && (
                <div className="give row">
                    <Pick label={t('add_member')} value="" onChange={(user) => user && void act(['group-members'], () => put(user))} choices={others} />
                </div>
            )}
        </section>
    );
}
