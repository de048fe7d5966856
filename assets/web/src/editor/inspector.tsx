// What is chosen: what it is, what can be done with it, and what people say about it.
import { lazy, Suspense } from 'react';
import { percent, t, tOr } from '../i18n';
import { Action, Badge, Skeleton } from '../kit/bits';
import { Pick } from '../kit/choose';
import { DeepMore } from '../kit/deep-menu';
import { chosenMoment } from '../routes/talk';
import { connection, nameOf, type Board } from './board';
import { commandsFor, type Scope } from './commands';
import { Doubts, type Doubt } from './doubts';
import type { Words } from '../routes/talk';

// Loaded when somebody looks.
const Comments = lazy(() => import('../routes/comments').then(({ Comments }) => ({ default: Comments })));

type Props = { board: Board; storyboard: string; scope: Scope; chosen: string | null; words: Words | undefined; onGo: (doubt: Doubt) => void; onHear: ((from: number, until: number) => void) | undefined };

export function Inspector({ board, storyboard, scope, chosen, words, onGo, onHear }: Props) {
    const { scene, editable, edit, rename } = scope;
    const node = scene.nodes.find(({ id }) => id === chosen);
    const element = node ?? scene.edges.find(({ id }) => id === chosen);
    const entries = commandsFor(scope, element?.id ?? null);
    return (
        <aside className="inspector stack" aria-label={t('properties')}>
            {!element ? (
                <>
                    <h2 data-named>{scene.title}</h2>
                    <p className="small soft">{tOr(`diagram_${scene.kind}`, scene.kind)} · {t('n_boxes', { n: scene.nodes.length })} · {t('sure', { share: percent(scene.confidence) })}</p>
                    {editable && (
                        <div className="row wrap">
                            <Action icon="diagram" onPress={scope.changeKind}>{t('change_kind')}</Action>
                            <Action icon="edit" onPress={() => rename(scene.id)}>{t('rename_scene')}</Action>
                        </div>
                    )}
                    {editable && <p className="small soft">{t('canvas_hint')}</p>}
                    <h3>{t('review')}</h3>
                    <Doubts board={board} words={words} editable={editable} edit={edit} onGo={onGo} onHear={onHear} />
                </>
            ) : (
                <>
                    <div className="row apart">
                        <h2>{nameOf(scene, element.id) || t('connection')}</h2>
                        <DeepMore label={t('more')} entries={entries} />
                    </div>
                    <p className="row wrap">
                        <Badge tone={element.by === 'user' ? 'accent' : 'plain'}>{element.by === 'user' ? t('by_person') : t('by_machine')}</Badge>
                        {element.by === 'auto' && <Badge tone={element.confidence < 0.5 ? 'warn' : 'plain'}>{t('sure', { share: percent(element.confidence) })}</Badge>}
                    </p>
                    <div className="row wrap">
                        {entries.filter(({ id }) => ['rename', 'listen', 'pin', 'unpin', 'remove'].includes(id)).map(({ id, name, icon, off, run }) => (
                            <Action key={id} icon={icon} isDisabled={off} onPress={run}>{name}</Action>
                        ))}
                        {editable && chosenMoment(scene, element.id) && <Action onPress={() => void edit({ op: 'move_reveal', scene: scene.id, target: element.id })}>{t('reveal_auto')}</Action>}
                    </div>
                    {editable && node && (
                        <Pick
                            label={t('connect_to')} value="" onChange={(to) => to && void edit(connection(scene, node.id, to))}
                            choices={scene.nodes.filter(({ id }) => id !== node.id).map(({ id, label }) => ({ id, name: label || id }))}
                        />
                    )}
                </>
            )}
            <section className="stack tight" id="comments" aria-label={t('comments')}>
                <h3>{t('comments')}</h3>
                <Suspense fallback={<Skeleton lines={2} />}>
                    <Comments key={`${scene.id}/${element?.id}`} subject={storyboard} place={{ scene: scene.id, ...(element && { node: element.id }) }} here />
                </Suspense>
            </section>
        </aside>
    );
}
