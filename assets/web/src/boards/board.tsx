// A dashboard: its charts on a grid, with a time range and choices that all of them follow and that the address keeps.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { client, data, ifMatch } from '../api/client';
import { act } from '../app/act';
import { useCommands } from '../app/commands';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { More, type Entry } from '../kit/menu';
import { Confirm } from '../kit/overlay';
import { tellError } from '../kit/toast';
import { Choose, EVERY, often, Ranges } from './bar';
import './boards.css';
import { boardQuery, choicesQuery, tileQuery, words, type Board as Document, type Dashboard, type View } from './data';
import { inOrder } from './grid';
import { save, TileCard } from './tile';

const Edit = lazy(() => import('./edit').then(({ Edit }) => ({ default: Edit })));
const Share = lazy(() => import('./share').then(({ ShareBoard }) => ({ default: ShareBoard })));
const Versions = lazy(() => import('./versions').then(({ Versions }) => ({ default: Versions })));

export function Board() {
    const { dashboard: id } = useParams({ from: '/app/dashboards/$dashboard' });
    const dashboard = useQuery(boardQuery(id));
    if (dashboard.data) return <Whole key={id} dashboard={dashboard.data} />;
    return <Page crumbs={[{ name: t('nav_dashboards'), to: '/dashboards' }, { name: '…' }]}><Show of={dashboard} lines={8}>{() => null}</Show></Page>;
}

function Whole({ dashboard }: { dashboard: Dashboard }) {
    const { board, id, version, built_in } = dashboard;
    const { edit, ...view } = useSearch({ from: '/app/dashboards/$dashboard' });
    const session = useSession();
    const navigate = useNavigate();
    const [removing, remove] = useState(false);
    const [looking, look] = useState(false);
    const [sharing, share] = useState(false);
    const speak = words(board);
    const may = session?.can('dashboard:manage') ?? false;
    const change = (next: View & { edit?: boolean }) => void navigate({ to: '/dashboards/$dashboard', params: { dashboard: id }, search: { ...view, edit, ...next }, replace: true });
    const choose = (name: string, value: string) => {
        const set = { ...view.set };
        if (value) set[name] = value;
        else if (board.variables?.some((own) => own.name === name && own.initial)) set[name] = '';
        else delete set[name];
        change({ set: Object.keys(set).length ? set : undefined });
    };
    const copy = async () => {
        try {
            const made = await data(client.POST('/v1/dashboards', { body: { ...board, title: t('copy_of', { name: speak(board.title) }).slice(0, 120) } }));
            await queries.invalidateQueries({ queryKey: ['dashboards'] });
            await navigate({ to: '/dashboards/$dashboard', params: { dashboard: made.id }, search: { edit: true } });
        } catch (error) {
            tellError(error);
        }
    };
    const title = speak(board.title);
    const entries: Entry[] = [
        { id: 'export', name: t('board_export'), icon: 'download', run: () => save(`${id}.json`, JSON.stringify(board, null, 2), 'application/json') },
        ...(may ? [{ id: 'copy', name: t('duplicate'), icon: 'copy' as const, run: () => void copy() }] : []),
        ...(session?.can('report:create') ? [{ id: 'report', name: t('report_of_board'), icon: 'list' as const, run: () => void navigate({ to: '/reports', search: { dashboard: id, set: view.set } }) }] : []),
        ...(built_in ? [] : [{ id: 'versions', name: t('versions'), icon: 'undo' as const, run: () => look(true) }]),
        ...(may && !built_in ? [{ id: 'remove', name: t('remove'), icon: 'trash' as const, bad: true, run: () => remove(true) }] : []),
    ];
    const shares = !built_in && !!session?.can('project:share');
    useCommands(edit ? [] : [
        { id: 'share', name: t('share'), icon: 'link', off: !shares, run: () => share(true) },
        { id: 'edit', name: t('edit'), icon: 'edit', off: !may || built_in, run: () => change({ edit: true }) },
        { id: 'refresh', name: t('refresh'), icon: 'redo', run: () => void queries.invalidateQueries({ queryKey: ['tile', id] }) },
        ...entries,
    ]);
    const every = view.every ?? board.refresh_s ?? 0;
    const actions = edit ? null : (
        <>
            {built_in && <Badge>{t('board_built_in')}</Badge>}
            {shares && <Action icon="link" onPress={() => share(true)}>{t('share')}</Action>}
            {may && (built_in ? <Action icon="copy" onPress={() => void copy()}>{t('duplicate')}</Action> : <Action icon="edit" onPress={() => change({ edit: true })}>{t('edit')}</Action>)}
            <More label={t('more')} entries={entries} />
        </>
    );
    return (
        <Page crumbs={[{ name: t('nav_dashboards'), to: '/dashboards' }, { name: title }]} actions={actions} full title={title} intro={speak(board.description)}>
            <div className="board-bar" role="group" aria-label={t('board_choices')}>
                <Ranges value={view.range ?? board.range ?? '30d'} choose={(range) => change({ range })} />
                {board.variables?.map((variable) => <Choose key={variable.name} of={choicesQuery(id, version, variable.name, view.range)} variable={variable} view={view} title={speak(variable.title)} choose={choose} />)}
                {!edit && <span className="push"><Pick label={t('looks_again')} value={String(every)} onChange={(seconds) => change({ every: Number(seconds) })} choices={[...new Set([...EVERY, every])].sort((a, b) => a - b).map((seconds) => ({ id: String(seconds), name: often(seconds) }))} /></span>}
                {!edit && <Action icon="redo" aria-label={t('refresh')} onPress={() => void queries.invalidateQueries({ queryKey: ['tile', id] })} />}
            </div>
            {edit && may && !built_in ? (
                <Suspense fallback={<Tiles dashboard={dashboard} view={view} choose={choose} />}><Edit dashboard={dashboard} view={view} end={() => change({ edit: undefined })} /></Suspense>
            ) : (
                <Tiles dashboard={dashboard} view={view} choose={choose} every={every} edit={may && !built_in ? () => change({ edit: true }) : undefined} />
            )}
            {sharing && <Suspense><Share dashboard={dashboard} view={view} close={() => share(false)} /></Suspense>}
            {looking && <Suspense><Versions dashboard={dashboard} may={may} close={() => look(false)} /></Suspense>}
            <Confirm title={t('remove')} text={t('board_remove', { name: title })} action={t('remove')} open={removing} onClose={() => remove(false)}
                onYes={async () => {
                    await act(['dashboards'], () => client.DELETE('/v1/dashboards/{dashboard}', { params: { path: { dashboard: id }, header: ifMatch(version) } }), t('removed'));
                    await navigate({ to: '/dashboards' });
                }} />
        </Page>
    );
}

function Tiles({ dashboard, view, choose, every, edit }: { dashboard: Dashboard; view: View; choose: (name: string, value: string) => void; every?: number; edit?: () => void }) {
    const { board, id, version } = dashboard;
    const tiles = inOrder(board.tiles ?? []);
    if (tiles.length === 0) return <Empty icon="chart" title={t('no_tiles')} action={edit && <Action look="primary" icon="plus" onPress={edit}>{t('add_chart')}</Action>}>{t('no_tiles_hint')}</Empty>;
    const speak = words(board as Document);
    return <div className="board">{tiles.map((tile) => <TileCard key={tile.id} of={tileQuery(id, version, tile.id, view)} tile={tile} view={view} say={speak} choose={choose} every={every} />)}</div>;
}
