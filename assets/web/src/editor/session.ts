// Editing together: a Yjs document, a line to the appliance, and who else is there. Without a line edits stay here and merge when it is back.
import * as Y from 'yjs';
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { client, Unreachable } from '../api/client';
import { read, type Cells } from './cells';
import type { Board } from './board';

/** Where somebody is: the scene, what is chosen there, and the pointer in pixels of the picture. */
export type Place = { scene?: string; chosen?: string | null; pointer?: [number, number] | null };
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
type Told =
    | { kind: 'welcome'; epoch: number; version: number; may_edit: boolean }
    | { kind: 'saved'; version: number; asked: boolean }
    | { kind: 'rights'; may_edit: boolean }
    | { kind: 'kept'; updates: number }
    | { kind: 'refused'; reason: string };

const SYNC = 0;
const AWARENESS = 1;
const TOLD = 100;
// Why a line was closed, as the appliance says it (api::live::socket::code).
const ENDED = 4401;
const DENIED = 4403;
const REFUSED = 4409;
const TONES = 6;
const WAITS = [300, 600, 1_200, 2_500, 5_000, 10_000];

export class Session {
    state: State = { line: 'connecting', mayEdit: false, version: 0, waiting: false, people: [], changes: 0, undo: false, redo: false };
    onRefused: (reason: string) => void = () => {};
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

    constructor(private readonly storyboard: string) {
        this.begin();
        addEventListener('online', this.connect);
        this.connect();
    }

    readonly subscribe = (listener: () => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
    };
    readonly snapshot = () => this.state;

    close() {
        this.closed = true;
        removeEventListener('online', this.connect);
        clearTimeout(this.timer);
        removeAwarenessStates(this.awareness, [this.doc.clientID], 'closed');
        this.line?.close();
        this.awareness.destroy();
        this.doc.destroy();
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
        });
        this.cells.observe(() => this.synced && this.show());
        const steps = () => this.set({ undo: this.undos.canUndo(), redo: this.undos.canRedo() });
        for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) this.undos.on(event, steps);
        this.awareness.on('update', (_: unknown, origin: unknown) => origin !== this.line && this.tellPlace());
        this.awareness.on('change', () => this.set({ people: this.people() }));
    }

    private show() {
        this.set({ board: read(this.cells), changes: this.state.changes + 1 });
    }

    private people(): Person[] {
        const others = [...this.awareness.getStates()].filter(([client, state]) => client !== this.doc.clientID && state.user);
        return others.map(([client, { user, ...place }]) => ({ ...(place as Place), client, id: user.id, name: user.name, tone: client % TONES }));
    }

    private readonly connect = () => {
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
        if (thrown) this.begin();
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
                this.set({ line: 'live', waiting: this.unkept > 0 });
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
                    this.begin();
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
