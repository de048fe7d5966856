// A recording and what was made of it: the video, the words, the diagram, each following the others.
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button } from 'react-aria-components/Button';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { client, data, type Schemas } from '../api/client';
import { useCommands } from '../app/commands';
import { foldersQuery, moveRecordings, wayTo } from '../app/folders';
import { leftAt, leave } from '../app/left';
import { useSession } from '../app/queries';
import { useSaid } from '../app/said';
import { Page } from '../app/shell';
import { clock, t, tOr } from '../i18n';
import { Action, Empty, Failure, Skeleton } from '../kit/bits';
import { More, type Entry } from '../kit/menu';
import { Diagram } from './diagram';
import { Split, useMaking } from './making';
import { ANY } from './order';
import { Player, type Track } from './player';
import { JobCard } from './progress';
import { trashRecording } from './recording-trash';
import { useSpeech } from './speech';
import { findSaid, firstWord, playedAt, playedOf, sceneAt, sentenceOf, shownAt, spokenAt, startOf, wordAt, type Range } from './talk';
import { Transcript } from './transcript';
import { useUnderway } from './underway';
import './recording.css';

// Loaded when somebody looks.
const Comments = lazy(() => import('./comments').then(({ Comments }) => ({ default: Comments })));
const ExportWindow = lazy(() => import('./export').then(({ ExportWindow }) => ({ default: ExportWindow })));
const TranscriptVersions = lazy(() => import('./transcript-versions').then(({ TranscriptVersions }) => ({ default: TranscriptVersions })));
const MoveWindow = lazy(() => import('./move').then(({ MoveWindow }) => ({ default: MoveWindow })));
const Doubts = lazy(() => import('./doubts').then(({ Doubts }) => ({ default: Doubts })));
const RecordingFacts = lazy(() => import('./recording-facts').then(({ RecordingFacts }) => ({ default: RecordingFacts })));
const ShareWindow = lazy(() => import('./share').then(({ ShareWindow }) => ({ default: ShareWindow })));
const Spoken = lazy(() => import('./spoken').then(({ Spoken }) => ({ default: Spoken })));
const DeleteVideo = lazy(() => import('./delete-video').then(({ DeleteVideo }) => ({ default: DeleteVideo })));

/** Everything about a recording that the page shows. */
function useTalk(id: string) {
    const query = { params: { query: { recording: id, limit: 1 } } };
    const recording = useQuery({ queryKey: ['recording', id], queryFn: () => data(client.GET('/v1/recordings/{recording}', { params: { path: { recording: id } } })) });
    const video = useQuery({ queryKey: ['videos', id], queryFn: () => data(client.GET('/v1/videos', query)) }).data?.items[0];
    const { transcript, said } = useSaid(id);
    const board = useQuery({ queryKey: ['storyboards', id], queryFn: () => data(client.GET('/v1/storyboards', query)) }).data?.items[0];
    const drawn = useQuery({
        queryKey: ['drawn', board?.id, board?.version], enabled: !!board, placeholderData: (before) => before,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/content', { params: { path: { storyboard: board!.id }, query: { version: board!.version } } })),
    }).data as Schemas['Storyboard'] | undefined;
    const underway = useUnderway(id, board?.id);
    return { recording, underway, video, transcript, board, said, drawn };
}

const NONE: Schemas['PlayedStretch'][] = [];

type Asked = 'share' | 'move' | 'export' | 'facts' | 'versions' | 'delete';

export function Recording() {
    const { recording: id } = useParams({ from: '/app/recordings/$recording' });
    const { find } = useSearch({ from: '/app/recordings/$recording' });
    // Another recording is another page: nothing of the one before is left.
    return <Talk key={`${id} ${find ?? ''}`} id={id} />;
}

