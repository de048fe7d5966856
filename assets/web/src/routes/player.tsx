// Video or sound with a bar of our own: everything by pointer, by keys and by name.
import { useEffect, useRef, useState, type CSSProperties, type PointerEvent, type ReactNode, type RefObject } from 'react';
import { clock, number, percent, t } from '../i18n';
import { chapterAt, chapterBy, deedOf, SPEEDS, speedBy, type Chapter, type Deed } from './player-keys';
import './player.css';

export type Track = { kind: 'captions' | 'chapters' | 'descriptions'; src: string; lang: string; label: string };
export type Media = RefObject<HTMLVideoElement | null>;

type Props = {
    media: Media;
    src: string;
    label: string;
    /** Sound without a picture. */
    sound?: boolean;
    /** What stands in place of the picture where there is only sound. */
    children?: ReactNode;
    poster?: string;
    tracks?: Track[];
    chapters: Chapter[];
    /** Width to height of the picture, before the file has told it. */
    shape?: number;
    /** Its length, before the file has told it. */
    length: number;
    /** Where it is; where it begins, before the file is there. */
    ms: number;
    onMs: (ms: number) => void;
};

const kept = (name: string): string | null => {
    try {
        return localStorage.getItem(name);
    } catch {
        return null;
    }
};
const keep = (name: string, value: string) => {
    try {
        localStorage.setItem(name, value);
    } catch {
        // In a frame of another site many browsers keep nothing.
    }
};

