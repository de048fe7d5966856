// Things that lie in one another, like folders: the ways between them, and how one reads them.
import { locale } from '../i18n';

type Node = { id: string; title: string; parent?: string | null };

/** The folders in which one lies, from outside in, and itself at the end. */
export function wayTo<T extends Node>(folders: T[], id: string | undefined): T[] {
    const way: T[] = [];
    for (let at = folders.find((one) => one.id === id); at && !way.includes(at); at = folders.find((one) => one.id === way[0]?.parent)) way.unshift(at);
    return way;
}

export const byName = (one: { title: string }, other: { title: string }) => one.title.localeCompare(other.title, locale(), { numeric: true });

/** As one reads a tree: each folder behind the one in which it lies, those beside one another by name. */
export function inOrder<T extends Node>(folders: T[], parent?: string, depth = 1): { folder: T; depth: number }[] {
    const here = folders.filter((one) => (one.parent ?? undefined) === parent).sort(byName);
    return here.flatMap((folder) => [{ folder, depth }, ...inOrder(folders, folder.id, depth + 1)]);
}
