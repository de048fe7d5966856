import { client, data } from '../api/client';

export const projectsQuery = { queryKey: ['projects'], queryFn: () => data(client.GET('/v1/projects', { params: { query: { limit: 100 } } })) };
