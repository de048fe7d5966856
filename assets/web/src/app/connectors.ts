// Places of the workspace's own into which files are put.
import { client, data, pages } from '../api/client';

export const connectorsQuery = { queryKey: ['connectors'], queryFn: () => pages((after) => data(client.GET('/v1/connectors', { params: { query: { limit: 200, after } } }))) };
