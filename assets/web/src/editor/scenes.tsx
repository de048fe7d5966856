// The scenes of a talk, in the order in which they are played, and what can be done with each.
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { Button } from 'react-aria-components/Button';
import { t, tOr } from '../i18n';
import { DeepMore, MenuAt } from '../kit/deep-menu';
import type { Entry } from '../kit/menu';
import type { Scene } from './board';
import { byKey } from './commands';

type Props = {
    scenes: Scene[];
    now: Scene;
    onChoose: (id: string) => void;
    commands: (scene: Scene) => Entry[];
    /** Plays a scene before another, or as the last. */
    onMove?: (scene: Scene, before: string | undefined) => Promise<boolean>;
};

export function Scenes({ scenes, now, onChoose, commands, onMove }: Props) {
    const [menu, openMenu] = useState<{ scene: Scene; at: [number, number] } | null>(null);
    const [dragged, drag] = useState<Scene | null>(null);
    /** Between which scenes it would go: before the one at this place. */
    const [gap, setGap] = useState<number | null>(null);
    const list = useRef<HTMLOListElement>(null);
    // Whoever moves a scene by keys goes along with it.
    const held = useRef<string>(undefined);
    useEffect(() => {
        if (!held.current) return;
        list.current?.querySelector<HTMLElement>(`[data-scene="${CSS.escape(held.current)}"]`)?.focus();
        held.current = undefined;
    }, [scenes]);

    const step = (at: number, by: 1 | -1) => {
        const scene = scenes[at];
        if (!scene || !onMove || !scenes[at + by]) return;
        held.current = scene.id;
        void onMove(scene, scenes[by < 0 ? at - 1 : at + 2]?.id).then((done) => !done && (held.current = undefined));
    };
    const over = (at: number) => (event: DragEvent<HTMLElement>) => {
        if (!dragged) return;
        event.preventDefault();
        const { top, height, left, width } = event.currentTarget.getBoundingClientRect();
        // On a telephone they stand beside one another.
        const beside = getComputedStyle(list.current!).gridAutoFlow.startsWith('column');
        const rtl = getComputedStyle(list.current!).direction === 'rtl';
        const share = beside ? (rtl ? left + width - event.clientX : event.clientX - left) / width : (event.clientY - top) / height;
        setGap(share > 0.5 ? at + 1 : at);
    };
    const drop = (event: DragEvent) => {
        event.preventDefault();
        const from = dragged ? scenes.indexOf(dragged) : -1;
        if (dragged && onMove && gap !== null && gap !== from && gap !== from + 1) void onMove(dragged, scenes[gap]?.id);
        drag(null);
        setGap(null);
    };
    return (
        <aside className="scenes" aria-label={t('scenes')}>
            <h2>{t('scenes')}</h2>
            {onMove && <p className="hidden" id="move-scene">{t('move_scene_hint')}</p>}
            <ol ref={list} onDrop={drop} onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setGap(null)}>
                {scenes.map((scene, i) => (
                    <li
                        key={scene.id} draggable={!!onMove} data-gap={dragged && gap === i ? 'before' : dragged && gap === scenes.length && i === gap - 1 ? 'after' : undefined} data-dragged={dragged === scene || undefined}
                        title={onMove && t('move_scene_hint')}
                        onDragStart={(event) => (drag(scene), event.dataTransfer.setData('text/plain', scene.title), (event.dataTransfer.effectAllowed = 'move'))}
                        onDragOver={over(i)} onDragEnd={() => (drag(null), setGap(null))}
                        onContextMenu={(event) => (event.preventDefault(), openMenu({ scene, at: [event.clientX, event.clientY] }))}
                        onKeyDown={(event) => {
                            if (!(event.target as HTMLElement).closest('.scene-item')) return;
                            const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
                            if (event.altKey && by) event.preventDefault(), step(i, by);
                            else if (byKey(commands(scene), event)) event.preventDefault();
                        }}
                    >
                        <Button className="scene-item" data-scene={scene.id} aria-current={scene === now ? 'true' : undefined} aria-describedby={onMove && 'move-scene'} onPress={() => onChoose(scene.id)}>
                            <span className="small soft num">{i + 1}</span>
                            <span className="grow">
                                <span className="cut">{scene.title}</span>
                                <span className="small soft">{tOr(`diagram_${scene.kind}`, scene.kind)}</span>
                            </span>
                        </Button>
                        <DeepMore label={`${t('more')}: ${scene.title}`} entries={commands(scene)} />
                    </li>
                ))}
            </ol>
            {menu && <MenuAt label={menu.scene.title} entries={commands(menu.scene)} at={menu.at} onClose={() => openMenu(null)} />}
        </aside>
    );
}
