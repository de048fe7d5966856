// The scenes of a talk, in spoken order, and what can be done with each.
import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { t, tOr } from '../i18n';
import { DeepMore, MenuAt } from '../kit/deep-menu';
import type { Entry } from '../kit/menu';
import type { Scene } from './board';
import { byKey } from './commands';

type Props = { scenes: Scene[]; now: Scene; onChoose: (id: string) => void; commands: (scene: Scene) => Entry[] };

export function Scenes({ scenes, now, onChoose, commands }: Props) {
    const [menu, openMenu] = useState<{ scene: Scene; at: [number, number] } | null>(null);
    return (
        <aside className="scenes" aria-label={t('scenes')}>
            <h2>{t('scenes')}</h2>
            <ol>
                {scenes.map((scene, i) => (
                    <li
                        key={scene.id} onContextMenu={(event) => (event.preventDefault(), openMenu({ scene, at: [event.clientX, event.clientY] }))}
                        onKeyDown={(event) => {
                            if ((event.target as HTMLElement).closest('.scene-item') && byKey(commands(scene), event)) event.preventDefault();
                        }}
                    >
                        <Button className="scene-item" aria-current={scene === now ? 'true' : undefined} onPress={() => onChoose(scene.id)}>
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
