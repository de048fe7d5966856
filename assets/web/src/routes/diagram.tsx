// A scene as its video shows it: boxes and lines where the appliance has laid them out.
import { Fragment, type KeyboardEvent, type ReactNode } from 'react';
import type { Schemas } from '../api/client';

type Layout = Schemas['SceneLayout'];
type Text = Schemas['LayoutText'];

export const toneOf = (index: number) => `var(--tone-${index % 6})`;

/** The outline of a box. */
export function Outline({ shape, width: w, height: h }: { shape: string; width: number; height: number }): ReactNode {
    if (shape === 'diamond') return <path d={`M${w / 2} 0 ${w} ${h / 2} ${w / 2} ${h} 0 ${h / 2}z`} />;
    if (shape === 'ellipse') return <ellipse cx={w / 2} cy={h / 2} rx={w / 2} ry={h / 2} />;
    if (shape === 'cylinder') return <path d={`M0 ${h * 0.12}a${w / 2} ${h * 0.12} 0 0 1 ${w} 0v${h * 0.76}a${w / 2} ${h * 0.12} 0 0 1 ${-w} 0zM0 ${h * 0.12}a${w / 2} ${h * 0.12} 0 0 0 ${w} 0`} />;
    if (shape === 'document') return <path d={`M0 0h${w}v${h * 0.88}q${-w / 4} ${-h * 0.14} ${-w / 2} 0t${-w / 2} 0z`} />;
    return <rect width={w} height={h} rx={shape === 'pill' ? h / 2 : Math.min(16, h / 4)} />;
}

export function Lines({ text, from, className }: { text: Text; from?: { x: number; y: number }; className?: string }) {
    const { place, lines, size, from_start: start } = text;
    const x = place.x - (from?.x ?? 0) + (start ? 0 : place.width / 2);
    const top = place.y - (from?.y ?? 0) + place.height / 2 - ((lines.length - 1) * size * 1.25) / 2;
    return (
        <text className={className} fontSize={size} textAnchor={start ? 'start' : 'middle'}>
            {lines.map((line, i) => (
                <Fragment key={i}>
                    {i > 0 && ' '}
                    <tspan x={x} y={top + i * size * 1.25} dominantBaseline="central">{line}</tspan>
                </Fragment>
            ))}
        </text>
    );
}

type Props = {
    layout: Layout;
    label: string;
    /** Elements not said yet, and the one that is being said. */
    hidden?: Set<string>;
    now?: string;
    /** What came, went or changed. */
    marked?: Map<string, string>;
    /** The part of the picture to show; all of it without one. */
    view?: string;
    onNode?: (id: string) => void;
};

export function Diagram({ layout, label, hidden, now, marked, view, onNode }: Props) {
    const press = (id: string) => (event: KeyboardEvent) => {
        if (event.key === 'Enter' || event.key === ' ') event.preventDefault(), onNode?.(id);
    };
    const state = (id: string) => (marked?.has(id) ? `is-${marked.get(id)}` : hidden?.has(id) ? 'later' : now === id ? 'now' : '');
    return (
        <svg className="diagram" viewBox={view ?? `0 0 ${layout.width} ${layout.height}`} role="group" aria-label={label}>
            <defs>
                <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 1 9 5 0 9z" /></marker>
            </defs>
            <Lines text={layout.title} className="heading" />
            {layout.guides.map((guide, i) => guide.guide === 'container' ? (
                <g key={i} className="guide" color={toneOf(guide.tone)}>
                    <rect x={guide.place.x} y={guide.place.y} width={guide.place.width} height={guide.place.height} rx="16" />
                    <Lines text={guide.label} />
                </g>
            ) : (
                <path key={i} className="guide-line" d={`M${guide.ends.map((end) => end.join(' ')).join('L')}`} />
            ))}
            {layout.edges.map((edge) => (
                <g key={edge.id} className={`edge ${state(edge.id)}`}>
                    <path d={`M${edge.points.map((point) => point.join(' ')).join('L')}`} markerEnd={edge.arrow ? 'url(#arrow)' : undefined} strokeDasharray={edge.dashed ? '10 8' : undefined} />
                    {edge.label && (
                        <>
                            <rect x={edge.label.place.x - 6} y={edge.label.place.y - 2} width={edge.label.place.width + 12} height={edge.label.place.height + 4} rx="6" />
                            <Lines text={edge.label} />
                        </>
                    )}
                </g>
            ))}
            {layout.nodes.map((node) => (
                <g
                    key={node.id} className={`node ${state(node.id)}`} color={toneOf(node.tone)} transform={`translate(${node.place.x} ${node.place.y})`}
                    {...(onNode && { role: 'button', tabIndex: 0, 'aria-label': node.label.lines.join(' '), onClick: () => onNode(node.id), onKeyDown: press(node.id) })}
                >
                    <Outline shape={node.shape} width={node.place.width} height={node.place.height} />
                    <Lines text={node.label} from={node.place} />
                    {node.badge && <Lines text={node.badge} from={node.place} className="mark" />}
                    {node.sign && <Lines text={node.sign} from={node.place} className="mark sign" />}
                </g>
            ))}
        </svg>
    );
}
