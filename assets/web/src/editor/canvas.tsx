// The canvas: the scene where its video has it, to be selected, moved, connected and renamed.
import { memo, useEffect, useRef } from 'react';
import {
    Background, BackgroundVariant, Controls, Handle, Position, ReactFlow, useInternalNode, useNodesState, BaseEdge, EdgeLabelRenderer, ViewportPortal,
    type Edge, type EdgeChange, type EdgeProps, type Node, type NodeChange, type NodeProps,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { t } from '../i18n';
import { Lines, Outline, toneOf } from '../routes/diagram';
import type { Layout, Scene } from './board';
import { Held, OwnPointer, Pointers } from './people';
import type { Person, Session } from './session';

type Placed = Layout['nodes'][number];
type Box = Node<{ placed: Placed; unsure: boolean; pinned: boolean; held?: Person }, 'box'>;
type Line = Edge<{ placed: Layout['edges'][number]; ends: { from: Placed; to: Placed } }, 'line'>;

const BoxNode = memo(function BoxNode({ data: { placed, unsure, pinned, held } }: NodeProps<Box>) {
    const { width, height } = placed.place;
    return (
        <>
            <Handle type="target" position={Position.Top} className="handle" />
            {held && <Held by={held} />}
            <svg className={`boxnode${unsure ? ' unsure' : ''}`} width={width} height={height} color={toneOf(placed.tone)} aria-hidden="true">
                <Outline shape={placed.shape} width={width} height={height} />
                <Lines text={placed.label} from={placed.place} />
                {placed.badge && <Lines text={placed.badge} from={placed.place} className="mark" />}
                {pinned && <circle className="pin" cx={width - 10} cy={10} r="5" />}
            </svg>
            <Handle type="source" position={Position.Bottom} className="handle" />
        </>
    );
});

/** The way of the layout while both ends are where it has put them; else straight, from border to border. */
function LineEdge({ id, source, target, data, markerEnd, selected }: EdgeProps<Line>) {
    const from = useInternalNode(source);
    const to = useInternalNode(target);
    if (!data || !from || !to) return null;
    const { placed, ends } = data;
    const moved = (node: typeof from, place: Placed['place']) => Math.abs(node.position.x - place.x) + Math.abs(node.position.y - place.y) > 1;
    const centre = (node: typeof from) => [node.position.x + (node.measured.width ?? 0) / 2, node.position.y + (node.measured.height ?? 0) / 2] as const;
    const points = moved(from, ends.from.place) || moved(to, ends.to.place) ? [centre(from), centre(to)] : placed.points;
    const middle = points[Math.floor((points.length - 1) / 2)]!;
    const after = points[Math.floor((points.length - 1) / 2) + 1] ?? middle;
    const label = placed.label;
    const [x, y] = label && points === placed.points
        ? [label.place.x + label.place.width / 2, label.place.y + label.place.height / 2]
        : [(middle[0]! + after[0]!) / 2, (middle[1]! + after[1]!) / 2];
    return (
        <>
            <BaseEdge id={id} path={`M${points.map((point) => point.join(' ')).join('L')}`} markerEnd={markerEnd} interactionWidth={24} className={selected ? 'chosen' : undefined} />
            {label && (
                <EdgeLabelRenderer>
                    <span className="edge-label" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)`, fontSize: label.size }}>{label.lines.map((line, i) => <span key={i}>{line}</span>)}</span>
                </EdgeLabelRenderer>
            )}
        </>
    );
}
const nodeTypes = { box: BoxNode };
const edgeTypes = { line: LineEdge };

type Props = {
    scene: Scene;
    layout: Layout;
    editable: boolean;
    chosen: string | null;
    /** Who else looks at this scene. */
    people: Person[];
    session: Session | undefined;
    onChoose: (id: string | null) => void;
    onRename: (id: string) => void;
    onRemove: (id: string) => void;
    onPin: (id: string, at: [number, number]) => void;
    onConnect: (from: string, to: string) => void;
};

export function Canvas({ scene, layout, editable, chosen, people, session, onChoose, onRename, onRemove, onPin, onConnect }: Props) {
    const [nodes, setNodes, onNodesChange] = useNodesState<Box>([]);
    const settle = useRef<ReturnType<typeof setTimeout>>(undefined);
    const places = new Map(layout.nodes.map((node) => [node.id, node]));
    useEffect(() => {
        setNodes(layout.nodes.map((placed): Box => {
            const of = scene.nodes.find(({ id }) => id === placed.id);
            const { x, y, width, height } = placed.place;
            return {
                id: placed.id, type: 'box', position: { x, y }, width, height, selected: placed.id === chosen, ariaLabel: placed.label.lines.join(' '),
                data: { placed, unsure: (of?.confidence ?? 1) < 0.5, pinned: !!scene.layout?.pins?.[placed.id] },
            };
        }));
        // Being chosen alone does not put boxes back to their places.
    }, [layout, scene, setNodes]);
    useEffect(() => setNodes((now) => now.map((node) => (node.selected === (node.id === chosen) ? node : { ...node, selected: node.id === chosen }))), [chosen, setNodes]);

    const holders = new Map(people.flatMap((person) => (person.chosen ? [[person.chosen, person] as const] : [])));
    const holding = [...holders].map(([id, { client, name }]) => `${id} ${client} ${name}`).join('\n');
    useEffect(
        () => setNodes((now) => now.map((node) => (node.data.held === holders.get(node.id) ? node : { ...node, data: { ...node.data, held: holders.get(node.id) } }))),
        // Pointers that move are no change of who holds what.
        [holding, layout, setNodes],
    );

    const edges = layout.edges.flatMap((placed): Line[] => {
        const edge = scene.edges.find(({ id }) => id === placed.id);
        const [from, to] = [places.get(edge?.from ?? ''), places.get(edge?.to ?? '')];
        if (!edge || !from || !to) return [];
        return [{
            id: edge.id, type: 'line', source: edge.from, target: edge.to, selected: edge.id === chosen, data: { placed, ends: { from, to } },
            ...(holders.has(edge.id) && { className: `held who-${holders.get(edge.id)!.tone}` }), ...(placed.arrow && { markerEnd: 'arrow' }), ariaLabel: `${from.label.lines.join(' ')} → ${to.label.lines.join(' ')}`,
        }];
    });
    // What somebody picks here by pointer or keys. What is picked elsewhere is known already: told once more, and later, two picks would chase
    // one another for ever.
    const press = (changes: (NodeChange | EdgeChange)[]) => {
        const picked = changes.flatMap((change) => (change.type === 'select' && change.selected ? [change.id] : []));
        if (picked.length === 1) onChoose(picked[0]!);
    };
    const pin = (node: Box) => {
        const { area } = layout;
        const share = (at: number, size: number, from: number, of: number) => Math.min(1, Math.max(0, (at + size / 2 - from) / of));
        onPin(node.id, [share(node.position.x, node.width ?? 0, area.x, area.width), share(node.position.y, node.height ?? 0, area.y, area.height)]);
    };
    return (
        <ReactFlow
            nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} fitView fitViewOptions={{ padding: 0.06, maxZoom: 1 }} minZoom={0.1} maxZoom={2}
            nodesDraggable={editable} nodesConnectable={editable} deleteKeyCode={null} proOptions={{ hideAttribution: true }} defaultMarkerColor={null}
            onEdgesChange={press}
            onNodesChange={(changes) => {
                onNodesChange(changes);
                press(changes);
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
            }}
            onNodeDragStop={(_, node) => {
                clearTimeout(settle.current);
                const place = places.get(node.id)?.place;
                if (place && Math.abs(node.position.x - place.x) + Math.abs(node.position.y - place.y) > 3) pin(node);
            }}
            onNodeClick={(_, node) => onChoose(node.id)} onEdgeClick={(_, edge) => onChoose(edge.id)} onPaneClick={() => onChoose(null)}
            onNodeDoubleClick={(_, node) => onRename(node.id)} onEdgeDoubleClick={(_, edge) => onRename(edge.id)}
            onConnect={({ source, target }) => source !== target && onConnect(source, target)}
            onKeyDown={(event) => {
                // What has the focus, whether it is chosen yet or not.
                const at = (event.target as HTMLElement).closest<HTMLElement>('[data-id]')?.dataset.id ?? chosen;
                if (!at || !editable) return;
                if (event.key === 'F2') onRename(at);
                if (event.key === 'Delete' || event.key === 'Backspace') onRemove(at);
            }}
            aria-label={t('canvas', { name: scene.title })}
        >
            <Frame layout={layout} />
            <Background variant={BackgroundVariant.Dots} gap={32} size={2} />
            <Pointers people={people} />
            <OwnPointer session={session} scene={scene.id} />
            <Controls showInteractive={false} aria-label={t('zoom')} />
        </ReactFlow>
    );
}

/** The edge of the picture, and what lies behind the boxes. */
function Frame({ layout }: { layout: Layout }) {
    return (
        <ViewportFrame>
            <svg className="picture" width={layout.width} height={layout.height} aria-hidden="true">
                <defs>
                    <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 1 9 5 0 9z" /></marker>
                </defs>
                <rect className="paper" width={layout.width} height={layout.height} rx="12" />
                <Lines text={layout.title} className="heading" />
                {layout.guides.map((guide, i) => guide.guide === 'container' ? (
                    <g key={i} className="guide" color={toneOf(guide.tone)}>
                        <rect x={guide.place.x} y={guide.place.y} width={guide.place.width} height={guide.place.height} rx="16" />
                        <Lines text={guide.label} />
                    </g>
                ) : <path key={i} className="guide-line" d={`M${guide.ends.map((end) => end.join(' ')).join('L')}`} />)}
            </svg>
        </ViewportFrame>
    );
}
const ViewportFrame = ({ children }: { children: React.ReactNode }) => (
    <ViewportPortal>
        <div className="frame">{children}</div>
    </ViewportPortal>
);
