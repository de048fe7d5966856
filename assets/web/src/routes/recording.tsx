// A recording and what was made of it: the video, the words, the diagram, each following the others.
import { lazy, memo, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { useSession } from '../app/queries';
import { useSaid } from '../app/said';
import { Page } from '../app/shell';
import { clock, t, tOr } from '../i18n';
import { Action, Empty, Failure, Skeleton } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Window } from '../kit/overlay';
import { tell, tellError } from '../kit/toast';
import { Diagram } from './diagram';
import { isLive, JobCard } from './progress';
import { ShareWindow } from './share';
import { ANY, Spoken } from './spoken';
import { firstWord, paragraphs, sceneAt, shownAt, startOf, wordAt } from './talk';
import './recording.css';

// Loaded when somebody looks.
const Comments = lazy(() => import('./comments').then(({ Comments }) => ({ default: Comments })));
const ExportWindow = lazy(() => import('./export').then(({ ExportWindow }) => ({ default: ExportWindow })));

type Words = Schemas['Transcript2']['words'];

/** Everything about a recording that the page shows. */
function useTalk(id: string) {
    const query = { params: { query: { recording: id, limit: 1 } } };
    const recording = useQuery({ queryKey: ['recording', id], queryFn: () => data(client.GET('/v1/recordings/{recording}', { params: { path: { recording: id } } })) });
    const jobs = useQuery({ queryKey: ['jobs', id], queryFn: () => data(client.GET('/v1/jobs', { params: { query: { about: id, limit: 1 } } })) });
    const video = useQuery({ queryKey: ['videos', id], queryFn: () => data(client.GET('/v1/videos', query)) }).data?.items[0];
    const { transcript, said } = useSaid(id);
    const board = useQuery({ queryKey: ['storyboards', id], queryFn: () => data(client.GET('/v1/storyboards', query)) }).data?.items[0];
    const drawn = useQuery({
        queryKey: ['drawn', board?.id, board?.version], enabled: !!board, placeholderData: (before) => before,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/content', { params: { path: { storyboard: board!.id }, query: { version: board!.version } } })),
    }).data as Schemas['Storyboard'] | undefined;
    return { recording, jobs, video, transcript, board, said, drawn };
}

