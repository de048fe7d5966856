// A role of the workspace's own: what it grants, and for an existing one whom a change would reach.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { usePeople } from '../app/people';
import { queries, useSession } from '../app/queries';
import { permissionName } from '../app/permissions';
import { builtInQuery, roleName } from '../app/roles';
import { t } from '../i18n';
import { Badge, Notice } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel } from '../kit/overlay';
import { tell } from '../kit/toast';
import { PermissionPicker } from './permission-picker';

type Role = Schemas['Role'];

export function RoleForm({ role, close }: { role?: Role; close: () => void }) {
    const session = useSession();
    const builtIn = useQuery(builtInQuery).data ?? [];
    const [chosen, choose] = useState<string[]>(role?.permissions ?? []);
    // Nobody grants what they do not hold; what a role has already may stay.
    const offered = [...new Set([...(session?.permissions ?? []), ...(role?.permissions ?? [])])].sort();
    return (
        <SendForm submit={role ? t('save') : t('create')} also={<Cancel />} onSend={async ({ name = '' }) => {
            const body = { name, permissions: chosen };
            if (role) await client.PATCH('/v1/roles/{role}', { params: { path: { role: role.id }, header: ifMatch(role.version) }, body });
            else await client.POST('/v1/roles', { body });
            await queries.invalidateQueries({ queryKey: ['roles'] });
            tell(t('saved'));
            close();
        }}>
            <div className="grid">
                <Field name="name" label={t('name')} defaultValue={role?.name} isRequired maxLength={100} autoFocus />
                {!role && (
                    <Pick
                        label={t('begin_with')} choices={builtIn.map(({ name }) => ({ id: name, name: roleName(name) }))}
                        onChange={(from) => choose((builtIn.find(({ name }) => name === from)?.permissions ?? []).filter((one) => offered.includes(one)))}
                    />
                )}
            </div>
            <PermissionPicker label={t('permissions')} permissions={offered} value={chosen} onChange={choose} />
            {role && <Reach role={role} chosen={chosen} />}
        </SendForm>
    );
}

/** What would change, and for whom. */
function Reach({ role, chosen }: { role: Role; chosen: string[] }) {
    const { nameOf } = usePeople();
    const report = useQuery({
        queryKey: ['report', 'role', role.id],
        queryFn: async () => (await data(client.GET('/v1/permissions/report', { params: { query: { role: role.id } } }))) as Schemas['PermissionReport'],
    });
    const gained = chosen.filter((one) => !role.permissions.includes(one));
    const lost = role.permissions.filter((one) => !chosen.includes(one));
    const reached = [...new Set(report.data?.paths.map(({ principal }) => principal))];
    if (!gained.length && !lost.length) return <p className="small soft">{t('n_have_role', { n: reached.length })}</p>;
    return (
        <Notice tone={lost.length ? 'warn' : 'accent'} icon="users">
            <p><strong>{t('n_reached', { n: reached.length })}</strong> {reached.length > 0 && <span className="small">{reached.slice(0, 8).map(nameOf).join(', ')}{reached.length > 8 ? ' …' : ''}</span>}</p>
            <p className="row wrap">
                {gained.map((one) => <Badge key={one} tone="good">+ {permissionName(one)}</Badge>)}
                {lost.map((one) => <Badge key={one} tone="bad">− {permissionName(one)}</Badge>)}
            </p>
        </Notice>
    );
}
