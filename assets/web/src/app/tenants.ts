import { client, data, pages } from '../api/client';

export const tenantsQuery = { queryKey: ['tenants'], queryFn: () => pages((after) => data(client.GET('/v1/tenants', { params: { query: { limit: 200, after } } })), 10_000) };
