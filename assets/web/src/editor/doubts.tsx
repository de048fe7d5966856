// What a person should look at before it is published: what the appliance was not sure of, and what it asks about.
import { useMemo } from 'react';
import { t, percent } from '../i18n';
import { Action } from '../kit/bits';
import { doubtOf, passageOf } from '../routes/doubt-words';
import type { Words } from '../routes/talk';
import { nameOf, type Board, type EditBy } from './board';

export type Doubt = { scene: string; element?: string; why?: string; code?: string | null; args?: Record<string, string>; words?: number[] | null; confidence?: number };
const UNSURE = 0.5;

/** Questions of the appliance, and parts that it was not sure of and did not ask about. */
export function doubtsOf(board: Board): Doubt[] {
    const asked = (board.review ?? []).flatMap(({ target, why, code, args, words }): Doubt[] => {
        const [scene = '', element] = target.split('/');
        return board.scenes.some(({ id }) => id === scene) ? [{ scene, element, why, code, args, words }] : [];
    });
    const known = new Set(asked.map(({ scene, element }) => `${scene}/${element}`));
    const unsure = board.scenes.flatMap((scene) => [...scene.nodes, ...scene.edges].flatMap(({ id, confidence, by }): Doubt[] =>
        by === 'auto' && confidence < UNSURE && !known.has(`${scene.id}/${id}`) ? [{ scene: scene.id, element: id, confidence }] : []));
    return [...asked, ...unsure];
}

type Props = { board: Board; words: Words | undefined; editable: boolean; edit: EditBy; onGo: (doubt: Doubt) => void; onHear: ((from: number, until: number) => void) | undefined };
export function Doubts({ board, words, editable, edit, onGo, onHear }: Props) {
    const doubts = useMemo(() => doubtsOf(board), [board]);
    if (!doubts.length) return <p className="soft">{t('nothing_to_review')}</p>;
    // Accepted: it is right as it is. Dismissed: the question is of no use; the part stays as unsure as it was.
    const settle = ({ scene, element, why }: Doubt, right: boolean) => {
        const of = board.scenes.find(({ id }) => id === scene);
        const part = element && [...(of?.nodes ?? []), ...(of?.edges ?? [])].some(({ id }) => id === element) ? element : undefined;
        void edit({ op: 'all', ops: [
            ...(right && part ? [{ op: 'set_field' as const, scene, element: part, field: 'confidence' as const, value: 1 }] : []),
            ...(why !== undefined ? [{ op: 'settle' as const, scene, target: element ? `${scene}/${element}` : scene, why }] : []),
        ] });
    };
    return (
        <ul className="doubts">
            {doubts.map((doubt) => {
                const scene = board.scenes.find(({ id }) => id === doubt.scene)!;
                const passage = passageOf(doubt, words);
                const name = doubt.element ? nameOf(scene, doubt.element) : scene.title;
                return (
                    <li key={`${doubt.scene}/${doubt.element}/${doubt.why}`}>
                        <Action look="quiet" wide aria-label={`${t('show')}: ${name}`} onPress={() => onGo(doubt)}><strong className="cut">{name}</strong></Action>
                        <p className="small soft">{doubt.why === undefined ? t('sure', { share: percent(doubt.confidence ?? 0) }) : doubtOf({ ...doubt, why: doubt.why })}</p>
                        {passage && <button className="passage" dir="auto" aria-label={`${t('doubt_passage')}: ${passage.text}`} onClick={() => (onGo(doubt), onHear?.(passage.from, passage.until))}>{passage.text}</button>}
                        {editable && (
                            <div className="row">
                                <Action icon="check" aria-label={`${t('accept')}: ${name}`} onPress={() => settle(doubt, true)}>{t('accept')}</Action>
                                {doubt.why !== undefined && <Action look="quiet" aria-label={`${t('dismiss')}: ${name}`} onPress={() => settle(doubt, false)}>{t('dismiss')}</Action>}
                            </div>
                        )}
                    </li>
                );
            })}
        </ul>
    );
}
