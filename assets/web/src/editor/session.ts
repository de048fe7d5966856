// Editing together: a Yjs document, a line to the appliance, and who else is there. Without a line edits stay here and merge when it is back.
import * as Y from 'yjs';
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { client, Unreachable, type Schemas } from '../api/client';
import { read, type Cells } from './cells';
import type { Board } from './board';
import { forget, keep, keepAgain, keptUnder } from './kept';

/** What somebody sees of the picture: its middle, and how wide and high it is. */
export type View = [x: number, y: number, width: number, height: number];
/** Where somebody is: the scene, what is chosen there, the pointer in pixels of the picture, and what is in sight. */
export type Place = { scene?: string; chosen?: string | null; pointer?: [number, number] | null; view?: View };
export type Person = Place & { client: number; id: string; name: string; tone: number };
export type State = {
    /** Nothing until the appliance has sent it. */
    board?: Board;
    line: 'connecting' | 'live' | 'offline' | 'ended';
    mayEdit: boolean;
    version: number;
    /** Whether edits are here that the appliance has not stored. */
    waiting: boolean;
    people: Person[];
    /** Counts what may have moved boxes. */
    changes: number;
    undo: boolean;
    redo: boolean;
};
type Told = Schemas['LiveMessage'];

const SYNC = 0;
const AWARENESS = 1;
const TOLD = 100;
// Why a line was closed, as the appliance says it (api::live::socket::code).
const ENDED = 4401;
const DENIED = 4403;
const REFUSED = 4409;
const TONES = 6;
const WAITS = [300, 600, 1_200, 2_500, 5_000, 10_000];
/** How long an edit may wait for the appliance before the browser keeps it, in milliseconds. */
const PATIENCE = 200;

export class Session {
    state: State = { line: 'connecting', mayEdit: false, version: 0, waiting: false, people: [], changes: 0, undo: false, redo: false };
    onRefused: (reason: string) => void = () => {};
    /** Edits of an earlier visit are of a document that is no more. */
    onLost: () => void = () => {};
    private listeners = new Set<() => void>();
    private doc!: Y.Doc;
    private cells!: Cells;
    private undos!: Y.UndoManager;
    private awareness!: Awareness;
    private line?: WebSocket;
    private epoch?: number;
    private tries = 0;
    private timer?: ReturnType<typeof setTimeout>;
    private unkept = 0;
    private synced = false;
    private answered = false;
    private closed = false;
    private saves: { done: (version: number) => void; failed: (error: Error) => void }[] = [];
    /** Of earlier visits: they are forgotten once the appliance has what they hold. */
    private adopted: string[] = [];
    /** Once what earlier visits have left is here. */
    readonly ready: Promise<void>;
    private keeping?: ReturnType<typeof setTimeout>;
    private stored = false;

    /** `owner`: whose edits they are, so that nobody else who signs in here gets or sends them; `still`: whether that is who is here. */
    constructor(private readonly storyboard: string, private readonly owner: string, private readonly still: () => boolean) {
        keepAgain();
        this.begin();
        addEventListener('online', this.connect);
        addEventListener('pagehide', this.hold);
        // A browser that keeps nothing still edits.
        this.ready = keptUnder(this.prefix).then((kept) => this.adopt(kept), () => {});
        void this.ready.then(this.connect);
    }
    private get prefix() {
        return `${this.owner}/${this.storyboard}/`;
    }

    readonly subscribe = (listener: () => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
    };
    readonly snapshot = () => this.state;

    close() {
        if (this.closed) return;
        this.closed = true;
        removeEventListener('online', this.connect);
        removeEventListener('pagehide', this.hold);
        clearTimeout(this.timer);
        this.hold();
        clearTimeout(this.keeping);
        removeAwarenessStates(this.awareness, [this.doc.clientID], 'closed');
        this.line?.close();
        this.awareness.destroy();
        this.doc.destroy();
    }

    /** Nobody looks at it any more; what is not sent yet is still sent. */
    leave() {
        this.awareness.setLocalState(null);
        this.hold();
    }
    /** Somebody looks at it again. */
    enter() {
        this.awareness.setLocalState({});
    }