function Talk({ id }: { id: string }) {
    const { at, find } = useSearch({ from: '/app/recordings/$recording' });
    const { recording, underway, video, transcript, board, said, drawn } = useTalk(id);
    const session = useSession();
    const navigate = useNavigate();
    const may = (what: string) => session?.can(what) ?? false;
    const [spoken, speak] = useState(ANY);
    // Nothing is heard in a text.
    const silent = !!recording.data?.media_type.startsWith('text/');
    const making = useMaking({ session, recording: id, project: recording.data?.project, video, board, heard: transcript?.language, silent });
    const speech = useSpeech({ recording: id, transcript, said, board, draws: may('diagram:edit') });
    const media = useRef<HTMLVideoElement>(null);
    const [ms, setMs] = useState(() => at ?? (find ? 0 : leftAt(id)));
    const [asked, ask] = useState<Asked | null>(null);
    const project = useQuery({
        queryKey: ['project', recording.data?.project], enabled: !!recording.data?.project,
        queryFn: () => data(client.GET('/v1/projects/{project}', { params: { path: { project: recording.data?.project ?? '' } } })),
    });

    const words = said?.words ?? [];
    // Where scenes of the video are played in another order than they were spoken in, its moments are not those of the recording. All moments
    // here are the recording's; the player has those of what it plays.
    const another = !!video && video.storyboard === board?.id && (!!drawn?.order?.length || video.storyboard_version < board.version);
    const stretches = useQuery({
        queryKey: ['playing', video?.storyboard, video?.storyboard_version], enabled: another,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/playing', { params: { path: { storyboard: video!.storyboard }, query: { version: video!.storyboard_version } } })),
    }).data?.stretches ?? NONE;
    const until = useRef<number | null>(null);
    const onMs = useCallback((shown: number) => {
        const now = spokenAt(stretches, shown);
        setMs(now);
        if (until.current !== null && now >= until.current) {
            // Who went on beyond the stretch meanwhile goes on hearing.
            if (now < until.current + 1_000) media.current?.pause();
            until.current = null;
        }
    }, [stretches]);
    const seek = (to: number) => {
        until.current = null;
        setMs(to);
        if (media.current) media.current.currentTime = playedAt(stretches, to) / 1000;
    };
    /** Hears a stretch and stops, but for while all of it is being heard. */
    const hear = ({ first, last }: Range) => {
        const playing = media.current && !media.current.paused;
        seek(words[first]?.start_ms ?? 0);
        if (playing) return;
        // What comes after it may be somewhere else.
        const here = stretches.find(({ from_ms, to_ms }) => (words[last]?.start_ms ?? 0) >= from_ms && (words[last]?.start_ms ?? 0) < to_ms);
        until.current = Math.min((words[last]?.end_ms ?? 0) + 150, (here?.to_ms ?? Infinity) - 60);
        void media.current?.play().catch(() => {});
    };

    // What was searched for is gone to once, when the words are there.
    const [found, setFound] = useState<Range>();
    useEffect(() => {
        const range = find && said && !found ? findSaid(said.words, find) : undefined;
        if (!range) return;
        setFound(range);
        seek(said!.words[range.first]?.start_ms ?? 0);
    }, [find, said, found]);
    const now = wordAt(words, ms);
    const scene = drawn?.scenes[sceneAt(drawn.scenes, now)];
    const shown = useMemo(() => (scene ? shownAt(scene, words, now) : undefined), [scene, words, now]);
    const scenes = useMemo(() => (drawn ? (stretches.length ? playedOf(drawn) : drawn.scenes) : []), [drawn, stretches]);
    const chapters = useMemo(() => scenes.map((one) => ({ title: one.title, ms: playedAt(stretches, startOf(one, words)) })), [scenes, words, stretches]);
    const layout = useQuery({
        queryKey: ['layout', board?.id, board?.version, scene?.id], enabled: !!board && !!scene, placeholderData: (before) => before,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard: board!.id }, query: { scene: scene!.id, version: board!.version } } })),
    });

    const title = recording.data?.title ?? '…';
    const length = video?.duration_ms ?? recording.data?.duration_ms ?? said?.duration_ms ?? 0;
    // Where one was, for the next time; told every few seconds, and when one goes.
    const place = useRef({ ms, length, title });
    useEffect(() => void (place.current = { ms, length, title }));
    useEffect(() => {
        const keep = () => {
            if (place.current.length) leave({ id, ...place.current });
        };
        const timer = setInterval(keep, 4_000);
        return () => {
            clearInterval(timer);
            keep();
        };
    }, [id]);

    const own = recording.data;
    const { project: within, folder } = own ?? {};
    const folders = useQuery({ ...foldersQuery(within ?? ''), enabled: !!folder }).data ?? [];
    const way = project.data ? [{ name: project.data.title, to: `/projects/${project.data.id}` }, ...wayTo(folders, folder ?? undefined).map((one) => ({ name: one.title, to: `/projects/${one.project}`, search: { folder: one.id } }))] : [];
    const crumbs = [{ name: t('nav_projects'), to: '/' }, ...way, { name: title }];
    const { job } = underway;
    const live = underway.live.length > 0;
    const behind = video && board && video.storyboard === board.id && video.storyboard_version < board.version;
    const make = () => void making.make(spoken);
    const file = (name: string) => `/v1/videos/${video?.id}/files/${name}`;
    const has = (name: string) => video?.files.some((one) => one.file === name) ?? false;
    const lang = said?.lang ?? 'en';
    const tracks: Track[] = ([['captions', 'vtt'], ['chapters', 'chapters'], ['descriptions', 'descriptions']] as const).filter(([, name]) => has(name)).map(([kind, name]) => ({ kind, src: file(name), lang, label: t(kind) }));
    // Before there is a video, the recording itself is heard.
    const sound = !video && !recording.data?.media_type.startsWith('video/');
    const plate = board && drawn && drawn.scenes.length > 0 && (
        <section className="card plate" aria-label={t('diagram')}>
            <div className="bar-in">
                {scene ? <h2 className="cut" data-named>{scene.title}</h2> : <h2>{t('diagram')}</h2>}
                {may('diagram:edit') && <Link className="button quiet" to="/storyboards/$storyboard" params={{ storyboard: board.id }} hash={scene?.id}>{t('edit_diagram')}</Link>}
            </div>
            {layout.data && scene ? (
                <Diagram layout={layout.data} label={scene.title} hidden={shown?.hidden} now={shown?.now} onNode={(node) => {
                    const box = scene.nodes.find((one) => one.id === node);
                    if (!box) return;
                    const first = firstWord(box, scene);
                    hear(sentenceOf(words, { first, last: Math.max(first, ...box.evidence.filter(([from]) => from === first).map(([, to]) => to ?? first)) }));
                }} />
            ) : <div className="progress"><Skeleton lines={5} /></div>}
        </section>
    );
    const entries: Entry[] = [
        ...(may('asset:upload') ? [{ id: 'facts', name: t('facts_edit'), icon: 'edit' as const, off: !recording.data, run: () => ask('facts') }] : []),
        ...(may('render:submit') ? [{ id: 'again', name: t('make_again'), icon: 'video' as const, off: live, run: making.choose }] : []),
        { id: 'edit', name: t('edit_diagram'), icon: 'diagram', off: !board, run: () => board && void navigate({ to: '/storyboards/$storyboard', params: { storyboard: board.id } }) },
        ...(board && may('diagram:edit') ? [{ id: 'draw', name: t('draw_again'), icon: 'redo' as const, off: live, run: () => void making.drawAgain() }] : []),
        ...(transcript ? [{ id: 'versions', name: t('transcript_versions'), icon: 'list' as const, run: () => ask('versions') }] : []),
        ...(video?.files ?? []).map((one) => ({ id: one.file, name: t('download_file', { name: tOr(`file_${one.file}`, one.file) }), icon: 'download' as const, run: () => download(file(one.file), one.file) })),
        ...(may('asset:download') ? [{ id: 'export', name: t('export_title'), icon: 'download' as const, off: !drawn?.scenes.length, run: () => ask('export') }] : []),
        ...(video && may('asset:delete') ? [{ id: 'delete', name: t('delete_video'), icon: 'trash' as const, bad: true, run: () => ask('delete') }] : []),
        ...(may('asset:upload') ? [{ id: 'move', name: t('move_to'), icon: 'folder' as const, off: !own, run: () => ask('move') }] : []),
        ...(own && may('asset:delete') ? [{ id: 'trash', name: t('to_trash'), icon: 'trash' as const, bad: true, run: () => void trashRecording(own, () => (own.project ? navigate({ to: '/projects/$project', params: { project: own.project } }) : navigate({ to: '/' }))) }] : []),
    ];
    const renders = !!behind && !live && may('render:submit');
    const shares = !!video && may('project:share');
    useCommands([
        { id: 'share', name: t('share'), icon: 'link', off: !shares, run: () => ask('share') },
        { id: 'render', name: t('render_again'), icon: 'video', off: !renders, run: () => void making.render() },
        ...entries,
        { id: 'play', name: t('key_play'), keys: 'Space' }, { id: 'seek', name: t('key_seek'), keys: '← →' },
        { id: 'seek-10', name: t('key_seek_10'), keys: 'J L' }, { id: 'speed', name: t('speed'), keys: '< >' },
        { id: 'captions', name: t('captions'), keys: 'C' }, { id: 'mute', name: t('mute'), keys: 'M' }, { id: 'full', name: t('full'), keys: 'F' }, { id: 'position', name: t('position'), keys: '0 – 9' },
        ...(said ? [{ id: 'words', name: t('key_words'), keys: '← →' }, { id: 'hear', name: t('key_hear'), keys: 'Enter' }] : []),
        ...(said && may('transcript:edit') ? [{ id: 'correct', name: t('correct_words'), keys: 'F2' }] : []),
    ]);
    if (recording.error) return <Page crumbs={crumbs}><Failure error={recording.error} /></Page>;
    return (
        <Page
            full crumbs={crumbs}
            actions={
                <>
                    {shares && <Action icon="link" onPress={() => ask('share')}>{t('share')}</Action>}
                    {renders && <Split label={t('render_again')} run={() => void making.render()} choose={making.choose} />}
                    {!video && !live && job && may('render:submit') && <Split label={t('make_video')} run={make} choose={making.choose} />}
                    <More label={t('more')} entries={entries} />
                </>
            }
        >
            <h1 className="hidden">{title}</h1>
            {underway.shown.filter(({ state }) => state !== 'cancelled' || !video).map((one) => <JobCard key={one.id} job={one} />)}
            {!video && !live && !job && underway.known && (
                <Empty icon="video" title={t('no_video')} action={may('render:submit') && (
                    <div className="row wrap give">
                        {!transcript && <Suspense><Spoken value={spoken} onChange={speak} /></Suspense>}
                        <Split label={t('make_video')} run={make} choose={making.choose} />
                    </div>
                )}>{t('no_video_hint')}</Empty>
            )}
            <div className={`talkpage${said || (video && plate) ? '' : ' alone'}`}>
                <div className="stage">
                    {sound && plate}
                    {recording.data && (video || !silent) && may('asset:download') && (
                        <Player
                            media={media} src={video ? file(has('webm') ? 'webm' : 'mp4') : `/v1/recordings/${id}/media`} poster={video && has('poster') ? file('poster') : undefined}
                            key={video?.id ?? 'recording'} label={title} sound={sound} tracks={tracks} chapters={chapters} shape={video && video.width / video.height} length={length} ms={playedAt(stretches, ms)} onMs={onMs}
                        />
                    )}
                    {chapters.length > 0 && drawn && (
                        <nav className="chapters" aria-label={t('chapters')}>
                            {scenes.map((one, i) => (
                                <Button key={one.id} className="chapter" aria-current={one === scene ? 'true' : undefined} onPress={() => seek(startOf(one, words))}>
                                    <span className="cut">{one.title}</span>
                                    <span className="num small soft when">{clock(chapters[i]?.ms ?? 0)}</span>
                                    <span className="small soft">{tOr(`diagram_${one.kind}`, one.kind)}</span>
                                </Button>
                            ))}
                        </nav>
                    )}
                </div>
                {(said || (!sound && plate)) && (
                    <div className="beside">
                        {!sound && plate}
                        {said && (
                            <div className="card sideplate">
                                <Tabs className="tabs">
                                    <TabList className="tab-list" aria-label={t('words')}>
                                        <Tab id="words" className="tab">{t('transcript')}</Tab>
                                        <Tab id="comments" className="tab">{t('comments')}</Tab>
                                        <Tab id="review" className="tab">{t('review')} {drawn?.review?.length ? `(${drawn.review.length})` : ''}</Tab>
                                    </TabList>
                                    <TabPanel id="words" className="panel">
                                        <Transcript words={words} speakers={said.speakers ?? []} now={now} seek={seek} hear={hear} speech={may('transcript:edit') ? speech : undefined} redacts={!!board && may('diagram:edit')} found={found} />
                                    </TabPanel>
                                    <TabPanel id="comments" className="panel">
                                        <Suspense fallback={<Skeleton />}><Comments subject={id} talk place={{ time_ms: Math.round(ms) }} seek={seek} /></Suspense>
                                    </TabPanel>
                                    <TabPanel id="review" className="panel">
                                        <Suspense fallback={<Skeleton />}><Doubts recording={id} board={board} drawn={drawn} words={words} seek={seek} may={may('diagram:edit')} /></Suspense>
                                    </TabPanel>
                                </Tabs>
                            </div>
                        )}
                    </div>
                )}
            </div>
            {making.order}
            <Suspense>
                {asked === 'export' && board && drawn && <ExportWindow storyboard={board.id} scenes={drawn.scenes} now={scene?.id} version={async () => board.version} open onOpen={(open) => !open && ask(null)} />}
                {asked === 'versions' && transcript && <TranscriptVersions transcript={transcript} may={may('transcript:edit')} onClose={() => ask(null)} />}
                {asked === 'move' && own && within && <MoveWindow title={t('move_named', { name: title })} from={{ project: within, folder: folder ?? undefined }} project={within} onMove={(to, place) => moveRecordings([own], to, place)} onClose={() => ask(null)} />}
                {asked === 'delete' && video && <DeleteVideo video={video} onClose={() => ask(null)} />}
                {asked === 'share' && video && <ShareWindow subject={video.id} open onOpen={(open) => !open && ask(null)} />}
                {asked === 'facts' && own && <RecordingFacts recording={own} onClose={() => ask(null)} />}
            </Suspense>
        </Page>
    );
}

function download(href: string, name: string): void {
    const link = document.createElement('a');
    Object.assign(link, { href, download: name });
    link.click();
}
