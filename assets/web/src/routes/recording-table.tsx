// Recordings of a project in a table: one or many of them moved, or put into the trash.
import { lazy, Suspense, useState } from 'react';
import { Link } from '@tanstack/react-router';
import { client, data, ifMatch } from '../api/client';
import { act } from '../app/act';
import { moveRecordings, type Place, type Recording } from '../app/folders';
import { useSession } from '../app/queries';
import { ago, bytes, clock, t } from '../i18n';
import { Action } from '../kit/bits';
import { More } from '../kit/menu';
import { Table, type Column } from '../kit/table';
import { StandingBadge, Tags, Thumb, useStandings } from './recording-list';

const MoveWindow = lazy(() => import('./move').then(({ MoveWindow }) => ({ default: MoveWindow })));

type CheckProps = { label: string; on: boolean; some?: boolean; onChange: (on: boolean) => void };
const Check = ({ label, on, some = false, onChange }: CheckProps) => (
    <input type="checkbox" className="tick" aria-label={label} checked={on} ref={(node) => void (node && (node.indeterminate = some))} onChange={({ target }) => onChange(target.checked)} />
);

/** `place`: where all of them are. */
export function RecordingTable({ items, place }: { items: Recording[]; place: Place }) {
    const session = useSession();
    const { standing, videoOf } = useStandings();
    const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
    const [moving, move] = useState<Recording[]>([]);
    const picked = items.filter(({ id }) => chosen.has(id));
    const clear = () => choose(new Set());
    const pick = (id: string, on: boolean) => choose(new Set(on ? [...chosen, id] : [...chosen].filter((other) => other !== id)));
    const trash = async (these: Recording[]) => {
        const params = ({ id, version }: Recording) => ({ params: { path: { recording: id }, header: ifMatch(version) } });
        const gone: Recording[] = [];
        const told = these.length === 1 && these[0] ? t('trashed', { name: these[0].title }) : t('trashed_many', { n: these.length });
        const put = async () => {
            for (const one of these) gone.push(await data(client.POST('/v1/recordings/{recording}/trash', params(one))));
            clear();
        };
        await act(['recordings'], put, told, async () => {
            for (const one of gone) await client.POST('/v1/recordings/{recording}/restore', params(one));
        });
    };
    const [mayMove, mayTrash] = [session?.can('asset:upload') ?? false, session?.can('asset:delete') ?? false];
    const columns: Column<Recording>[] = [
        {
            id: 'title', name: t('title'),
            cell: ({ id, title, tags }) => <span className="recording-row"><Thumb video={videoOf(id)} /><span className="stack tight"><Link to="/recordings/$recording" params={{ recording: id }}>{title}</Link><Tags tags={tags} /></span></span>,
        },
        { id: 'state', name: t('state'), cell: (recording) => <StandingBadge standing={standing(recording)} /> },
        { id: 'length', name: t('length'), end: true, cell: ({ duration_ms }) => <span className="num">{duration_ms == null ? '–' : clock(duration_ms)}</span> },
        { id: 'size', name: t('size'), end: true, cell: ({ bytes: size }) => <span className="num soft">{bytes(size)}</span> },
        { id: 'created', name: t('created'), cell: ({ created }) => <span className="soft">{ago(created)}</span> },
    ];
    if (mayMove || mayTrash) {
        columns.unshift({
            id: 'pick', name: t('select_all'),
            head: <Check label={t('select_all')} on={picked.length === items.length} some={picked.length > 0 && picked.length < items.length} onChange={(on) => choose(new Set(on ? items.map(({ id }) => id) : []))} />,
            cell: ({ id, title }) => <Check label={t('select_named', { name: title })} on={chosen.has(id)} onChange={(on) => pick(id, on)} />,
        });
        columns.push({
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (one) => (
                <More label={`${t('more')}: ${one.title}`} entries={[
                    { id: 'move', name: t('move_to'), icon: 'folder', off: !mayMove, run: () => move([one]) },
                    { id: 'trash', name: t('to_trash'), icon: 'trash', bad: true, off: !mayTrash, run: () => void trash([one]) },
                ]} />
            ),
        });
    }
    const [first] = moving;
    return (
        <section className="stack tight">
            <div className="row apart wrap chosen">
                <h2>{picked.length ? t('n_selected', { n: picked.length }) : t('recordings')}</h2>
                {picked.length > 0 && (
                    <div className="row wrap">
                        {mayMove && <Action icon="folder" onPress={() => move(picked)}>{t('move_to')}</Action>}
                        {mayTrash && <Action icon="trash" onPress={() => void trash(picked)}>{t('to_trash')}</Action>}
                        <Action look="quiet" icon="close" aria-label={t('clear_selection')} onPress={clear} />
                    </div>
                )}
            </div>
            <Table caption={t('recordings')} columns={columns} rows={items} rowKey={({ id }) => id} />
            {first && (
                <Suspense>
                    <MoveWindow
                        title={moving.length === 1 ? t('move_named', { name: first.title }) : t('move_many', { n: moving.length })}
                        from={place} project={place.project} onClose={() => move([])}
                        onMove={async (to, name) => (await moveRecordings(moving, to, name), clear())}
                    />
                </Suspense>
            )}
        </section>
    );
}
