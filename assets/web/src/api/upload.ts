// Uploads that survive a lost connection and a reload: the file waits in the browser's own store until all of it has arrived, and
// where to go on is what the appliance says it has.
import { ownerNow } from '../app/queries';
import { taken } from './pieces';
import { client, data, describe, faultOf, Problem, send, type Schemas, Unreachable } from './client';

export type Fault = 'checksum' | 'length';
/** What is wrong with a file, for the page to say in its language. */
class Wrong extends Error {
    constructor(readonly fault: Fault) {
        super(fault);
    }
}

export type Upload = {
    key: string;
    project: string;
    name: string;
    size: number;
    sent: number;
    state: 'waiting' | 'sending' | 'offline' | 'checking' | 'done' | 'failed' | 'cancelled';
    recording?: string;
    verified?: boolean;
    /** Seconds until all is sent, when that can be told. */
    left?: number;
    /** Why it has failed: in words of the appliance, or what was found wrong here. */
    problem?: string;
    fault?: Fault;
};
/** `owner`: of whom, in which workspace; nobody sends the files of another. */
type Kept = { key: string; owner?: string; project: string; folder?: string; file: File; id: string | null };

/** Texts, subtitles and diagrams, of which a storyboard is made at once. */
export const TEXTS = ['.txt', '.md', '.markdown', '.srt', '.vtt', '.mmd', '.mermaid', '.dot', '.gv', '.d2'];
const isText = ({ name }: File) => TEXTS.some((ending) => name.toLowerCase().endsWith(ending));
/** What the appliance takes of them. */
export const MOST_TEXT = 256 * 1024;

/** Opens the browser's store of files that are not sent yet. */
function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    return new Promise((resolve, reject) => {
        const open = indexedDB.open('audiagram', 1);
        open.onupgradeneeded = () => open.result.createObjectStore('uploads', { keyPath: 'key' });
        open.onerror = () => reject(open.error);
        open.onsuccess = () => resolve(open.result.transaction('uploads', mode).objectStore('uploads'));
    });
}
function settled<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
const keep = async (kept: Kept) => void (await settled((await store('readwrite')).put(kept)));
const forget = async (key: string) => void (await settled((await store('readwrite')).delete(key)));

const pause = (ms: number) =>
    new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms);
        addEventListener('online', done, { once: true });
        function done() {
            clearTimeout(timer);
            removeEventListener('online', done);
            resolve();
        }
    });

/** Why an upload has failed; what a field of it has against it before the whole. */
const told = (error: unknown): Pick<Upload, 'problem' | 'fault'> => {
    if (error instanceof Wrong) return { problem: undefined, fault: error.fault };
    const [first] = error instanceof Problem ? (error.document.errors ?? []) : [];
    return { problem: first ? faultOf(first.detail) : describe(error), fault: undefined };
};

/** Every upload of this browser, for `useSyncExternalStore`. */
class Uploads {
    private list: Upload[] = [];
    private kept = new Map<string, Kept>();
    private listeners = new Set<() => void>();
    private running = false;
    private stop = new Map<string, AbortController>();
    /** Told when a recording has arrived. */
    arrived: (upload: Upload) => void = () => {};

    subscribe = (listener: () => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    };
    all = () => this.list;

    /** Takes up what an earlier visit has left. */
    async restore(): Promise<void> {
        for (const kept of await settled((await store('readonly')).getAll() as IDBRequest<Kept[]>)) {
            const own = !kept.owner || kept.owner === ownerNow();
            if (own && !this.kept.has(kept.key)) this.enter(kept);
        }
        void this.run();
    }

    /** Into a project, or into a folder of it. */
    add(project: string, files: Iterable<File>, folder?: string): void {
        for (const file of files) {
            const kept = { key: crypto.randomUUID(), owner: ownerNow(), project, folder, file, id: null };
            void keep(kept).catch(() => {}); // Without room in the store the upload goes on as long as the page is open.
            this.enter(kept);
            taken(file);
        }
        void this.run();
    }

    async cancel(key: string): Promise<void> {
        this.stop.get(key)?.abort();
        const id = this.kept.get(key)?.id;
        this.change(key, { state: 'cancelled' });
        await this.drop(key);
        if (id) await client.DELETE('/v1/uploads/{upload}', { params: { path: { upload: id } } }).catch(() => {});
    }

    retry(key: string): void {
        this.change(key, { state: 'waiting', problem: undefined, fault: undefined });
        void this.run();
    }

    dismiss(key: string): void {
        this.list = this.list.filter((upload) => upload.key !== key);
        void this.drop(key);
        this.tell();
    }

    private enter(kept: Kept): void {
        this.kept.set(kept.key, kept);
        const { key, project, file } = kept;
        this.list = [...this.list, { key, project, name: file.name, size: file.size, sent: 0, state: 'waiting' }];
        this.tell();
    }
    private async drop(key: string): Promise<void> {
        this.kept.delete(key);
        await forget(key).catch(() => {});
    }
    private change(key: string, change: Partial<Upload>): void {
        this.list = this.list.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
        this.tell();
    }
    private tell(): void {
        for (const listener of this.listeners) listener();
    }

