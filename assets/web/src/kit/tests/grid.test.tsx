// @vitest-environment jsdom
import { cleanup, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Grid } from '../grid';
import type { Column } from '../table';
import { furnished, show } from './room';

furnished('tenants');

type Row = { id: string; name: string; seats: number | null };
const ROWS: Row[] = [{ id: 'a', name: 'Mill 10', seats: 3 }, { id: 'b', name: 'mill 9', seats: null }, { id: 'c', name: 'Acme', seats: 20 }, { id: 'd', name: 'Zoo', seats: 1 }];
const COLUMNS: Column<Row>[] = [
    { id: 'name', name: 'Name', kept: true, sort: ({ name }) => name, cell: ({ name }) => name },
    { id: 'seats', name: 'Seats', sort: ({ seats }) => seats, cell: ({ seats }) => seats ?? '–' },
    { id: 'id', name: 'Number', extra: true, cell: ({ id }) => id },
];
const acted: string[][] = [];
const grid = (
    <Grid
        name="things" caption="Things" columns={COLUMNS} rows={ROWS} rowKey={({ id }) => id}
        picks={{ name: ({ name }) => name, acts: (rows, clear) => <button onClick={() => (acted.push(rows.map(({ id }) => id)), clear())}>Act</button> }}
    />
);
const names = () => screen.getAllByRole('row').slice(1).map((row) => within(row).getAllByRole('cell')[1]?.textContent);
const head = (name: string) => screen.getByRole('columnheader', { name });
const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name });

test('a column puts rows in order up, down and as they came, and says so', async () => {
    const { user } = await show(grid);
    expect(names()).toEqual(['Mill 10', 'mill 9', 'Acme', 'Zoo']);
    expect(head('Name').getAttribute('aria-sort')).toBe('none');
    await user.click(within(head('Name')).getByRole('button'));
    // As people put names in order: numbers by size, letters of either case alike.
    expect(names()).toEqual(['Acme', 'mill 9', 'Mill 10', 'Zoo']);
    expect(head('Name').getAttribute('aria-sort')).toBe('ascending');
    await user.click(within(head('Name')).getByRole('button'));
    expect(names()).toEqual(['Zoo', 'Mill 10', 'mill 9', 'Acme']);
    await user.click(within(head('Name')).getByRole('button'));
    expect(names()).toEqual(['Mill 10', 'mill 9', 'Acme', 'Zoo']);
    // What says nothing comes last either way.
    for (const last of ['mill 9', 'mill 9']) {
        await user.click(within(head('Seats')).getByRole('button'));
        expect(names().at(-1)).toBe(last);
    }
});

test('by keys alone, and kept for the next time', async () => {
    const { user } = await show(grid);
    within(head('Seats')).getByRole('button').focus();
    await user.keyboard('{Enter}{Enter}');
    expect(names()).toEqual(['Acme', 'Mill 10', 'Zoo', 'mill 9']);
    box('Select Zoo').focus();
    await user.keyboard(' ');
    expect(box('Select Zoo').checked).toBe(true);
    expect(JSON.parse(localStorage.getItem('table.things') ?? '')).toEqual({ by: { id: 'seats', down: true }, hidden: ['id'] });
    cleanup();
    await show(grid);
    expect(names()).toEqual(['Acme', 'Mill 10', 'Zoo', 'mill 9']);
});

test('rows are chosen one by one, in a stretch, and all', async () => {
    acted.length = 0;
    const { user } = await show(grid);
    await user.click(box('Select Mill 10'));
    expect(screen.getByRole('heading', { name: '1 selected' })).toBeTruthy();
    expect(box('Select all').indeterminate).toBe(true);
    await user.keyboard('{Shift>}');
    await user.click(box('Select Acme'));
    await user.keyboard('{/Shift}');
    expect(['Mill 10', 'mill 9', 'Acme', 'Zoo'].map((name) => box(`Select ${name}`).checked)).toEqual([true, true, true, false]);
    // In the order in which they stand now.
    await user.click(within(head('Name')).getByRole('button'));
    await user.click(screen.getByRole('button', { name: 'Act' }));
    expect(acted).toEqual([['c', 'b', 'a']]);
    expect(screen.queryByRole('heading', { name: /selected/ })).toBeNull();
    await user.click(box('Select all'));
    expect(box('Select Zoo').checked && !box('Select all').indeterminate).toBe(true);
    await user.click(screen.getByRole('button', { name: 'Clear selection' }));
    expect(box('Select Zoo').checked).toBe(false);
});

test('columns are asked for and put away; what names a row stays', async () => {
    const { user } = await show(grid);
    expect(screen.queryByRole('columnheader', { name: 'Number' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Columns: Things' }));
    expect(screen.queryByRole('menuitemcheckbox', { name: 'Name' })).toBeNull();
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Number' }));
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Seats' }));
    await user.keyboard('{Escape}');
    expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual(['Select all', 'Name', 'Number']);
});
