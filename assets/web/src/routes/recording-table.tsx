// Recordings of a project in a table: one or many of them moved, or put into the trash.
import { lazy, Suspense, useState } from 'react';
import { Link } from '@tanstack/react-router';
import { client, data, ifMatch } from '../api/client';
import { actMany } from '../app/act-many';
import { moveRecordings, type Place, type Recording } from '../app/folders';
import { useSession } from '../app/queries';
import { bytes, clock, t, tOr } from '../i18n';
import { Action } from '../kit/bits';
import { More } from '../kit/menu';
import { Grid } from '../kit/grid';
import { keptOf, sortOf, type By } from '../kit/order';
import type { Column } from '../kit/table';
import { When } from '../kit/when';
import { StandingBadge, Tags, Thumb, useStandings } from './recording-list';

const MoveWindow = lazy(() => import('./move').then(({ MoveWindow }) => ({ default: MoveWindow })));

const ORDER = ['making', 'failed', 'new', 'ready'];

/** By what recordings are put in order where there are more than are here. */
const SERVED = { title: 'title', length: 'duration_ms', size: 'bytes', file: 'file_name', class: 'classification', created: 'created' } as const;
export function useRecordingOrder() {
    const [by, onBy] = useState(() => keptOf('recordings', []).by);
    return { sort: sortOf(by, SERVED), onBy };
}

/** `place`: where all of them are; `whole`: whether there are no more. */
export function RecordingTable({ items, place, whole, onBy }: { items: Recording[]; place: Place; whole: boolean; onBy: (by: By | undefined) => void }) {
    const session = useSession();
    const { standing, videoOf } = useStandings();
    const [moving, move] = useState<{ these: Recording[]; clear?: () => void } | null>(null);
    const trash = async (these: Recording[], clear?: () => void) => {
        const put = ({ id, version }: Recording) => data(client.POST('/v1/recordings/{recording}/trash', { params: { path: { recording: id }, header: ifMatch(version) } }));
        const back = ({ id, version }: Recording) => client.POST('/v1/recordings/{recording}/restore', { params: { path: { recording: id }, header: ifMatch(version) } });
        await actMany(['recordings'], these, put, (n) => (n === 1 && these[0] ? t('trashed', { name: these[0].title }) : t('trashed_many', { n })), back);
        clear?.();
    };
    const [mayMove, mayTrash] = [session?.can('asset:upload') ?? false, session?.can('asset:delete') ?? false];
    const columns: Column<Recording>[] = [
        {
            id: 'title', name: t('title'), kept: true, sort: ({ title }) => title,
            cell: ({ id, title, tags, standing: said }) => <span className="recording-row"><Thumb video={videoOf(id, said)} /><span className="stack tight"><Link to="/recordings/$recording" params={{ recording: id }}>{title}</Link><Tags tags={tags} /></span></span>,
        },
        { id: 'state', name: t('state'), sort: (recording) => ORDER.indexOf(standing(recording) ?? ''), cell: (recording) => <StandingBadge standing={standing(recording)} /> },
        { id: 'length', name: t('length'), end: true, sort: ({ duration_ms }) => duration_ms, cell: ({ duration_ms }) => <span className="num">{duration_ms == null ? '–' : clock(duration_ms)}</span> },
        { id: 'size', name: t('size'), end: true, sort: ({ bytes: size }) => size, cell: ({ bytes: size }) => <span className="num soft">{bytes(size)}</span> },
        { id: 'file', name: t('file'), extra: true, sort: ({ file_name }) => file_name, cell: ({ file_name }) => <span className="soft">{file_name}</span> },
        { id: 'class', name: t('class_of'), extra: true, sort: ({ classification }) => tOr(`class_${classification}`, classification), cell: ({ classification }) => tOr(`class_${classification}`, classification) },
        { id: 'created', name: t('created'), sort: ({ created }) => created, cell: ({ created }) => <When at={created} /> },
    ];
    if (mayMove || mayTrash) {
        columns.push({
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (one) => (
                <More label={`${t('more')}: ${one.title}`} entries={[
                    { id: 'move', name: t('move_to'), icon: 'folder', off: !mayMove, run: () => move({ these: [one] }) },
                    { id: 'trash', name: t('to_trash'), icon: 'trash', bad: true, off: !mayTrash, run: () => void trash([one]) },
                ]} />
            ),
        });
    }
    const first = moving?.these[0];
    return (
        <>
            <Grid
                name="recordings" caption={t('recordings')} columns={columns} rows={items} rowKey={({ id }) => id} height={60} whole={whole} served={{ by: SERVED, onBy }} title={<h2>{t('recordings')}</h2>}
                picks={mayMove || mayTrash ? { name: ({ title }) => title, acts: (these, clear) => (
                    <>
                        {mayMove && <Action icon="folder" onPress={() => move({ these, clear })}>{t('move_to')}</Action>}
                        {mayTrash && <Action icon="trash" onPress={() => void trash(these, clear)}>{t('to_trash')}</Action>}
                    </>
                ) } : undefined}
            />
            {moving && first && (
                <Suspense>
                    <MoveWindow
                        title={moving.these.length === 1 ? t('move_named', { name: first.title }) : t('move_many', { n: moving.these.length })}
                        from={place} project={place.project} onClose={() => move(null)}
                        onMove={async (to, name) => (await moveRecordings(moving.these, to, name), moving.clear?.())}
                    />
                </Suspense>
            )}
        </>
    );
}
