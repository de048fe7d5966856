// What the list of access reviews and the page of one have in common: what is asked about, and how far it is.
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { projectsQuery } from '../app/projects';
import { useRoles } from '../app/roles';
import { t } from '../i18n';
import { Badge, Meter } from '../kit/bits';

export type Review = Schemas['AccessReview'];

export const decidedOf = ({ kept, revoked, gone }: Review) => kept + revoked + gone;

/** What a review asks about, in words. */
export function useScope(): (review: Review) => string {
    const { nameOf } = useRoles();
    const projects = useQuery(projectsQuery).data?.items ?? [];
    return ({ scope: { project, role } }) => {
        if (role) return t('scope_one_role', { role: nameOf(role) });
        if (project) return t('scope_one_project', { name: projects.find(({ id }) => id === project)?.title ?? project });
        return t('scope_all');
    };
}

export function ReviewState({ review }: { review: Review }) {
    if (review.closed) return <Badge tone="good">{t('review_closed')}</Badge>;
    return new Date(review.due).getTime() < Date.now() ? <Badge tone="bad">{t('review_overdue')}</Badge> : <Badge tone="accent">{t('review_open')}</Badge>;
}

export function Progress({ review }: { review: Review }) {
    const text = t('review_progress', { n: review.items, done: decidedOf(review) });
    return <span className="row"><Meter share={decidedOf(review) / review.items} label={text} /><span className="num small soft">{text}</span></span>;
}
