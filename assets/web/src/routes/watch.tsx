// What somebody sees who was sent a link: the video with its chapters and words, and nothing else of the workspace. In a frame of a page that
// the link names, the video alone.
import { useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import { send, type Schemas } from '../api/client';
import { clock, locale, t } from '../i18n';
import { cueAt, readCues } from './cues';
import { Opened } from './opened';
import { Player, type Track } from './player';
import { chapterAt } from './player-keys';
import './recording.css';
import './watch.css';

/** In a page of somebody else there is room for the video with its bar, in which the chapters are, and for nothing beside it. */
const FRAMED = window.self !== window.top;

export function Watch() {
    const { token } = useParams({ from: '/watch/$token' });
    return <Opened<Schemas['Shown']> path={`/v1/view/${encodeURIComponent(token)}`}>{(video) => <Video video={video} />}</Opened>;
}

function Video({ video }: { video: Schemas['Shown'] }) {
    const [ms, setMs] = useState(0);
    const media = useRef<HTMLVideoElement>(null);
    const has = (name: string) => video.files.some(({ file }) => file === name);
    const file = (name: string) => `/v1/view/${encodeURIComponent(video.pass)}/files/${name}`;
    const cues = (name: string) => ({
        queryKey: ['shown', video.pass, name], enabled: has(name), staleTime: Infinity,
        queryFn: async () => readCues(await (await send(file(name), { credentials: 'omit' })).text()),
    });
    const parts = useQuery(cues('chapters')).data;
    const said = useQuery(cues('vtt')).data;
    const chapters = useMemo(() => parts?.map(({ text, start }) => ({ title: text, ms: start })) ?? [], [parts]);
    const now = cueAt(said ?? [], ms);
    const at = chapterAt(chapters, ms);
    const list = useRef<HTMLOListElement>(null);
    useEffect(() => {
        const [line, frame] = [list.current?.querySelector<HTMLElement>('[aria-current]'), list.current];
        if (line && frame && media.current && !media.current.paused) frame.scrollTo({ top: line.offsetTop - frame.clientHeight / 3, behavior: 'smooth' });
    }, [now]);
    const seek = (to: number) => {
        setMs(to);
        if (media.current) media.current.currentTime = to / 1000;
    };
    const tracks: Track[] = ([['captions', 'vtt'], ['chapters', 'chapters'], ['descriptions', 'descriptions']] as const).filter(([, name]) => has(name)).map(([kind, name]) => ({ kind, src: file(name), lang: locale(), label: t(kind) }));
    const player = <Player media={media} src={file(has('webm') ? 'webm' : 'mp4')} poster={has('poster') ? file('poster') : undefined} label={video.title} tracks={tracks} chapters={chapters} shape={video.width / video.height} length={video.duration_ms} ms={ms} onMs={setMs} />;
    const title = <title>{`${video.title} – Audiagram`}</title>;
    if (FRAMED) return <main className="framed">{title}<h1 className="hidden">{video.title}</h1>{player}</main>;
    return (
        <main className="body full watch">
            {title}
            <h1>{video.title}</h1>
            <div className={`talkpage${said?.length ? '' : ' alone'}`}>
                <div className="stage">
                    {player}
                    {chapters.length > 1 && (
                        <nav className="chapters" aria-label={t('chapters')}>
                            {chapters.map((one, i) => (
                                <Button key={one.ms} className="chapter" aria-current={i === at ? 'true' : undefined} onPress={() => seek(one.ms)}>
                                    <span className="cut">{one.title}</span>
                                    <span className="num small soft when">{clock(one.ms)}</span>
                                </Button>
                            ))}
                        </nav>
                    )}
                </div>
                {!!said?.length && (
                    <div className="beside">
                        <section className="card sideplate" aria-label={t('transcript')}>
                            <div className="bar-in"><h2>{t('transcript')}</h2></div>
                            <ol className="panel cues" ref={list} tabIndex={0} aria-label={t('transcript')}>
                                {said.map(({ start, text }, i) => (
                                    <li key={i}>
                                        <Button className="cue" aria-current={i === now ? 'true' : undefined} onPress={() => seek(start)}><span className="num small soft">{clock(start)}</span><span dir="auto">{text}</span></Button>
                                    </li>
                                ))}
                            </ol>
                        </section>
                    </div>
                )}
            </div>
        </main>
    );
}
