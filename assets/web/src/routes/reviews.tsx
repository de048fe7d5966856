// Access reviews: which roles people still need, asked from time to time.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { client, data, pages } from '../api/client';
import { usePeople } from '../app/people';
import { projectsQuery } from '../app/projects';
import { queries, useSession } from '../app/queries';
import { useRoles } from '../app/roles';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Ask, Cancel } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';
import { Progress, ReviewState, useScope, type Review } from './review-state';
import { inDays } from './in-days';

const reviewsQuery = { queryKey: ['access-reviews'], queryFn: () => pages((after) => data(client.GET('/v1/access-reviews', { params: { query: { limit: 200, after } } }))) };

export function Reviews() {
    const session = useSession();
    const reviews = useQuery(reviewsQuery);
    const scope = useScope();
    const columns: Column<Review>[] = [
        { id: 'name', name: t('name'), cell: ({ id, name }) => <Link to="/admin/reviews/$review" params={{ review: id }}><strong>{name}</strong></Link> },
        { id: 'scope', name: t('review_scope'), cell: (review) => scope(review) },
        { id: 'state', name: t('state'), cell: (review) => <ReviewState review={review} /> },
        { id: 'done', name: t('decided'), cell: (review) => <Progress review={review} /> },
        { id: 'due', name: t('due'), cell: ({ due }) => <When at={due} as="day" className="num soft" /> },
    ];
    const start = session?.can('role:manage') && (
        <Ask button={{ icon: 'plus', look: 'primary', children: t('new_review') }} title={t('new_review')} large>{(close) => <Start close={close} />}</Ask>
    );
    return (
        <Page crumbs={[{ name: t('nav_admin') }, { name: t('nav_reviews') }]} title={t('nav_reviews')} intro={t('reviews_intro')} actions={!!reviews.data?.length && start}>
            <Show of={reviews}>
                {(items) => items.length ? <Table caption={t('nav_reviews')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="check" title={t('no_reviews')} action={start}>{t('no_reviews_hint')}</Empty>}
            </Show>
        </Page>
    );
}

function Start({ close }: { close: () => void }) {
    const session = useSession();
    const navigate = useNavigate();
    const { users } = usePeople();
    const { choices: roles } = useRoles();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    const [kind, setKind] = useState('all');
    const [reviewers, ask] = useState<string[]>([session?.id ?? '']);
    const others = users.filter(({ id }) => !reviewers.includes(id));
    return (
        <SendForm submit={t('start_review')} also={<Cancel />} onSend={async ({ name = '', days = '14', role, project, undecided }) => {
            const scope = kind === 'role' ? { role } : kind === 'project' ? { project } : {};
            const made = await data(client.POST('/v1/access-reviews', { body: { name, scope, due: inDays(Number(days)), reviewers, undecided: undecided as Review['undecided'] } }));
            await queries.invalidateQueries({ queryKey: ['access-reviews'] });
            close();
            await navigate({ to: '/admin/reviews/$review', params: { review: made.id } });
        }}>
            <div className="grid">
                <Field name="name" label={t('name')} isRequired maxLength={100} autoFocus />
                <Pick name="days" label={t('due')} initial="14" choices={[7, 14, 30, 90].map((n) => ({ id: String(n), name: t('in_days', { n }) }))} />
                <Pick label={t('review_scope')} value={kind} onChange={setKind} choices={[{ id: 'all', name: t('scope_all') }, { id: 'role', name: t('scope_role') }, ...(projects.length ? [{ id: 'project', name: t('scope_project') }] : [])]} />
                {kind === 'role' && <Pick name="role" label={t('role')} initial="admin" choices={roles} />}
                {kind === 'project' && <Pick name="project" label={t('project')} initial={projects[0]?.id} choices={projects.map(({ id, title }) => ({ id, name: title }))} />}
                <Pick name="undecided" label={t('undecided_then')} initial="keep" choices={[{ id: 'keep', name: t('undecided_keep') }, { id: 'revoke', name: t('undecided_revoke') }]} />
            </div>
            <section className="stack tight" aria-label={t('reviewers')}>
                <h3>{t('reviewers')}</h3>
                <p className="small soft">{t('reviewers_hint')}</p>
                <ul className="lines">
                    {users.filter(({ id }) => reviewers.includes(id)).map(({ id, name, hint }) => (
                        <li key={id} className="row apart">
                            <span className="grow"><strong>{name}</strong> <span className="soft small">{hint}</span></span>
                            {reviewers.length > 1 && <Action look="quiet" icon="close" aria-label={`${t('remove')}: ${name}`} onPress={() => ask(reviewers.filter((one) => one !== id))} />}
                        </li>
                    ))}
                </ul>
                {others.length > 0 && reviewers.length < 50 && <Pick label={t('add_reviewer')} value="" onChange={(user) => user && ask([...reviewers, user])} choices={others} />}
            </section>
        </SendForm>
    );
}
