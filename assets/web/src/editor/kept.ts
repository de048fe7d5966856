// Edits that the appliance does not have yet, kept by the browser: a reload or a crash does not lose them. A record holds a whole document,
// so that it can be shown and goes on by itself; each open document has a record of its own.
const STORE = 'audiagram-edits';

/** A document with edits, and of which document of the appliance it is a copy. */
export type Kept = { epoch: number; state: Uint8Array };

let off = false;
let opening: Promise<IDBDatabase> | undefined;
const open = () =>
    (opening ??= new Promise<IDBDatabase>((done, failed) => {
        const asked = indexedDB.open(STORE, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore('edits');
        asked.onsuccess = () => {
            // Who signs out in another window removes all of it.
            asked.result.onversionchange = () => (asked.result.close(), (opening = undefined));
            done(asked.result);
        };
        asked.onerror = () => ((opening = undefined), failed(asked.error));
    }));

async function within<T>(mode: IDBTransactionMode, ask: (edits: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const edits = (await open()).transaction('edits', mode).objectStore('edits');
    const asked = ask(edits);
    return new Promise((done, failed) => {
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => failed(asked.error);
    });
}

/** Everything whose key begins so. */
const beginning = (prefix: string) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
export async function keep(key: string, kept: Kept): Promise<void> {
    if (!off) await within('readwrite', (edits) => edits.put(kept, key));
}
export const forget = (key: string) => within('readwrite', (edits) => edits.delete(key));
export async function keptUnder(prefix: string): Promise<[key: string, kept: Kept][]> {
    const [keys, values] = await Promise.all([
        within('readonly', (edits) => edits.getAllKeys(beginning(prefix))),
        within('readonly', (edits) => edits.getAll(beginning(prefix)) as IDBRequest<Kept[]>),
    ]);
    return keys.map((key, i) => [String(key), values[i]!]);
}

/** Whether anything is kept; makes no store where there is none. */
export async function anyKept(): Promise<boolean> {
    const stores = await indexedDB.databases?.().catch(() => undefined);
    if (stores && !stores.some(({ name }) => name === STORE)) return false;
    return (await within('readonly', (edits) => edits.count())) > 0;
}
/** All of it, of everybody: for whoever signs out. Nothing is kept any more until somebody edits again. */
export function forgetAll(): void {
    off = true;
    indexedDB.deleteDatabase(STORE);
}
export const keepAgain = () => void (off = false);
