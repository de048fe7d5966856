// What is chosen for all charts of a dashboard.
import { useQuery, type UseQueryOptions } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import { Pick } from '../kit/choose';
import type { Variable, View } from './data';

const RANGES = ['24h', '7d', '30d', '90d', '12m'] as const;

export function Ranges({ value, choose }: { value: string; choose: (range: string) => void }) {
    const known = RANGES.map((id) => ({ id: id as string, name: t(`range_${id}`) }));
    const choices = known.some(({ id }) => id === value) ? known : [...known, { id: value, name: value.replace('/', ' – ') }];
    return <Pick label={t('time_range')} value={value} onChange={choose} choices={choices} />;
}

export type Choices = UseQueryOptions<Schemas['VariableChoices']>;
type Props = { of: Choices; variable: Variable; view: View; title: string; choose: (name: string, value: string) => void };

export function Choose({ of, variable, view, title, choose }: Props) {
    const { data } = useQuery(of);
    const value = view.set?.[variable.name] ?? variable.initial ?? '';
    const known = [{ id: '', name: t('all') }, ...(data?.choices ?? []).map(({ value, title }) => ({ id: value, name: title }))];
    return <Pick label={title} value={value} onChange={(id) => choose(variable.name, id)} choices={known.some(({ id }) => id === value) ? known : [...known, { id: value, name: value }]} />;
}
