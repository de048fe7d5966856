// Who is to be invited, as a table says it.
import { readTable } from './csv';

export const ROLES = ['viewer', 'editor', 'manager', 'admin', 'owner', 'auditor', 'billing'] as const;
export type Level = (typeof ROLES)[number];
export type Wanted = { email: string; role: Level };
export type Fault = { line: number; why: 'email' | 'role' | 'twice' | 'there' };

const isRole = (text: string): text is Level => (ROLES as readonly string[]).includes(text);

/** Addresses in the first column or in the one headed so, roles in the second or in theirs; `known` are here already. */
export function wanted(text: string, known: Set<string>): { people: Wanted[]; faults: Fault[] } {
    const rows = readTable(text);
    const head = (rows[0] ?? []).map((cell) => cell.toLowerCase());
    const headed = head.length > 0 && !head.some((cell) => cell.includes('@'));
    const column = (names: RegExp, otherwise: number) => {
        const found = headed ? head.findIndex((cell) => names.test(cell)) : -1;
        return found < 0 ? otherwise : found;
    };
    const [email, role] = [column(/mail/, 0), column(/^(role|rolle)/, 1)];
    const people: Wanted[] = [];
    const faults: Fault[] = [];
    const seen = new Set<string>();
    rows.forEach((row, i) => {
        if (headed && i === 0) return;
        const address = (row[email] ?? '').toLowerCase();
        const level = (row[role] ?? '').toLowerCase() || 'editor';
        const fault = (why: Fault['why']) => void faults.push({ line: i + 1, why });
        if (!/^[^@\s]+@[^@\s]+$/.test(address)) return fault('email');
        if (!isRole(level)) return fault('role');
        if (seen.has(address)) return fault('twice');
        if (known.has(address)) return fault('there');
        seen.add(address);
        people.push({ email: address, role: level });
    });
    return { people, faults };
}
