// Sessions that nobody looks at and that have something to send: they go on until the appliance has it all.
import { queries, SESSION, type Session as Who } from '../app/queries';
import { keptUnder } from './kept';
import { Session } from './session';

const unsent = new Map<string, Session>();

const ownerOf = (who: Who) => `${who.tenant}/${who.id}`;
/** Whether it is still the same person who is signed in: nobody sends the edits of another. */
const still = (owner: string) => () => {
    const now = queries.getQueryData<Who | null>(SESSION);
    return !!now && ownerOf(now) === owner;
};

/** The session of a storyboard: the one that goes on, else a new one. */
export function sessionOf(who: Who, storyboard: string): Session {
    const owner = ownerOf(who);
    const key = `${owner}/${storyboard}`;
    const going = unsent.get(key);
    unsent.delete(key);
    going?.enter();
    return going ?? new Session(storyboard, owner, still(owner));
}

/** Closes a session, once all is sent. */
export function letGo(who: Who, storyboard: string, session: Session): void {
    const owner = ownerOf(who);
    if (!session.state.waiting || !still(owner)()) return session.close();
    const key = `${owner}/${storyboard}`;
    session.leave();
    unsent.set(key, session);
    const stop = session.subscribe(() => {
        const back = unsent.get(key) !== session;
        if (!back && session.state.waiting && session.state.line !== 'ended') return;
        stop();
        if (!back) unsent.delete(key), session.close();
    });
}

/** Sends what earlier visits have left. */
export async function resume(who: Who): Promise<void> {
    const owner = ownerOf(who);
    const kept = await keptUnder(`${owner}/`);
    for (const storyboard of new Set(kept.map(([key]) => key.split('/')[2] ?? ''))) {
        // The editor of it sends it itself.
        if (unsent.has(`${owner}/${storyboard}`) || location.pathname === `/storyboards/${storyboard}`) continue;
        const session = new Session(storyboard, owner, still(owner));
        session.ready.then(() => letGo(who, storyboard, session), () => session.close());
    }
}
