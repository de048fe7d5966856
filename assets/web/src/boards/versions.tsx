// What a dashboard was before, and the way back to it.
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch } from '../api/client';
import { act } from '../app/act';
import { moment, t } from '../i18n';
import { Action, Badge, Show } from '../kit/bits';
import { Window } from '../kit/overlay';
import { Table } from '../kit/table';
import type { Dashboard } from './data';

export function Versions({ dashboard, may, close }: { dashboard: Dashboard; may: boolean; close: () => void }) {
    const path = { dashboard: dashboard.id };
    const versions = useQuery({ queryKey: ['dashboard', dashboard.id, 'versions', dashboard.version], queryFn: () => data(client.GET('/v1/dashboards/{dashboard}/versions', { params: { path, query: { limit: 100 } } })) });
    const restore = async (version: number) => {
        await act(['dashboard', 'dashboards'], () => client.POST('/v1/dashboards/{dashboard}/restore', { params: { path, header: ifMatch(dashboard.version) }, body: { version } }), t('saved'));
        close();
    };
    return (
        <Window title={t('versions')} large open onOpen={(open) => !open && close()}>
            <Show of={versions}>
                {({ items }) => (
                    <Table caption={t('versions')} rows={items} rowKey={({ number }) => String(number)} columns={[
                        { id: 'number', name: t('version_number'), cell: ({ number }) => <span className="num">{number}</span> },
                        { id: 'title', name: t('title'), cell: ({ title }) => title },
                        { id: 'made', name: t('version_made'), cell: ({ made }) => moment(made) },
                        { id: 'do', name: '', cell: ({ number }) => number === dashboard.version ? <Badge tone="good">{t('version_now')}</Badge> : may && <Action onPress={() => void restore(number)}>{t('version_restore')}</Action> },
                    ]} />
                )}
            </Show>
        </Window>
    );
}
