// Where one has been: projects, recordings, whatever has a name of its own. Kept in this browser until one signs out.
export type Place = { path: string; name: string; within: string };
type Kept = { user: string; places: Place[] };

const MOST = 8;
function kept(): Kept | null {
    try {
        return JSON.parse(localStorage.getItem('recent') ?? 'null') as Kept | null;
    } catch {
        return null;
    }
}

export const recentOf = (user: string): Place[] => {
    const found = kept();
    return found?.user === user ? found.places : [];
};

export function visited(user: string, place: Place): void {
    const places = [place, ...recentOf(user).filter(({ path }) => path !== place.path)].slice(0, MOST);
    try {
        localStorage.setItem('recent', JSON.stringify({ user, places } satisfies Kept));
    } catch {
        // A browser that keeps nothing remembers nothing.
    }
}
export const forgetVisits = (): void => localStorage.removeItem('recent');
