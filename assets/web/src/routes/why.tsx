// Why may somebody do something, or why not, and what would be if they came from elsewhere: asked of the gate itself, nothing is done.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { usePeople } from '../app/people';
import { permissionName } from '../app/permissions';
import { roleName } from '../app/roles';
import { projectsQuery } from '../app/projects';
import { t } from '../i18n';
import { Badge, Notice } from '../kit/bits';
import { Pick, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';

type Question = { principal: string; permission: string; project?: string; address?: string; second_factor: boolean };

export function Why({ roles }: { roles: Schemas['BuiltInRole'][] }) {
    const { users, programs, groups, nameOf } = usePeople();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const [second, setSecond] = useState(false);
    const [asked, setAsked] = useState<Question | null>(null);
    const [answer, setAnswer] = useState<Schemas['PermissionSimulation'] | null>(null);
    const [paths, setPaths] = useState<Schemas['PermissionPath'][]>([]);
    const permissions = [...new Set(roles.flatMap((role) => role.permissions))].sort();
    const groupName = (id: string) => groups.find((group) => group.id === id)?.name ?? id;
    const ask = async ({ principal = '', permission = '', project = '', address = '' }: Record<string, string>) => {
        const query = { principal, permission, second_factor: second, ...(project !== 'all' && project && { project }), ...(address && { address }) };
        const [said, report] = await Promise.all([
            data(client.GET('/v1/permissions/simulation', { params: { query } })),
            data(client.GET('/v1/permissions/report', { params: { query: { principal } } })) as Promise<Schemas['PermissionReport']>,
        ]);
        setAsked(query);
        setAnswer(said);
        setPaths(report.paths.filter(({ permissions, project: at }) => permissions.includes(permission) && (!at || at === project)));
    };
    const list = (title: string, of: string[]) => of.length > 0 && <p className="small">{title}: <span className="mono">{of.join(', ')}</span></p>;
    return (
        <section className="card padded stack">
            <div className="stack tight"><h2>{t('why_title')}</h2><p className="soft">{t('why_intro')}</p></div>
            <SendForm submit={t('ask')} onSend={ask}>
                <div className="grid">
                    <Pick name="principal" label={t('who')} choices={[...users, ...programs]} initial={users[0]?.id} key={users[0]?.id ?? ''} />
                    <Pick name="permission" label={t('permission')} initial="project:update" choices={permissions.map((permission) => ({ id: permission, name: permissionName(permission), hint: permission }))} />
                    <Pick name="project" label={t('in_project')} initial="all" choices={[{ id: 'all', name: t('whole_workspace') }, ...projects.map(({ id, title }) => ({ id, name: title }))]} />
                    <Field name="address" label={t('from_address')} placeholder="203.0.113.7" autoComplete="off" />
                </div>
                <Switch on={second} onChange={setSecond}>{t('with_second_factor')}</Switch>
            </SendForm>
            {answer && asked && (
                <Notice tone={answer.allowed ? 'good' : 'warn'} icon={answer.allowed ? 'check' : 'alert'}>
                    <p className="row wrap">
                        <Badge tone={answer.allowed ? 'good' : 'bad'}>{answer.allowed ? t('allowed') : t('not_allowed')}</Badge>
                        <strong>{nameOf(asked.principal)}</strong> <span>{permissionName(asked.permission)}</span>
                    </p>
                    {paths.map((path) => (
                        <p key={path.assignment} className="small">
                            {t('by_role', { role: roleName(path.role_name) })}{path.group && ` · ${t('through_group', { name: groupName(path.group) })}`}
                        </p>
                    ))}
                    {list(t('granted_by'), answer.granting)}
                    {list(t('decided_by'), answer.determining)}
                    {list(t('held_by'), answer.guards)}
                </Notice>
            )}
        </section>
    );
}
