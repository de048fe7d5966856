import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Icon } from '../kit/icon';
import { Confirm } from '../kit/overlay';
import { Table, type Column } from '../kit/table';

type Item = Schemas['TrashItem'];

export function Trash() {
    const trash = useQuery({ queryKey: ['trash'], queryFn: () => pages((after) => data(client.GET('/v1/trash', { params: { query: { limit: 200, after } } }))) });
    const session = useSession();
    const [erasing, erase] = useState<Item | null>(null);
    const back = async ({ kind, id, version }: Item) => {
        if (kind === 'project') return void (await client.PATCH('/v1/projects/{project}', { params: { path: { project: id }, header: ifMatch(version) }, body: { trashed: false } }));
        await client.POST('/v1/recordings/{recording}/restore', { params: { path: { recording: id }, header: ifMatch(version) } });
    };
    // One version later: taken out is a change too.
    const again = async ({ kind, id, version }: Item) => {
        if (kind === 'project') return void (await client.PATCH('/v1/projects/{project}', { params: { path: { project: id }, header: ifMatch(version + 1) }, body: { trashed: true } }));
        await client.POST('/v1/recordings/{recording}/trash', { params: { path: { recording: id }, header: ifMatch(version + 1) } });
    };
    const changed = ['trash', 'projects', 'recordings', 'project', 'recording'];
    const restore = (item: Item) => act(changed, () => back(item), t('restored', { name: item.title }), () => again(item));
    const gone = async ({ kind, id, version }: Item) => {
        if (kind === 'project') return void (await client.DELETE('/v1/projects/{project}', { params: { path: { project: id }, header: ifMatch(version) } }));
        await client.DELETE('/v1/recordings/{recording}', { params: { path: { recording: id }, header: ifMatch(version) } });
    };
    const columns: Column<Item>[] = [
        { id: 'title', name: t('title'), cell: ({ kind, title }) => <span className="row"><Icon name={kind === 'project' ? 'folder' : 'wave'} />{title}</span> },
        { id: 'since', name: t('trashed_since'), cell: ({ trashed }) => ago(trashed) },
        { id: 'gone', name: t('erased_from'), cell: ({ erased_from }) => ago(erased_from) },
        { id: 'restore', name: t('restore'), hide: true, end: true, cell: (item) => (
            <span className="row end">
                <Action aria-label={`${t('restore')}: ${item.title}`} onPress={() => void restore(item)}>{t('restore')}</Action>
                {session?.can(item.kind === 'project' ? 'project:delete' : 'asset:delete') && <Action look="quiet" icon="trash" aria-label={`${t('erase')}: ${item.title}`} onPress={() => erase(item)} />}
            </span>
        ) },
    ];
    return (
        <Page crumbs={[{ name: t('nav_trash') }]} title={t('nav_trash')} intro={t('trash_intro')}>
            <Show of={trash}>
                {(items) => items.length ? <Table caption={t('nav_trash')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="trash" title={t('trash_empty')}>{t('trash_empty_hint')}</Empty>}
            </Show>
            <Confirm title={t('erase')} text={t('erase_item_text', { name: erasing?.title ?? '' })} action={t('erase')} open={!!erasing} onClose={() => erase(null)} onYes={() => erasing && act(changed, () => gone(erasing), t('erased_item', { name: erasing.title }))} />
        </Page>
    );
}
