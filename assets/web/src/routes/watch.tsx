// What somebody sees who was sent a link: the video, and nothing else of the workspace.
import { useState } from 'react';
import { useParams } from '@tanstack/react-router';
import { Problem, send, type Schemas } from '../api/client';
import { t } from '../i18n';
import { Failure, Skeleton } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { useQuery } from '@tanstack/react-query';
import { Front } from './front';
import './recording.css';

type Shown = Schemas['Shown'];

/** As HTTP has it (RFC 7617), in UTF-8; the name does not matter. */
export const basic = (password: string) => `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`:${password}`)))}`;

export function Watch() {
    const { token } = useParams({ from: '/watch/$token' });
    const [opened, setOpened] = useState<Shown | null>(null);
    // Without the browser's own credentials: it would ask for the password in a window of its own.
    const open = async (password?: string) =>
        (await (await send(`/v1/view/${encodeURIComponent(token)}`, { credentials: 'omit', headers: password ? { Authorization: basic(password) } : {} })).json()) as Shown;
    // Each look counts as a view, so it is asked for once.
    const shown = useQuery({ queryKey: ['view', token], queryFn: () => open(), retry: false, staleTime: Infinity, refetchOnWindowFocus: false });
    const video = opened ?? shown.data;
    if (!video && shown.error instanceof Problem && shown.error.code === 'link_password') {
        return (
            <Front title={t('link_locked')} intro={t('link_locked_intro')}>
                <SendForm submit={t('open')} wide onSend={async ({ password = '' }) => setOpened(await open(password))}>
                    <Field name="password" type="password" label={t('password')} isRequired autoFocus autoComplete="off" />
                </SendForm>
            </Front>
        );
    }
    if (shown.error && !video) return <main className="body"><Failure error={shown.error} /></main>;
    if (!video) return <main className="body"><Skeleton lines={6} /></main>;
    const file = (name: string) => `/v1/view/${encodeURIComponent(video.pass)}/files/${name}`;
    const film = video.files.some(({ file }) => file === 'webm') ? 'webm' : 'mp4';
    return (
        <main className="body">
            <title>{`${video.title} – Audiagram`}</title>
            <h1>{video.title}</h1>
            <div className="card player">
                <video src={file(film)} poster={file('poster')} controls playsInline preload="metadata"><track kind="captions" src={file('vtt')} label={t('captions')} /></video>
            </div>
        </main>
    );
}
