// The projects of a workspace as cards; where there are many, some of them and a field that finds the others.
import { useDeferredValue, useState } from 'react';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { ago, t } from '../i18n';
import { Action, Badge } from '../kit/bits';
import { Field } from '../kit/form';
import { Icon } from '../kit/icon';

/** From how many on one would rather write than look, and how many are shown at once. */
const MANY = 12;
const SHOWN = 60;

export function AllProjects({ projects }: { projects: Schemas['Project'][] }) {
    const [text, setText] = useState('');
    const [most, show] = useState(SHOWN);
    const asked = useDeferredValue(text.trim().toLocaleLowerCase());
    const found = asked ? projects.filter(({ title, description, tags }) => [title, description, ...tags].some((words) => words.toLocaleLowerCase().includes(asked))) : projects;
    return (
        <>
            {projects.length > MANY && <Field label={t('find_project')} type="search" value={text} onChange={setText} maxLength={200} />}
            {found.length === 0 && <p className="soft" role="status">{t('nothing_found')}</p>}
            <div className="grid">
                {found.slice(0, most).map((project) => (
                    <Link key={project.id} to="/projects/$project" params={{ project: project.id }} className="card tile">
                        <div className="row"><Icon name="folder" /><h3 className="cut">{project.title}</h3></div>
                        <p className="soft cut">{project.description || ago(project.updated)}</p>
                        {project.tags.length > 0 && <span className="row wrap">{project.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}</span>}
                    </Link>
                ))}
            </div>
            {found.length > most && <div><Action onPress={() => show(most + SHOWN)}>{t('show_more')}</Action></div>}
        </>
    );
}
