// A project: its recordings, and new ones coming in.
import { lazy, Suspense, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { uploads } from '../api/upload';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, bytes, clock, t } from '../i18n';
import { Action, Empty, Failure, Show, Skeleton } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Window } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { Drop, Incoming } from './drop';
import { trashRecording } from './recording-trash';
import { ShowMore, StandingBadge, Tags, Thumb, useRecordings, useStandings } from './recording-list';
import { TagFilter } from './tag-filter';

// Few come for it.
const ProjectPeople = lazy(() => import('./project-people').then(({ ProjectPeople }) => ({ default: ProjectPeople })));

type Recording = Schemas['Recording'];

export function Project() {
    const { project: id } = useParams({ from: '/app/projects/$project' });
    const session = useSession();
    const navigate = useNavigate();
    const queries = useQueryClient();
    const [renaming, setRenaming] = useState(false);
    const [sharing, share] = useState(false);
    const path = { path: { project: id } };
    const project = useQuery({ queryKey: ['project', id], queryFn: () => data(client.GET('/v1/projects/{project}', { params: path })) });
    const [tag, setTag] = useState('');
    const recordings = useRecordings({ project: id, tag: tag || undefined, limit: 50 });
    const change = async (body: Schemas['ProjectChange'], version: number) => {
        await client.PATCH('/v1/projects/{project}', { params: { ...path, header: ifMatch(version) }, body });
        await queries.invalidateQueries();
    };
    if (project.error) return <Page crumbs={[{ name: t('nav_projects'), to: '/' }]}><Failure error={project.error} /></Page>;
    const version = project.data?.version ?? 0;
    const trash = async () => {
        try {
            await change({ trashed: true }, version);
            await navigate({ to: '/' });
            tell(t('trashed', { name: project.data?.title ?? '' }), () => change({ trashed: false }, version + 1));
        } catch (error) {
            tellError(error);
        }
    };
    return (
        <Page
            crumbs={[{ name: t('nav_projects'), to: '/' }, { name: project.data?.title ?? '…' }]}
            actions={
                <>
                    {session?.can('project:share') && <Action icon="users" onPress={() => share(true)}>{t('share')}</Action>}
                    <More
                        label={t('more')}
                        entries={[
                            { id: 'rename', name: t('rename'), icon: 'edit', run: () => setRenaming(true) },
                            { id: 'trash', name: t('to_trash'), icon: 'trash', bad: true, run: () => void trash() },
                        ]}
                    />
                </>
            }
        >
            <div className="head">
                <div>
                    <h1>{project.data?.title ?? '…'}</h1>
                    {project.data?.description && <p className="soft">{project.data.description}</p>}
                </div>
            </div>
            {session?.can('asset:upload') && (
                <Drop onFiles={(files) => uploads.add(id, files)}>
                    <h2>{t('drop_title')}</h2>
                    <p className="soft">{t('drop_hint')}</p>
                </Drop>
            )}
            <Incoming project={id} />
            <TagFilter value={tag} onChange={setTag} />
            <Show of={recordings}>
                {(items) => items.length ? <><Recordings items={items} /><ShowMore of={recordings} /></> : tag ? <Empty icon="wave" title={t('nothing_found')} /> : <Empty icon="wave" title={t('no_recordings')}>{t('no_recordings_hint')}</Empty>}
            </Show>
            <Window title={t('project_people')} open={sharing} onOpen={share} large><Suspense fallback={<Skeleton />}><ProjectPeople project={id} /></Suspense></Window>
            <Window title={t('rename')} open={renaming} onOpen={setRenaming}>
                {(close) => (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ title = '', description = '' }) => {
                        await change({ title, description }, version);
                        close();
                    }}>
                        <Field name="title" label={t('title')} defaultValue={project.data?.title} isRequired maxLength={200} autoFocus />
                        <Field name="description" label={t('description')} defaultValue={project.data?.description} lines />
                    </SendForm>
                )}
            </Window>
        </Page>
    );
}

function Recordings({ items }: { items: Recording[] }) {
    const { standing, videoOf } = useStandings();
    const columns: Column<Recording>[] = [
        {
            id: 'title', name: t('title'),
            cell: ({ id, title, tags }) => <span className="recording-row"><Thumb video={videoOf(id)} /><span className="stack tight"><Link to="/recordings/$recording" params={{ recording: id }}>{title}</Link><Tags tags={tags} /></span></span>,
        },
        { id: 'state', name: t('state'), cell: (recording) => <StandingBadge standing={standing(recording)} /> },
        { id: 'length', name: t('length'), end: true, cell: ({ duration_ms }) => <span className="num">{duration_ms == null ? '–' : clock(duration_ms)}</span> },
        { id: 'size', name: t('size'), end: true, cell: ({ bytes: size }) => <span className="num soft">{bytes(size)}</span> },
        { id: 'created', name: t('created'), cell: ({ created }) => <span className="soft">{ago(created)}</span> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (recording) => <Action look="quiet" icon="trash" aria-label={`${t('to_trash')}: ${recording.title}`} onPress={() => void trashRecording(recording)} />,
        },
    ];
    return <Table caption={t('recordings')} columns={columns} rows={items} rowKey={({ id }) => id} />;
}