    /** One after the other: they would share one line anyway, and the first is ready sooner. */
    private async run(): Promise<void> {
        if (this.running) return;
        this.running = true;
        for (let next; (next = this.list.find((upload) => upload.state === 'waiting')); ) {
            const kept = this.kept.get(next.key);
            if (kept) await this.send(kept);
            else this.change(next.key, { state: 'cancelled' });
        }
        this.running = false;
    }

    private async send(kept: Kept): Promise<void> {
        const { key, file } = kept;
        if (isText(file)) return this.read(kept);
        const abort = new AbortController();
        this.stop.set(key, abort);
        const digest = digestOf(file);
        try {
            const upload = await this.parts(kept, abort.signal);
            this.change(key, { state: 'checking', sent: file.size });
            const id = upload.recording ?? '';
            const recording = await data(client.GET('/v1/recordings/{recording}', { params: { path: { recording: id } } }));
            const verified = recording.sha256 === (await digest);
            if (!verified) throw new Wrong('checksum');
            this.change(key, { state: 'done', recording: id, verified });
            await this.drop(key);
            const done = this.list.find((upload) => upload.key === key);
            if (done) this.arrived(done);
        } catch (error) {
            if (!abort.signal.aborted) this.change(key, { state: 'failed', ...told(error) });
        } finally {
            this.stop.delete(key);
        }
    }

    private async read({ key, file, project, folder }: Kept): Promise<void> {
        this.change(key, { state: 'sending' });
        try {
            if (file.size > MOST_TEXT) throw new Wrong('length');
            const body = { file_name: file.name, text: await file.text(), title: titleOf(file.name), folder };
            const { recording } = await data(client.POST('/v1/projects/{project}/imports', { params: { path: { project } }, body }));
            this.change(key, { state: 'done', sent: file.size, recording: recording.id });
            await this.drop(key);
            const done = this.list.find((upload) => upload.key === key);
            if (done) this.arrived(done);
        } catch (error) {
            this.change(key, { state: 'failed', ...told(error) });
        }
    }

    private async parts(kept: Kept, signal: AbortSignal): Promise<Schemas['Upload']> {
        const { key, file, project, folder } = kept;
        let upload: Schemas['Upload'] | null = null;
        const began = { at: 0, sent: 0 };
        for (let tries = 0; ; ) {
            signal.throwIfAborted();
            try {
                if (!upload) {
                    upload = kept.id ? await known(kept.id) : null;
                    upload ??= await data(
                        client.POST('/v1/projects/{project}/uploads', {
                            params: { path: { project } },
                            body: { file_name: file.name, media_type: file.type || 'application/octet-stream', size: file.size, title: titleOf(file.name), tags: [], folder },
                        }),
                    );
                    kept.id = upload.id;
                    await keep(kept).catch(() => {});
                    Object.assign(began, { at: performance.now(), sent: upload.offset });
                }
                if (upload.recording) return upload;
                const { offset, part_bytes } = upload;
                const rate = (offset - began.sent) / (performance.now() - began.at);
                const left = rate > 0 ? (file.size - offset) / rate / 1000 : undefined;
                this.change(key, { state: 'sending', sent: offset, left });
                const answer = await send(`/v1/uploads/${upload.id}`, {
                    method: 'PATCH', signal, body: file.slice(offset, offset + part_bytes),
                    headers: { 'Content-Type': 'application/partial-upload', 'Upload-Offset': String(offset) },
                });
                upload = (await answer.json()) as Schemas['Upload'];
                tries = 0;
            } catch (error) {
                const passing = error instanceof Unreachable || (error instanceof Problem && [409, 429, 503].includes(error.document.status));
                if (!passing || signal.aborted || ++tries > 60) throw error;
                if (error instanceof Unreachable) this.change(key, { state: 'offline' });
                upload = null;
                await pause(Math.min(15_000, 500 * 2 ** tries));
            }
        }
    }
}

/** The upload as the appliance knows it; none if it has given up on it. */
async function known(id: string): Promise<Schemas['Upload'] | null> {
    try {
        return await data(client.GET('/v1/uploads/{upload}', { params: { path: { upload: id } } }));
    } catch (error) {
        if (error instanceof Problem && error.document.status === 404) return null;
        throw error;
    }
}

function digestOf(file: File): Promise<string> {
    return new Promise((resolve, reject) => {
        const worker = new Worker(new URL('./digest.worker.ts', import.meta.url), { type: 'module' });
        const end = (then: () => void) => () => (worker.terminate(), then());
        worker.onmessage = (message: MessageEvent<string>) => end(() => resolve(message.data))();
        worker.onerror = (event) => end(() => reject(new Error(event.message)))();
        worker.postMessage(file);
    });
}

/** `2026-11-05 stand-up_notes.m4a` is `2026-11-05 stand-up notes`. */
export function titleOf(name: string): string {
    return name.replace(/\.[^.]+$/, '').replace(/_+/g, ' ').trim().slice(0, 200) || name;
}

export const uploads = new Uploads();