export function Player({ media, src, label, sound, children, poster, tracks = [], chapters, shape = 16 / 9, length, ms, onMs }: Props) {
    const frame = useRef<HTMLDivElement>(null);
    const [playing, setPlaying] = useState(false);
    const [waiting, setWaiting] = useState(false);
    const [broken, setBroken] = useState(false);
    const [told, setTold] = useState(0);
    const [loaded, setLoaded] = useState(0);
    const [volume, setVolume] = useState({ of: 1, muted: false });
    const [speed, setSpeed] = useState(() => speedBy(Number(kept('speed') ?? 1) || 1, 0));
    const [captions, setCaptions] = useState(() => kept('captions') === 'on');
    const [described, setDescribed] = useState(false);
    const [full, setFull] = useState(false);
    const [said, setSaid] = useState('');
    const all = told || length;
    const at = chapterAt(chapters, ms);
    const has = (kind: Track['kind']) => tracks.some((track) => track.kind === kind);

    const seek = (to: number) => {
        const within = Math.max(0, Math.min(to, all || to));
        onMs(within);
        if (media.current) media.current.currentTime = within / 1000;
    };
    const deed = (what: Deed) => {
        const video = media.current;
        if (!video) return;
        if (what.do === 'toggle') void (video.paused ? video.play().catch(() => setBroken(!!video.error)) : video.pause());
        else if (what.do === 'by') seek(video.currentTime * 1000 + what.ms);
        else if (what.do === 'to') seek(what.share * all);
        else if (what.do === 'speed') setSpeed(speedBy(speed, what.by));
        else if (what.do === 'mute') video.muted = !video.muted;
        else if (what.do === 'volume') (video.volume = Math.max(0, Math.min(1, video.volume + what.by))), (video.muted = false);
        else if (what.do === 'captions') has('captions') && setCaptions(!captions);
        else if (what.do === 'full') void (document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen?.());
        else {
            const to = chapterBy(chapters, video.currentTime * 1000, what.by);
            if (to !== undefined) seek(to);
        }
    };
    useKeys(frame, deed);

    // Twenty-five times a second is as often as a word can change; the element itself tells four times.
    useEffect(() => {
        if (!playing) return;
        const timer = setInterval(() => media.current && onMs(media.current.currentTime * 1000), 40);
        return () => clearInterval(timer);
    }, [playing, media, onMs]);
    useEffect(() => {
        if (media.current) media.current.defaultPlaybackRate = media.current.playbackRate = speed;
        keep('speed', String(speed));
    }, [speed, media, src]);
    useEffect(() => {
        const list = [...(media.current?.textTracks ?? [])];
        const hear = (event: Event) => setSaid([...((event.target as TextTrack).activeCues ?? [])].map((cue) => (cue as VTTCue).text).join(' '));
        for (const track of list) {
            track.mode = track.kind === 'captions' ? (captions ? 'showing' : 'disabled') : track.kind === 'descriptions' && described ? 'hidden' : 'disabled';
            if (track.kind === 'descriptions' && described) track.addEventListener('cuechange', hear);
        }
        keep('captions', captions ? 'on' : 'off');
        return () => list.forEach((track) => track.removeEventListener('cuechange', hear));
    }, [captions, described, media, src]);
    useEffect(() => {
        const change = () => setFull(document.fullscreenElement === frame.current);
        document.addEventListener('fullscreenchange', change);
        return () => document.removeEventListener('fullscreenchange', change);
    }, []);

    const ended = all > 0 && ms >= all - 50;
    return (
        <div ref={frame} className={`player${sound ? ' sound' : ''}${full ? ' full' : ''}`} role="group" aria-label={label} dir="ltr">
            <div className="screen" onClick={sound ? undefined : () => deed({ do: 'toggle' })} onDoubleClick={sound ? undefined : () => deed({ do: 'full' })}>
                {children}
                {/* Words of a recording stand beside it; those of a video are its captions. */}
                <video
                    ref={media} src={src} poster={poster} playsInline preload="metadata" tabIndex={-1} hidden={sound} style={{ aspectRatio: String(shape) }} aria-label={label}
                    onPlay={() => (setPlaying(true), setBroken(false))} onPause={() => setPlaying(false)} onWaiting={() => setWaiting(true)} onPlaying={() => setWaiting(false)} onCanPlay={() => setWaiting(false)}
                    onSeeking={(event) => onMs(event.currentTarget.currentTime * 1000)} onTimeUpdate={(event) => onMs(event.currentTarget.currentTime * 1000)}
                    onError={() => setBroken(true)} onDurationChange={({ currentTarget: { duration } }) => Number.isFinite(duration) && setTold(duration * 1000)}
                    onVolumeChange={({ currentTarget }) => setVolume({ of: currentTarget.volume, muted: currentTarget.muted })}
                    onProgress={({ currentTarget: { buffered } }) => buffered.length && setLoaded(buffered.end(buffered.length - 1) * 1000)}
                    onLoadedMetadata={() => ms > 0 && seek(ms)}
                >
                    {tracks.map((track) => <track key={track.kind} kind={track.kind} src={track.src} srcLang={track.lang} label={track.label} />)}
                </video>
                {waiting && playing && <span className="spinner" role="status"><span className="hidden">{t('loading')}</span></span>}
                {!sound && !playing && !broken && ms < 100 && <span className="begin" aria-hidden="true"><svg viewBox="0 0 24 24"><path d="M8 5v14l11-7z" /></svg></span>}
            </div>
            {broken && <p className="fault" role="alert">{t('cannot_play')}</p>}
            {described && <p className="hidden" role="status">{said}</p>}
            <div className="controls">
                <Seek ms={ms} all={all} loaded={loaded} chapters={chapters} seek={seek} />
                <div className="control-row">
                    <Control icon={playing ? 'pause' : ended ? 'replay' : 'start'} name={playing ? t('pause') : t('play')} keys="K" onPress={() => deed({ do: 'toggle' })} />
                    <span className="wide-only"><Control icon="back" name={t('back_10')} keys="J" onPress={() => deed({ do: 'by', ms: -10_000 })} /></span>
                    <span className="wide-only"><Control icon="on" name={t('on_10')} keys="L" onPress={() => deed({ do: 'by', ms: 10_000 })} /></span>
                    <span className="num times"><span>{clock(ms)}</span> <span className="soft">/ {clock(all)}</span></span>
                    {chapters.length > 1 ? (
                        <select className="small-choice grow" aria-label={t('chapters')} value={Math.max(0, at)} onChange={(event) => seek(chapters[Number(event.target.value)]?.ms ?? 0)}>
                            {chapters.map((one, i) => <option key={i} value={i}>{`${one.title} · ${clock(one.ms)}`}</option>)}
                        </select>
                    ) : <span className="grow" />}
                    <select className="small-choice num" aria-label={t('speed')} value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
                        {SPEEDS.map((one) => <option key={one} value={one}>{`${number(one)}×`}</option>)}
                    </select>
                    {has('captions') && <Control text="CC" name={t('captions')} keys="C" pressed={captions} onPress={() => deed({ do: 'captions' })} />}
                    {has('descriptions') && <span className="wide-only"><Control text="AD" name={t('descriptions')} pressed={described} onPress={() => setDescribed(!described)} /></span>}
                    <Control icon={volume.muted || volume.of === 0 ? 'mute' : 'loud'} name={t('mute')} keys="M" pressed={volume.muted} onPress={() => deed({ do: 'mute' })} />
                    <input
                        className="volume wide-only" type="range" min="0" max="1" step="0.05" value={volume.muted ? 0 : volume.of} aria-label={t('volume')} aria-valuetext={percent(volume.muted ? 0 : volume.of)}
                        onChange={({ target }) => media.current && ((media.current.muted = false), (media.current.volume = Number(target.value)))}
                    />
                    {!sound && <Control icon={full ? 'small' : 'full'} name={full ? t('full_end') : t('full')} keys="F" onPress={() => deed({ do: 'full' })} />}
                </div>
            </div>
        </div>
    );
}

