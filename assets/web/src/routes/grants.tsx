// The roles that somebody was given, in the whole workspace and in projects, with their ends, and giving another one.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { projectsQuery } from '../app/projects';
import { useRoles } from '../app/roles';
import { day, t } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Ask, Cancel } from '../kit/overlay';
import { NoFactor, useWithFactor } from './second-factor';
import { useUntil } from './until';

type Assignment = Schemas['Assignment'];
const WHOLE = 'all';
const CHANGED = ['assignments', 'report', 'project-people', 'preview'];

export const assignmentsQuery = { queryKey: ['assignments'], queryFn: () => pages((after) => data(client.GET('/v1/assignments', { params: { query: { limit: 200, after } } }))) };

/** What is given in a project belongs to the project. */
const give = (body: Schemas['NewAssignment'], project?: string | null) =>
    project ? client.POST('/v1/projects/{project}/shares', { params: { path: { project } }, body }) : client.POST('/v1/assignments', { body });
const take = ({ id, project }: Assignment) =>
    project ? client.DELETE('/v1/projects/{project}/shares/{assignment}', { params: { path: { project, assignment: id } } }) : client.DELETE('/v1/assignments/{assignment}', { params: { path: { assignment: id } } });

/** Another end of what was given; nothing for good. */
const end = ({ id, project }: Assignment, expires: string | null) =>
    project ? client.PATCH('/v1/projects/{project}/shares/{assignment}', { params: { path: { project, assignment: id } }, body: { expires } }) : client.PATCH('/v1/assignments/{assignment}', { params: { path: { assignment: id } }, body: { expires } });

export function Grants({ principal, name }: { principal: string; name: string }) {
    const { nameOf } = useRoles();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const assignments = useQuery(assignmentsQuery);
    const { may, lacks } = useWithFactor('role:assign');
    const place = (project: string) => projects.find(({ id }) => id === project)?.title ?? t('project');
    const remove = (one: Assignment) => act(CHANGED, () => take(one), t('role_taken', { role: nameOf(one.role), name }), () => give({ principal, role: one.role, expires: one.expires }, one.project));
    return (
        <section className="stack tight" aria-label={t('nav_roles')}>
            <h3>{t('nav_roles')}</h3>
            <Show of={assignments} lines={2}>
                {(all) => {
                    const own = all.filter((one) => one.principal === principal).sort((one, other) => Number(!!one.project) - Number(!!other.project));
                    if (!own.length) return <p className="soft small">{t('no_grants')}</p>;
                    return (
                        <ul className="lines">
                            {own.map((one) => {
                                const { id, role, project, expires } = one;
                                return (
                                    <li key={id} className="row apart">
                                        <span className="row wrap"><strong>{nameOf(role)}</strong><span className="soft">{project ? t('in_project_named', { name: place(project) }) : t('whole_workspace')}</span>{expires && <Badge tone="warn">{t('link_until', { day: day(expires) })}</Badge>}</span>
                                        {may && <span className="row"><Ends one={one} name={nameOf(role)} /><Action look="quiet" icon="close" aria-label={`${t('remove')}: ${nameOf(role)}${project ? `, ${place(project)}` : ''}`} onPress={() => void remove(one)} /></span>}
                                    </li>
                                );
                            })}
                        </ul>
                    );
                }}
            </Show>
            {may && <Give principal={principal} projects={projects} />}
            {lacks && <NoFactor />}
        </section>
    );
}

/** Until when a role holds, asked where one wants it to hold for longer or shorter. */
function Ends({ one, name }: { one: Assignment; name: string }) {
    const { fields, expires, ready } = useUntil();
    const before = one.expires ?? null;
    return (
        <Ask button={{ look: 'quiet', icon: 'edit', 'aria-label': `${t('good_for')}: ${name}` }} title={`${t('good_for')}: ${name}`}>
            {(close) => (
                <div className="stack">
                    {before && <p className="soft">{t('link_until', { day: day(before) })}</p>}
                    <div className="row wrap give">{fields}</div>
                    <div className="actions">
                        <Cancel />
                        <Action look="primary" isDisabled={!ready} onPress={() => void act(CHANGED, () => end(one, expires ?? null), t('saved'), () => end(one, before)).then(close)}>{t('save')}</Action>
                    </div>
                </div>
            )}
        </Ask>
    );
}

function Give({ principal, projects }: { principal: string; projects: Schemas['Project'][] }) {
    const { choices } = useRoles();
    const [role, setRole] = useState('viewer');
    const [place, setPlace] = useState(WHOLE);
    const { fields, expires, ready } = useUntil();
    const project = place === WHOLE ? undefined : place;
    // Before it is done: what would be different then.
    const preview = useQuery({
        queryKey: ['preview', principal, role, place],
        queryFn: () => data(client.GET('/v1/permissions/preview', { params: { query: { change: 'give', principal, role, ...(project && { project }) } } })),
    }).data;
    const gained = preview && new Set(preview.effects.flatMap(({ gained }) => gained)).size;
    return (
        <div className="stack tight">
            <div className="row wrap give">
                <Pick label={t('role')} choices={choices} value={role} onChange={setRole} />
                <Pick label={t('in_project')} value={place} onChange={setPlace} choices={[{ id: WHOLE, name: t('whole_workspace') }, ...projects.map(({ id, title }) => ({ id, name: title }))]} />
                {fields}
                <Action icon="plus" isDisabled={!ready} onPress={() => void act(CHANGED, () => give({ principal, role, ...(expires && { expires }) }, project))}>{t('give_role')}</Action>
            </div>
            {gained !== undefined && <p className="small soft" role="status">{gained ? t('n_gained', { n: gained }) : t('what_if_same')}</p>}
        </div>
    );
}
