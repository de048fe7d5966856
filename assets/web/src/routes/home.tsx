// Projects, and the shortest way from a recording to its video.
import { useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { uploads } from '../api/upload';
import { useCommands, useWish } from '../app/commands';
import { projectsQuery } from '../app/projects';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { Cancel, Window } from '../kit/overlay';
import { tellError } from '../kit/toast';
import { Drop, Incoming } from './drop';

export function Home() {
    const session = useSession();
    if (session && !session.can('project:read')) return <Navigate to={session.operator ? '/system/tenants' : '/settings'} replace />;
    return <Projects />;
}

function Projects() {
    const session = useSession();
    const navigate = useNavigate();
    const queries = useQueryClient();
    const projects = useQuery(projectsQuery);
    const recent = useQuery({ queryKey: ['recordings', 'recent'], queryFn: () => data(client.GET('/v1/recordings', { params: { query: { limit: 6 } } })), enabled: session?.can('asset:read') ?? false });
    const create = async (title: string, description: string) => {
        const project = await data(client.POST('/v1/projects', { body: { title, description } }));
        await queries.invalidateQueries({ queryKey: ['projects'] });
        return project.id;
    };
    // Who drops a first recording has not thought of projects yet.
    const take = async (files: File[]) => {
        try {
            const id = projects.data?.items[0]?.id ?? (await create(t('first_project'), ''));
            uploads.add(id, files);
            await navigate({ to: '/projects/$project', params: { project: id } });
        } catch (error) {
            tellError(error);
        }
    };
    const [naming, name] = useState(false);
    const mayCreate = session?.can('project:create') ?? false;
    useCommands([{ id: 'project', name: t('new_project'), icon: 'plus', off: !mayCreate, run: () => name(true) }]);
    useWish('project', () => name(mayCreate));
    const fresh = mayCreate && <Action icon="plus" onPress={() => name(true)}>{t('new_project')}</Action>;
    return (
        <Page crumbs={[{ name: t('nav_projects') }]} actions={!!projects.data?.items.length && fresh}>
            <h1>{t('home_title')}</h1>
            {session?.can('asset:upload') && (
                <Drop onFiles={(files) => void take(files)}>
                    <h2>{t('drop_title')}</h2>
                    <p className="soft">{t('drop_hint')}</p>
                </Drop>
            )}
            <Incoming />
            {!!recent.data?.items.length && (
                <section className="stack tight">
                    <h2>{t('recent')}</h2>
                    <div className="grid">
                        {recent.data.items.map((recording) => (
                            <Link key={recording.id} to="/recordings/$recording" params={{ recording: recording.id }} className="card tile">
                                <div className="row"><Icon name="wave" /><h3 className="cut">{recording.title}</h3></div>
                                <p className="small soft">{ago(recording.created)}</p>
                            </Link>
                        ))}
                    </div>
                </section>
            )}
            <section className="stack tight">
                <h2>{t('nav_projects')}</h2>
                <Show of={projects}>
                    {({ items }) => items.length === 0 ? (
                        <Empty icon="folder" title={t('no_projects')} action={fresh}>{t('no_projects_hint')}</Empty>
                    ) : (
                        <div className="grid">
                            {items.map((project) => (
                                <Link key={project.id} to="/projects/$project" params={{ project: project.id }} className="card tile">
                                    <div className="row"><Icon name="folder" /><h3 className="cut">{project.title}</h3></div>
                                    <p className="soft cut">{project.description || ago(project.updated)}</p>
                                    {project.tags.length > 0 && <span className="row wrap">{project.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}</span>}
                                </Link>
                            ))}
                        </div>
                    )}
                </Show>
            </section>
            <Window title={t('new_project')} open={naming} onOpen={name}>
                {(close) => (
                    <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ title = '', description = '' }) => {
                        const id = await create(title, description);
                        close();
                        await navigate({ to: '/projects/$project', params: { project: id } });
                    }}>
                        <Field name="title" label={t('title')} isRequired maxLength={200} autoFocus />
                        <Field name="description" label={t('description')} lines />
                    </SendForm>
                )}
            </Window>
        </Page>
    );
}
