// The canvas: the scene where its video has it, to be selected, moved, connected and renamed.
import { memo, use, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import {
    Background, BackgroundVariant, Controls, Handle, Position, ReactFlow, useInternalNode, useNodesState, BaseEdge, EdgeLabelRenderer, ViewportPortal,
    type Connection, type Edge, type EdgeChange, type EdgeProps, type Node, type NodeChange, type NodeProps, type ReactFlowInstance,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { t } from '../i18n';
import { MenuAt } from '../kit/deep-menu';
import { useSteady } from '../kit/steady';
import { Lines, Outline, toneOf } from '../routes/diagram';
import { nameOf, type Layout } from './board';
import { byKey, commandsFor, type Scope } from './commands';
import { Hand, HandContext, useHeld, type Point } from './hand';
import { Looks, LooksContext, useLook, useScored } from './looks';
import { Held, OwnPlace, Pointers, Seen } from './people';
import { boundsOf, clear, roomAt, shareOf } from './places';
import type { Player } from './play';
import type { Score } from './score';
import type { Person, Session } from './session';

type Placed = Layout['nodes'][number];
type Box = Node<{ placed: Placed; unsure: boolean; pinned: boolean; comments: number; held?: Person }, 'box'>;
type Line = Edge<{ placed: Layout['edges'][number]; ends: { from: Placed; to: Placed } }, 'line'>;

const BoxNode = memo(function BoxNode({ data: { placed, unsure, pinned, comments, held } }: NodeProps<Box>) {
    const { width, height } = placed.place;
    const look = useLook(placed.id);
    const drawing = useRef<SVGSVGElement>(null);
    const hand = use(HandContext);
    useLayoutEffect(() => {
        const follow = () => {
            const at = hand.of(placed.id);
            const node = drawing.current?.closest<HTMLElement>('.react-flow__node');
            if (at && node) node.style.transform = `translate(${at.x}px,${at.y}px)`;
        };
        // Drawn anew meanwhile, it would lie where it was.
        follow();
        return hand.follow(placed.id, follow);
    });
    return (
        <>
            <Handle type="target" position={Position.Top} className="handle" />
            {held && <Held by={held} />}
            <svg ref={drawing} className={`boxnode${unsure ? ' unsure' : ''}${look}`} width={width} height={height} color={toneOf(placed.tone)} aria-hidden="true">
                <Outline shape={placed.shape} width={width} height={height} />
                <Lines text={placed.label} from={placed.place} />
                {placed.badge && <Lines text={placed.badge} from={placed.place} className="mark" />}
                {placed.sign && <Lines text={placed.sign} from={placed.place} className="mark sign" />}
                {pinned && <circle className="pin" cx={width - 10} cy={10} r="5" />}
                {comments > 0 && (
                    <g className="said-of" transform={`translate(${width - 14} ${height - 12})`}>
                        <path d="M0 0h30v22H12l-8 7v-7H0z" />
                        <text x="15" y="12" fontSize="16" textAnchor="middle" dominantBaseline="central">{comments}</text>
                    </g>
                )}
            </svg>
            <Handle type="source" position={Position.Bottom} className="handle" />
        </>
    );
});

/** The way of the layout while both ends are where it has put them; else straight, from border to border. */
const LineEdge = memo(function LineEdge({ id, source, target, data, markerEnd, selected }: EdgeProps<Line>) {
    const from = useInternalNode(source);
    const to = useInternalNode(target);
    const look = useLook(id);
    const held = { from: useHeld(source), to: useHeld(target) };
    if (!data || !from || !to) return null;
    const { placed, ends } = data;
    const [start, end] = [held.from ?? from.position, held.to ?? to.position];
    const moved = (at: Point, place: Placed['place']) => Math.abs(at.x - place.x) + Math.abs(at.y - place.y) > 1;
    const centre = (at: Point, { measured }: typeof from) => [at.x + (measured.width ?? 0) / 2, at.y + (measured.height ?? 0) / 2] as const;
    const points = moved(start, ends.from.place) || moved(end, ends.to.place) ? [centre(start, from), centre(end, to)] : placed.points;
    const middle = points[Math.floor((points.length - 1) / 2)]!;
    const after = points[Math.floor((points.length - 1) / 2) + 1] ?? middle;
    const label = placed.label;
    const [x, y] = label && points === placed.points
        ? [label.place.x + label.place.width / 2, label.place.y + label.place.height / 2]
        : [(middle[0]! + after[0]!) / 2, (middle[1]! + after[1]!) / 2];
    return (
        <>
            <BaseEdge
                id={id} path={`M${points.map((point) => point.join(' ')).join('L')}`} markerEnd={markerEnd} interactionWidth={24}
                className={`${selected ? 'chosen' : ''}${placed.dashed ? ' dashed' : ''}${look}`} {...(!placed.dashed && { pathLength: 1 })}
            />
            {label && (
                <EdgeLabelRenderer>
                    <span className={`edge-label${look}`} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)`, fontSize: label.size }}>{label.lines.map((line, i) => <span key={i}>{line}</span>)}</span>
                </EdgeLabelRenderer>
            )}
        </>
    );
});
const nodeTypes = { box: BoxNode };
const edgeTypes = { line: LineEdge };
const PLAIN = { hideAttribution: true };
const FIT = { padding: 0.06, maxZoom: 1 };
type Pressed = { clientX: number; clientY: number; preventDefault: () => void };

type Props = {
    scope: Scope & { layout: Layout };
    chosen: string | null;
    /** How many open comments each part has. */
    comments: Map<string, number>;
    /** Who else looks at this scene. */
    people: Person[];
    followed: Person | undefined;
    onFollow: (client: number | null) => void;
    session: Session | undefined;
    player: Player | undefined;
    score: Score | undefined;
    onConnect: (from: string, to: string) => void;
};

/** What the canvas says by itself, in the language of the page. */
const inWords = () => ({
    'node.a11yDescription.default': t('box_keys'), 'node.a11yDescription.keyboardDisabled': t('box_keys'), 'edge.a11yDescription.default': t('line_keys'),
    'node.a11yDescription.ariaLiveMessage': ({ x, y }: { x: number; y: number }) => t('box_moved', { x: String(Math.round(x)), y: String(Math.round(y)) }),
    'controls.ariaLabel': t('zoom'), 'controls.zoomIn.ariaLabel': t('zoom_in'), 'controls.zoomOut.ariaLabel': t('zoom_out'), 'controls.fitView.ariaLabel': t('zoom_fit'),
});

export function Canvas({ scope, chosen, comments, people, followed, onFollow, session, player, score, onConnect }: Props) {
    const { scene, layout, editable, edit, choose, rename } = scope;
    const [nodes, setNodes, onNodesChange] = useNodesState<Box>([]);
    const [menu, openMenu] = useState<{ of: string | null; at: [number, number] } | null>(null);
    const [flow, setFlow] = useState<ReactFlowInstance<Box, Line>>();
    const settle = useRef<ReturnType<typeof setTimeout>>(undefined);
    const looks = useMemo(() => new Looks(), []);
    const hand = useMemo(() => new Hand(), []);
    const said = useMemo(inWords, []);
    useScored(looks, player, score);
    const places = useMemo(() => new Map(layout.nodes.map((node) => [node.id, node])), [layout]);
    const bounds = useMemo(() => boundsOf(layout), [layout]);
    useEffect(() => {
        setNodes(() => {
            const drawn = new Map(scene.nodes.map((node) => [node.id, node]));
            return layout.nodes.map((placed): Box => {
                const { x, y, width, height } = placed.place;
                // What is under somebody's hand stays there, whatever others do meanwhile.
                const position = hand.of(placed.id);
                return {
                    id: placed.id, type: 'box', position: position ?? { x, y }, width, height, selected: placed.id === chosen, ariaLabel: placed.label.lines.join(' '),
                    data: { placed, unsure: (drawn.get(placed.id)?.confidence ?? 1) < 0.5, pinned: !!scene.layout?.pins?.[placed.id], comments: comments.get(placed.id) ?? 0 },
                };
            });
        });
        // Being chosen alone does not put boxes back to their places.
    }, [layout, scene, comments, hand, setNodes]);
    useEffect(() => setNodes((now) => now.map((node) => (node.selected === (node.id === chosen) ? node : { ...node, selected: node.id === chosen }))), [chosen, setNodes]);

    const holders = new Map(people.flatMap((person) => (person.chosen ? [[person.chosen, person] as const] : [])));
    const holding = [...holders].map(([id, { client, name }]) => `${id} ${client} ${name}`).join('\n');
    useEffect(
        () => setNodes((now) => now.map((node) => (node.data.held === holders.get(node.id) ? node : { ...node, data: { ...node.data, held: holders.get(node.id) } }))),
        // Pointers that move are no change of who holds what.
        [holding, layout, comments, setNodes],
    );

    // The same lines as long as nothing is changed: a box that is dragged draws only its own anew.
    const edges = useMemo(() => {
        const drawn = new Map(scene.edges.map((edge) => [edge.id, edge]));
        return layout.edges.flatMap((placed): Line[] => {
            const edge = drawn.get(placed.id);
            const [from, to] = [places.get(edge?.from ?? ''), places.get(edge?.to ?? '')];
            if (!edge || !from || !to) return [];
            return [{
                id: edge.id, type: 'line', source: edge.from, target: edge.to, selected: edge.id === chosen, data: { placed, ends: { from, to } },
                ...(holders.has(edge.id) && { className: `held who-${holders.get(edge.id)!.tone}` }), ...(placed.arrow && { markerEnd: 'arrow' }), ariaLabel: `${from.label.lines.join(' ')} → ${to.label.lines.join(' ')}`,
            }];
        });
    }, [layout, scene, places, chosen, holding]);
    // What somebody picks here by pointer or keys. What is picked elsewhere is known already: told once more, and later, two picks would chase
    // one another for ever.
    const press = (changes: (NodeChange | EdgeChange)[]) => {
        const picked = changes.flatMap((change) => (change.type === 'select' && change.selected ? [change.id] : []));
        if (picked.length === 1) choose(picked[0]!);
    };
    /** Keeps a box where it was put; in the lane or group that it was put into, beside its name. */
    const pin = (node: Box) => {
        const of = scene.nodes.find(({ id }) => id === node.id);
        const box = { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
        const room = roomAt(box, scene, layout);
        const at = shareOf(room ? clear(box, room.room) : box, layout.area);
        const now = room?.field === 'actor' ? of?.actor : of?.group;
        void edit({ op: 'all', ops: [
            ...(room && room.id !== (now ?? undefined) ? [{ op: 'set_field' as const, scene: scene.id, element: node.id, field: room.field, value: room.id }] : []),
            { op: 'pin', scene: scene.id, node: node.id, at },
        ] });
    };
    const commands = (of: string | null) => commandsFor(scope, of);
    const showMenu = (of: string | null, at: [number, number]) => (choose(of), openMenu({ of, at }));
    // The same from one frame to the next: with others React Flow would draw every box and every line anew while one is dragged.
    const handlers = useSteady({
        onEdgesChange: press,
        onNodesChange: (changes: NodeChange<Box>[]) => {
            const rest = changes.filter((change) => {
                if (change.type !== 'position') return true;
                if (!change.dragging) return hand.letGo(change.id), true;
                if (change.position) hand.move(change.id, change.position);
                return false;
            });
            if (rest.length) onNodesChange(rest);
            press(rest);
            // Moved by the arrow keys: there is no letting go, so it counts when the keys rest.
            const moved = changes.find((change) => change.type === 'position' && !change.dragging && change.position);
            if (moved?.type === 'position' && editable) {
                clearTimeout(settle.current);
                settle.current = setTimeout(() => setNodes((now) => {
                    const node = now.find(({ id }) => id === moved.id);
                    const place = places.get(moved.id)?.place;
                    if (node && place && (node.position.x !== place.x || node.position.y !== place.y)) queueMicrotask(() => pin(node));
                    return now;
                }), 700);
            }
        },
        onNodeDragStop: (_: unknown, node: Box) => {
            clearTimeout(settle.current);
            const place = places.get(node.id)?.place;
            if (place && Math.abs(node.position.x - place.x) + Math.abs(node.position.y - place.y) > 3) pin(node);
        },
        onNodeClick: (_: unknown, node: Box) => choose(node.id),
        onEdgeClick: (_: unknown, edge: Line) => choose(edge.id),
        onPaneClick: () => (choose(null), player?.state.playing || player?.rest()),
        onNodeDoubleClick: (_: unknown, node: Box) => editable && rename(node.id),
        onEdgeDoubleClick: (_: unknown, edge: Line) => editable && rename(edge.id),
        onNodeContextMenu: (event: Pressed, node: Box) => (event.preventDefault(), showMenu(node.id, [event.clientX, event.clientY])),
        onEdgeContextMenu: (event: Pressed, edge: Line) => (event.preventDefault(), showMenu(edge.id, [event.clientX, event.clientY])),
        onPaneContextMenu: (event: Pressed) => (event.preventDefault(), showMenu(null, [event.clientX, event.clientY])),
        onConnect: ({ source, target }: Connection) => source !== target && onConnect(source, target),
        onMoveStart: (event: unknown) => event && followed && onFollow(null),
    });
    return (
        <LooksContext value={looks}><HandContext value={hand}>
            <ReactFlow
                {...handlers} nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} minZoom={0.1} maxZoom={2} onInit={setFlow}
                nodesDraggable={editable} nodesConnectable={editable} deleteKeyCode={null} ariaLabelConfig={said} proOptions={PLAIN} defaultMarkerColor={null}
                onKeyDownCapture={(event) => {
                    // What has the focus, whether it is chosen yet or not.
                    const part = (event.target as HTMLElement).closest<HTMLElement>('[data-id]');
                    const at = part?.dataset.id ?? chosen;
                    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
                        event.preventDefault();
                        const { left, bottom, width } = (part ?? event.currentTarget).getBoundingClientRect();
                        showMenu(at, [left + width / 2, part ? bottom : bottom / 2]);
                    } else if (!(event.target as HTMLElement).closest('button') && byKey(commands(at), event)) event.preventDefault();
                }}
                aria-label={t('canvas', { name: scene.title })}
            >
                <Frame layout={layout} />
                <Background variant={BackgroundVariant.Dots} gap={32} size={2} />
                <Pointers people={people} />
                <OwnPlace session={session} scene={scene.id} following={!!followed} />
                <Seen flow={flow} bounds={bounds} followed={followed} />
                <Controls showInteractive={false} aria-label={t('zoom')} fitViewOptions={FIT} />
            </ReactFlow>
            {menu && <MenuAt label={menu.of ? nameOf(scene, menu.of) : scene.title} entries={commands(menu.of)} at={menu.at} onClose={() => openMenu(null)} />}
        </HandContext></LooksContext>
    );
}

/** The edge of the picture, and what lies behind the boxes. */
const Frame = memo(function Frame({ layout }: { layout: Layout }) {
    return (
        <ViewportPortal>
            <div className="frame">
                <svg className="picture" width={layout.width} height={layout.height} aria-hidden="true">
                    <defs>
                        <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 1 9 5 0 9z" /></marker>
                    </defs>
                    <rect className="paper" width={layout.width} height={layout.height} rx="12" />
                    <Lines text={layout.title} className="heading" />
                    {layout.guides.map((guide, i) => <Behind key={i} guide={guide} />)}
                </svg>
            </div>
        </ViewportPortal>
    );
});

function Behind({ guide }: { guide: Layout['guides'][number] }) {
    const look = useLook(guide.guide === 'container' ? guide.id : guide.node);
    if (guide.guide === 'line') return <path className={`guide-line${look}`} d={`M${guide.ends.map((end) => end.join(' ')).join('L')}`} />;
    const { place, tone, label } = guide;
    return (
        <g className={`guide${look}`} color={toneOf(tone)}>
            <rect x={place.x} y={place.y} width={place.width} height={place.height} rx="16" />
            <Lines text={label} />
        </g>
    );
}
