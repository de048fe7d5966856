// Everyone who can be given something: people, groups, programs; and what an id is called.
import { useQuery } from '@tanstack/react-query';
import { client, data, pages } from '../api/client';
import type { paths } from '../generated/api';
import { useSession } from './queries';

export type MemberSort = NonNullable<NonNullable<paths['/v1/members']['get']['parameters']['query']>['sort']>;

/** Where there are more than are read at once: the first of them in an order. */
export const membersIn = (sort: MemberSort) => ({ queryKey: ['members', 'in', sort], queryFn: () => pages((after) => data(client.GET('/v1/members', { params: { query: { limit: 200, after, sort } } }))) });
export const membersQuery = { queryKey: ['members'], queryFn: () => pages((after) => data(client.GET('/v1/members', { params: { query: { limit: 200, after } } }))) };
export const groupsQuery = {
    queryKey: ['groups'],
    queryFn: async () => (await pages((after) => data(client.GET('/v1/groups', { params: { query: { limit: 200, after } } })))).sort((one, other) => one.name.localeCompare(other.name)),
};
export const programsQuery = { queryKey: ['service-accounts'], queryFn: () => pages((after) => data(client.GET('/v1/service-accounts', { params: { query: { limit: 200, after } } }))) };

export type Person = { id: string; name: string; hint?: string };

export function usePeople() {
    const session = useSession();
    const may = (what: string) => !session?.operator && (session?.can(what) ?? false);
    const members = useQuery({ ...membersQuery, enabled: may('member:read') }).data ?? [];
    const groups = useQuery({ ...groupsQuery, enabled: may('group:read') }).data ?? [];
    const programs = useQuery({ ...programsQuery, enabled: may('apikey:read') }).data ?? [];
    const names = new Map([...members, ...groups, ...programs].map(({ id, name }) => [id, name]));
    const users: Person[] = members.map(({ id, name, email }) => ({ id, name, hint: email ?? undefined }));
    return { users, groups, programs: programs.map(({ id, name }): Person => ({ id, name })), nameOf: (id: string) => names.get(id) ?? id };
}
