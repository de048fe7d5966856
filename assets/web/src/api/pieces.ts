// Recordings of the microphone while they are made: each piece goes to the browser's own store when it comes, so that neither a reload nor a
// crash loses more than its last second. What is found there later is offered again.
type Note = {
    key: string;
    /** Whose it is: a browser may be shared. */
    user: string;
    name: string;
    type: string;
    ms: number;
};
type Piece = { key: string; n: number; blob: Blob };
export type Recorded = Note & { file: File };

const STORE = 'audiagram-recorded';

function open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
        const asked = indexedDB.open(STORE, 1);
        asked.onupgradeneeded = () => {
            asked.result.createObjectStore('notes', { keyPath: 'key' });
            asked.result.createObjectStore('pieces', { keyPath: ['key', 'n'] });
        };
        asked.onerror = () => reject(asked.error);
        asked.onsuccess = () => resolve(asked.result);
    });
}

/** Does something with both stores; answers when it is written. */
async function within<T>(mode: IDBTransactionMode, what: (notes: IDBObjectStore, pieces: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const store = await open();
    try {
        return await new Promise<T>((resolve, reject) => {
            const all = store.transaction(['notes', 'pieces'], mode);
            const asked = what(all.objectStore('notes'), all.objectStore('pieces'));
            all.oncomplete = () => resolve(asked.result);
            all.onerror = all.onabort = () => reject(all.error);
        });
    } finally {
        store.close();
    }
}

// How what a file was made of is removed, once the file is on its way: until then it is offered again, whatever becomes of it.
const removals = new WeakMap<File, () => Promise<unknown>>();
let tell: () => void = () => {};
export const whenTaken = (then: () => void): void => void (tell = then);
export function taken(file: File): void {
    void removals.get(file)?.().then(() => tell());
}

const ofOne = (key: string) => IDBKeyRange.bound([key, 0], [key, Infinity]);
const lock = (key: string) => `recording ${key}`;

/** A recording that is being made. Without room in the store it goes on as long as the page is open. */
export class Keeper {
    readonly key = crypto.randomUUID();
    private pieces: Blob[] = [];
    private written: Promise<unknown> = Promise.resolve();
    private letGo: () => void = () => {};
    private readonly free: Promise<unknown>;
    private over = false;

    constructor(private readonly user: string, private readonly name: string, private readonly type: string) {
        // While this page has it no other one offers it.
        this.free = Promise.resolve(navigator.locks?.request(lock(this.key), () => new Promise<void>((resolve) => (this.over ? resolve() : (this.letGo = resolve)))));
    }

    add(blob: Blob, ms: number): void {
        if (this.over || !blob.size) return;
        const piece: Piece = { key: this.key, n: this.pieces.push(blob), blob };
        const note: Note = { key: this.key, user: this.user, name: this.name, type: this.type, ms };
        this.written = this.written.then(() => within('readwrite', (notes, pieces) => (notes.put(note), pieces.put(piece)))).catch(() => {});
    }
    file(): File {
        const file = new File(this.pieces, this.name, { type: this.type });
        removals.set(file, () => this.drop());
        return file;
    }

    /** It stays in the store, to be offered again. */
    async leave(): Promise<void> {
        this.over = true;
        this.letGo();
        await this.free;
    }
    async drop(): Promise<void> {
        gone.add(this.key);
        await this.leave();
        await this.written;
        await forget(this.key);
    }
}

/** What is being removed is not offered meanwhile. */
const gone = new Set<string>();
export function forget(key: string): Promise<unknown> {
    gone.add(key);
    return within('readwrite', (notes, pieces) => (notes.delete(key), pieces.delete(ofOne(key)))).catch(() => {});
}

/** What this person has recorded and not used, but for what a page is recording now. */
export async function recorded(user: string): Promise<Recorded[]> {
    const there = await indexedDB.databases?.().catch(() => undefined);
    if (there && !there.some(({ name }) => name === STORE)) return [];
    const held = new Set((await navigator.locks?.query())?.held?.map(({ name }) => name));
    const notes: Note[] = await within('readonly', (notes) => notes.getAll() as IDBRequest<Note[]>);
    const own = notes.filter((note) => note.user === user && !gone.has(note.key) && !held.has(lock(note.key)));
    return Promise.all(own.map(async (note) => {
        const pieces: Piece[] = await within('readonly', (_, pieces) => pieces.getAll(ofOne(note.key)) as IDBRequest<Piece[]>);
        const file = new File(pieces.map(({ blob }) => blob), note.name, { type: note.type });
        removals.set(file, () => forget(note.key));
        return { ...note, file };
    }));
}
