import { client, data, pages } from '../api/client';

/** How many are read; with as many there may be more. */
export const MOST_TENANTS = 10_000;
export const tenantsQuery = { queryKey: ['tenants'], queryFn: () => pages((after) => data(client.GET('/v1/tenants', { params: { query: { limit: 200, after } } })), MOST_TENANTS) };
