// Another kind for a scene: those that fit come first, as the appliance has ranked them, each as the scene would look; a sketch of such a diagram
// stands there until that is known.
import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components/Button';
import { client, data, type Schemas } from '../api/client';
import { t, tOr } from '../i18n';
import { Badge } from '../kit/bits';
import { Window } from '../kit/overlay';
import { Diagram } from '../routes/diagram';
import type { EditBy, Scene } from './board';

type Kind = Schemas['Kind'];
const box = (x: number, y: number, w = 18, h = 10): ReactNode => <rect key={`${x} ${y}`} x={x} y={y} width={w} height={h} rx="2" />;
const line = (d: string): ReactNode => <path key={d} className="line" d={d} />;
const SKETCHES: Record<Kind, ReactNode[]> = {
    flow: [box(3, 21), line('M21 26h11'), <path key="d" d="M41 16 50 26 41 36 32 26z" />, line('M50 26h8V12h2M50 26h8v14h2'), box(60, 7), box(60, 35)],
    swimlane: [<rect key="1" className="room" x="3" y="3" width="78" height="22" />, <rect key="2" className="room" x="3" y="27" width="78" height="22" />, box(10, 9), line('M28 14h8v24h2'), box(38, 33), line('M56 38h4V14h2'), box(62, 9)],
    sequence: [box(5, 3), box(33, 3), box(61, 3), line('M14 13v36M42 13v36M70 13v36'), line('M14 22h28M42 31h28M70 40H14')],
    timeline: [line('M3 38h78'), box(5, 16), box(33, 16), box(61, 16), line('M14 26v12M42 26v12M70 26v12')],
    hierarchy: [box(33, 4), line('M42 14v10M14 34V24h56v10M42 24v10'), box(5, 34), box(33, 34), box(61, 34)],
    cycle: [box(33, 3), box(60, 21), box(33, 39), box(6, 21), line('M51 8q16 2 18 13M69 31q-2 12-18 13M33 44q-16-2-18-13M15 21q2-12 18-13')],
    comparison: [<rect key="r" className="room" x="3" y="4" width="78" height="44" />, line('M29 4v44M55 4v44M3 18h78M3 33h78')],
    architecture: [<rect key="r" className="room" x="28" y="4" width="53" height="44" />, box(3, 21), line('M21 26h12'), box(33, 21), line('M51 26h7'), box(58, 10), box(58, 33), line('M58 26V15M58 26v12')],
    causes: [box(3, 5), box(3, 21), box(3, 37), line('M21 10h14l16 12M21 26h30M21 42h14l16-12'), box(51, 20, 28, 12)],
    mindmap: [<ellipse key="e" cx="42" cy="26" rx="13" ry="8" />, line('M31 22 21 12M31 30 21 40M53 22l10-10M53 30l10 10'), box(3, 6), box(3, 36), box(63, 6), box(63, 36)],
    state: [<rect key="1" x="4" y="20" width="20" height="12" rx="6" />, <rect key="2" x="60" y="20" width="20" height="12" rx="6" />, line('M24 23q18-14 36 0M60 29q-18 14-36 0')],
    quantities: [line('M5 48h74'), box(12, 28, 12, 20), box(36, 10, 12, 38), box(60, 20, 12, 28)],
    steps: [box(3, 21), line('M21 26h12'), box(33, 21), line('M51 26h12'), box(63, 21)],
};
export const KINDS = Object.keys(SKETCHES) as Kind[];

/** Those that fit, best first; then all others. */
export const ranked = (scene: Scene): Kind[] => [...new Set([scene.kind, ...(scene.alt_kinds ?? []), ...KINDS])];

type Of = { storyboard: string; scene: Scene; changes: number };
/** The scene as that kind, as the appliance would lay it out. */
function Preview({ storyboard, scene, changes, kind }: Of & { kind: Kind }) {
    const layout = useQuery({
        queryKey: ['layout', storyboard, scene.id, changes, kind], gcTime: 60_000,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard }, query: { scene: scene.id, live: true, kind } } })),
    }).data;
    if (!layout?.nodes.length) return <svg className="sketch" viewBox="0 0 84 52" aria-hidden="true">{SKETCHES[kind]}</svg>;
    return <span className="as-kind" aria-hidden="true"><Diagram layout={layout} label="" /></span>;
}

export function KindWindow({ scene, storyboard, changes, open, onOpen, edit }: Of & { open: boolean; onOpen: (open: boolean) => void; edit: EditBy }) {
    return (
        <Window title={t('change_kind')} open={open} onOpen={onOpen} large>
            {(close) => (
                <>
                    <p className="soft">{t('kind_hint')}</p>
                    <ul className="kinds">
                        {ranked(scene).map((kind) => {
                            const rank = (scene.alt_kinds ?? []).indexOf(kind) + 1;
                            return (
                                <li key={kind}>
                                    <Button className="kind" aria-current={kind === scene.kind ? 'true' : undefined} onPress={() => (kind !== scene.kind && void edit({ op: 'set_kind', scene: scene.id, kind }), close())}>
                                        <Preview storyboard={storyboard} scene={scene} changes={changes} kind={kind} />
                                        <span className="row apart">
                                            <span>{tOr(`diagram_${kind}`, kind)}</span>
                                            {kind === scene.kind ? <Badge tone="accent">{t('now')}</Badge> : rank > 0 && <Badge tone="good">{t('fits_as', { n: rank })}</Badge>}
                                        </span>
                                    </Button>
                                </li>
                            );
                        })}
                    </ul>
                </>
            )}
        </Window>
    );
}
