import type { Schemas } from '../api/client';

/** Where a match of a search is to be seen. */
export function hitPlace(hit: Schemas['Hit']): string {
    if (hit.kind === 'project') return `/projects/${hit.id}`;
    if (hit.kind === 'storyboard') return `/storyboards/${hit.id}`;
    if (hit.recording ?? hit.kind === 'recording') return `/recordings/${hit.recording ?? hit.id}`;
    return hit.project ? `/projects/${hit.project}` : '/';
}
