// Tags in use, to choose one by.
import { useQuery } from '@tanstack/react-query';
import { client, data } from '../api/client';
import { t } from '../i18n';
import { Pick } from '../kit/choose';

const ANY = '*';
type Props = { value: string; onChange: (tag: string) => void; /** On what they are. */ of?: 'recordings' | 'all' };
export function TagFilter({ value, onChange, of = 'recordings' }: Props) {
    const tags = useQuery({ queryKey: ['tags'], queryFn: () => data(client.GET('/v1/tags', { params: { query: { limit: 200 } } })) }).data?.items;
    const shown = tags?.filter((tag) => of === 'all' || tag.recordings) ?? [];
    if (!shown.length && !value) return null;
    const known = shown.some(({ tag }) => tag === value) || !value ? [] : [{ id: value, name: value }];
    return <Pick label={t('tag')} value={value || ANY} onChange={(tag) => onChange(tag === ANY ? '' : tag)} choices={[{ id: ANY, name: t('any_tag') }, ...known, ...shown.map(({ tag }) => ({ id: tag, name: tag }))]} />;
}
