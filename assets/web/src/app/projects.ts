import { client, data, pages } from '../api/client';

/** All projects, for lists, for choosing one and for their names. */
export const projectsQuery = {
    queryKey: ['projects'],
    queryFn: async () => ({ items: await pages((after) => data(client.GET('/v1/projects', { params: { query: { limit: 200, after } } }))) }),
};
