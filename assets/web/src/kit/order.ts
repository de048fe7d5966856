// Rows in the order of a column, and what a person keeps of how a table looks.

export type By = { id: string; down: boolean };
export type Value = string | number | null | undefined;

/** In the order of what each row is sorted by; what says nothing comes last either way, what is equal stays as it was. */
export function ordered<T>(rows: T[], by: (row: T) => Value, down: boolean, language: string): T[] {
    const { compare } = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
    const keyed = rows.map((row) => ({ row, key: by(row) }));
    const none = (key: Value) => key === null || key === undefined || key === '';
    keyed.sort(({ key: a }, { key: b }) => {
        if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
        const order = typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b));
        return down ? -order : order;
    });
    return keyed.map(({ row }) => row);
}

/** What the interface calls the columns by which it puts rows in order. */
export type Served = Readonly<Record<string, string>>;
/** How the interface is asked for an order. */
export const sortOf = <S extends string>(by: By | undefined, served: Readonly<Record<string, S>>): S | `-${S}` | undefined => {
    const name = by && served[by.id];
    return name && (by.down ? `-${name}` : name);
};

/** What comes of a press on the head of a column: up, down, and as it came. */
export const turned = (now: By | undefined, id: string): By | undefined => (now?.id !== id ? { id, down: false } : now.down ? undefined : { id, down: true });

export type Kept = { by?: By; hidden: string[] };

/** `extra`: the columns that one asks for. */
export function keptOf(name: string, extra: string[]): Kept {
    try {
        const read = JSON.parse(localStorage.getItem(`table.${name}`) ?? 'null') as Partial<Kept> | null;
        return { by: read?.by, hidden: Array.isArray(read?.hidden) ? read.hidden : extra };
    } catch {
        return { hidden: extra };
    }
}
export function keep(name: string, { by, hidden }: Kept): void {
    try {
        localStorage.setItem(`table.${name}`, JSON.stringify({ by, hidden }));
    } catch {
        // A browser that keeps nothing forgets it with the page.
    }
}

/** Those from one row to another, both included, in the order in which they stand. */
export function between(keys: string[], from: string, to: string): string[] {
    const [a, b] = [keys.indexOf(from), keys.indexOf(to)];
    return a < 0 || b < 0 ? [to] : keys.slice(Math.min(a, b), Math.max(a, b) + 1);
}
