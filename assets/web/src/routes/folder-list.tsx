// Folders, as one sees them above the recordings beside them; and what can be done with one.
import { lazy, Suspense, useState } from 'react';
import { Link } from '@tanstack/react-router';
import { client, data, ifMatch } from '../api/client';
import { atOnce } from '../app/at-once';
import { act } from '../app/act';
import { byName, type Folder, type Place } from '../app/folders';
import { t } from '../i18n';
import { Field, SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { More, type Entry } from '../kit/menu';
import { Cancel, Confirm, Window } from '../kit/overlay';

const MoveWindow = lazy(() => import('./move').then(({ MoveWindow }) => ({ default: MoveWindow })));

type Doing = { what: 'rename' | 'move' | 'remove'; folder: Folder };

/** What can be done with folders of a project: the entries of a menu, and the dialogs that these open. */
export function useFolderMenu(project: string, titleOf: (folder?: string | null) => string, onRemoved?: (folder: Folder) => unknown) {
    const [doing, begin] = useState<Doing | null>(null);
    const end = () => begin(null);
    const path = (folder: Folder, version = folder.version) => ({ params: { path: { folder: folder.id }, header: ifMatch(version) } });
    const entries = (folder: Folder): Entry[] => [
        { id: 'rename', name: t('rename'), icon: 'edit', run: () => begin({ what: 'rename', folder }) },
        { id: 'move', name: t('move_to'), icon: 'folder', run: () => begin({ what: 'move', folder }) },
        { id: 'remove', name: t('folder_remove'), icon: 'trash', bad: true, run: () => begin({ what: 'remove', folder }) },
    ];
    const folder = doing?.folder;
    const move = async (folder: Folder, to: Place, place: string) => {
        const change = (parent: string | null, version?: number) => data(client.PATCH('/v1/folders/{folder}', { ...path(folder, version), body: { parent } }));
        // What is wrong with the place stands in the dialog.
        const moved = await atOnce(['folders'], [folder.id], { parent: to.folder ?? null }, () => change(to.folder ?? null));
        await act(['folders'], async () => moved, t('moved_one', { name: folder.title, place }), () => change(folder.parent ?? null, moved.version));
    };
    const dialogs = (
        <>
            <Window title={t('rename')} open={doing?.what === 'rename'} onOpen={(open) => !open && end()}>
                {(close) => folder && (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ title = '' }) => {
                        await atOnce(['folders'], [folder.id], { title }, () => client.PATCH('/v1/folders/{folder}', { ...path(folder), body: { title } }));
                        close();
                    }}>
                        <Field name="title" label={t('title')} defaultValue={folder.title} isRequired maxLength={200} autoFocus />
                    </SendForm>
                )}
            </Window>
            {doing?.what === 'move' && folder && (
                <Suspense>
                    <MoveWindow title={t('move_named', { name: folder.title })} from={{ project, folder: folder.parent ?? undefined }} project={project} folder={folder.id} onMove={(to, place) => move(folder, to, place)} onClose={end} />
                </Suspense>
            )}
            <Confirm
                title={t('folder_remove')} action={t('remove')} open={doing?.what === 'remove'} onClose={end}
                text={t('folder_remove_text', { name: folder?.title ?? '', place: titleOf(folder?.parent) })}
                onYes={() => folder && act(['folders', 'recordings'], async () => {
                    await client.DELETE('/v1/folders/{folder}', path(folder));
                    await onRemoved?.(folder);
                }, t('change_removed', { name: folder.title }))}
            />
        </>
    );
    return { entries, dialogs };
}

/** The folders that lie in one, or in the project itself. */
export function FolderList({ project, folders, entries }: { project: string; folders: Folder[]; entries?: (folder: Folder) => Entry[] }) {
    if (!folders.length) return null;
    return (
        <section className="stack tight">
            <h2>{t('folders')}</h2>
            <ul className="folders">
                {[...folders].sort(byName).map((folder) => (
                    <li key={folder.id} className="card">
                        <Link to="/projects/$project" params={{ project }} search={{ folder: folder.id }} className="row" data-named>
                            <Icon name="folder" />
                            <span className="cut">{folder.title}</span>
                        </Link>
                        {entries && <More label={`${t('more')}: ${folder.title}`} entries={entries(folder)} />}
                    </li>
                ))}
            </ul>
        </section>
    );
}
