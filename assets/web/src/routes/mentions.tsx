// Comments that name the one who is signed in, and that nobody has resolved yet.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { usePeople } from '../app/people';
import { ago, clock, t } from '../i18n';

const SHOWN = 4;

export function Mentions() {
    const mentions = useQuery({ queryKey: ['comments', 'mine'], queryFn: () => data(client.GET('/v1/mentions', { params: { query: { limit: 20 } } })), refetchInterval: 60_000 }).data?.items;
    const { nameOf } = usePeople();
    const open = mentions?.filter(({ resolved, removed }) => !resolved && !removed).slice(0, SHOWN) ?? [];
    if (!open.length) return null;
    return (
        <section className="stack tight">
            <h2>{t('mentions')}</h2>
            <ul className="lines card padded">{open.map((comment) => <li key={comment.id}><One comment={comment} name={nameOf(comment.author)} /></li>)}</ul>
        </section>
    );
}

function One({ comment: { subject, text, created, place }, name }: { comment: Schemas['Comment']; name: string }) {
    const ofVideo = subject.startsWith('vid');
    const video = useQuery({ queryKey: ['video', subject], enabled: ofVideo, queryFn: () => data(client.GET('/v1/videos/{video}', { params: { path: { video: subject } } })) }).data;
    const recording = ofVideo ? video?.recording : subject.startsWith('rec') ? subject : undefined;
    const said = <><strong>{name}</strong> <span className="soft">{text}</span></>;
    return (
        <div className="mention">
            {recording ? <Link to="/recordings/$recording" params={{ recording }} search={{ at: place.time_ms ?? undefined }}>{said}</Link> : <span>{said}</span>}
            <span className="small soft">{[video?.title, place.time_ms != null && clock(place.time_ms), ago(created)].filter(Boolean).join(' · ')}</span>
        </div>
    );
}
