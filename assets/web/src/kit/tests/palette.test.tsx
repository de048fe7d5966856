// @vitest-environment jsdom
import { useState } from 'react';
import { screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { useCommands } from '../../app/commands';
import { Palette } from '../../app/palette';
import { queries, SESSION, type Session } from '../../app/queries';
import type { Region } from '../../app/shell';
import { Action } from '../bits';
import { appliance, furnished, show } from './room';

furnished('home', 'search');

const share = vi.fn();
const REGIONS: Region[] = [{ title: 'Work', goals: [{ to: '/', name: 'Projects', icon: 'folder', keys: 'G P' }, { to: '/jobs', name: 'Jobs', icon: 'jobs' }] }];
const session = (...permissions: string[]) => ({ id: 'usr_1', tenant: 'ten_1', kind: 'user', permissions, assurance_level: 1, can: (what: string) => permissions.includes(what), operator: false }) as Session;

function Place() {
    const [open, set] = useState(false);
    useCommands([{ id: 'share', name: 'Share this', run: share }, { id: 'hush', name: 'Shared no more', off: true, run: share }]);
    return <><Action onPress={() => set(true)}>Find</Action>{open && <Palette open onOpen={set} regions={REGIONS} help={() => {}} />}</>;
}
const names = () => screen.getAllByRole('menuitem').map(({ textContent }) => textContent?.trim());
async function opened(...permissions: string[]) {
    queries.setQueryData(SESSION, session(...permissions));
    const shown = await show(<Place />);
    await shown.user.click(screen.getByRole('button', { name: 'Find' }));
    await screen.findByRole('searchbox');
    return shown;
}
beforeEach(() => share.mockClear());

test('it has the focus, and what can be done here comes first', async () => {
    await opened();
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
    expect(names()[0]).toBe('Share this');
    // What cannot be done now is not offered, nor what one may not do.
    expect(names().some((name) => name?.startsWith('Shared no more') || name?.startsWith('New project'))).toBe(false);
});

test('letters find, Enter does, and it is gone', async () => {
    const { user } = await opened('project:create');
    await user.keyboard('shar');
    expect(names()).toEqual(['Share this']);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(share).toHaveBeenCalledTimes(1);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('places are gone to', async () => {
    const { user, router } = await opened();
    await user.keyboard('jobs');
    await user.keyboard('{ArrowDown}{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/jobs'));
});

test('what was said in recordings is found by the appliance, and only by who may search', async () => {
    const heard = appliance({ 'GET /v1/search': () => ({ status: 200, body: { items: [{ id: 'rec_1', kind: 'recording', title: 'Order <b>', snippet: [{ text: 'the carrier <img src=x>' }] }] } }) });
    const { user } = await opened('project:read');
    await user.keyboard('carrier');
    expect(await screen.findByRole('menuitem', { name: /Order <b>/ })).toBeTruthy();
    // What others have written stays text.
    expect(document.querySelector('.palette b, .palette img')).toBeNull();
    expect(heard).toContain('GET /v1/search');
});

test('who may not search asks nothing', async () => {
    const heard = appliance({});
    const { user } = await opened();
    await user.keyboard('carrier');
    await screen.findByText('Nothing found');
    expect(heard.filter((asked) => asked.includes('search'))).toEqual([]);
});

test('Escape closes it, and the focus is where it was', async () => {
    const { user } = await opened();
    await user.keyboard('{Escape}');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Find' })));
});
