// Keys as they are written on the keyboard at hand.
import { t } from '../i18n';

const MAC = /^(Mac|iP)/.test(navigator.platform);

function cap(key: string): string {
    if (key === 'Mod') return MAC ? '⌘' : t('cap_ctrl');
    if (key === 'Shift') return MAC ? '⇧' : t('cap_shift');
    if (key === 'Delete') return MAC ? '⌫' : t('cap_delete');
    if (key === 'Space') return t('cap_space');
    return key;
}

/** `Mod+Shift+Z` is `Ctrl+Shift+Z`, and on a Mac `⇧⌘Z`. Keys one after the other have a space between. */
export function keysOf(keys: string): string {
    const one = (chord: string) => {
        const parts = chord.split('+');
        return MAC ? [...parts.filter((key) => key !== 'Mod' && parts.length > 1).slice(0, -1), ...parts.filter((key) => key === 'Mod'), parts[parts.length - 1] ?? ''].map(cap).join('') : parts.map(cap).join('+');
    };
    return keys.split(' ').map(one).join(' ');
}
