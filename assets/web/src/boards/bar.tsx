// What is chosen for all charts of a dashboard.
import { lazy, Suspense } from 'react';
import { useQuery, type UseQueryOptions } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import { Pick } from '../kit/choose';
import type { Variable, View } from './data';

// With its calendar; loaded when somebody chooses days of their own.
const Dates = lazy(() => import('../kit/dates'));

export const RANGES = ['24h', '7d', '30d', '90d', '12m'] as const;
const DAYS = { '24h': 1, '7d': 7, '30d': 30, '90d': 90, '12m': 365 };
const OWN = 'own';

/** Seconds after which a dashboard looks again. */
export const EVERY = [0, 10, 60, 300];

export function often(seconds: number): string {
    if (!seconds) return t('never');
    return seconds % 60 ? t('every_s', { n: seconds }) : t('every_m', { n: seconds / 60 });
}

/** The days of a range, today the last of them, for who goes on from there. */
function daysOf(range: string): string {
    const back = DAYS[range as keyof typeof DAYS] ?? 30;
    const day = (before: number) => new Date(Date.now() - before * 86_400_000).toISOString().slice(0, 10);
    return `${day(back - 1)}/${day(0)}`;
}

/** A range by its name, or two days of one's own. */
export function Ranges({ value, choose, label = t('time_range') }: { value: string; choose: (range: string) => void; label?: string }) {
    const own = value.includes('/');
    const choices = [...RANGES.map((id) => ({ id: id as string, name: t(`range_${id}`) })), { id: OWN, name: t('range_own') }];
    return (
        <>
            <Pick label={label} value={own ? OWN : value} onChange={(id) => choose(id !== OWN ? id : own ? value : daysOf(value))} choices={choices} />
            {own && <Suspense><Dates label={t('range_days')} value={value} onChange={choose} /></Suspense>}
        </>
    );
}

export type Choices = UseQueryOptions<Schemas['VariableChoices']>;
type Props = { of: Choices; variable: Variable; view: View; title: string; choose: (name: string, value: string) => void };

export function Choose({ of, variable, view, title, choose }: Props) {
    const { data } = useQuery(of);
    const value = view.set?.[variable.name] ?? variable.initial ?? '';
    const known = [{ id: '', name: t('all') }, ...(data?.choices ?? []).map(({ value, title }) => ({ id: value, name: title }))];
    return <Pick label={title} value={value} onChange={(id) => choose(variable.name, id)} choices={known.some(({ id }) => id === value) ? known : [...known, { id: value, name: value }]} />;
}
