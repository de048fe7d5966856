import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, ifMatch, type Schemas } from '../api/client';
import { Page } from '../app/shell';
import { ago, t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Icon } from '../kit/icon';
import { Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';

type Item = Schemas['TrashItem'];

export function Trash() {
    const queries = useQueryClient();
    const trash = useQuery({ queryKey: ['trash'], queryFn: () => data(client.GET('/v1/trash', { params: { query: { limit: 100 } } })) });
    const restore = async ({ kind, id, version, title }: Item) => {
        try {
            if (kind === 'project') await client.PATCH('/v1/projects/{project}', { params: { path: { project: id }, header: ifMatch(version) }, body: { trashed: false } });
            else await client.POST('/v1/recordings/{recording}/restore', { params: { path: { recording: id }, header: ifMatch(version) } });
            await queries.invalidateQueries();
            tell(t('restored', { name: title }));
        } catch (error) {
            tellError(error);
        }
    };
    const columns: Column<Item>[] = [
        { id: 'title', name: t('title'), cell: ({ kind, title }) => <span className="row"><Icon name={kind === 'project' ? 'folder' : 'wave'} />{title}</span> },
        { id: 'since', name: t('trashed_since'), cell: ({ trashed }) => ago(trashed) },
        { id: 'gone', name: t('erased_from'), cell: ({ erased_from }) => ago(erased_from) },
        { id: 'restore', name: t('restore'), hide: true, end: true, cell: (item) => <Action onPress={() => void restore(item)}>{t('restore')}</Action> },
    ];
    return (
        <Page crumbs={[{ name: t('nav_trash') }]} title={t('nav_trash')} intro={t('trash_intro')}>
            <Show of={trash}>
                {({ items }) => items.length ? <Table caption={t('nav_trash')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="trash" title={t('trash_empty')}>{t('trash_empty_hint')}</Empty>}
            </Show>
        </Page>
    );
}
