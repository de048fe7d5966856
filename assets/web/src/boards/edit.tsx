// A dashboard being changed: charts are added, moved, sized and removed, by pointer or by keyboard. Nothing is kept before it is saved.
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch } from '../api/client';
import { Leaving } from '../kit/leaving';
import { queries } from '../app/queries';
import { useCommands } from '../app/commands';
import { t } from '../i18n';
import { Action, Empty } from '../kit/bits';
import { More } from '../kit/menu';
import { tell, tellError } from '../kit/toast';
import { Builder } from './builder';
import { draftQuery, tileQuery, words, type Board, type ChartSpec, type Dashboard, type Tile, type Variable, type View } from './data';
import { compact, freshId, inOrder, settle } from './grid';
import { LeadsOf } from './leads';
import { PropertiesOf, type Properties } from './properties';
import { Body, Broken, Frame } from './tile';
import { Variables } from './variables';

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** What can be changed of a dashboard here. */
type Draft = Properties & { tiles: Tile[]; variables: Variable[] };

export function Edit({ dashboard, view, end }: { dashboard: Dashboard; view: View; end: () => void }) {
    const [draft, setDraft] = useState<Draft>(() => {
        const { title, description, range, refresh_s, tiles = [], variables = [] } = dashboard.board;
        return { title, description, range, refresh_s, tiles, variables };
    });
    const [before, setBefore] = useState<Draft[]>([]);
    const { tiles, variables } = draft;
    const setTiles = (tiles: Tile[]) => setDraft({ ...draft, tiles });
    const [building, build] = useState<Tile | 'new' | null>(null);
    const [leading, lead] = useState<Tile | null>(null);
    const [naming, name] = useState(false);
    const [describing, describe] = useState(false);
    const [held, hold] = useState('');
    const [pending, wait] = useState(false);
    const [told, announce] = useState('');
    const grid = useRef<HTMLDivElement>(null);
    const board: Board = { ...dashboard.board, ...draft };
    const speak = words(board);
    const renew = (part: Partial<Draft>) => {
        setBefore([...before.slice(-50), draft]);
        setDraft({ ...draft, ...part });
    };
    const change = (tiles: Tile[]) => renew({ tiles });
    const undo = () => {
        const last = before.at(-1);
        if (!last) return;
        setDraft(last);
        setBefore(before.slice(0, -1));
    };
    const unsaved = before.length > 0;
    useCommands([{ id: 'move', name: t('key_move_tile'), keys: '← → ↑ ↓' }, { id: 'size', name: t('key_size_tile'), keys: 'Shift+←→↑↓' }, { id: 'remove', name: t('remove'), keys: 'Delete' }]);
    const place = (tile: Tile, next: Tile) => {
        const settled = settle(tiles, next);
        change(settled);
        const now = settled.find(({ id }) => id === tile.id) ?? next;
        announce(t('tile_is_at', { name: speak(tile.chart.title), x: now.x + 1, y: now.y + 1, w: now.w, h: now.h }));
    };
    const press = (tile: Tile) => (event: KeyboardEvent) => {
        const [x, y] = ARROWS[event.key] ?? [];
        if (x !== undefined && y !== undefined) {
            event.preventDefault();
            const across = document.documentElement.dir === 'rtl' ? -x : x;
            place(tile, event.shiftKey ? { ...tile, w: tile.w + across, h: tile.h + y } : { ...tile, x: tile.x + across, y: tile.y + (y > 0 ? tile.h : y) });
        } else if (event.key === 'Delete') {
            event.preventDefault();
            drop(tile);
        }
    };
    const drop = (tile: Tile) => change(compact(tiles.filter(({ id }) => id !== tile.id)));
    // By pointer: steps of the grid, from where it was taken.
    const drag = (tile: Tile, sizes: boolean) => (event: PointerEvent<HTMLElement>) => {
        const frame = grid.current;
        if (!frame || event.button !== 0) return;
        event.preventDefault();
        const handle = event.currentTarget;
        handle.setPointerCapture(event.pointerId);
        const style = getComputedStyle(frame);
        const gap = parseFloat(style.columnGap);
        const [wide, high] = [(frame.clientWidth + gap) / 12, parseFloat(style.gridAutoRows) + gap];
        const from = { x: event.clientX, y: event.clientY, tiles, draft };
        const turn = document.documentElement.dir === 'rtl' ? -1 : 1;
        let last = '';
        hold(tile.id);
        const move = (now: globalThis.PointerEvent) => {
            const [x, y] = [Math.round(((now.clientX - from.x) / wide) * turn), Math.round((now.clientY - from.y) / high)];
            if (`${x} ${y}` === last) return;
            last = `${x} ${y}`;
            setTiles(settle(from.tiles, sizes ? { ...tile, w: tile.w + x, h: tile.h + y } : { ...tile, x: tile.x + x, y: tile.y + y }));
        };
        const stop = () => {
            handle.removeEventListener('pointermove', move);
            hold('');
            if (last && last !== '0 0') setBefore((all) => [...all.slice(-50), from.draft]);
        };
        handle.addEventListener('pointermove', move);
        handle.addEventListener('pointerup', stop, { once: true });
        handle.addEventListener('pointercancel', stop, { once: true });
    };
    const keep = async () => {
        wait(true);
        try {
            const path = { dashboard: dashboard.id };
            const saved = await data(client.PATCH('/v1/dashboards/{dashboard}', { params: { path, header: ifMatch(dashboard.version) }, body: { board } }));
            queries.setQueryData(['dashboard', dashboard.id], saved);
            void queries.invalidateQueries({ queryKey: ['dashboards'] });
            tell(t('saved'));
            end();
        } catch (error) {
            tellError(error);
        } finally {
            wait(false);
        }
    };
    const built = (chart: ChartSpec) => {
        if (building === 'new') {
            const low = Math.max(0, ...tiles.map(({ y, h }) => y + h));
            const small = chart.type === 'value' || chart.type === 'gauge';
            const fresh: Tile = { id: freshId(tiles), x: 0, y: low, w: small ? 3 : 6, h: small ? 2 : 4, chart };
            change(compact([...tiles, fresh]));
        } else if (building) change(tiles.map((tile) => (tile.id === building.id ? { ...tile, chart } : tile)));
        build(null);
    };
    return (
        <>
            <div className="board-bar" role="toolbar" aria-label={t('edit')}>
                <Action icon="plus" onPress={() => build('new')}>{t('add_chart')}</Action>
                <Action icon="list" onPress={() => name(true)}>{t('board_variables')}</Action>
                <Action icon="gear" onPress={() => describe(true)}>{t('board_properties')}</Action>
                <Action icon="undo" aria-label={t('undo')} isDisabled={!unsaved} onPress={undo} />
                <p className="small soft">{t('edit_keys')}</p>
                <span className="push row">
                    <Action onPress={end}>{unsaved ? t('discard') : t('cancel')}</Action>
                    <Action look="primary" icon="check" isPending={pending} isDisabled={!unsaved} onPress={() => void keep()}>{t('save')}</Action>
                </span>
            </div>
            <p className="hidden" aria-live="polite">{told}</p>
            {tiles.length === 0 && <Empty icon="chart" title={t('no_tiles')} action={<Action look="primary" icon="plus" onPress={() => build('new')}>{t('add_chart')}</Action>}>{t('no_tiles_hint')}</Empty>}
            <div className="board" ref={grid}>
                {inOrder(tiles).map((tile) => {
                    const title = speak(tile.chart.title);
                    const actions = (
                        <>
                            <button type="button" className="button quiet only grip" aria-label={t('move_named', { name: title })} aria-description={t('edit_keys')} onKeyDown={press(tile)} onPointerDown={drag(tile, false)}><Dots /></button>
                            <More label={`${t('more')}: ${title}`} entries={[
                                { id: 'edit', name: t('edit'), icon: 'edit', run: () => build(tile) },
                                { id: 'leads', name: t('on_choose'), icon: 'link', run: () => lead(tile) },
                                { id: 'copy', name: t('duplicate'), icon: 'copy', run: () => change(compact([...tiles, { ...tile, id: freshId(tiles), y: 399 }])) },
                                { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => drop(tile) },
                            ]} />
                        </>
                    );
                    return (
                        <Frame key={tile.id} tile={tile} title={title} description={speak(tile.chart.description)} actions={actions} className={held === tile.id ? 'editing held' : 'editing'}>
                            <Seen dashboard={dashboard} tile={tile} board={board} view={view} title={title} />
                            <button type="button" className="corner" tabIndex={-1} aria-hidden="true" onPointerDown={drag(tile, true)} />
                        </Frame>
                    );
                })}
            </div>
            <Leaving unsaved={(unsaved || building !== null || leading !== null || naming || describing) && !pending} />
            {leading && <LeadsOf tile={leading} board={board} view={view} close={() => lead(null)} done={(leads) => {
                change(tiles.map((tile) => (tile.id === leading.id ? { ...tile, ...leads } : tile)));
                lead(null);
            }} />}
            {naming && <Variables of={variables} close={() => name(false)} done={(next) => {
                // What filters by a variable that is gone filters no more.
                const there = (tile: Tile) => !tile.select || next.some(({ name }) => name === tile.select?.variable);
                renew({ variables: next, tiles: tiles.map((tile) => (there(tile) ? tile : { ...tile, select: undefined })) });
                name(false);
            }} />}
            {describing && <PropertiesOf board={board} close={() => describe(false)} done={(properties) => {
                renew(properties);
                describe(false);
            }} />}
            {building && <Builder board={board} view={view} chart={building === 'new' ? undefined : building.chart} done={built} close={() => build(null)} />}
        </>
    );
}

const Dots = () => <svg className="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01" strokeWidth="3" /></svg>;

/** What a chart shows now, saved or not. */
function Seen({ dashboard, tile, board, view, title }: { dashboard: Dashboard; tile: Tile; board: Board; view: View; title: string }) {
    const saved = dashboard.board.tiles?.find(({ id }) => id === tile.id);
    const same = saved !== undefined && JSON.stringify(saved.chart) === JSON.stringify(tile.chart);
    const kept = useQuery({ ...tileQuery(dashboard.id, dashboard.version, tile.id, view), enabled: same });
    const draft = useQuery({ ...draftQuery(tile.chart, board, view), enabled: !same });
    const { data, error } = same ? kept : draft;
    return error && !data ? <Broken error={error} /> : <Body drawing={data} spec={tile.chart} title={title} />;
}
