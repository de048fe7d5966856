// The sheet of keys: those that do something on the page that is shown, as this keyboard has them.
import { useState, useSyncExternalStore } from 'react';
import { t } from '../i18n';
import { Switch } from '../kit/choose';
import { Window } from '../kit/overlay';
import { appearance } from './appearance';
import { commandsHere } from './commands';
import { keysOf } from './keys';
import type { Region } from './shell';

type Key = { keys: string; name: string };

export function Shortcuts({ open, onOpen, regions }: { open: boolean; onOpen: (open: boolean) => void; regions: Region[] }) {
    const { singleKeys } = useSyncExternalStore(appearance.subscribe, appearance.now);
    const [here] = useState(() => commandsHere().flatMap(({ keys, name }): Key[] => (keys ? [{ keys, name }] : [])));
    const anywhere: Key[] = [{ keys: 'Mod+K', name: t('find') }, ...(singleKeys ? [{ keys: '/', name: t('find') }, { keys: '?', name: t('shortcuts') }] : [])];
    const goals = regions.flatMap(({ goals }) => goals.flatMap(({ keys, name }): Key[] => (keys ? [{ keys, name }] : [])));
    return (
        <Window title={t('shortcuts')} open={open} onOpen={onOpen}>
            {here.length > 0 && <Keys title={t('on_this_page')} of={here} />}
            <Keys title={t('everywhere')} of={anywhere} />
            {singleKeys && <Keys title={t('go_to')} of={goals} />}
            <SingleKeys />
        </Window>
    );
}

function Keys({ title, of }: { title: string; of: Key[] }) {
    return (
        <section className="stack tight" aria-label={title}>
            <h3>{title}</h3>
            <dl className="keys">
                {of.map(({ keys, name }) => (
                    <div key={`${keys} ${name}`} className="row apart">
                        <dt>{name}</dt>
                        <dd>{keysOf(keys).split(' ').map((part) => <kbd key={part}>{part}</kbd>)}</dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}

/** Keys of one letter get in the way of those who speak to their computer, or whose hand rests on the keys. */
export function SingleKeys() {
    const { singleKeys } = useSyncExternalStore(appearance.subscribe, appearance.now);
    return (
        <div className="stack tight">
            <Switch on={singleKeys} onChange={(on) => appearance.change({ singleKeys: on })}>{t('single_keys')}</Switch>
            <p className="small soft">{t('single_keys_hint')}</p>
        </div>
    );
}
