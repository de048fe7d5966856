// Who may what: the built-in roles beside each other, roles of one's own, and why somebody may do something.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { Page } from '../app/shell';
import { t, tOr } from '../i18n';
import { Badge, Notice, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { SendForm } from '../kit/form';
import { Icon } from '../kit/icon';

export function Roles() {
    const roles = useQuery({ queryKey: ['roles'], queryFn: () => data(client.GET('/v1/roles/built-in')) });
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_roles') }]} title={t('nav_roles')} intro={t('roles_intro')}>
            <Show of={roles}>{({ roles }) => (<><Why roles={roles} /><Matrix roles={roles} /></>)}</Show>
        </Page>
    );
}

type BuiltIn = Schemas['BuiltInRole'];
export function Matrix({ roles }: { roles: BuiltIn[] }) {
    const permissions = [...new Set(roles.flatMap((role) => role.permissions))];
    const nouns = [...new Set(permissions.map((permission) => permission.split(':')[0] ?? ''))].sort();
    const has = new Map(roles.map((role) => [role.name, new Set(role.permissions)]));
    return (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t('matrix')}>
            <table className="table matrix">
                <caption className="hidden">{t('matrix')}</caption>
                <thead>
                    <tr><th scope="col">{t('permission')}</th>{roles.map(({ name }) => <th key={name} scope="col">{tOr(`role_${name}`, name)}</th>)}</tr>
                </thead>
                {nouns.map((noun) => (
                    <tbody key={noun}>
                        <tr className="group"><th className="mono" scope="rowgroup" colSpan={roles.length + 1}>{noun}</th></tr>
                        {permissions.filter((permission) => permission.startsWith(`${noun}:`)).map((permission) => (
                            <tr key={permission}>
                                <td className="mono">{permission}</td>
                                {roles.map(({ name }) => (
                                    <td key={name}>{has.get(name)?.has(permission) ? <><Icon name="check" /><span className="hidden">{t('yes')}</span></> : <span className="hidden">{t('no')}</span>}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                ))}
            </table>
        </div>
    );
}

function Why({ roles }: { roles: BuiltIn[] }) {
    const members = useQuery({ queryKey: ['members'], queryFn: () => data(client.GET('/v1/members', { params: { query: { limit: 100 } } })) });
    const [answer, setAnswer] = useState<Schemas['PermissionSimulation'] | null>(null);
    const permissions = [...new Set(roles.flatMap((role) => role.permissions))].sort();
    const list = (title: string, of: string[]) => of.length > 0 && <p className="small">{title}: <span className="mono">{of.join(', ')}</span></p>;
    return (
        <section className="card padded stack">
            <h2>{t('why_title')}</h2>
            <SendForm submit={t('ask')} onSend={async ({ principal = '', permission = '' }) => setAnswer(await data(client.GET('/v1/permissions/simulation', { params: { query: { principal, permission } } })))}>
                <div className="grid">
                    <Pick name="principal" label={t('who')} choices={(members.data?.items ?? []).map(({ id, name, email }) => ({ id, name: email ? `${name} · ${email}` : name }))} />
                    <Pick name="permission" label={t('permission')} choices={permissions.map((permission) => ({ id: permission, name: permission }))} />
                </div>
            </SendForm>
            {answer && (
                <Notice tone={answer.allowed ? 'good' : 'warn'} icon={answer.allowed ? 'check' : 'alert'}>
                    <Badge tone={answer.allowed ? 'good' : 'bad'}>{answer.allowed ? t('allowed') : t('not_allowed')}</Badge>
                    {list(t('granted_by'), answer.granting)}
                    {list(t('decided_by'), answer.determining)}
                    {list(t('held_by'), answer.guards)}
                </Notice>
            )}
        </section>
    );
}
