// What is known of the appliance, and who is using it.
import { QueryClient, useQuery } from '@tanstack/react-query';
import { client, data, inWorkspace, onProblem, Problem, Unreachable, type Schemas } from '../api/client';

export const queries = new QueryClient({
    defaultOptions: {
        queries: {
            staleTime: 15_000,
            retry: (count, error) => error instanceof Unreachable && count < 3,
            networkMode: 'always',
        },
        mutations: { networkMode: 'always' },
    },
});

export const SESSION = ['session'];

/** `locked`: the workspace asks for a second factor, `over`: for another password; nothing else is open before it. */
export type Session = Schemas['Session'] & { can: (permission: string) => boolean; operator: boolean; locked?: boolean; over?: boolean };

async function readSession(): Promise<Session | null> {
    try {
        const session = await data(client.GET('/v1/session'));
        inWorkspace(session.tenant);
        const may = new Set(session.permissions);
        return { ...session, can: (permission) => may.has(permission), operator: session.kind === 'operator' };
    } catch (error) {
        if (error instanceof Problem && error.document.status === 401) return null;
        throw error;
    }
}

/** The one who is signed in, by name; not before the second factor that the workspace asks for. */
export const selfQuery = { queryKey: ['me'], queryFn: () => data(client.GET('/v1/me')) };

export const sessionQuery = { queryKey: SESSION, queryFn: readSession, staleTime: 60_000 };
export const useSession = () => useQuery(sessionQuery).data ?? undefined;

/** Whose is what this browser keeps: of a person in a workspace. */
export function ownerNow(): string {
    const session = queries.getQueryData<Session | null>(SESSION);
    return session ? `${session.tenant}/${session.id}` : '';
}

/** Everything known is of the one who was signed in. */
export async function signedInAnew(): Promise<void> {
    inWorkspace();
    queries.clear();
    await queries.fetchQuery(sessionQuery);
}

onProblem((problem) => {
    if (problem.document.status === 401 && problem.code === 'unauthenticated') queries.setQueryData(SESSION, null);
    if (problem.code === 'password_change_required') queries.setQueryData<Session | null>(SESSION, (session) => session && (session.over ? session : { ...session, over: true }));
    if (problem.code === 'second_factor_required') queries.setQueryData<Session | null>(SESSION, (session) => session && (session.locked ? session : { ...session, locked: true }));
});
