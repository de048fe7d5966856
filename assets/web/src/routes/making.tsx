// The orders that can be given on a recording's page: a video as the last one was, or as it is said in a dialog.
import { lazy, Suspense, useState } from 'react';
import { client, data, type Schemas } from '../api/client';
import { queries, type Session } from '../app/queries';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { tell, tellError } from '../kit/toast';
import { ANY, beyondIn, beyondOf, keepBeyond, keepWish, lastWish, lookLike, lookOf, wishFor, type Beyond, type Look, type Wish } from './order';
import './order.css';

const OrderWindow = lazy(() => import('./order-window').then(({ OrderWindow }) => ({ default: OrderWindow })));

type Subject = {
    session: Session | undefined;
    recording: string;
    project: string | null | undefined;
    video: Schemas['Video'] | undefined;
    board: Schemas['StoryboardHead'] | undefined;
    /** The language that it was heard in, where it was. */
    heard: string | undefined;
    /** It is a text: nothing is heard in it. */
    silent: boolean;
};
type Kit = { name: string; locked: boolean };
const quietly = <T,>(what: Promise<T>): Promise<T | undefined> => what.catch(() => undefined);

/** The brand kit whose colours videos of a project have. */
async function kitOf(project: string | null | undefined): Promise<Kit | undefined> {
    const own = await data(client.GET('/v1/choices'));
    const of = project && !own.brand_kit_locked ? await data(client.GET('/v1/projects/{project}/choices', { params: { path: { project } } })) : undefined;
    const id = of?.brand_kit ?? own.brand_kit;
    if (!id) return undefined;
    const { name } = await data(client.GET('/v1/brand-kits/{brand_kit}', { params: { path: { brand_kit: id } } }));
    return { name, locked: own.brand_kit_locked };
}

/** The most pixels of the shorter side that the plan allows; nothing where that may not be known. */
async function mostPixels(): Promise<number | undefined> {
    const { limits } = await data(client.GET('/v1/tenant/usage'));
    return limits.find(({ name }) => name === 'max_height_px')?.allowed;
}

/** How a video was ordered beyond what it says of itself: kept where it was ordered, else as far as its diagrams say it. */
async function beyondOfVideo({ job, storyboard, storyboard_version: version }: Schemas['Video']): Promise<Beyond> {
    const kept = beyondOf(job);
    if (kept) return kept;
    const told = await quietly(data(client.GET('/v1/storyboards/{storyboard}/content', { params: { path: { storyboard }, query: { version } } })));
    return told && typeof told !== 'string' ? beyondIn(told) : {};
}

type Terms = { kit?: Kit; most?: number };
const terms = ({ session, project }: Pick<Subject, 'session' | 'project'>): Promise<Terms> =>
    queries.fetchQuery({
        queryKey: ['choices', 'terms', project], staleTime: 60_000,
        queryFn: async () => ({
            kit: session?.can('template:read') ? await quietly(kitOf(project)) : undefined,
            most: session?.can('tenant:read') ? await quietly(mostPixels()) : undefined,
        }),
    });

/** The look of a video, for one that is made of what was edited since; with what it was ordered with beyond what it says. */
export async function lookOfLast(session: Session | undefined, project: string | null | undefined, video: Schemas['Video']): Promise<{ look: Look; beyond: Beyond }> {
    const { kit } = await terms({ session, project });
    const beyond = await beyondOfVideo(video);
    return { look: lookLike(video, !!kit, beyond), beyond };
}

export function useMaking(subject: Subject) {
    const { session, recording, video, board, heard, silent } = subject;
    const [asking, ask] = useState<(Terms & { start: Wish }) | null>(null);
    const again = () => queries.invalidateQueries({ queryKey: ['jobs'] });
    const start = async ({ kit, most }: Terms): Promise<Wish> => (video ? wishFor(video, !!kit, await beyondOfVideo(video)) : lastWish(most));
    const hearing = (language: string) => (language === ANY ? {} : { hearing: { language } });

    const send = async (wish: Wish, language: string) => {
        if (heard !== undefined && language !== heard) await client.POST('/v1/recordings/{recording}/transcripts', { params: { path: { recording } }, body: { language } });
        else {
            const { id } = await data(client.POST('/v1/recordings/{recording}/videos', { params: { path: { recording } }, body: { ...(heard === undefined && hearing(language)), look: lookOf(wish) } }));
            keepWish(wish);
            keepBeyond(id, wish);
        }
        await again();
        tell(t('ordered'));
    };
    /** As the last one was. */
    const make = async (language: string) => {
        try {
            await send(await start(await terms(subject)), heard ?? language);
        } catch (error) {
            tellError(error);
        }
    };
    /** What changed since the video was made, in the form that it has. */
    const render = async () => {
        if (!video || !board) return;
        try {
            const { look, beyond } = await lookOfLast(session, subject.project, video);
            const { id } = await data(client.POST('/v1/storyboards/{storyboard}/videos', { params: { path: { storyboard: board.id } }, body: { look } }));
            keepBeyond(id, beyond);
            await again();
        } catch (error) {
            tellError(error);
        }
    };
    const choose = () => void terms(subject).then(async (now) => ask({ ...now, start: await start(now) })).catch(tellError);
    const drawAgain = async () => {
        if (!board) return;
        try {
            await client.POST('/v1/storyboards/{storyboard}/outline', { params: { path: { storyboard: board.id } }, body: {} });
            await again();
            tell(t('ordered'));
        } catch (error) {
            tellError(error);
        }
    };
    const order = asking && (
        <Suspense>
            <OrderWindow open onOpen={(open) => !open && ask(null)} {...asking} heard={heard} mayHear={!silent && (session?.can('transcript:edit') ?? false)} onOrder={({ wish, language }) => send(wish, language)} />
        </Suspense>
    );
    return { make, render, choose, drawAgain, order };
}

/** A button that does it as last time, and one beside it that asks how. */
export function Split({ label, run, choose }: { label: string; run: () => void; choose: () => void }) {
    return (
        <span className="split">
            <Action look="primary" icon="video" onPress={run}>{label}</Action>
            <Action look="primary" icon="down" aria-label={t('make_video_how')} onPress={choose} />
        </span>
    );
}
