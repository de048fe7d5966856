// Two versions beside each other: what came, what went and what changed, in the pictures and in words.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data } from '../api/client';
import { t, tOr } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Diagram } from '../routes/diagram';
import '../routes/recording.css';
import type { Board, Layout } from './board';
import { difference, marks, type Change, type SceneDifference } from './difference';

const content = (id: string, version: number) => ({
    queryKey: ['content', id, version], staleTime: Infinity,
    queryFn: async () => (await data(client.GET('/v1/storyboards/{storyboard}/content', { params: { path: { storyboard: id }, query: { version } } }))) as Board,
});

export function Compare({ id, from, to, onBack }: { id: string; from: number; to: number; onBack: () => void }) {
    const before = useQuery(content(id, from));
    const after = useQuery(content(id, to));
    const [chosen, choose] = useState<string>();
    const both = { data: before.data && after.data && ([before.data, after.data] as const), error: before.error ?? after.error, refetch: () => (before.refetch(), after.refetch()) };
    return (
        <div className="stack">
            <div className="row"><Action onPress={onBack}>{t('all_versions')}</Action></div>
            <Show of={both} lines={6}>
                {([old, now]) => {
                    const scenes = difference(old, now);
                    const scene = scenes.find((one) => one.id === chosen) ?? scenes[0];
                    if (!scene) return <Empty icon="check" title={t('no_difference')} />;
                    return (
                        <>
                            {scenes.length > 1 && <Pick label={t('scene')} value={scene.id} onChange={choose} choices={scenes.map((one) => ({ id: one.id, name: one.title, hint: t('n_changes', { n: Math.max(1, one.changes.length) }) }))} />}
                            <Pictures id={id} scene={scene} versions={[from, to]} />
                            <ul className="changes">{scene.changes.map((change, i) => <Line key={i} change={change} />)}</ul>
                        </>
                    );
                }}
            </Show>
        </div>
    );
}

/** Both pictures, cut to what either shows, so that what stayed stands in the same place. */
function Pictures({ id, scene, versions: [from, to] }: { id: string; scene: SceneDifference; versions: [number, number] }) {
    const placed = (version: number, there: boolean) => ({
        queryKey: ['layout of', id, version, scene.id], enabled: there, staleTime: Infinity,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard: id }, query: { scene: scene.id, version } } })),
    });
    const before = useQuery(placed(from, !!scene.before));
    const after = useQuery(placed(to, !!scene.after));
    const marked = marks(scene.changes);
    const both = [before.data, after.data].flatMap((layout) => layout ?? []);
    return (
        <div className="versions">
            {([[from, before, scene.before, marked.before], [to, after, scene.after, marked.after]] as const).map(([version, layout, there, of]) => {
                const name = t('version', { n: version });
                return (
                    <figure key={version} className="one-version">
                        <figcaption className="small"><strong>{name}</strong></figcaption>
                        {there ? <Show of={layout} lines={4}>{(drawn) => <Diagram layout={drawn} label={name} marked={of} view={around(both)} />}</Show> : <p className="soft small">{t('scene_not_there')}</p>}
                    </figure>
                );
            })}
        </div>
    );
}

/** What to show of pictures so that all of each is in sight. */
function around(layouts: Layout[]): string {
    const places = layouts.flatMap(({ title, nodes, guides }) => [title.place, ...nodes.map(({ place }) => place), ...guides.flatMap((guide) => (guide.guide === 'container' ? [guide.place] : []))]);
    const [x, y] = [Math.min(...places.map((place) => place.x)) - 40, Math.min(...places.map((place) => place.y)) - 30];
    const [right, bottom] = [Math.max(...places.map((place) => place.x + place.width)) + 40, Math.max(...places.map((place) => place.y + place.height)) + 40];
    return `${x} ${y} ${right - x} ${bottom - y}`;
}

const SIGNS = { added: '+', removed: '−', renamed: '~', moved: '↔', kind: '~', role: '~', type: '~', timed: '◷', redrawn: '~' } as const;
const tone = (what: Change['what']) => (what === 'added' ? 'new' : what === 'removed' ? 'gone' : 'changed');

function said(change: Change): string {
    switch (change.what) {
        case 'added': return t('change_added', change);
        case 'removed': return t('change_removed', change);
        case 'moved': return t('change_moved', change);
        case 'timed': return t('change_timed', change);
        case 'redrawn': return t('change_redrawn', change);
        case 'role': return t('change_of', { name: change.name, from: tOr(`stands_${change.from}`, change.from), to: tOr(`stands_${change.to}`, change.to) });
        case 'type': return t('change_of', { name: change.name, from: tOr(`edge_${change.from}`, change.from), to: tOr(`edge_${change.to}`, change.to) });
        case 'kind': return t('change_renamed', { from: tOr(`diagram_${change.from}`, change.from), to: tOr(`diagram_${change.to}`, change.to) });
        case 'renamed': return t('change_renamed', { from: change.from || '–', to: change.to || '–' });
    }
}
function Line({ change }: { change: Change }) {
    return (
        <li>
            <span className={`sign ${tone(change.what)}`} aria-hidden="true">{SIGNS[change.what]}</span>
            <span>{said(change)}</span>
        </li>
    );
}
