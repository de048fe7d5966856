// A project: its folders and recordings, and new ones coming in.
import { lazy, Suspense, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { client, data, ifMatch, Problem, type Schemas } from '../api/client';
import { atOnce } from '../app/at-once';
import { uploads } from '../api/upload';
import { useCommands } from '../app/commands';
import { foldersQuery, wayTo } from '../app/folders';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Empty, Failure, Show, Skeleton } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { More, type Entry } from '../kit/menu';
import { Ask, Cancel, Window } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { Drop, Incoming } from './drop';
import { FolderList, useFolderMenu } from './folder-list';
import './project.css';
import { ShowMore, useRecordings } from './recording-list';
import { RecordingTable, useRecordingOrder } from './recording-table';

// Few come for it, and tags are looked for when there are some.
const TagFilter = lazy(() => import('./tag-filter').then(({ TagFilter }) => ({ default: TagFilter })));
const ProjectPeople = lazy(() => import('./project-people').then(({ ProjectPeople }) => ({ default: ProjectPeople })));

export function Project() {
    const { project: id } = useParams({ from: '/app/projects/$project' });
    const { folder: at } = useSearch({ from: '/app/projects/$project' });
    const session = useSession();
    const navigate = useNavigate();
    const queries = useQueryClient();
    const [renaming, setRenaming] = useState(false);
    const [sharing, share] = useState(false);
    const path = { path: { project: id } };
    const project = useQuery({ queryKey: ['project', id], queryFn: () => data(client.GET('/v1/projects/{project}', { params: path })) });
    const folders = useQuery(foldersQuery(id));
    const [tag, setTag] = useState('');
    // A tag is looked for in all folders.
    const { sort, onBy } = useRecordingOrder();
    const recordings = useRecordings({ project: id, sort, folder: tag ? undefined : (at ?? 'none'), tag: tag || undefined, limit: 50 });
    const open = (folder?: string) => navigate({ to: '/projects/$project', params: { project: id }, search: { folder } });
    const all = folders.data ?? [];
    const way = wayTo(all, at);
    const here = way.at(-1);
    const title = project.data?.title ?? '…';
    const menu = useFolderMenu(id, (folder) => all.find((one) => one.id === folder)?.title ?? title, ({ id: gone, parent }) => (gone === at ? open(parent ?? undefined) : undefined));
    const change = async (body: Schemas['ProjectChange'], version: number) => {
        const shown = body.trashed ? null : (body as Record<string, unknown>);
        await atOnce(['project', 'projects'], [id], shown, () => client.PATCH('/v1/projects/{project}', { params: { ...path, header: ifMatch(version) }, body }));
        await queries.invalidateQueries();
    };
    const root = { name: t('nav_projects'), to: '/' };
    const missing = at && folders.data && !here ? new Problem({ type: '', title: '', code: 'not_found', status: 404 }) : undefined;
    const wrong = project.error ?? missing;
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
    const may = (what: string) => session?.can(what) ?? false;
    const mayUpload = may('asset:upload');
    const entries: Entry[] = here ? (mayUpload ? menu.entries(here) : []) : [
        { id: 'rename', name: t('rename'), icon: 'edit', run: () => setRenaming(true) },
        { id: 'trash', name: t('to_trash'), icon: 'trash', bad: true, run: () => void trash() },
    ];
    useCommands([
        { id: 'share', name: t('share'), icon: 'users', off: !may('project:share'), run: () => share(true) },
        ...entries,
    ]);
    if (wrong) return <Page crumbs={[root, ...(project.data ? [{ name: title, to: `/projects/${id}` }] : [])]}><Failure error={wrong} /></Page>;
    const inside = all.filter(({ parent }) => (parent ?? undefined) === at);
    return (
        <Page
            crumbs={[root, { name: title, to: here && `/projects/${id}` }, ...way.map((one) => ({ name: one.title, to: one === here ? undefined : `/projects/${id}`, search: { folder: one.id } }))]}
            actions={
                <>
                    {mayUpload && (
                        <Ask button={{ icon: 'plus', children: t('new_folder') }} title={t('new_folder')}>
                            {(close) => (
                                <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ title = '' }) => {
                                    await client.POST('/v1/projects/{project}/folders', { params: path, body: { title, parent: at } });
                                    await queries.invalidateQueries({ queryKey: ['folders'] });
                                    close();
                                }}>
                                    <Field name="title" label={t('title')} isRequired maxLength={200} autoFocus />
                                </SendForm>
                            )}
                        </Ask>
                    )}
                    {may('project:share') && <Action icon="users" onPress={() => share(true)}>{t('share')}</Action>}
                    {entries.length > 0 && <More label={t('more')} entries={entries} />}
                </>
            }
        >
            <div className="head">
                <div>
                    <h1 data-named>{at ? (here?.title ?? '…') : title}</h1>
                    {!here && project.data?.description && <p className="soft">{project.data.description}</p>}
                </div>
            </div>
            {mayUpload && (
                <Drop onFiles={(files) => uploads.add(id, files, at)}>
                    <h2>{t('drop_title')}</h2>
                    <p className="soft">{t('drop_hint')}</p>
                </Drop>
            )}
            <Incoming project={id} />
            <Suspense><TagFilter value={tag} onChange={setTag} /></Suspense>
            <FolderList project={id} folders={inside} entries={mayUpload ? menu.entries : undefined} />
            <Show of={recordings}>
                {(items) => {
                    if (items.length) return <><RecordingTable key={at} items={items} place={{ project: id, folder: at }} whole={!recordings.hasNextPage} onBy={onBy} /><ShowMore of={recordings} /></>;
                    if (tag) return <Empty icon="wave" title={t('nothing_found')} />;
                    if (here) return <Empty icon="folder" title={t('folder_empty')}>{t('folder_empty_hint')}</Empty>;
                    return inside.length ? null : <Empty icon="wave" title={t('no_recordings')}>{t('no_recordings_hint')}</Empty>;
                }}
            </Show>
            {menu.dialogs}
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
