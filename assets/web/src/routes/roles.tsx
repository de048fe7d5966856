// Who may what: the workspace's own roles, all roles beside each other, and what somebody may and why.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, ifMatch, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useCommands } from '../app/commands';
import { useSession } from '../app/queries';
import { byNoun, nounName, nounOf, permissionName } from '../app/permissions';
import { builtInQuery, roleName, rolesQuery } from '../app/roles';
import { Page } from '../app/shell';
import { number, t } from '../i18n';
import { Action, Empty, Show, Skeleton } from '../kit/bits';
import { Icon } from '../kit/icon';
import { More } from '../kit/menu';
import { Confirm, Window } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';
import { Why } from './why';

// Comes after what one sees first.
const WhatIf = lazy(() => import('./what-if').then(({ WhatIf }) => ({ default: WhatIf })));
const Changed = lazy(() => import('./changed').then(({ Changed }) => ({ default: Changed })));
// Loaded when a role is opened.
const RoleForm = lazy(() => import('./role-form').then(({ RoleForm }) => ({ default: RoleForm })));

type Role = Schemas['Role'];

export function Roles() {
    const session = useSession();
    const builtIn = useQuery(builtInQuery);
    const own = useQuery(rolesQuery);
    const [editing, edit] = useState<Role | 'new' | null>(null);
    const may = session?.can('role:manage') ?? false;
    useCommands([{ id: 'role', name: t('new_role'), icon: 'plus', off: !may, run: () => edit('new') }]);
    const fresh = may && <Action look="primary" icon="plus" onPress={() => edit('new')}>{t('new_role')}</Action>;
    return (
        <Page
            crumbs={[{ name: t('nav_admin') }, { name: t('nav_roles') }]} title={t('nav_roles')} intro={t('roles_intro')}
            actions={!!own.data?.length && fresh}
        >
            <section className="stack tight">
                <h2>{t('own_roles')}</h2>
                <Show of={own} lines={1}>
                    {(roles) => roles.length ? <Own roles={roles} may={may} edit={edit} /> : <Empty icon="shield" title={t('no_own_roles')} action={fresh}>{t('no_own_roles_hint')}</Empty>}
                </Show>
            </section>
            <Show of={builtIn}>
                {(roles) => (
                    <>
                        <Why roles={roles} />
                        <Suspense fallback={<Skeleton lines={6} />}><WhatIf /><Changed /></Suspense>
                        <section className="stack tight">
                            <h2>{t('matrix')}</h2>
                            <Matrix roles={[...roles.map(({ name, permissions }) => ({ name: roleName(name), permissions })), ...(own.data ?? [])]} />
                        </section>
                    </>
                )}
            </Show>
            <Window title={editing === 'new' ? t('new_role') : t('edit_role')} large open={editing !== null} onOpen={(open) => !open && edit(null)}>
                {(close) => editing && <Suspense fallback={<Skeleton lines={6} />}><RoleForm role={editing === 'new' ? undefined : editing} close={close} /></Suspense>}
            </Window>
        </Page>
    );
}

function Own({ roles, may, edit }: { roles: Role[]; may: boolean; edit: (role: Role) => void }) {
    const [removing, remove] = useState<Role | null>(null);
    const columns: Column<Role>[] = [
        { id: 'name', name: t('name'), cell: ({ name }) => <strong>{name}</strong> },
        { id: 'permissions', name: t('permissions'), cell: ({ permissions }) => <span className="small soft">{[...new Set(permissions.map(nounOf))].map(nounName).join(', ')}</span> },
        { id: 'count', name: t('count'), end: true, cell: ({ permissions }) => <span className="num">{number(permissions.length)}</span> },
        { id: 'updated', name: t('changed'), cell: ({ updated }) => <When at={updated} /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (role) => may && (
                <More label={`${t('more')}: ${role.name}`} entries={[
                    { id: 'edit', name: t('edit_role'), icon: 'edit', run: () => edit(role) },
                    { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => remove(role) },
                ]} />
            ),
        },
    ];
    const gone = ({ id, version }: Role) => client.DELETE('/v1/roles/{role}', { params: { path: { role: id }, header: ifMatch(version) } });
    return (
        <>
            <Table caption={t('own_roles')} columns={columns} rows={roles} rowKey={({ id }) => id} />
            <Confirm
                title={t('remove')} text={t('remove_role_text', { name: removing?.name ?? '' })} action={t('remove')} open={!!removing} onClose={() => remove(null)}
                onYes={() => removing && act(['roles'], () => gone(removing), t('removed'), () => client.POST('/v1/roles', { body: { name: removing.name, permissions: removing.permissions } }))}
            />
        </>
    );
}

/** Every permission, and which of the roles grant it. */
export function Matrix({ roles }: { roles: { name: string; permissions: string[] }[] }) {
    const permissions = [...new Set(roles.flatMap((role) => role.permissions))];
    const has = roles.map((role) => new Set(role.permissions));
    return (
        <div className="table-frame tall" tabIndex={0} role="region" aria-label={t('matrix')}>
            <table className="table matrix">
                <caption className="hidden">{t('matrix')}</caption>
                <thead>
                    <tr><th scope="col">{t('permission')}</th>{roles.map(({ name }) => <th key={name} scope="col">{name}</th>)}</tr>
                </thead>
                {byNoun(permissions).map(({ noun, name: area, these }) => (
                    <tbody key={noun}>
                        <tr className="group"><th scope="rowgroup" colSpan={roles.length + 1}>{area}</th></tr>
                        {these.map((permission) => (
                            <tr key={permission}>
                                <th scope="row">{permissionName(permission)}<br /><span className="mono small soft">{permission}</span></th>
                                {roles.map(({ name }, i) => (
                                    <td key={name}>{has[i]?.has(permission) ? <><Icon name="check" /><span className="hidden">{t('yes')}</span></> : <span className="hidden">{t('no')}</span>}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                ))}
            </table>
        </div>
    );
}
