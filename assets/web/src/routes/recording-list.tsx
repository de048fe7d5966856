// Recordings in lists: how each looks, how long it is, and where it stands.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import type { paths } from '../generated/api';
import { useSession } from '../app/queries';
import { clock, t } from '../i18n';
import { Action, Badge, type Tone } from '../kit/bits';
import { Icon } from '../kit/icon';
import { When } from '../kit/when';
import { isLive } from './progress';
import './recording-list.css';

type Recording = Schemas['Recording'];
type Job = Schemas['Job'];
export type Standing = 'making' | 'ready' | 'failed' | 'new';
const TONES: Record<Standing, Tone> = { making: 'accent', ready: 'good', failed: 'bad', new: 'plain' };

/** What there is to show of a recording. */
export type Shown = { id: string; poster: boolean; length?: number | null };

/** Where recordings stand, and their newest videos: as the newest videos and jobs tell from moment to moment, else as the list said. */
export function useStandings() {
    const session = useSession();
    const enabled = session?.can('render:read') ?? false;
    const videos = useQuery({ queryKey: ['videos', 'newest'], enabled, queryFn: () => data(client.GET('/v1/videos', { params: { query: { limit: 200 } } })) }).data;
    const jobs = useQuery({
        queryKey: ['jobs', 'newest'], enabled, queryFn: () => data(client.GET('/v1/jobs', { params: { query: { limit: 200 } } })),
        refetchInterval: ({ state }) => (state.data?.items.some(isLive) ? 5_000 : 30_000),
    }).data;
    const newest = new Map<string, Schemas['Video']>();
    const boards = new Map<string, string>();
    for (const video of videos?.items ?? []) {
        if (!newest.has(video.recording)) newest.set(video.recording, video);
        boards.set(video.storyboard, video.recording);
    }
    const last = new Map<string, Job>();
    for (const job of jobs?.items ?? []) {
        const of = boards.get(job.about ?? '') ?? job.about ?? '';
        if (!last.has(of)) last.set(of, job);
    }
    const standing = ({ id, created, standing: said }: Pick<Recording, 'id' | 'created' | 'standing'>): Standing | undefined => {
        const job = last.get(id);
        if (job && isLive(job)) return 'making';
        if (newest.has(id)) return 'ready';
        if (job?.state === 'dead') return 'failed';
        if (said) return said.state;
        // Its video may be one of those that were not asked for.
        const oldest = videos?.next ? videos.items[videos.items.length - 1]?.created : '';
        return videos && jobs && created >= (oldest ?? '') ? 'new' : undefined;
    };
    return { standing, videoOf: (recording: string, said?: Recording['standing']): Shown | undefined => {
        const video = newest.get(recording);
        if (video) return { id: video.id, poster: video.files.some(({ file }) => file === 'poster'), length: video.duration_ms };
        return said?.video ? { id: said.video, poster: said.poster } : undefined;
    }, live: (jobs?.items ?? []).filter(isLive), recordingOf: (job: Job) => boards.get(job.about ?? '') ?? job.about ?? '' };
}
export type Standings = ReturnType<typeof useStandings>;

type RecordingSort = NonNullable<NonNullable<paths['/v1/recordings']['get']['parameters']['query']>['sort']>;
/** Recordings piece by piece, the newest first if no order is asked for. */
export function useRecordings({ project, folder, tag, sort, limit }: { project?: string; folder?: string; tag?: string; sort?: RecordingSort; limit: number }) {
    const session = useSession();
    const these = ['recordings', project ?? 'recent', folder ?? '', tag ?? '', limit];
    const list = useInfiniteQuery({
        queryKey: [...these, sort ?? ''], enabled: session?.can('asset:read') ?? false, initialPageParam: undefined as string | undefined,
        queryFn: ({ pageParam: after }) => data(client.GET('/v1/recordings', { params: { query: { project, folder, tag, sort, limit, after, standing: true } } })),
        getNextPageParam: ({ next }) => next ?? undefined,
        // What is being made is there some time.
        refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some(({ standing }) => standing?.state === 'making')) ? 10_000 : false),
        // The same ones in another order stay until those are there.
        placeholderData: (before, query) => (these.every((part, i) => query?.queryKey[i] === part) ? before : undefined),
    });
    return { ...list, data: list.data?.pages.flatMap(({ items }) => items) };
}

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
export const ShowMore = ({ of }: { of: Paged }) => of.hasNextPage && <div className="row show-more"><Action isPending={of.isFetchingNextPage} onPress={() => void of.fetchNextPage()}>{t('show_more')}</Action></div>;

export const StandingBadge = ({ standing }: { standing: Standing | undefined }) => standing && <Badge tone={TONES[standing]}>{t(`standing_${standing}`)}</Badge>;

/** The fullest picture of its video; without one a mark. */
export function Thumb({ video, length, share }: { video: Shown | undefined; length?: number | null; share?: number }) {
    return (
        <span className="thumb">
            {video?.poster ? <img src={`/v1/videos/${video.id}/files/poster`} alt="" loading="lazy" decoding="async" /> : <Icon name="wave" />}
            {length != null && <span className="thumb-length num">{clock(length)}</span>}
            {share !== undefined && <svg className="thumb-share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4" className="all" /><rect width={share * 100} height="4" /></svg>}
        </span>
    );
}

export const Tags = ({ tags }: { tags: string[] }) => tags.length > 0 && <span className="row wrap tags">{tags.slice(0, 4).map((tag) => <Badge key={tag}>{tag}</Badge>)}{tags.length > 4 && <span className="small soft">{t('n_more', { n: tags.length - 4 })}</span>}</span>;

export function RecordingCard({ recording, standings }: { recording: Recording; standings: Standings }) {
    const { id, title, duration_ms: length, created, tags } = recording;
    const video = standings.videoOf(id, recording.standing);
    return (
        <Link to="/recordings/$recording" params={{ recording: id }} className="card tile pictured">
            <Thumb video={video} length={length ?? video?.length} />
            <div className="under">
                <h3 className="cut">{title}</h3>
                <span className="row apart"><When at={created} className="small soft" /><StandingBadge standing={standings.standing(recording)} /></span>
                <Tags tags={tags} />
            </div>
        </Link>
    );
}
