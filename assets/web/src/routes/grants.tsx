// The roles that somebody was given, with their ends, and giving another one.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, pages } from '../api/client';
import { act } from '../app/act';
import { useRoles } from '../app/roles';
import { day, t } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { NoFactor, useWithFactor } from './second-factor';
import { inDays } from './share';

export const assignmentsQuery = { queryKey: ['assignments'], queryFn: () => pages((after) => data(client.GET('/v1/assignments', { params: { query: { limit: 200, after } } }))) };

/** Roles in the whole workspace; those within a project belong to the project. */
export function Grants({ principal, name }: { principal: string; name: string }) {
    const { nameOf } = useRoles();
    const assignments = useQuery(assignmentsQuery);
    const { may, lacks } = useWithFactor('role:assign');
    const take = (id: string, role: string) => act(['assignments', 'report'], () => client.DELETE('/v1/assignments/{assignment}', { params: { path: { assignment: id } } }),
        t('role_taken', { role: nameOf(role), name }), () => client.POST('/v1/assignments', { body: { principal, role } }));
    return (
        <section className="stack tight" aria-label={t('nav_roles')}>
            <h3>{t('nav_roles')}</h3>
            <Show of={assignments} lines={2}>
                {(all) => {
                    const own = all.filter((one) => one.principal === principal && !one.project);
                    if (!own.length) return <p className="soft small">{t('no_grants')}</p>;
                    return (
                        <ul className="lines">
                            {own.map(({ id, role, expires }) => (
                                <li key={id} className="row apart">
                                    <span className="row wrap"><strong>{nameOf(role)}</strong>{expires && <Badge tone="warn">{t('link_until', { day: day(expires) })}</Badge>}</span>
                                    {may && <Action look="quiet" icon="close" aria-label={`${t('remove')}: ${nameOf(role)}`} onPress={() => void take(id, role)} />}
                                </li>
                            ))}
                        </ul>
                    );
                }}
            </Show>
            {may && <Give principal={principal} />}
            {lacks && <NoFactor />}
        </section>
    );
}

function Give({ principal }: { principal: string }) {
    const { choices } = useRoles();
    const [role, setRole] = useState('viewer');
    const [days, setDays] = useState('0');
    const give = () => act(['assignments', 'report'], () => client.POST('/v1/assignments', { body: { principal, role, ...(days !== '0' && { expires: inDays(Number(days)) }) } }));
    return (
        <div className="row wrap give">
            <Pick label={t('role')} choices={choices} value={role} onChange={setRole} />
            <Pick label={t('good_for')} value={days} onChange={setDays} choices={[{ id: '0', name: t('for_good') }, ...[1, 7, 30, 90].map((n) => ({ id: String(n), name: t('n_days', { n }) }))]} />
            <Action icon="plus" onPress={() => void give()}>{t('give_role')}</Action>
        </div>
    );
}