const DRAWN = {
    start: 'M8 5v14l11-7z', pause: 'M7 5h3.500v14H7zM13.500 5H17v14h-3.500z', replay: 'M12 5V1.500L7 6l5 4.500V7a5.500 5.500 0 1 1-5.500 5.500h-2A7.500 7.500 0 1 0 12 5z',
    back: 'M11.500 5V1.500L6.500 6l5 4.500V7a5.500 5.500 0 1 1-5.500 5.500H4A7.500 7.500 0 1 0 11.500 5z', on: 'M12.500 5V1.500l5 4.500-5 4.500V7a5.500 5.500 0 1 0 5.500 5.500h2A7.500 7.500 0 1 1 12.500 5z',
    loud: 'M4 9v6h4l5 5V4L8 9zM15.500 8a5 5 0 0 1 0 8zM15.500 4.500v2a6 6 0 0 1 0 11v2a8 8 0 0 0 0-15z', mute: 'M4 9v6h4l5 5V4L8 9zM15 9.400 16.400 8l2.100 2.100L20.600 8 22 9.400 19.900 11.500 22 13.600 20.600 15l-2.100-2.100L16.400 15 15 13.600l2.100-2.100z',
    full: 'M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z', small: 'M8 4h2v6H4V8h4zM14 4h2v4h4v2h-6zM4 14h6v6H8v-4H4zM14 14h6v2h-4v4h-2z',
} as const;

type ControlProps = { icon?: keyof typeof DRAWN; text?: string; name: string; keys?: string; pressed?: boolean; onPress: () => void };
function Control({ icon, text, name, keys, pressed, onPress }: ControlProps) {
    return (
        <button type="button" className="control" aria-label={text ? `${name} ${text}` : name} aria-pressed={pressed} aria-keyshortcuts={keys} title={keys ? `${name} (${keys})` : name} onClick={onPress}>
            {icon ? <svg viewBox="0 0 24 24" aria-hidden="true"><path d={DRAWN[icon]} /></svg> : <span className="letters">{text}</span>}
        </button>
    );
}

/** The line of time: what is heard, what is loaded, and where chapters begin. */
function Seek({ ms, all, loaded, chapters, seek }: { ms: number; all: number; loaded: number; chapters: Chapter[]; seek: (ms: number) => void }) {
    const [over, setOver] = useState<number | null>(null);
    const share = (of: number) => (all > 0 ? Math.min(1, of / all) : 0);
    const point = (event: PointerEvent<HTMLDivElement>) => {
        const { left, width } = event.currentTarget.getBoundingClientRect();
        setOver(Math.max(0, Math.min(1, (event.clientX - left) / width)));
    };
    const titleAt = (of: number) => chapters[chapterAt(chapters, of)]?.title;
    return (
        <div className="seek" style={{ '--at': share(ms), '--loaded': share(loaded), '--over': over ?? 0 } as CSSProperties} onPointerMove={point} onPointerLeave={() => setOver(null)}>
            <span className="line" />
            <svg className="marks" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
                {chapters.filter((one) => one.ms > 1_000 && one.ms < all).map((one) => <rect key={one.ms} x={share(one.ms) * 1000 - 1.5} width="3" height="10" />)}
            </svg>
            <input
                type="range" data-seek min="0" max={Math.max(1, Math.round(all))} step="100" value={Math.min(Math.round(ms), Math.max(1, Math.round(all)))}
                aria-label={t('position')} aria-valuetext={[`${clock(ms)} / ${clock(all)}`, titleAt(ms)].filter(Boolean).join(', ')}
                onChange={(event) => seek(Number(event.target.value))}
            />
            <span className="thumb" />
            {over !== null && all > 0 && <span className="tip small"><strong className="num">{clock(over * all)}</strong> {titleAt(over * all)}</span>}
        </div>
    );
}

/** Keys act wherever one is on the page, but for where they mean something else. */
function useKeys(frame: RefObject<HTMLDivElement | null>, deed: (what: Deed) => void) {
    const latest = useRef(deed);
    useEffect(() => {
        latest.current = deed;
    });
    useEffect(() => {
        const press = (event: KeyboardEvent) => {
            const target = event.target as HTMLElement;
            if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
            if (target.closest('input:not([data-seek]), textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox], [role=tab]')) return;
            // Where one stands on a button, the space bar presses that; a word of the transcript has Enter for it.
            if (event.key === ' ' && target.closest('button, a, [role=button]:not([data-word])')) return;
            const what = deedOf(event.key, !!frame.current?.contains(target));
            if (!what) return;
            event.preventDefault();
            latest.current(what);
        };
        addEventListener('keydown', press);
        return () => removeEventListener('keydown', press);
    }, [frame]);
}
