// A layout of the appliance with what was edited since laid over it: what one does shows at once, and without a line too. The next layout
// of the appliance takes its place.
import type { Layout, Scene } from './board';
import type { Rect } from './places';

type Placed = Layout['nodes'][number];
const FRESH = { width: 220, height: 84, size: 24 };

const bare = (text: string) => text.replace(/[\s\u00ad-]/g, '');

/** A label in lines of about the width of its box. */
function linesOf(label: string, width: number, size: number): string[] {
    const most = Math.max(4, Math.floor(width / (size * 0.56)));
    const lines: string[] = [];
    for (const word of label.split(/\s+/)) {
        const last = lines[lines.length - 1];
        if (last !== undefined && [...last, ...word].length + 1 <= most) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
    }
    return lines;
}

const relabelled = (placed: Placed, label: string): Placed =>
    bare(placed.label.lines.join('')) === bare(label) ? placed : { ...placed, label: { ...placed.label, lines: linesOf(label, placed.place.width, placed.label.size) } };

/** A box and its words at another place. */
function moved(placed: Placed, x: number, y: number): Placed {
    const [dx, dy] = [x - placed.place.x, y - placed.place.y];
    if (Math.abs(dx) + Math.abs(dy) < 1) return placed;
    const shift = <T extends { place: Rect }>(text: T): T => ({ ...text, place: { ...text.place, x: text.place.x + dx, y: text.place.y + dy } });
    return { ...placed, place: { ...placed.place, x, y }, label: shift(placed.label), ...(placed.badge && { badge: shift(placed.badge) }), ...(placed.sign && { sign: shift(placed.sign) }) };
}

/** A new box beside the one that leads to it, else at the end of the picture; where nothing stands. */
function added(node: Scene['nodes'][number], scene: Scene, known: Map<string, Placed>, area: Rect): Placed {
    const sizes = [...known.values()].map((one) => one.label.size).sort((a, b) => a - b);
    const size = sizes[sizes.length >> 1] ?? FRESH.size;
    const before = scene.edges.map(({ from, to }) => (to === node.id ? known.get(from) : undefined)).find(Boolean);
    const { width, height } = before?.place ?? FRESH;
    const place = { x: before ? before.place.x + before.place.width + 40 : area.x + (area.width - width) / 2, y: before ? before.place.y + before.place.height + 24 : area.y + area.height - height, width, height };
    const taken = () => [...known.values()].some((one) => Math.abs(one.place.x - place.x) < width && Math.abs(one.place.y - place.y) < height);
    for (let tries = 0; tries < 40 && taken(); tries++) place.y += height + 16;
    return { id: node.id, role: node.role, shape: node.shape ?? 'box', tone: before?.tone ?? 0, place, label: { place: { ...place }, lines: linesOf(node.label, width, size), size, from_start: false } };
}

export function overlaid(layout: Layout, scene: Scene): Layout {
    const known = new Map(layout.nodes.map((placed) => [placed.id, placed]));
    const nodes = scene.nodes.map((node) => {
        const there = known.get(node.id);
        let placed = there ? relabelled(there, node.label) : added(node, scene, known, layout.area);
        const pin = scene.layout?.pins?.[node.id];
        const { x, y, width, height } = layout.area;
        if (pin) placed = moved(placed, x + (pin[0] ?? 0) * width - placed.place.width / 2, y + (pin[1] ?? 0) * height - placed.place.height / 2);
        if (node.shape && node.shape !== placed.shape) placed = { ...placed, shape: node.shape };
        known.set(node.id, placed);
        return placed;
    });
    const middle = (id: string): [number, number] => {
        const { x, y, width, height } = known.get(id)!.place;
        return [x + width / 2, y + height / 2];
    };
    const lines = new Map(layout.edges.map((placed) => [placed.id, placed]));
    const edges = scene.edges.filter(({ from, to }) => known.has(from) && known.has(to)).map((edge) => {
        const label = edge.label ?? '';
        const placed = lines.get(edge.id) ?? { id: edge.id, points: [middle(edge.from), middle(edge.to)], arrow: edge.directed !== false, dashed: false };
        if (bare(placed.label?.lines.join('') ?? '') === bare(label)) return placed;
        if (!label) return { ...placed, label: undefined };
        const [[x = 0, y = 0] = [], [u = 0, v = 0] = []] = [placed.points[0], placed.points[placed.points.length - 1]];
        const old = placed.label ?? { place: { x: (x + u) / 2 - 60, y: (y + v) / 2 - 14, width: 120, height: 28 }, size: 20, from_start: false };
        return { ...placed, label: { ...old, lines: linesOf(label, 240, old.size) } };
    });
    return { ...layout, nodes, edges, title: bare(layout.title.lines.join('')) === bare(scene.title) ? layout.title : { ...layout.title, lines: [scene.title] } };
}