    /** Changes cells, as one step of undo. */
    change<T>(with_: (cells: Cells, board: Board) => T): T | undefined {
        const { board } = this.state;
        return board && this.doc.transact(() => with_(this.cells, board), this);
    }
    undo = () => void this.undos.undo();
    redo = () => void this.undos.redo();
    /** Says where we are. */
    be(place: Place) {
        this.awareness.setLocalState({ ...this.awareness.getLocalState(), ...place });
    }
    /** Has a version made of what the document says; its number. */
    save(): Promise<number> {
        return new Promise((done, failed) => {
            this.saves.push({ done, failed });
            if (!this.say(TOLD, new TextEncoder().encode('{"kind":"save"}'))) this.giveUp();
        });
    }

    private set(change: Partial<State>) {
        this.state = { ...this.state, ...change };
        for (const listener of this.listeners) listener();
    }

    /** A document of our own, with nothing in it yet. */
    private begin() {
        const place = this.awareness?.getLocalState() ?? {};
        this.awareness?.destroy();
        this.doc?.destroy();
        this.doc = new Y.Doc();
        this.cells = this.doc.getMap<string>('cells');
        this.awareness = new Awareness(this.doc);
        this.awareness.setLocalState(place);
        this.undos = new Y.UndoManager(this.cells, { trackedOrigins: new Set([this]), captureTimeout: 0 });
        this.synced = false;
        this.doc.on('update', (update: Uint8Array, origin: unknown) => {
            if (origin === this.line) return;
            const encoder = createEncoder();
            writeVarUint(encoder, SYNC);
            writeUpdate(encoder, update);
            if (this.answered && this.send(encoder)) this.unkept++;
            this.set({ waiting: true });
            this.keeping ??= setTimeout(this.hold, PATIENCE);
        });
        this.cells.observe(() => this.synced && this.show());
        const steps = () => this.set({ undo: this.undos.canUndo(), redo: this.undos.canRedo() });
        for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) this.undos.on(event, steps);
        this.awareness.on('update', (_: unknown, origin: unknown) => origin !== this.line && this.tellPlace());
        this.awareness.on('change', ({ added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>) => {
            // Where we are ourselves we know.
            if ([...added, ...updated, ...removed].some((client) => client !== this.doc.clientID)) this.set({ people: this.people() });
        });
    }

    /** What an earlier visit has not sent. Of another document than the appliance's nothing can be taken: the welcome says which it has. */
    private adopt(kept: [key: string, kept: { epoch: number; state: Uint8Array }][]) {
        if (this.closed || !kept.length) return;
        const epoch = Math.max(...kept.map(([, one]) => one.epoch));
        this.epoch = epoch;
        this.adopted = kept.map(([key]) => key);
        for (const [, { epoch: of, state }] of kept) if (of === epoch) Y.applyUpdate(this.doc, state, 'kept');
        this.show();
    }
    /** Keeps what the appliance does not have. */
    private readonly hold = () => {
        clearTimeout(this.keeping);
        this.keeping = undefined;
        if (!this.state.waiting || this.epoch === undefined) return;
        this.stored = true;
        void keep(this.prefix + this.doc.clientID, { epoch: this.epoch, state: Y.encodeStateAsUpdate(this.doc) }).catch(() => {});
    };
    /** The appliance has it, or never will. */
    private letGo() {
        clearTimeout(this.keeping);
        this.keeping = undefined;
        for (const key of this.adopted.splice(0)) void forget(key).catch(() => {});
        if (this.stored) void forget(this.prefix + this.doc.clientID).catch(() => {});
        this.stored = false;
    }

    private show() {
        this.set({ board: read(this.cells), changes: this.state.changes + 1 });
    }

    private people(): Person[] {
        const others = [...this.awareness.getStates()].filter(([client, state]) => client !== this.doc.clientID && state.user);
        return others.map(([client, { user, ...place }]) => ({ ...(place as Place), client, id: user.id, name: user.name, tone: client % TONES }));
    }

