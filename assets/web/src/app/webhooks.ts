// Addresses that are told what happens; apart from their page, which who chooses one of them does not need.
import { client, data, pages } from '../api/client';

export const webhooksQuery = { queryKey: ['webhooks'], queryFn: () => pages((after) => data(client.GET('/v1/webhooks', { params: { query: { limit: 100, after } } }))) };
