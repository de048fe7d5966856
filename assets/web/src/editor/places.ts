// Where things of a scene are: what has room for a box, and what is in its way.
import type { Layout, Scene } from './board';

export type Rect = { x: number; y: number; width: number; height: number };
type Container = Extract<Layout['guides'][number], { guide: 'container' }>;

const containers = (layout: Layout) => layout.guides.filter((guide): guide is Container => guide.guide === 'container');
const inside = (x: number, y: number, place: Rect) => x >= place.x && x <= place.x + place.width && y >= place.y && y <= place.y + place.height;
const middle = ({ x, y, width, height }: Rect): [number, number] => [x + width / 2, y + height / 2];

/** All that a scene shows, with its title. */
export function boundsOf(layout: Layout): Rect {
    const places = [layout.title.place, ...layout.nodes.map(({ place }) => place), ...containers(layout).map(({ place }) => place)];
    const [x, y] = [Math.min(...places.map((place) => place.x)), Math.min(...places.map((place) => place.y))];
    return { x, y, width: Math.max(...places.map((place) => place.x + place.width)) - x, height: Math.max(...places.map((place) => place.y + place.height)) - y };
}

/** The lane or group that a box was put into: the smallest of those that its middle lies in. */
export function roomAt(box: Rect, scene: Scene, layout: Layout): { id: string; field: 'actor' | 'group'; room: Container } | undefined {
    const [x, y] = middle(box);
    const rooms = containers(layout).flatMap((room) => {
        // Others are notes, and keys of colours.
        const of = (list: { id: string }[] | undefined) => list?.some(({ id }) => id === room.id);
        const field = of(scene.groups) ? 'group' as const : of(scene.actors) ? 'actor' as const : undefined;
        return field && inside(x, y, room.place) ? [{ id: room.id, field, room }] : [];
    });
    return rooms.sort((a, b) => a.room.place.width * a.room.place.height - b.room.place.width * b.room.place.height)[0];
}

/** A box moved as little as needed so that it lies within the lane or group that it was put into, and does not cover its name. */
export function clear(box: Rect, room: Container): Rect {
    const { place, label: { place: name } } = room;
    const within = (at: number, size: number, from: number, of: number) => (size > of ? at : Math.min(Math.max(at, from), from + of - size));
    const found = { ...box, x: within(box.x, box.width, place.x + 4, place.width - 8), y: within(box.y, box.height, place.y + 4, place.height - 8) };
    const covers = found.x < name.x + name.width && found.x + found.width > name.x && found.y < name.y + name.height && found.y + found.height > name.y;
    if (!covers) return found;
    // Names stand at the top of what is tall, and at the start of what is wide.
    return name.height >= place.height / 2 ? { ...found, x: name.x + name.width + 8 } : { ...found, y: name.y + name.height + 8 };
}

/** The middle of a box as shares of the drawing area, as a pin has it. */
export function shareOf(box: Rect, area: Rect): [number, number] {
    const share = (at: number, from: number, of: number) => Math.min(1, Math.max(0, (at - from) / of));
    const [x, y] = middle(box);
    return [share(x, area.x, area.width), share(y, area.y, area.height)];
}
