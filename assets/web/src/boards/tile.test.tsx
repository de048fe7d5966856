// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Drawing } from '../charts/paint';
import { furnished, show } from '../kit/tests/room';
import type { Tile, View } from './data';
import { TileCard } from './tile';

furnished('board');

const drawing: Drawing = {
    from: '2026-10-24T00:00:00Z', to: '2026-11-23T00:00:00Z', bucket: 'day', sentence: '3 rows', summary: { rows: 3, measure: 'Videos', sum: 16 },
    table: { columns: [{ name: 'project', title: 'Project', kind: 'text', formatted: false }, { name: 'n', title: 'Videos', kind: 'number', formatted: true }], rows: [['Shop', 12], ['Tram', 3], [null, 1]] },
    axes: { x: 'none', y: 'none' }, cut: false, leads: { rows: ['prj_shop', 'prj_tram', null], parts: [] },
};
const tile = (leads: Pick<Tile, 'select' | 'link'>): Tile => ({ id: 't1', x: 0, y: 0, w: 6, h: 4, chart: { type: 'table', title: 'Videos by project', query: { sql: 'SELECT 1' } }, ...leads });
const choose = vi.fn();
const card = (leads: Pick<Tile, 'select' | 'link'>, view: View = {}) => <TileCard of={{ queryKey: ['tile', 't1'], queryFn: async () => drawing }} tile={tile(leads)} view={view} say={(text) => text ?? ''} choose={choose} />;
const select = { column: 'project', variable: 'p' };
beforeEach(() => choose.mockClear());

test('a row narrows the dashboard by pointer and by keys', async () => {
    const { user } = await show(card({ select }));
    const shop = await screen.findByRole('button', { name: 'Shop' });
    expect(shop.getAttribute('aria-pressed')).toBe('false');
    shop.focus();
    await user.keyboard('{Enter}');
    await user.keyboard(' ');
    expect(choose.mock.calls).toEqual([['p', 'prj_shop'], ['p', 'prj_shop']]);
    // All of the row does by pointer, and once.
    await user.click(screen.getByRole('cell', { name: '3' }));
    await user.click(screen.getByRole('button', { name: 'Tram' }));
    expect(choose.mock.calls.slice(2)).toEqual([['p', 'prj_tram'], ['p', 'prj_tram']]);
    // A row that has nothing to choose is none.
    await user.click(screen.getByRole('cell', { name: '1' }));
    expect(choose).toHaveBeenCalledTimes(4);
});

test('the row that is chosen says so, and is taken back', async () => {
    const { user } = await show(card({ select }, { set: { p: 'prj_shop' } }));
    const shop = await screen.findByRole('button', { name: 'Shop' });
    expect(shop.getAttribute('aria-pressed')).toBe('true');
    expect(screen.getByRole('button', { name: 'Tram' }).getAttribute('aria-pressed')).toBe('false');
    await user.click(shop);
    expect(choose).toHaveBeenCalledWith('p', '');
});

test('a row leads to another dashboard, as a link that can be opened elsewhere', async () => {
    const { user, router } = await show(card({ link: { dashboard: 'usage', column: 'project', variable: 'name' } }, { range: '7d' }));
    const shop = await screen.findByRole('link', { name: 'Shop' });
    expect(decodeURIComponent(shop.getAttribute('href') ?? '')).toBe('/dashboards/usage?range=7d&set={"name":"prj_shop"}');
    await user.click(screen.getByRole('cell', { name: '12' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/dashboards/usage'));
    expect(choose).not.toHaveBeenCalled();
});

test('a table that leads nowhere has nothing to press', async () => {
    await show(card({}));
    const table = await screen.findByRole('table');
    expect(within(table).queryAllByRole('button')).toEqual([]);
    expect(within(table).queryAllByRole('link')).toEqual([]);
});
