// The versions of a storyboard: who made them, what differs, and the way back to one.
import { useState } from 'react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { client, data, ifMatch } from '../api/client';
import { act } from '../app/act';
import { usePeople } from '../app/people';
import { ago, t, tOr } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Confirm } from '../kit/overlay';
import { Compare } from './compare';

const PAGE = 20;

export function History({ id, version }: { id: string; version: number }) {
    const [compared, compare] = useState<number | null>(null);
    const [wanted, want] = useState<number | null>(null);
    const { nameOf } = usePeople();
    const path = { storyboard: id };
    const versions = useInfiniteQuery({
        queryKey: ['versions', id, version], initialPageParam: undefined as string | undefined,
        queryFn: ({ pageParam }) => data(client.GET('/v1/storyboards/{storyboard}/versions', { params: { path, query: { limit: PAGE, after: pageParam } } })),
        getNextPageParam: (page) => page.next ?? undefined,
    });
    const put = async (number: number) => {
        const { version } = await data(client.GET('/v1/storyboards/{storyboard}', { params: { path } }));
        await client.POST('/v1/storyboards/{storyboard}/restore', { params: { path, header: ifMatch(version) }, body: { version: number } });
    };
    const restore = (number: number) => act(['storyboard', 'versions'], () => put(number), t('version_restored', { n: number }), () => put(version));
    if (compared !== null) return <Compare id={id} from={compared} to={version} onBack={() => compare(null)} />;
    return (
        <>
            <Show of={versions} lines={6}>
                {({ pages }) => (
                    <ol className="stack tight history">
                        {pages.flatMap(({ items }) => items).map((one) => (
                            <li key={one.number} className="row apart">
                                <span>
                                    <strong className="num">{t('version', { n: one.number })}</strong> <Badge>{tOr(`origin_${one.origin}`, one.origin)}</Badge>
                                    <br />
                                    <span className="small soft">{nameOf(one.by)} · {ago(one.made)}</span>
                                </span>
                                {one.number === version ? <Badge tone="good">{t('newest')}</Badge> : (
                                    <span className="row">
                                        <Action look="quiet" aria-label={`${t('compare')}: ${t('version', { n: one.number })}`} onPress={() => compare(one.number)}>{t('compare')}</Action>
                                        <Action aria-label={`${t('restore')}: ${t('version', { n: one.number })}`} onPress={() => want(one.number)}>{t('restore')}</Action>
                                    </span>
                                )}
                            </li>
                        ))}
                    </ol>
                )}
            </Show>
            {versions.hasNextPage && <Action isDisabled={versions.isFetchingNextPage} onPress={() => void versions.fetchNextPage()}>{t('earlier')}</Action>}
            <Confirm
                title={t('version', { n: wanted ?? 0 })} text={t('version_restore_text', { n: wanted ?? 0 })} action={t('restore')}
                open={wanted !== null} onClose={() => want(null)} onYes={() => wanted !== null && restore(wanted)}
            />
        </>
    );
}
