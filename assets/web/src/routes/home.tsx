// What goes on, what was made last, and the shortest way from a recording to its video.
import { lazy, Suspense, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { uploads } from '../api/upload';
import { useCommands, useWish } from '../app/commands';
import { isUnderway, lefts } from '../app/left';
import { projectsQuery } from '../app/projects';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { clock, t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { tellError } from '../kit/toast';
import { AllProjects } from './all-projects';
import { Drop, Incoming } from './drop';
import { RecordingCard, ShowMore, Thumb, useRecordings, useStandings, type Standings } from './recording-list';
import { Running } from './running';

const Mentions = lazy(() => import('./mentions').then(({ Mentions }) => ({ default: Mentions })));
const DropWhere = lazy(() => import('./drop-where').then(({ DropWhere }) => ({ default: DropWhere })));

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
    const standings = useStandings();
    const recent = useRecordings({ limit: 12 });
    const [dropped, drop] = useState<File[]>([]);
    const create = async (title: string, description: string) => {
        const project = await data(client.POST('/v1/projects', { body: { title, description } }));
        await queries.invalidateQueries({ queryKey: ['projects'] });
        return project.id;
    };
    const upload = async (files: File[], project: string | null, title: string) => {
        const id = project ?? (await create(title, ''));
        uploads.add(id, files);
        await navigate({ to: '/projects/$project', params: { project: id } });
    };
    // Who drops a first recording has not thought of projects yet; who has some says into which.
    const take = (files: File[]) => {
        if (!projects.data) return;
        if (projects.data.items.length) drop(files);
        else void upload(files, null, t('first_project')).catch(tellError);
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
                <Drop onFiles={take}>
                    <h2>{t('drop_title')}</h2>
                    <p className="soft">{t('drop_hint')}</p>
                </Drop>
            )}
            <Incoming />
            <Running standings={standings} />
            <GoOn standings={standings} />
            <Suspense><Mentions /></Suspense>
            {!!recent.data?.length && (
                <section className="stack tight">
                    <h2>{t('recent')}</h2>
                    <div className="grid">{recent.data.map((recording) => <RecordingCard key={recording.id} recording={recording} standings={standings} />)}</div>
                    <ShowMore of={recent} />
                </section>
            )}
            <section className="stack tight">
                <h2>{t('nav_projects')}</h2>
                <Show of={projects}>
                    {({ items }) => items.length === 0 ? (
                        <Empty icon="folder" title={t('no_projects')} action={fresh}>{t('no_projects_hint')}</Empty>
                    ) : (
                        <AllProjects projects={items} />
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
            <Suspense>
                {dropped.length > 0 && <DropWhere files={dropped} projects={projects.data?.items ?? []} mayCreate={session?.can('project:create') ?? false} onClose={() => drop([])} onTake={(project, title) => upload(dropped, project, title)} />}
            </Suspense>
        </Page>
    );
}

/** What was begun to watch and not watched to its end. */
function GoOn({ standings }: { standings: Standings }) {
    const [begun] = useState(() => lefts().filter(isUnderway).slice(0, 3));
    if (!begun.length) return null;
    return (
        <section className="stack tight">
            <h2>{t('continue_left')}</h2>
            <div className="grid">
                {begun.map(({ id, title, ms, length }) => (
                    <Link key={id} to="/recordings/$recording" params={{ recording: id }} className="card tile go-on">
                        <div className="recording-row"><Thumb video={standings.videoOf(id)} share={ms / length} /><div className="grow"><h3 className="cut">{title}</h3><span className="small soft num">{clock(ms)} / {clock(length)}</span></div></div>
                    </Link>
                ))}
            </div>
        </section>
    );
}
