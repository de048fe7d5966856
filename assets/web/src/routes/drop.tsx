// Where recordings come in: dropped or chosen, and how far they are.
import { lazy, Suspense, useCallback, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { DropZone } from 'react-aria-components/DropZone';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { MOST_TEXT, TEXTS, uploads, type Upload } from '../api/upload';
import '../app/arrivals';
import { useCommands, useWish } from '../app/commands';
import { bytes, t } from '../i18n';
import { Action, Badge, Meter, Skeleton, type Tone } from '../kit/bits';
import { Window } from '../kit/overlay';
import { lasting } from './lasting';

const Recorder = lazy(() => import('./recorder').then(({ Recorder }) => ({ default: Recorder })));
const Recorded = lazy(() => import('./recorded').then(({ Recorded }) => ({ default: Recorded })));

const TAKEN = ['audio/*', 'video/*', ...TEXTS];

export function Drop({ onFiles, children }: { onFiles: (files: File[]) => void; children: ReactNode }) {
    const [recording, record] = useState(false);
    // By Escape, by a press outside, by its button: what was recorded is not thrown away without a question.
    const [closing, close] = useState(false);
    const end = useCallback(() => (record(false), close(false)), []);
    const begin = () => record(true);
    const choose = () => {
        const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true, accept: TAKEN.join() });
        input.onchange = () => input.files && onFiles([...input.files]);
        input.click();
    };
    useCommands([{ id: 'upload', name: t('choose_files'), icon: 'upload', run: choose }, { id: 'record', name: t('record'), icon: 'mic', run: begin }]);
    useWish('upload', choose);
    useWish('record', begin);
    return (
        <>
            <Suspense><Recorded onFile={(file) => onFiles([file])} /></Suspense>
            <DropZone
                className="drop" aria-label={t('drop')}
                onDrop={async ({ items }) => {
                    const files = await Promise.all(items.filter((item) => item.kind === 'file').map((item) => item.getFile()));
                    if (files.length) onFiles(files);
                }}
            >
                <div className="grow">{children}</div>
                <FileTrigger acceptedFileTypes={TAKEN} allowsMultiple onSelect={(list) => list && onFiles([...list])}>
                    <Action look="primary" icon="upload">{t('choose_files')}</Action>
                </FileTrigger>
                <Action icon="mic" onPress={begin}>{t('record')}</Action>
                <Window title={t('record')} open={recording} onOpen={(open) => !open && close(true)}>
                    <Suspense fallback={<Skeleton />}><Recorder onFile={(file) => (end(), onFiles([file]))} closing={closing} close={end} stay={() => close(false)} /></Suspense>
                </Window>
            </DropZone>
        </>
    );
}

const TONES: Record<Upload['state'], Tone> = { waiting: 'plain', sending: 'accent', offline: 'warn', checking: 'accent', done: 'good', failed: 'bad', cancelled: 'plain' };

export function Incoming({ project }: { project?: string }) {
    const all = useSyncExternalStore(uploads.subscribe, uploads.all);
    const shown = all.filter((upload) => upload.state !== 'cancelled' && (!project || upload.project === project));
    if (!shown.length) return null;
    return (
        <section className="card" aria-label={t('uploads')}>
            <ul className="uploads">
                {shown.map((upload) => (
                    <li key={upload.key}>
                        <span className="row">
                            <span className="cut">{upload.recording ? <Link to="/recordings/$recording" params={{ recording: upload.recording }}>{upload.name}</Link> : upload.name}</span>
                            <Badge tone={TONES[upload.state]}>{upload.verified ? t('upload_verified') : t(`upload_${upload.state}`)}</Badge>
                        </span>
                        <span className="row">
                            <span className="small soft num">{bytes(upload.sent)} / {bytes(upload.size)}{upload.state === 'sending' && upload.left !== undefined && ` · ${t('time_left', { time: lasting(upload.left) })}`}</span>
                            {upload.state === 'failed' && <Action look="quiet" onPress={() => uploads.retry(upload.key)}>{t('try_again')}</Action>}
                            {upload.state === 'done' || upload.state === 'failed' ? (
                                <Action look="quiet" icon="close" aria-label={t('close')} onPress={() => uploads.dismiss(upload.key)} />
                            ) : (
                                <Action look="quiet" onPress={() => void uploads.cancel(upload.key)}>{t('cancel')}</Action>
                            )}
                        </span>
                        {upload.state !== 'done' && <Meter share={upload.size ? upload.sent / upload.size : 0} label={upload.name} tone={upload.state === 'failed' ? 'bad' : upload.state === 'offline' ? 'warn' : 'plain'} />}
                        {(upload.fault || upload.problem) && <p className="small" role="alert">{upload.fault ? t(`upload_${upload.fault}`, { most: bytes(MOST_TEXT) }) : upload.problem}</p>}
                    </li>
                ))}
            </ul>
        </section>
    );
}
