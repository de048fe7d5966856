// The roles that there are: those of every workspace, and the workspace's own.
import { useQuery } from '@tanstack/react-query';
import { client, data, pages } from '../api/client';
import { tOr } from '../i18n';

export const builtInQuery = { queryKey: ['roles', 'built-in'], queryFn: async () => (await data(client.GET('/v1/roles/built-in'))).roles };
export const rolesQuery = { queryKey: ['roles', 'own'], queryFn: () => pages((after) => data(client.GET('/v1/roles', { params: { query: { limit: 200, after } } }))) };

export const roleName = (name: string): string => tOr(`role_${name}`, name);

export function useRoles() {
    const builtIn = useQuery(builtInQuery).data ?? [];
    const own = useQuery(rolesQuery).data ?? [];
    const choices = [...builtIn.map(({ name }) => ({ id: name, name: roleName(name) })), ...own.map(({ id, name }) => ({ id, name }))];
    return { builtIn, own, choices, nameOf: (id: string) => own.find((role) => role.id === id)?.name ?? roleName(id) };
}
