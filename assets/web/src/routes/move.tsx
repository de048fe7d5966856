// Where something goes: a project, and a folder in it.
import { useId, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { foldersQuery, inOrder, wayTo, type Place } from '../app/folders';
import { projectsQuery } from '../app/projects';
import { t } from '../i18n';
import { Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { Cancel, Window } from '../kit/overlay';

type Props = {
    title: string;
    /** Where it is now; nothing where it is in several places. */
    from?: Place;
    /** The project in which it stays, or with which the choice begins. */
    project: string;
    /** Folders stay in their project, and do not go into themselves. */
    folder?: string;
    onMove: (to: Place, name: string) => Promise<unknown>;
    onClose: () => void;
};

/** The project itself, in a list of folders. */
const TOP = 'top';

export function MoveWindow({ title, from, project: first, folder, onMove, onClose }: Props) {
    const where = useId();
    const projects = useQuery(projectsQuery);
    const [project, setProject] = useState(first);
    const [chosen, choose] = useState(from?.folder ?? TOP);
    const name = projects.data?.items.find(({ id }) => id === project)?.title ?? '';
    const folders = useQuery(foldersQuery(project));
    const called = (id: string) => folders.data?.find((one) => one.id === id)?.title ?? name;
    const here = (id: string) => from?.project === project && (from.folder ?? TOP) === id;
    return (
        <Window title={title} open onOpen={(open) => !open && onClose()}>
            {(close) => (
                <SendForm submit={t('move')} also={<Cancel />} onSend={async () => {
                    if (!here(chosen)) await onMove({ project, folder: chosen === TOP ? undefined : chosen }, called(chosen));
                    close();
                }}>
                    {!folder && (
                        <Show of={projects} lines={1}>
                            {({ items }) => (
                                <Pick label={t('project')} choices={items.map(({ id, title }) => ({ id, name: title }))} value={project} onChange={(id) => (setProject(id), choose(from?.project === id ? (from.folder ?? TOP) : TOP))} />
                            )}
                        </Show>
                    )}
                    <div className="field">
                        <span className="label" id={where}>{t('move_where')}</span>
                        <Show of={folders}>
                            {(all) => {
                                const open = all.filter(({ id }) => !wayTo(all, id).some((one) => one.id === folder));
                                const places = [{ id: TOP, title: name, depth: 0 }, ...inOrder(open).map(({ folder: { id, title }, depth }) => ({ id, title, depth }))];
                                return (
                                    <ListBox
                                        aria-labelledby={where} className="listbox places" selectionMode="single" disallowEmptySelection selectedKeys={[chosen]} autoFocus
                                        onSelectionChange={(keys) => { for (const key of keys) choose(String(key)); }}
                                    >
                                        {places.map(({ id, title, depth }) => (
                                            <ListBoxItem key={id} id={id} textValue={title} className="item" style={{ paddingInlineStart: `${0.5 + depth * 1.25}rem` }}>
                                                <Icon name={id === TOP ? 'home' : 'folder'} />
                                                <span className="cut">{title}</span>
                                                <span className="end row">{here(id) && t('now_here')}{chosen === id && <Icon name="check" />}</span>
                                            </ListBoxItem>
                                        ))}
                                    </ListBox>
                                );
                            }}
                        </Show>
                    </div>
                </SendForm>
            )}
        </Window>
    );
}
