// Who may see a project and why, and roles in this project alone, with an end if one wants.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { usePeople } from '../app/people';
import { useRoles } from '../app/roles';
import { day, t } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { useUntil } from './until';

type Way = Schemas['ProjectMember'];

export function ProjectPeople({ project }: { project: string }) {
    const { nameOf } = useRoles();
    const path = { project };
    const again = ['project-people'];
    const ways = useQuery({ queryKey: [...again, project], queryFn: () => pages((after) => data(client.GET('/v1/projects/{project}/members', { params: { path, query: { limit: 200, after } } }))) });
    const give = (body: Schemas['NewAssignment']) => client.POST('/v1/projects/{project}/shares', { params: { path }, body });
    const take = ({ principal, role, name, assignment, expires }: Way) => act(again, () => client.DELETE('/v1/projects/{project}/shares/{assignment}', { params: { path: { ...path, assignment: assignment ?? '' } } }),
        t('role_taken', { role: nameOf(role ?? ''), name }), () => give({ principal, role: role ?? '', expires }));
    const why = ({ why, role }: Way) => (why === 'owner' ? t('way_owner') : why === 'project' ? nameOf(role ?? '') : `${nameOf(role ?? '')} · ${t('whole_workspace')}`);
    return (
        <>
            <Show of={ways} lines={3}>
                {(all) => (
                    <ul className="lines">
                        {all.map((way) => (
                            <li key={`${way.principal} ${way.why} ${way.assignment ?? ''}`} className="row apart">
                                <span className="row wrap"><strong>{way.name}</strong>{way.kind === 'group' && <Badge>{t('group')}</Badge>}<span className="soft">{why(way)}</span>{way.expires && <Badge tone="warn">{t('link_until', { day: day(way.expires) })}</Badge>}</span>
                                {way.why === 'project' && <Action look="quiet" icon="close" aria-label={`${t('remove')}: ${way.name}, ${nameOf(way.role ?? '')}`} onPress={() => void take(way)} />}
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
            <Give give={(body) => act(again, () => give(body), t('saved'))} />
        </>
    );
}

function Give({ give }: { give: (body: Schemas['NewAssignment']) => Promise<unknown> }) {
    const { users, groups, programs } = usePeople();
    const { choices } = useRoles();
    const [principal, choose] = useState('');
    const [role, setRole] = useState('viewer');
    const { fields, expires, ready } = useUntil();
    const everyone = [...users, ...groups.map(({ id, name }) => ({ id, name, hint: t('group') })), ...programs];
    return (
        <div className="row wrap give">
            <Pick label={t('who')} choices={everyone} value={principal} onChange={choose} />
            <Pick label={t('role')} choices={choices} value={role} onChange={setRole} />
            {fields}
            <Action icon="plus" isDisabled={!principal || !ready} onPress={() => void give({ principal, role, ...(expires && { expires }) })}>{t('give_role')}</Action>
        </div>
    );
}
