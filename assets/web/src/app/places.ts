import type { Schemas } from '../api/client';

type Hit = Schemas['Hit'];
export type Goal = { at: 'project'; id: string } | { at: 'storyboard'; id: string } | { at: 'recording'; id: string; find?: string };

/** What was said at a match, from the word that matches on; with it the moment is found in the transcript. */
export function saidAt({ kind, snippet }: Pick<Hit, 'kind' | 'snippet'>): string | undefined {
    const from = snippet.findIndex(({ hit }) => hit);
    if (kind !== 'transcript' || from < 0) return undefined;
    return snippet.slice(from).map(({ text }) => text).join('').split(/\s+/).slice(0, 8).join(' ').replace(/…$/, '').trim();
}

/** Where a match of a search is to be seen: what was said at its moment. */
export function hitGoal(hit: Hit): Goal {
    if (hit.kind === 'project' || hit.kind === 'storyboard') return { at: hit.kind, id: hit.id };
    return { at: 'recording', id: hit.recording ?? hit.id, find: saidAt(hit) };
}
