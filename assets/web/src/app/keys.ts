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

function chord(keys: string): string {
    const parts = keys.split('+');
    // Where Control comes first elsewhere, Command comes last.
    const mod = MAC && parts[0] === 'Mod' ? [...parts.slice(1, -1), 'Mod', ...parts.slice(-1)] : parts;
    return mod.map(cap).join(MAC ? '' : '+');
}

/** `Mod+Shift+Z` is `Ctrl+Shift+Z`, and on a Mac `⇧⌘Z`. Keys one after the other have a space between. */
export const keysOf = (keys: string): string => keys.split(' ').map(chord).join(' ');
/** Whether somebody who speaks would press them by chance. */
export const ofLetters = (keys: string): boolean => /^[A-Z/?]( [A-Z])?$/.test(keys);
