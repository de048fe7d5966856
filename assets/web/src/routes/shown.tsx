// What somebody sees who was sent a link to a dashboard, or whose page holds it in a frame: its charts, and nothing else of the workspace.
import { useState } from 'react';
import { useParams } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { Choose, Ranges } from '../boards/bar';
import '../boards/boards.css';
import { shownChoicesQuery, shownTileQuery, words, type View } from '../boards/data';
import { inOrder } from '../boards/grid';
import { TileCard } from '../boards/tile';
import { t } from '../i18n';
import { Opened } from './opened';

/** A pass is good for six hours; a screen on a wall opens its link anew before. */
const AGAIN = 5 * 3_600_000;
/** Seconds between two looks, at the least: nobody knows how many look. */
const CALM = 60;

export function Shown() {
    const { token } = useParams({ from: '/shown/$token' });
    return <Opened<Schemas['ShownDashboard']> path={`/v1/view/${encodeURIComponent(token)}/dashboard`} again={AGAIN}>{(shown) => <Board shown={shown} />}</Opened>;
}

function Board({ shown: { board, pass, free_range: free } }: { shown: Schemas['ShownDashboard'] }) {
    const [view, setView] = useState<View>({});
    const speak = words(board);
    const variables = board.variables ?? [];
    const choose = (name: string, value: string) => setView({ ...view, set: { ...view.set, [name]: value } });
    const every = board.refresh_s ? Math.max(CALM, board.refresh_s) : undefined;
    return (
        <main className="body">
            <title>{`${speak(board.title)} – Audiagram`}</title>
            <div className="stack tight">
                <h1>{speak(board.title)}</h1>
                {board.description && <p className="soft">{speak(board.description)}</p>}
            </div>
            {(free || variables.length > 0) && (
                <div className="board-bar" role="group" aria-label={t('board_choices')}>
                    {free && <Ranges value={view.range ?? board.range ?? '30d'} choose={(range) => setView({ ...view, range })} />}
                    {variables.map((variable) => <Choose key={variable.name} of={shownChoicesQuery(pass, variable.name, view.range)} variable={variable} view={view} title={speak(variable.title)} choose={choose} />)}
                </div>
            )}
            {/* Other dashboards are not shown to whoever has this link. */}
            <div className="board">
                {inOrder(board.tiles ?? []).map((tile) => <TileCard key={tile.id} of={shownTileQuery(pass, tile.id, view)} tile={{ ...tile, link: undefined }} view={view} say={speak} choose={choose} every={every} />)}
            </div>
        </main>
    );
}
