// What somebody sees who was sent a link: the video, and nothing else of the workspace.
import { useParams } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import { Opened } from './opened';
import './recording.css';

export function Watch() {
    const { token } = useParams({ from: '/watch/$token' });
    return <Opened<Schemas['Shown']> path={`/v1/view/${encodeURIComponent(token)}`}>{(video) => <Video video={video} />}</Opened>;
}

function Video({ video }: { video: Schemas['Shown'] }) {
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
