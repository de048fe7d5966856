// Search over titles, labels and what was said; what was said opens at its moment.
import { useDeferredValue, type ReactNode } from 'react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { hitGoal } from '../app/places';
import { projectsQuery } from '../app/projects';
import { Page } from '../app/shell';
import { t, tOr } from '../i18n';
import { Badge, Empty, Notice, Show } from '../kit/bits';
import { Pick, Segments } from '../kit/choose';
import { Field } from '../kit/form';
import { ShowMore } from './recording-list';
import { TagFilter } from './tag-filter';

const KINDS = ['recording', 'transcript', 'storyboard', 'project'] as const;
const ANY = '*';

export function Search() {
    const search = useSearch({ from: '/app/search' });
    const { q = '', kind, project, tag } = search;
    const navigate = useNavigate();
    const asked = useDeferredValue(q.trim());
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const change = (part: Partial<typeof search>) => void navigate({ to: '/search', search: { ...search, ...part }, replace: true });
    const found = useInfiniteQuery({
        queryKey: ['search', asked, kind, project, tag], enabled: asked.length > 1, placeholderData: keepPreviousData, initialPageParam: undefined as number | undefined,
        queryFn: ({ pageParam: after }) => data(client.GET('/v1/search', { params: { query: { q: asked, limit: 30, kind, project, tag, after } } })),
        getNextPageParam: ({ next }) => next ?? undefined,
    });
    const hits = { ...found, data: found.data?.pages.flatMap(({ items }) => items) };
    const first = found.data?.pages[0];
    return (
        <Page crumbs={[{ name: t('find') }]} title={t('find')}>
            <div className="stack tight">
                <Field label={t('find')} value={q} onChange={(next) => change({ q: next || undefined })} autoFocus />
                <div className="filters">
                    <Segments label={t('kind')} value={kind ?? ANY} onChange={(next) => change({ kind: KINDS.find((one) => one === next) })} choices={[{ id: ANY, name: t('all') }, ...KINDS.map((id) => ({ id, name: tOr(`noun_${id}`, id) }))]} />
                    {projects.length > 1 && <Pick label={t('project')} value={project ?? ANY} onChange={(next) => change({ project: next === ANY ? undefined : next })} choices={[{ id: ANY, name: t('all') }, ...projects.map(({ id, title }) => ({ id, name: title }))]} />}
                    <TagFilter of="all" value={tag ?? ''} onChange={(next) => change({ tag: next || undefined })} />
                </div>
            </div>
            {asked.length > 1 && (
                <Show of={hits}>
                    {(items) => items.length === 0 ? <Empty icon="search" title={t('nothing_found')} /> : (
                        <>
                            <p className="small soft" role="status">{t('n_found', { n: first?.total ?? items.length })}</p>
                            {first && !first.complete && <Notice>{t('not_all_searched')}</Notice>}
                            <ul className="stack tight">
                                {items.map((hit) => (
                                    <li key={hit.id}>
                                        <HitLink hit={hit}>
                                            <div className="row"><h2 className="cut">{hit.title}</h2><Badge>{tOr(`noun_${hit.kind}`, hit.kind)}</Badge>{hit.tags.map((tag) => <span key={tag} className="small soft">#{tag}</span>)}</div>
                                            <p className="soft">{hit.snippet.map(({ text, hit }, i) => (hit ? <mark key={i}>{text}</mark> : text))}</p>
                                        </HitLink>
                                    </li>
                                ))}
                            </ul>
                            <ShowMore of={found} />
                        </>
                    )}
                </Show>
            )}
        </Page>
    );
}

function HitLink({ hit, children }: { hit: Schemas['Hit']; children: ReactNode }) {
    const goal = hitGoal(hit);
    const look = 'card tile';
    if (goal.at === 'project') return <Link to="/projects/$project" params={{ project: goal.id }} className={look}>{children}</Link>;
    if (goal.at === 'storyboard') return <Link to="/storyboards/$storyboard" params={{ storyboard: goal.id }} className={look}>{children}</Link>;
    return <Link to="/recordings/$recording" params={{ recording: goal.id }} search={{ find: goal.find }} className={look}>{children}</Link>;
}
