// What a person should look at before others do: heard badly or drawn from little.
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { t, tOr } from '../i18n';
import { Action } from '../kit/bits';
import { tell, tellError } from '../kit/toast';
import { doubtOf, passageOf } from './doubt-words';
import { editBoard, renewed } from './speech';
import { firstWord, type Words } from './talk';

type Drawn = Schemas['Storyboard'];
type Doubt = NonNullable<Drawn['review']>[number];
type Op = Schemas['Op'];

/** The list without one of its items. */
const without = (at: number): Op => ({ op: 'restore', pieces: [{ piece: 'review', splice: { at, take: 1, put: [] } }] });

type Props = { recording: string; board: Schemas['StoryboardHead'] | undefined; drawn: Drawn | undefined; words: Words; seek: (ms: number) => void; may: boolean };
export function Doubts({ recording, board, drawn, words, seek, may }: Props) {
    if (!drawn?.review?.length || !board) return <p className="soft">{t('nothing_to_review')}</p>;
    const settle = async (op: Op, told: string) => {
        try {
            const back = await editBoard(board, op);
            await renewed(recording);
            tell(told, back && (() => back().then(() => renewed(recording))));
        } catch (error) {
            tellError(error);
            void renewed(recording);
        }
    };
    return (
        <>
            <p className="small soft">{t('review_hint')}</p>
            <ul className="lines doubts">
                {drawn.review.map((doubt, at) => {
                    const { scene, element, name } = aim(drawn, doubt);
                    const passage = passageOf(doubt, words);
                    const first = doubt.words?.[0] ?? (element && scene ? firstWord(element, scene) : scene?.words[0]);
                    // What a person has said is right is theirs: drawing anew keeps it.
                    const accept: Op = element?.label && scene ? { op: 'batch', ops: [{ op: 'set_label', scene: scene.id, element: element.id, label: element.label }, without(at)] } : without(at);
                    return (
                        <li key={doubt.target + doubt.why} className="doubt">
                            <div>
                                <strong>{name}</strong>
                                {scene && element && <span className="small soft"> · {scene.title || tOr(`diagram_${scene.kind}`, scene.kind)}</span>}
                                <br />
                                <span className="small soft">{doubtOf(doubt)}</span>
                            </div>
                            {passage && <button className="passage" dir="auto" aria-label={`${t('doubt_passage')}: ${passage.text}`} onClick={() => seek(passage.from)}>{passage.text}</button>}
                            <div className="row wrap">
                                <Action look="quiet" icon="play" aria-label={`${t('listen')}: ${name}`} onPress={() => seek(words[first ?? 0]?.start_ms ?? 0)} />
                                {may && scene && <Link className="button quiet" to="/storyboards/$storyboard" params={{ storyboard: board.id }} hash={element ? `${scene.id}/${element.id}` : scene.id} aria-label={`${t('go_to_box')}: ${name}`}>{t('go_to_box')}</Link>}
                                {may && <Action icon="check" aria-label={`${t('accept')}: ${name}`} onPress={() => void settle(accept, t('accepted', { name }))}>{t('accept')}</Action>}
                                {may && <Action look="quiet" icon="close" aria-label={`${t('dismiss')}: ${name}`} onPress={() => void settle(without(at), t('dismissed'))}>{t('dismiss')}</Action>}
                            </div>
                        </li>
                    );
                })}
            </ul>
        </>
    );
}

/** What a doubt is about. */
function aim(drawn: Drawn, { target }: Doubt) {
    const [sceneId, elementId] = target.split('/');
    const scene = drawn.scenes.find(({ id }) => id === sceneId);
    const edge = scene?.edges.find(({ id }) => id === elementId);
    const element = edge ?? scene?.nodes.find(({ id }) => id === elementId);
    const labelOf = (node: string) => scene?.nodes.find(({ id }) => id === node)?.label ?? node;
    // An arrow without a word on it is known by what it joins.
    const name = element?.label || (edge && `${labelOf(edge.from)} → ${labelOf(edge.to)}`) || scene?.title || target;
    return { scene, element, name };
}
