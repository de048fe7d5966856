import { expect, test } from 'vitest';
import { readTable, writeTable } from './csv';
import { wanted } from './wanted';

test('tables are read as spreadsheets save them', () => {
    expect(readTable('\ufeffemail,role\r\nada@example.org,"editor"\r\n\r\n')).toEqual([['email', 'role'], ['ada@example.org', 'editor']]);
    expect(readTable('email;name\nx@example.org;"Hopper; ""Grace"""\n')).toEqual([['email', 'name'], ['x@example.org', 'Hopper; "Grace"']]);
    expect(readTable('a\tb\n1\t2')).toEqual([['a', 'b'], ['1', '2']]);
    expect(readTable('')).toEqual([]);
    expect(readTable('"never closed')).toEqual([['never closed']]);
});

test('what is written is read back, and is no formula', () => {
    const rows = [['email', 'link'], ['a,b', 'say "x"\nand y']];
    expect(readTable(writeTable(rows))).toEqual(rows);
    expect(writeTable([['=cmd()', '-1', '@x']])).toBe("'=cmd(),'-1,'@x\r\n");
});

test('who is wanted is read with or without a head, and what is wrong is said for each line', () => {
    const { people, faults } = wanted('E-mail;Role\nada@example.org;Manager\nnobody;viewer\nada@example.org;viewer\nx@example.org;king', new Set(['y@example.org']));
    expect(people).toEqual([{ email: 'ada@example.org', role: 'manager' }]);
    expect(faults).toEqual([{ line: 3, why: 'email' }, { line: 4, why: 'twice' }, { line: 5, why: 'role' }]);
    expect(wanted('a@example.org\ny@example.org', new Set(['y@example.org']))).toEqual({ people: [{ email: 'a@example.org', role: 'editor' }], faults: [{ line: 2, why: 'there' }] });
});
