import { expect, test } from 'vitest';
import { inOrder, wayTo } from './tree';

const folders = [
    { id: 'a', title: 'Talks' },
    { id: 'b', title: 'Part 10', parent: 'a' },
    { id: 'c', title: 'Part 9', parent: 'a' },
    { id: 'd', title: 'Inside', parent: 'c' },
    { id: 'e', title: 'archive', parent: null },
];

test('the way to a folder', () => {
    expect(wayTo(folders, 'd').map(({ title }) => title)).toEqual(['Talks', 'Part 9', 'Inside']);
    expect([wayTo(folders, undefined), wayTo(folders, 'gone')]).toEqual([[], []]);
    // Two that were moved into one another between two pages of a list are no way without an end.
    expect(wayTo([{ id: 'a', title: 'A', parent: 'b' }, { id: 'b', title: 'B', parent: 'a' }], 'a')).toHaveLength(2);
});

test('a tree in the order in which one reads it', () => {
    expect(inOrder(folders).map(({ folder, depth }) => `${depth} ${folder.title}`)).toEqual(['1 archive', '1 Talks', '2 Part 9', '3 Inside', '2 Part 10']);
});