    private readonly connect = () => {
        if (!this.closed && !this.still()) return this.close();
        if (this.closed || this.state.line === 'ended' || (this.line && this.line.readyState <= WebSocket.OPEN)) return;
        clearTimeout(this.timer);
        const line = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/storyboards/${encodeURIComponent(this.storyboard)}/live`);
        line.binaryType = 'arraybuffer';
        this.line = line;
        line.onopen = () => {
            const encoder = createEncoder();
            writeVarUint(encoder, SYNC);
            writeSyncStep1(encoder, this.doc);
            this.send(encoder);
            this.tellPlace();
        };
        line.onmessage = ({ data }) => this.line === line && this.hear(new Uint8Array(data as ArrayBuffer));
        line.onclose = ({ code }) => this.line === line && this.lost(code);
    };

    private lost(code: number) {
        this.line = undefined;
        this.answered = false;
        this.unkept = 0;
        this.giveUp();
        removeAwarenessStates(this.awareness, [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID), 'lost');
        if (this.closed) return;
        // What was not taken is thrown away, with all that builds on it.
        const thrown = code === REFUSED || code === DENIED;
        if (thrown) this.letGo(), this.begin();
        else this.hold();
        this.set({ line: 'offline', waiting: this.state.waiting && !thrown });
        const again = () => void (this.timer = setTimeout(this.connect, thrown ? WAITS[0] : WAITS[Math.min(this.tries++, WAITS.length - 1)]));
        if (code !== ENDED) return again();
        // A session may have got a new token meanwhile, which the line does not show.
        client.GET('/v1/storyboards/{storyboard}', { params: { path: { storyboard: this.storyboard } } }).then(again, (error: unknown) => {
            if (error instanceof Unreachable) again();
            else this.set({ line: 'ended', mayEdit: false });
        });
    }

    private hear(bytes: Uint8Array) {
        const decoder = createDecoder(bytes);
        const kind = readVarUint(decoder);
        if (kind === SYNC) {
            const encoder = createEncoder();
            writeVarUint(encoder, SYNC);
            const said = readSyncMessage(decoder, encoder, this.doc, this.line);
            // It has asked for what it lacks: from now on it hears of every change.
            if (said === 0 && this.send(encoder)) {
                this.answered = true;
                this.unkept++;
            }
            if (said === 1) {
                this.synced = true;
                this.tries = 0;
                this.show();
                // Before it has asked, nothing that it lacks was sent.
                this.set({ line: 'live', waiting: this.answered ? this.unkept > 0 : this.state.waiting });
            }
        } else if (kind === AWARENESS) {
            applyAwarenessUpdate(this.awareness, readVarUint8Array(decoder), this.line);
        } else if (kind === TOLD) {
            this.told(JSON.parse(new TextDecoder().decode(readVarUint8Array(decoder))) as Told);
        }
    }

    private told(told: Told) {
        switch (told.kind) {
            case 'welcome':
                if (this.epoch !== undefined && this.epoch !== told.epoch) {
                    if (this.state.waiting) this.onLost();
                    this.letGo();
                    this.begin();
                    this.set({ waiting: false });
                    this.line?.close();
                }
                this.epoch = told.epoch;
                return this.set({ version: told.version, mayEdit: told.may_edit });
            case 'saved':
                this.set({ version: told.version });
                // Others were made before all that is here had arrived.
                if (told.asked) for (const { done } of this.saves.splice(0)) done(told.version);
                return;
            case 'rights':
                return this.set({ mayEdit: told.may_edit });
            case 'kept':
                this.unkept = Math.max(0, this.unkept - told.updates);
                if (!this.unkept) this.letGo();
                return this.set({ waiting: this.unkept > 0, changes: this.state.changes + 1 });
            case 'refused':
                return this.onRefused(told.reason);
        }
    }

    private giveUp() {
        for (const { failed } of this.saves.splice(0)) failed(new Unreachable('no line'));
    }
    private tellPlace() {
        this.say(AWARENESS, encodeAwarenessUpdate(this.awareness, [this.doc.clientID]));
    }
    private say(kind: number, bytes: Uint8Array): boolean {
        const encoder = createEncoder();
        writeVarUint(encoder, kind);
        writeVarUint8Array(encoder, bytes);
        return this.send(encoder);
    }
    private send(encoder: ReturnType<typeof createEncoder>): boolean {
        if (this.line?.readyState !== WebSocket.OPEN) return false;
        this.line.send(toUint8Array(encoder) as Uint8Array<ArrayBuffer>);
        return true;
    }
}
