// What would change if a role were given, taken back or redefined, or somebody joined or left a group: who would gain and lose what, and where.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { usePeople } from '../app/people';
import { byNoun, permissionName } from '../app/permissions';
import { projectsQuery } from '../app/projects';
import { useRoles } from '../app/roles';
import { t } from '../i18n';
import { Badge, Empty, Notice } from '../kit/bits';
import { Pick, Segments } from '../kit/choose';
import { SendForm } from '../kit/form';
import { assignmentsQuery } from './grants';
import { PermissionPicker } from './permission-picker';
import './portal.css';

type Kind = Schemas['PermissionChangeKind'];
const WHOLE = 'all';
const permissionsOf = (roles: Schemas['BuiltInRole'][]) => [...new Set(roles.flatMap((role) => role.permissions))].sort();

export function WhatIf() {
    const { users, programs, groups, nameOf } = usePeople();
    const { builtIn, own, choices, nameOf: roleName } = useRoles();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const assignments = useQuery(assignmentsQuery).data ?? [];
    const [kind, setKind] = useState<Kind>('give');
    const [role, setRole] = useState('');
    const [chosen, choose] = useState<string[]>([]);
    const [answer, setAnswer] = useState<Schemas['PermissionPreview'] | null>(null);
    const turn = (next: string) => (setKind(next as Kind), setAnswer(null));
    const place = (project?: string | null) => (project ? t('in_project_named', { name: projects.find(({ id }) => id === project)?.title ?? project }) : t('whole_workspace'));
    const everyone = [...users, ...groups.map(({ id, name }) => ({ id, name, hint: t('group') })), ...programs];
    const redefined = own.find(({ id }) => id === role) ?? own[0];
    const ask = async ({ principal, role: given, project, assignment, group }: Record<string, string>) => {
        const query = {
            give: { change: kind, principal, role: given, ...(project && project !== WHOLE && { project }) },
            take: { change: kind, assignment },
            redefine: { change: kind, role: redefined?.id, permissions: chosen.join(',') },
            join: { change: kind, principal, group },
            leave: { change: kind, principal, group },
        }[kind];
        setAnswer(await data(client.GET('/v1/permissions/preview', { params: { query } })));
    };
    const groupChoices = groups.map(({ id, name }) => ({ id, name }));
    const nothing = (kind === 'take' && !assignments.length) || (kind === 'redefine' && !own.length) || ((kind === 'join' || kind === 'leave') && !groups.length);
    return (
        <section className="card padded stack" aria-label={t('what_if')}>
            <div className="stack tight"><h2>{t('what_if')}</h2><p className="soft">{t('what_if_intro')}</p></div>
            <Segments label={t('what_if')} value={kind} onChange={turn} choices={(['give', 'take', 'redefine', 'join', 'leave'] as const).map((id) => ({ id, name: t(`what_if_${id}`) }))} />
            {nothing ? <p className="soft">{t('what_if_none')}</p> : (
                <SendForm key={kind} submit={t('what_if_ask')} onSend={ask}>
                    <div className="grid" key={everyone[0]?.id ?? ''}>
                        {kind === 'give' && (
                            <>
                                <Pick name="principal" label={t('who')} choices={everyone} initial={everyone[0]?.id} />
                                <Pick name="role" label={t('role')} choices={choices} initial="editor" />
                                <Pick name="project" label={t('in_project')} initial={WHOLE} choices={[{ id: WHOLE, name: t('whole_workspace') }, ...projects.map(({ id, title }) => ({ id, name: title }))]} />
                            </>
                        )}
                        {kind === 'take' && (
                            <Pick name="assignment" label={t('given_role')} initial={assignments[0]?.id} choices={assignments.map(({ id, principal, role, project }) => ({ id, name: `${nameOf(principal)}: ${roleName(role)}`, hint: place(project) }))} />
                        )}
                        {kind === 'redefine' && <Pick label={t('role')} value={redefined?.id} onChange={(id) => (setRole(id), choose(own.find((one) => one.id === id)?.permissions ?? []))} choices={own.map(({ id, name }) => ({ id, name }))} />}
                        {(kind === 'join' || kind === 'leave') && (
                            <>
                                <Pick name="principal" label={t('who')} choices={users} initial={users[0]?.id} />
                                <Pick name="group" label={t('group')} choices={groupChoices} initial={groupChoices[0]?.id} />
                            </>
                        )}
                    </div>
                    {kind === 'redefine' && <PermissionPicker label={t('permissions')} permissions={permissionsOf(builtIn)} value={chosen.length || role ? chosen : redefined?.permissions ?? []} onChange={(next) => (choose(next), setRole(redefined?.id ?? ''))} />}
                </SendForm>
            )}
            {answer && <Outlook answer={answer} nameOf={nameOf} place={place} />}
        </section>
    );
}

type OutlookProps = { answer: Schemas['PermissionPreview']; nameOf: (id: string) => string; place: (project?: string | null) => string };
function Outlook({ answer, nameOf, place }: OutlookProps) {
    return (
        <div className="stack tight" role="status">
            {answer.without_owner && <Notice tone="bad">{t('what_if_no_owner')}</Notice>}
            {answer.effects.length === 0 && <Empty icon="check" title={t('what_if_same')} />}
            <ul className="lines">
                {answer.effects.map(({ principal, project, gained, lost, kept }) => (
                    <li key={`${principal} ${project}`} className="stack tight effect">
                        <p className="row wrap">
                            <strong>{nameOf(principal)}</strong> <span className="soft">{place(project)}</span>
                            {gained.length > 0 && <Badge tone="good">{t('n_gained', { n: gained.length })}</Badge>}
                            {lost.length > 0 && <Badge tone="bad">{t('n_lost', { n: lost.length })}</Badge>}
                            {kept.length > 0 && <Badge tone="warn">{t('n_kept', { n: kept.length })}</Badge>}
                        </p>
                        <Listed title={t('would_gain')} of={gained} mark="+" />
                        <Listed title={t('would_lose')} of={lost} mark="−" />
                        <Listed title={t('would_keep')} of={kept} mark="=" />
                    </li>
                ))}
            </ul>
            {answer.more > 0 && <p className="small soft">{t('n_more', { n: answer.more })}</p>}
        </div>
    );
}

/** Permissions, by what they are about. */
export function Listed({ title, of, mark }: { title: string; of: string[]; mark: string }) {
    if (!of.length) return null;
    return (
        <p className="small" aria-label={title}>
            <span aria-hidden="true" className="mono">{mark}</span>{' '}
            {byNoun(of).map(({ noun, name, these }) => <span key={noun} className="verbs"><strong>{name}</strong>: {these.map(permissionName).join('; ')}</span>)}
        </p>
    );
}
