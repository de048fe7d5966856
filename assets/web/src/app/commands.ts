// What can be done on the page that is shown, for the palette, and by which keys, for their sheet.
import { useEffect, useRef } from 'react';
import type { IconName } from '../kit/icon';

/** Without `run` it is a key that does something where the focus is. */
export type Command = { id: string; name: string; icon?: IconName; keys?: string; off?: boolean; run?: () => void };

const shown = new Map<object, Command[]>();

/** Says what the page can do, as long as it is shown. */
export function useCommands(commands: Command[]): void {
    const own = useRef(commands);
    useEffect(() => {
        const key = own;
        shown.set(key, commands);
        return () => void shown.delete(key);
    });
}

export const commandsHere = (): Command[] => [...shown.values()].flat().filter(({ off }) => !off);

// What was asked for elsewhere, to be done where one goes for it.
let wished = '';
export const wish = (what: string): void => void (wished = what);
export function useWish(what: string, grant: () => void): void {
    useEffect(() => {
        if (wished !== what) return;
        wished = '';
        grant();
    });
}
