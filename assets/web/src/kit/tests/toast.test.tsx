// @vitest-environment jsdom
import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { tell, tellError } from '../toast';
import { furnished, show } from './room';

furnished('tenants');
const toasts = () => [...document.querySelectorAll<HTMLElement>('.toast')];
const texts = () => toasts().map((one) => one.querySelector('.grow')?.textContent);
const told = (...what: Parameters<typeof tell>) => act(() => tell(...what));
const passes = (ms: number) => act(() => vi.advanceTimersByTime(ms));

// They outlive the page that told them.
afterEach(() => act(() => {
    for (const one of toasts()) within(one).getByRole('button', { name: 'Close' }).click();
}));

test('what was done can be taken back, once', async () => {
    const { user } = await show(<p>Page</p>);
    const undo = vi.fn();
    told('Moved to the trash', undo);
    expect(toasts()[0]?.getAttribute('role')).toBe('status');
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(undo).toHaveBeenCalledTimes(1);
    expect(texts()).toEqual([]);
});

test('it can be taken back by keys', async () => {
    const { user } = await show(<p>Page</p>);
    const undo = vi.fn();
    told('Removed', undo);
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Undo' }));
    await user.keyboard('{Enter}');
    expect(undo).toHaveBeenCalledTimes(1);
});

test('where it cannot be taken back that is said, and stays', async () => {
    const { user } = await show(<p>Page</p>);
    told('Removed', () => Promise.reject(new Error('It is gone')));
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect((await screen.findByRole('alert')).textContent).toContain('It is gone');
});

test('news goes by itself, what can be undone later, problems never', async () => {
    await show(<p>Page</p>);
    vi.useFakeTimers();
    told('Saved');
    told('Removed', () => {});
    act(() => tellError(new Error('No room')));
    passes(6_100);
    expect(texts()).toEqual(['Removed', 'No room']);
    passes(9_000);
    expect(texts()).toEqual(['No room']);
    passes(3_600_000);
    expect(texts()).toEqual(['No room']);
});

test('whoever is at it has all the time in the world', async () => {
    await show(<p>Page</p>);
    vi.useFakeTimers();
    told('Removed', () => {});
    act(() => screen.getByRole('button', { name: 'Undo' }).focus());
    passes(60_000);
    expect(texts()).toEqual(['Removed']);
    act(() => screen.getByRole('button', { name: 'Undo' }).blur());
    passes(16_000);
    expect(texts()).toEqual([]);
    told('Saved');
    fireEvent.pointerEnter(toasts()[0]!);
    passes(60_000);
    expect(texts()).toEqual(['Saved']);
});

test('the newest four are shown', async () => {
    await show(<p>Page</p>);
    for (let n = 1; n <= 6; n++) told(`News ${n}`);
    expect(texts()).toEqual(['News 3', 'News 4', 'News 5', 'News 6']);
});