export function Recording() {
    const { recording: id } = useParams({ from: '/app/recordings/$recording' });
    const { at } = useSearch({ from: '/app/recordings/$recording' });
    const { recording, jobs, video, transcript, board, said, drawn } = useTalk(id);
    const session = useSession();
    const queries = useQueryClient();
    const navigate = useNavigate();
    const [spoken, speak] = useState(ANY);
    const player = useRef<HTMLVideoElement>(null);
    const [ms, setMs] = useState(at ?? 0);
    const [sharing, setSharing] = useState(false);
    const [exporting, setExporting] = useState(false);
    const [word, setWord] = useState<number | null>(null);
    const project = useQuery({
        queryKey: ['project', recording.data?.project], enabled: !!recording.data?.project,
        queryFn: () => data(client.GET('/v1/projects/{project}', { params: { path: { project: recording.data?.project ?? '' } } })),
    });

    // Twenty-five times a second is as often as a word can change; the player itself tells four times.
    useEffect(() => {
        const timer = setInterval(() => {
            if (player.current && !player.current.paused) setMs(player.current.currentTime * 1000);
        }, 40);
        return () => clearInterval(timer);
    }, []);
    const seek = (to: number) => {
        setMs(to);
        if (player.current) player.current.currentTime = to / 1000;
    };
    const words = said?.words ?? [];
    const now = wordAt(words, ms);
    const scene = drawn?.scenes[sceneAt(drawn.scenes, now)];
    const shown = useMemo(() => (scene ? shownAt(scene, words, now) : undefined), [scene, words, now]);
    const layout = useQuery({
        queryKey: ['layout', board?.id, board?.version, scene?.id], enabled: !!board && !!scene, placeholderData: (before) => before,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard: board!.id }, query: { scene: scene!.id, version: board!.version } } })),
    });

    const title = recording.data?.title ?? '…';
    const crumbs = [{ name: t('nav_projects'), to: '/' }, ...(project.data ? [{ name: project.data.title, to: `/projects/${project.data.id}` }] : []), { name: title }];
    if (recording.error) return <Page crumbs={crumbs}><Failure error={recording.error} /></Page>;

    const job = jobs.data?.items[0];
    const live = job && isLive(job);
    const behind = video && board && video.storyboard === board.id && video.storyboard_version < board.version;
    const order = (send: () => Promise<unknown>) => void send().then(() => queries.invalidateQueries({ queryKey: ['jobs'] }), tellError);
    const make = () => order(() => client.POST('/v1/recordings/{recording}/videos', { params: { path: { recording: id } }, body: (spoken === ANY ? {} : { hearing: { language: spoken } }) as Schemas['NewVideo'] }));
    const render = () => order(() => client.POST('/v1/storyboards/{storyboard}/videos', { params: { path: { storyboard: board!.id } }, body: {} as Schemas['Render'] }));
    const file = (name: string) => `/v1/videos/${video?.id}/files/${name}`;
    const correct = async (text: string) => {
        if (word === null || !transcript) return;
        const before = words[word]?.text ?? '';
        const change = (text: string, version: number) =>
            data(client.PATCH('/v1/transcripts/{transcript}', { params: { path: { transcript: transcript.id }, header: ifMatch(version) }, body: { words: [{ word, text }] } }));
        const corrected = await change(text, transcript.version);
        await queries.invalidateQueries();
        tell(t('corrected', { before, after: text }), async () => (await change(before, corrected.version), queries.invalidateQueries()));
    };
    const may = (what: string) => session?.can(what) ?? false;
    return (
        <Page
            full crumbs={crumbs}
            actions={
                <>
                    {video && may('project:share') && <Action icon="link" onPress={() => setSharing(true)}>{t('share')}</Action>}
                    {video && behind && !live && may('render:submit') && <Action look="primary" icon="video" onPress={render}>{t('render_again')}</Action>}
                    {!video && !live && job && may('render:submit') && <Action look="primary" icon="video" onPress={make}>{t('make_video')}</Action>}
                    <More label={t('more')} entries={[
                        ...(video?.files ?? []).map((one) => ({ id: one.file, name: t('download_file', { name: tOr(`file_${one.file}`, one.file) }), icon: 'download' as const, run: () => download(file(one.file), one.file) })),
                        ...(may('asset:download') ? [{ id: 'export', name: t('export_title'), icon: 'download' as const, off: !drawn?.scenes.length, run: () => setExporting(true) }] : []),
                        { id: 'edit', name: t('edit_diagram'), icon: 'diagram', off: !board, run: () => board && void navigate({ to: '/storyboards/$storyboard', params: { storyboard: board.id } }) },
                        { id: 'again', name: t('make_again'), icon: 'video', off: !!live, run: make },
                    ]} />
                </>
            }
        >
            <h1 className="hidden">{title}</h1>
            {job && (live || job.state === 'dead' || (job.state === 'cancelled' && !video)) && <JobCard job={job} />}
            {!video && !live && !job && jobs.data && (
                <Empty icon="video" title={t('no_video')} action={may('render:submit') && (
                    <div className="row wrap give">
                        {!transcript && <Spoken value={spoken} onChange={speak} />}
                        <Action look="primary" icon="video" onPress={make}>{t('make_video')}</Action>
                    </div>
                )}>{t('no_video_hint')}</Empty>
            )}
            {(video || said || drawn) && (
                <div className="talkpage">
                    <div className="stack">
                        {video ? (
                            <div className="card player">
                                <video ref={player} src={file(video.files.some((one) => one.file === 'webm') ? 'webm' : 'mp4')} poster={file('poster')} controls playsInline preload="metadata" onSeeking={(event) => setMs(event.currentTarget.currentTime * 1000)} onLoadedMetadata={() => at && seek(at)}>
                                    <track kind="captions" src={file('vtt')} srcLang={said?.lang ?? 'en'} label={t('captions')} />
                                </video>
                            </div>
                        ) : null}
                        {drawn && drawn.scenes.length > 0 && (
                            <nav className="chapters" aria-label={t('chapters')}>
                                {drawn.scenes.map((one) => (
                                    <Button key={one.id} className="chapter" aria-current={one === scene ? 'true' : undefined} onPress={() => seek(startOf(one, words))}>
                                        <span className="cut">{one.title}</span>
                                        <span className="small soft num">{clock(startOf(one, words))} · {tOr(`diagram_${one.kind}`, one.kind)}</span>
                                    </Button>
                                ))}
                            </nav>
                        )}
                        {board && (
                            <section className="card plate" aria-label={t('diagram')}>
                                <div className="bar-in">
                                    {scene ? <h2 className="cut" data-named>{scene.title}</h2> : <h2>{t('diagram')}</h2>}
                                    {may('diagram:edit') && <Link className="button quiet" to="/storyboards/$storyboard" params={{ storyboard: board.id }}>{t('edit_diagram')}</Link>}
                                </div>
                                {layout.data && scene ? (
                                    <Diagram layout={layout.data} label={scene.title} hidden={shown?.hidden} now={shown?.now} onNode={(node) => {
                                        const found = scene.nodes.find(({ id }) => id === node);
                                        if (found) seek(words[firstWord(found, scene)]?.start_ms ?? 0);
                                    }} />
                                ) : <div className="progress"><Skeleton lines={5} /></div>}
                            </section>
                        )}
                    </div>
                    {said && (
                        <div className="card sideplate">
                            <Tabs className="tabs">
                                <TabList className="tab-list" aria-label={t('words')}>
                                    <Tab id="words" className="tab">{t('transcript')}</Tab>
                                    {video && <Tab id="comments" className="tab">{t('comments')}</Tab>}
                                    <Tab id="review" className="tab">{t('review')} {drawn?.review?.length ? `(${drawn.review.length})` : ''}</Tab>
                                </TabList>
                                <TabPanel id="words" className="panel">
                                    <Transcript words={words} speakers={said.speakers ?? []} now={now} seek={seek} edit={may('transcript:edit') ? setWord : undefined} />
                                </TabPanel>
                                {video && (
                                    <TabPanel id="comments" className="panel">
                                        <Suspense fallback={<Skeleton />}><Comments subject={video.id} place={{ time_ms: Math.round(ms) }} seek={seek} /></Suspense>
                                    </TabPanel>
                                )}
                                <TabPanel id="review" className="panel">
                                    <Review drawn={drawn} words={words} seek={seek} />
                                </TabPanel>
                            </Tabs>
                        </div>
                    )}
                </div>
            )}
            {exporting && board && drawn && (
                <Suspense><ExportWindow storyboard={board.id} scenes={drawn.scenes} now={scene?.id} version={async () => board.version} open onOpen={setExporting} /></Suspense>
            )}
            {video && <ShareWindow subject={video.id} open={sharing} onOpen={setSharing} />}
            <Window title={t('correct_word')} open={word !== null} onOpen={(open) => !open && setWord(null)}>
                {(close) => (
                    <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ text = '' }) => (await correct(text), close())}>
                        <Field name="text" label={t('word')} defaultValue={words[word ?? 0]?.text} isRequired autoFocus />
                    </SendForm>
                )}
            </Window>
        </Page>
    );
}

