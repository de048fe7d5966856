// Two versions beside each other: what came, what went and what changed, in the pictures and in words.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data } from '../api/client';
import { t, tOr } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Diagram } from '../routes/diagram';
import '../routes/recording.css';
import type { Board } from './board';
import { difference, marks, type Change, type Mark } from './difference';

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
            <Action look="quiet" onPress={onBack}>{t('all_versions')}</Action>
            <Show of={both} lines={6}>
                {([old, now]) => {
                    const scenes = difference(old, now);
                    const scene = scenes.find((one) => one.id === chosen) ?? scenes[0];
                    if (!scene) return <Empty icon="check" title={t('no_difference')} />;
                    const marked = marks(scene.changes);
                    return (
                        <>
                            {scenes.length > 1 && <Pick label={t('scene')} value={scene.id} onChange={choose} choices={scenes.map((one) => ({ id: one.id, name: one.title, hint: t('n_changes', { n: Math.max(1, one.changes.length) }) }))} />}
                            <div className="versions">
                                <Side id={id} scene={scene.before && scene.id} version={from} marked={marked.before} />
                                <Side id={id} scene={scene.after && scene.id} version={to} marked={marked.after} />
                            </div>
                            <ul className="changes">{scene.changes.map((change, i) => <Line key={i} change={change} />)}</ul>
                        </>
                    );
                }}
            </Show>
        </div>
    );
}

function Side({ id, scene, version, marked }: { id: string; scene: string | undefined; version: number; marked: Map<string, Mark> }) {
    const layout = useQuery({
        queryKey: ['layout of', id, version, scene], enabled: !!scene, staleTime: Infinity,
        queryFn: () => data(client.GET('/v1/storyboards/{storyboard}/layout', { params: { path: { storyboard: id }, query: { scene: scene!, version } } })),
    });
    const name = t('version', { n: version });
    return (
        <figure className="side">
            <figcaption className="small"><strong>{name}</strong></figcaption>
            {!scene ? <p className="soft small">{t('scene_not_there')}</p> : <Show of={layout} lines={4}>{(placed) => <Diagram layout={placed} label={name} marked={marked} />}</Show>}
        </figure>
    );
}

const SIGNS = { added: '+', removed: '−', renamed: '≠', moved: '↔', kind: '≠' } as const;
const TONES = { added: 'new', removed: 'gone', renamed: 'changed', moved: 'changed', kind: 'changed' } as const;

function Line({ change }: { change: Change }) {
    const kind = (of: string) => tOr(`diagram_${of}`, of);
    return (
        <li>
            <span className={`sign ${TONES[change.what]}`} aria-hidden="true">{SIGNS[change.what]}</span>
            <span>
                {'name' in change
                    ? change.what === 'added' ? t('change_added', change) : change.what === 'removed' ? t('change_removed', change) : t('change_moved', change)
                    : change.what === 'kind' ? t('change_renamed', { from: kind(change.from), to: kind(change.to) }) : t('change_renamed', { from: change.from || '–', to: change.to || '–' })}
            </span>
        </li>
    );
}
