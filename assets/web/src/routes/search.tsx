import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { hitPlace } from '../app/places';
import { Page } from '../app/shell';
import { t, tOr } from '../i18n';
import { Badge, Empty, Show } from '../kit/bits';
import { Field } from '../kit/form';

export function Search() {
    const { q = '' } = useSearch({ from: '/app/search' });
    const navigate = useNavigate();
    const hits = useQuery({ queryKey: ['search', q], queryFn: () => data(client.GET('/v1/search', { params: { query: { q, limit: 50 } } })), enabled: q.length > 1 });
    return (
        <Page crumbs={[{ name: t('find') }]} title={t('find')}>
            <Field label={t('find')} value={q} onChange={(next) => void navigate({ to: '/search', search: { q: next || undefined }, replace: true })} autoFocus />
            {q.length > 1 && (
                <Show of={hits}>
                    {({ items, total }) => items.length === 0 ? <Empty icon="search" title={t('nothing_found')} /> : (
                        <>
                            <p className="small soft" role="status">{t('n_found', { n: total })}</p>
                            <ul className="stack tight">
                                {items.map((hit) => (
                                    <li key={hit.id}>
                                        <Link to={hitPlace(hit)} className="card tile">
                                            <div className="row"><h2 className="cut">{hit.title}</h2><Badge>{tOr(`noun_${hit.kind}`, hit.kind)}</Badge></div>
                                            <p className="soft">{hit.snippet.map(({ text, hit }, i) => (hit ? <mark key={i}>{text}</mark> : text))}</p>
                                        </Link>
                                    </li>
                                ))}
                            </ul>
                        </>
                    )}
                </Show>
            )}
        </Page>
    );
}
