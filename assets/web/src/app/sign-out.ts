import { client } from '../api/client';
import { queries, SESSION } from './queries';
import { forgetVisits } from './recent';

/** Ends the session; nothing of it stays in this browser. */
export async function signOut(): Promise<void> {
    await client.DELETE('/v1/session').catch(() => {});
    forgetVisits();
    queries.clear();
    queries.setQueryData(SESSION, null);
}
