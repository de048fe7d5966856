// What differs between two versions of a storyboard, as a person would say it.
import { chosenMoment } from '../routes/talk';
import type { Board, Scene } from './board';

export type Mark = 'new' | 'gone' | 'changed';
export type Change =
    | { what: 'added' | 'removed' | 'moved' | 'timed' | 'redrawn'; id: string; name: string }
    /** Of what a part stands for, or what a line says: as the format calls it. */
    | { what: 'role' | 'type'; id: string; name: string; from: string; to: string }
    | { what: 'renamed' | 'kind'; id: string; from: string; to: string };
export type SceneDifference = { id: string; title: string; before?: Scene; after?: Scene; changes: Change[] };

type Element = { id: string; label?: string; text?: string; from?: string; to?: string; role?: string; type?: string; shape?: string | null; actor?: string | null; group?: string | null; directed?: boolean };
const LISTS = ['nodes', 'edges', 'actors', 'groups', 'notes'] as const;
const elements = (scene: Scene | undefined) => new Map(LISTS.flatMap((list) => ((scene?.[list] as Element[] | undefined) ?? []).map((element) => [element.id, element] as const)));

function nameOf(element: Element, all: Map<string, Element>): string {
    const own = element.label || element.text;
    if (element.from === undefined) return own || element.id;
    const [from, to] = [element.from, element.to ?? ''].map((end) => all.get(end)?.label || end);
    return own ? `${from} → ${to} (${own})` : `${from} → ${to}`;
}

function between(before: Scene | undefined, after: Scene | undefined): Change[] {
    const changes: Change[] = [];
    const [old, now] = [elements(before), elements(after)];
    if (before && after) {
        if (before.title !== after.title) changes.push({ what: 'renamed', id: after.id, from: before.title, to: after.title });
        if (before.kind !== after.kind) changes.push({ what: 'kind', id: after.id, from: before.kind, to: after.kind });
    }
    for (const [id, element] of now) {
        const was = old.get(id);
        if (!was) {
            changes.push({ what: 'added', id, name: nameOf(element, now) });
            continue;
        }
        const [from, to] = [nameOf(was, old), nameOf(element, now)];
        // A line between boxes that got other names is still the same line.
        const own = (one: Element) => JSON.stringify([one.label, one.text, one.from, one.to]);
        if (own(was) !== own(element)) changes.push({ what: 'renamed', id, from, to });
        if (was.role !== element.role) changes.push({ what: 'role', id, name: to, from: was.role ?? '', to: element.role ?? '' });
        if (was.type !== element.type) changes.push({ what: 'type', id, name: to, from: was.type ?? '', to: element.type ?? '' });
        const looks = (one: Element) => JSON.stringify([one.shape ?? null, one.actor ?? null, one.group ?? null, one.directed ?? true]);
        if (looks(was) !== looks(element)) changes.push({ what: 'redrawn', id, name: to });
        const moment = (scene: Scene | undefined) => JSON.stringify(scene ? (chosenMoment(scene, id) ?? null) : null);
        if (before && after && moment(before) !== moment(after)) changes.push({ what: 'timed', id, name: to });
        if (JSON.stringify(before?.layout?.pins?.[id]) !== JSON.stringify(after?.layout?.pins?.[id])) changes.push({ what: 'moved', id, name: to });
    }
    for (const [id, element] of old) if (!now.has(id)) changes.push({ what: 'removed', id, name: nameOf(element, old) });
    return changes;
}

/** The scenes that differ, in the order of the later version; those that are gone come last. */
export function difference(before: Board, after: Board): SceneDifference[] {
    const old = new Map(before.scenes.map((scene) => [scene.id, scene]));
    const now = new Set(after.scenes.map(({ id }) => id));
    const all = [
        ...after.scenes.map((scene) => ({ id: scene.id, title: scene.title, before: old.get(scene.id), after: scene })),
        ...before.scenes.filter(({ id }) => !now.has(id)).map((scene) => ({ id: scene.id, title: scene.title, before: scene, after: undefined })),
    ];
    return all.map((one) => ({ ...one, changes: between(one.before, one.after) })).filter(({ changes, before: was, after: is }) => changes.length > 0 || !was || !is);
}

/** How elements are marked in the picture of the one version, and of the other. */
export function marks(changes: Change[]): { before: Map<string, Mark>; after: Map<string, Mark> } {
    const [before, after] = [new Map<string, Mark>(), new Map<string, Mark>()];
    for (const { what, id } of changes) {
        if (what === 'removed') before.set(id, 'gone');
        else if (what === 'added') after.set(id, 'new');
        else before.set(id, 'changed'), after.set(id, 'changed');
    }
    return { before, after };
}
