import { client, inWorkspace } from '../api/client';
import { forgetAll } from '../editor/kept';
import { queries, SESSION } from './queries';
import { forgetVisits } from './recent';

/** Ends the session; nothing of it stays in this browser. */
export async function signOut(): Promise<void> {
    forgetAll();
    await client.DELETE('/v1/session').catch(() => {});
    forgetVisits();
    inWorkspace();
    queries.clear();
    queries.setQueryData(SESSION, null);
}
