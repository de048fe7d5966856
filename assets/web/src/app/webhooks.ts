import { client, data, pages } from '../api/client';

export const webhooksQuery = { queryKey: ['webhooks'], queryFn: () => pages((after) => data(client.GET('/v1/webhooks', { params: { query: { limit: 100, after } } }))) };