function download(href: string, name: string): void {
    const link = document.createElement('a');
    Object.assign(link, { href, download: name });
    link.click();
}

type TranscriptProps = { words: Words; speakers: string[]; now: number; seek: (ms: number) => void; edit?: (word: number) => void };
function Transcript({ words, speakers, now, seek, edit }: TranscriptProps) {
    const parts = useMemo(() => paragraphs(words), [words]);
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const word = box.current?.querySelector('.now');
        const panel = box.current?.closest('.panel');
        if (!word || !panel) return;
        const [at, of] = [word.getBoundingClientRect(), panel.getBoundingClientRect()];
        if (at.top < of.top + 40 || at.bottom > of.bottom - 60) panel.scrollBy({ top: at.top - of.top - of.height / 3 });
    }, [now]);
    // One place to stop at by keyboard; from there the arrows go from word to word.
    const key = (event: React.KeyboardEvent) => {
        const target = (event.target as HTMLElement).closest<HTMLElement>('[data-word]');
        if (!target) return;
        const at = Number(target.dataset.word);
        const go = (to: number) => box.current?.querySelector<HTMLElement>(`[data-word="${to}"]`)?.focus();
        const ahead = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
        if (event.key === ahead) go(at + 1);
        else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') go(at - 1);
        else if (event.key === 'Enter') seek(words[at]?.start_ms ?? 0);
        else if (event.key === 'F2') edit?.(at);
        else return;
        event.preventDefault();
    };
    const press = (event: React.MouseEvent) => {
        const target = (event.target as HTMLElement).closest<HTMLElement>('[data-word]');
        if (!target) return;
        if (event.detail === 2) edit?.(Number(target.dataset.word));
        else seek(words[Number(target.dataset.word)]?.start_ms ?? 0);
    };
    return (
        <>
            <p className="small soft">{t('transcript_hint')}</p>
            <div className="transcript" ref={box} onClick={press} onKeyDown={key}>
                {parts.map((part) => (
                    <Part key={part.start} words={words} start={part.start} end={part.end} speaker={part.speaker == null ? '' : (speakers[part.speaker] ?? '')} now={now >= part.start && now < part.end ? now : -1} />
                ))}
            </div>
        </>
    );
}

