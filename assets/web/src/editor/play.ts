// A preview that plays here: the voice of the recording, or silence where the browser cannot play it, is the clock.
import { tell } from '../kit/toast';
import { t } from '../i18n';

export type Playing = {
    playing: boolean;
    /** Whether the picture is shown as it is at the moment, not as a whole. */
    shown: boolean;
};

export type Stretch = { from_ms: number; to_ms: number };

export class Player {
    state: Playing = { playing: false, shown: false };
    private readonly voice = new Audio();
    private silent = false;
    private at = 0;
    private since = 0;
    private until = Infinity;
    private frame = 0;
    private pressed?: number;
    /** Stretches of the recording in the order in which they are played; none where that is the order of the recording. */
    private stretches: Stretch[] = [];
    /** Which of them is played; behind the last one when all is over. */
    private here = -1;
    private readonly listeners = new Set<() => void>();
    private readonly watchers = new Set<(ms: number) => void>();

    constructor(recording: string, private readonly duration: number) {
        this.voice.preload = 'metadata';
        this.voice.src = `/v1/recordings/${encodeURIComponent(recording)}/media`;
        this.voice.addEventListener('error', () => (this.silent = true));
        this.voice.addEventListener('ended', this.pause);
    }
    close() {
        this.pause();
        this.voice.removeAttribute('src');
        this.voice.load();
    }

    readonly subscribe = (listener: () => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
    };
    readonly snapshot = () => this.state;
    /** Told of every frame while it plays, and of every jump. */
    readonly watch = (watcher: (ms: number) => void) => {
        this.watchers.add(watcher);
        watcher(this.now());
        return () => void this.watchers.delete(watcher);
    };

    now(): number {
        if (!this.state.playing) return this.at;
        return this.silent ? this.at + performance.now() - this.since : this.voice.currentTime * 1_000;
    }
    /** In which order the recording is played from now on. Moments stay those of the recording. */
    arrange(stretches: Stretch[]): void {
        this.stretches = stretches;
        this.here = this.within(this.now());
    }
    private readonly within = (ms: number) => this.stretches.findIndex(({ from_ms, to_ms }) => ms >= from_ms && ms < to_ms);

    /** Somebody is about to play: the voice comes beforehand. */
    readonly prepare = () => void (this.voice.preload = 'auto');
    readonly toggle = () => (this.state.playing ? this.pause() : this.play());

    readonly play = (from = this.over() ? (this.stretches[0]?.from_ms ?? 0) : this.at) => this.start(from, Infinity, true);
    private readonly over = () => (this.stretches.length ? this.here >= this.stretches.length : this.at >= this.duration);
    /** The voice alone, with the whole picture. */
    readonly listen = (from: number, until: number) => this.start(from, until, false);
    readonly pause = () => {
        if (!this.state.playing) return;
        this.at = Math.min(this.now(), this.duration);
        cancelAnimationFrame(this.frame);
        this.voice.pause();
        this.set({ playing: false });
        this.tell();
    };
    /** Goes to a moment and shows it. */
    readonly seek = (ms: number) => {
        this.place(ms);
        this.set({ shown: true });
        this.tell();
    };
    /** Goes to a moment; the picture is shown as it was. */
    place(ms: number) {
        this.at = Math.max(0, Math.min(ms, this.duration));
        this.here = this.within(this.at);
        this.since = performance.now();
        this.until = Infinity;
        // To where it is already it would have to find its way again.
        if (!this.silent && Math.abs(this.voice.currentTime * 1_000 - this.at) > 30) this.voice.currentTime = this.at / 1_000;
        this.tell();
    }
    /** The whole picture again. */
    readonly rest = () => {
        this.pause();
        this.set({ shown: false });
        this.tell();
    };

    private start(from: number, until: number, shown: boolean) {
        this.pressed = performance.now();
        this.place(from);
        this.until = until;
        this.set({ playing: true, shown });
        if (!this.silent) {
            this.voice.play().catch((error: DOMException) => {
                if (error.name === 'AbortError') return;
                // No voice that this browser plays: the picture goes by the clock.
                this.silent = true;
                this.since = performance.now();
                tell(t('preview_silent'));
            });
        }
        cancelAnimationFrame(this.frame);
        this.frame = requestAnimationFrame(this.step);
    }
    private readonly step = () => {
        const now = this.now();
        if (this.pressed !== undefined && now > this.at) {
            performance.measure('preview starts', { start: this.pressed, end: performance.now() });
            this.pressed = undefined;
        }
        const here = this.until === Infinity ? this.stretches[this.here] : undefined;
        if (here ? now >= here.to_ms : now >= Math.min(this.until, this.duration)) {
            const next = here && this.stretches[++this.here];
            if (!next) return this.pause();
            this.jump(next.from_ms);
            return void (this.frame = requestAnimationFrame(this.step));
        }
        this.tell(now);
        this.frame = requestAnimationFrame(this.step);
    };
    /** Goes on elsewhere while it plays. */
    private jump(ms: number): void {
        this.at = ms;
        this.since = performance.now();
        if (!this.silent) this.voice.currentTime = ms / 1_000;
        this.tell(ms);
    }
    private tell(now = this.now()) {
        for (const watcher of this.watchers) watcher(now);
    }
    private set(change: Partial<Playing>) {
        this.state = { ...this.state, ...change };
        for (const listener of this.listeners) listener();
    }
}
