// Dashboards and what their charts show.
import { client, data, pages, type Schemas } from '../api/client';
import { language } from '../i18n';

export type Board = Schemas['Board'];
export type Tile = NonNullable<Board['tiles']>[number];
export type Variable = NonNullable<Board['variables']>[number];
export type Dashboard = Schemas['Dashboard'];
export type ChartSpec = Schemas['ChartSpec'];
export type ChartKind = Schemas['ChartKind'];
export type Pick = Schemas['Pick'];

/** What the address of a dashboard says. */
export type View = { range?: string; set?: Record<string, string>; every?: number };

export const boardsQuery = { queryKey: ['dashboards'], queryFn: () => pages((after) => data(client.GET('/v1/dashboards', { params: { query: { limit: 200, after } } }))) };
export const builtInQuery = () => ({ queryKey: ['dashboards', 'built-in', language()], queryFn: () => data(client.GET('/v1/dashboards/built-in', { params: { query: { language: language() } } })), staleTime: Infinity });
export const boardQuery = (dashboard: string) => ({ queryKey: ['dashboard', dashboard], queryFn: () => data(client.GET('/v1/dashboards/{dashboard}', { params: { path: { dashboard } } })) });

const asked = ({ range, set }: View) => ({ range, variables: set && Object.keys(set).length ? JSON.stringify(set) : undefined, language: language() });
export const tileQuery = (dashboard: string, version: number, tile: string, view: View) => ({
    queryKey: ['tile', dashboard, version, tile, asked(view)],
    queryFn: ({ signal }: { signal: AbortSignal }) => data(client.GET('/v1/dashboards/{dashboard}/tiles/{tile}', { params: { path: { dashboard, tile }, query: asked(view) }, signal })),
});
export const choicesQuery = (dashboard: string, version: number, variable: string, range?: string) => ({
    queryKey: ['choices', dashboard, version, variable, range, language()],
    queryFn: () => data(client.GET('/v1/dashboards/{dashboard}/variables/{variable}', { params: { path: { dashboard, variable }, query: { range, language: language() } } })),
});
/** The same of a dashboard that a link shows, with the pass of a view and without a session. */
export const shownTileQuery = (pass: string, tile: string, view: View) => ({
    queryKey: ['shown', pass, tile, asked(view)],
    queryFn: ({ signal }: { signal: AbortSignal }) => data(client.GET('/v1/view/{token}/tiles/{tile}', { params: { path: { token: pass, tile }, query: asked(view) }, credentials: 'omit', signal })),
});
export const shownChoicesQuery = (pass: string, variable: string, range?: string) => ({
    queryKey: ['shown choices', pass, variable, range, language()],
    queryFn: () => data(client.GET('/v1/view/{token}/variables/{variable}', { params: { path: { token: pass, variable }, query: { range, language: language() } }, credentials: 'omit' })),
});
/** A chart that is in no dashboard yet. */
export const draftQuery = (chart: ChartSpec, board: Board, { range = board.range ?? '30d', set = {} }: View) => {
    const variables = Object.fromEntries((board.variables ?? []).map(({ name, initial }) => [name, (set[name] ?? initial) || null]));
    const body = { chart, range, variables, language: language() };
    return { queryKey: ['draft', body], queryFn: ({ signal }: { signal: AbortSignal }) => data(client.POST('/v1/charts', { body, signal })), retry: false };
};

/** The text of a dashboard in the language of the page. */
export const words = (board: Board) => (text: string | undefined): string => (text && (board.words?.[language()]?.[text] ?? board.words?.en?.[text] ?? text)) || '';