const Part = memo(function Part({ words, start, end, speaker, now }: { words: Words; start: number; end: number; speaker: string; now: number }) {
    return (
        <p>
            <span className="when num">{clock(words[start]?.start_ms ?? 0)} {speaker}</span>
            {words.slice(start, end).map((word, i) => {
                const at = start + i;
                const unsure = (word.confidence ?? 1) < 0.5;
                return (
                    <span key={at}>
                        <span className={`word${now === at ? ' now' : ''}${unsure ? ' unsure' : ''}`} data-word={at} role="button" tabIndex={at === 0 || now === at ? 0 : -1}>{word.text}</span>
                        {words[at + 1]?.joined ? '' : ' '}
                    </span>
                );
            })}
        </p>
    );
});

function Review({ drawn, words, seek }: { drawn?: Schemas['Storyboard']; words: Words; seek: (ms: number) => void }) {
    if (!drawn?.review?.length) return <p className="soft">{t('nothing_to_review')}</p>;
    return (
        <ul className="stack tight">
            {drawn.review.map(({ target, why, words: of }) => {
                const [scene, element] = target.split('/');
                const within = drawn.scenes.find(({ id }) => id === scene);
                const found = [...(within?.nodes ?? []), ...(within?.edges ?? [])].find(({ id }) => id === element);
                const first = of?.[0] ?? (found && within ? firstWord(found, within) : within?.words[0]);
                return (
                    <li key={target + why} className="row apart">
                        <span>
                            <strong>{found?.label || within?.title || target}</strong>
                            <br />
                            <span className="small soft">{why}</span>
                        </span>
                        <Action look="quiet" icon="play" aria-label={t('listen')} onPress={() => seek(words[first ?? 0]?.start_ms ?? 0)} />
                    </li>
                );
            })}
        </ul>
    );
}
