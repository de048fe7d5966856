import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data } from '../api/client';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { t } from '../i18n';
import { Show } from '../kit/bits';
import { KeyForm, KeyTable } from './keys';

export function ApiKeys() {
    const session = useSession();
    const queries = useQueryClient();
    const keys = useQuery({ queryKey: ['api-keys'], queryFn: () => data(client.GET('/v1/api-keys', { params: { query: { limit: 100 } } })) });
    const again = () => queries.invalidateQueries({ queryKey: ['api-keys'] });
    return (
        <Page
            crumbs={[{ name: t('nav_admin') }, { name: t('nav_api_keys') }]} title={t('nav_api_keys')} intro={t('api_keys_intro')}
            actions={session?.can('apikey:create') && !session.operator && <KeyForm permissions={session.permissions} create={(body) => data(client.POST('/v1/api-keys', { body }))} then={again} />}
        >
            <Show of={keys}>
                {({ items }) => <KeyTable keys={items} revoke={async (id) => (await client.DELETE('/v1/api-keys/{api_key}', { params: { path: { api_key: id } } }), again())} />}
            </Show>
        </Page>
    );
}
