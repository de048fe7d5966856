// Recording with the browser's microphone: choose it, see that it hears, pause, listen, and use what was recorded.
import { useEffect, useRef, useState } from 'react';
import { Keeper } from '../api/pieces';
import { useSession } from '../app/queries';
import { clock, moment, t } from '../i18n';
import { Action, Meter, Notice } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Leaving } from '../kit/leaving';
import { Confirm } from '../kit/overlay';
import { recordedAnew } from './recorded';

type State = 'ready' | 'running' | 'paused' | 'done';
/** What browsers can write and the appliance can read; the first that this one knows. */
const FORMS = [['audio/webm;codecs=opus', 'webm'], ['audio/mp4', 'm4a'], ['audio/ogg;codecs=opus', 'ogg']] as const;

/** `closing`: whoever has opened it would like to close it, which `close` does, or `stay` takes back. */
type Props = { onFile: (file: File) => void; closing: boolean; close: () => void; stay: () => void };

export function Recorder({ onFile, closing, close, stay }: Props) {
    const user = useSession()?.id ?? '';
    const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
    const [device, setDevice] = useState('');
    const [stream, setStream] = useState<MediaStream | null>(null);
    const [denied, setDenied] = useState(false);
    const [state, setState] = useState<State>('ready');
    const [ms, setMs] = useState(0);
    const [file, setFile] = useState<File | null>(null);
    const recorder = useRef<MediaRecorder>(undefined);
    const keeper = useRef<Keeper>(undefined);
    const length = useRef(0);
    const used = useRef(false);
    const [again, askAgain] = useState(false);
    const [url, setUrl] = useState('');
    const level = useLevel(stream);

    // The microphone is open while the window is, and no longer.
    useEffect(() => {
        let [gone, opened] = [false, null as MediaStream | null];
        const close = () => opened?.getTracks().forEach((track) => track.stop());
        const constraints = { audio: { echoCancellation: false, noiseSuppression: true, ...(device && { deviceId: { exact: device } }) } };
        (navigator.mediaDevices?.getUserMedia(constraints) ?? Promise.reject(new Error('no microphones'))).then(
            async (found) => {
                opened = found;
                if (gone) return close();
                // Before the button that begins can be pressed: it would move away from under the pointer.
                const there = await navigator.mediaDevices.enumerateDevices();
                if (gone) return;
                setDenied(false);
                setDevices(there.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId));
                setStream(found);
            },
            () => gone || setDenied(true),
        );
        return () => ((gone = true), close());
    }, [device]);
    useEffect(() => {
        if (state !== 'running') return;
        let last = performance.now();
        const timer = setInterval(() => {
            const now = performance.now();
            setMs((length.current += now - last));
            last = now;
        }, 200);
        return () => clearInterval(timer);
    }, [state]);
    // Whoever leaves the page otherwise is offered it when they come back.
    useEffect(() => () => {
        void keeper.current?.leave().then(recordedAnew);
    }, []);
    // Nothing is lost by going: only what was recorded is asked for.
    const held = state !== 'ready';
    useEffect(() => {
        if (closing && !held) close();
    }, [closing, held, close]);
    useEffect(() => {
        if (!file) return;
        const made = URL.createObjectURL(file);
        setUrl(made);
        return () => URL.revokeObjectURL(made);
    }, [file]);

    const begin = () => {
        if (!stream) return;
        const [type, end] = FORMS.find(([type]) => MediaRecorder.isTypeSupported(type)) ?? ['', 'webm'];
        const made = new MediaRecorder(stream, { mimeType: type || undefined, audioBitsPerSecond: 96_000 });
        const name = t('recorded_on', { when: moment(new Date().toISOString()).replaceAll(/[/\\:]/g, '-') });
        const kept = new Keeper(user, `${name}.${end}`, type.split(';')[0] ?? '');
        made.ondataavailable = ({ data }) => kept.add(data, length.current);
        made.onstop = () => {
            setFile(kept.file());
            setState('done');
        };
        keeper.current = kept;
        recorder.current = made;
        setMs((length.current = 0));
        made.start(1_000);
        setState('running');
    };
    const pause = () => (recorder.current?.pause(), setState('paused'));
    // What is thrown away is no longer heard of: its last piece comes when the microphone is closed.
    const drop = () => {
        if (recorder.current) recorder.current.onstop = recorder.current.ondataavailable = null;
        return keeper.current?.drop();
    };
    const use = (file: File) => {
        used.current = true;
        onFile(file);
    };
    const anew = () => {
        void drop();
        keeper.current = undefined;
        setFile(null);
        setMs(0);
        setState('ready');
    };
    const goOn = () => (recorder.current?.resume(), setState('running'));
    if (denied) return <Notice tone="bad">{t('mic_denied')}</Notice>;
    return (
        <div className="stack">
            <p className="soft">{t('record_hint')}</p>
            {devices.length > 1 && state === 'ready' && <Pick label={t('microphone')} value={device || (devices[0]?.deviceId ?? '')} onChange={setDevice} choices={devices.map(({ deviceId, label }) => ({ id: deviceId, name: label || t('microphone') }))} />}
            {state === 'done' ? <audio className="heard" src={url} controls /> : (
                <div className="recorder">
                    <span className="clock num" role="timer">{clock(ms)}</span>
                    <Meter share={state === 'paused' ? 0 : level} label={t('level')} tone={level > 0.97 ? 'bad' : 'plain'} />
                </div>
            )}
            <div className="actions">
                {state === 'ready' && <Action look="primary" icon="mic" isDisabled={!stream} onPress={begin}>{t('record')}</Action>}
                {state === 'running' && <Action onPress={pause}>{t('pause')}</Action>}
                {state === 'paused' && <Action onPress={goOn}>{t('go_on')}</Action>}
                {(state === 'running' || state === 'paused') && <Action look="primary" onPress={() => recorder.current?.stop()}>{t('stop')}</Action>}
                {state === 'done' && <Action onPress={() => askAgain(true)}>{t('record_again')}</Action>}
                {state === 'done' && file && <Action look="primary" icon="check" onPress={() => use(file)}>{t('use_recording')}</Action>}
            </div>
            <Leaving unsaved={() => held && !used.current} />
            <Confirm title={t('throw_away')} text={t('throw_away_text', { length: clock(ms) })} action={t('throw_away')} open={closing && held} onClose={stay} onYes={() => (void drop(), close())} />
            <Confirm title={t('record_again')} text={t('throw_away_text', { length: clock(ms) })} action={t('record_again')} open={again} onClose={() => askAgain(false)} onYes={anew} />
        </div>
    );
}

/** How loud it is, 0 to 1: decibels from -60 up. */
function useLevel(stream: MediaStream | null): number {
    const [level, setLevel] = useState(0);
    useEffect(() => {
        if (!stream) return;
        const context = new AudioContext();
        const listener = context.createAnalyser();
        listener.fftSize = 1024;
        context.createMediaStreamSource(stream).connect(listener);
        const samples = new Float32Array(listener.fftSize);
        const timer = setInterval(() => {
            listener.getFloatTimeDomainData(samples);
            const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
            setLevel(Math.max(0, 1 + (20 * Math.log10(Math.max(peak, 1e-6))) / 60));
        }, 80);
        return () => (clearInterval(timer), void context.close());
    }, [stream]);
    return level;
}
