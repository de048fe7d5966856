// Menus with menus in them, and menus at any place of the page. Apart from the plain ones, which most pages do with.
import { useRef } from 'react';
import { Button } from 'react-aria-components/Button';
import { Menu, MenuTrigger, SubmenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Action } from './bits';
import { item, type Entry } from './menu';

export function DeepMore({ label, entries }: { label: string; entries: Entry[] }) {
    return (
        <MenuTrigger>
            <Action look="quiet" icon="more" aria-label={label} />
            <Popover className="popover" placement="bottom end"><Items label={label} entries={entries} /></Popover>
        </MenuTrigger>
    );
}

/** A menu at a place of the page, until something is chosen or it is left. */
export function MenuAt({ label, entries, at: [left, top], onClose }: { label: string; entries: Entry[]; at: [number, number]; onClose: () => void }) {
    const before = useRef(document.activeElement as HTMLElement | null);
    const close = () => {
        onClose();
        // The focus goes back to where it was, unless something was opened that has it.
        requestAnimationFrame(() => document.activeElement === document.body && before.current?.isConnected && before.current.focus());
    };
    return (
        <MenuTrigger isOpen onOpenChange={(open) => !open && close()}>
            <Button className="menu-at" style={{ left, top }} aria-label={label} excludeFromTabOrder />
            <Popover className="popover" placement="bottom start">
                <Items label={label} entries={entries} first />
            </Popover>
        </MenuTrigger>
    );
}

function Items({ label, entries, first }: { label: string; entries: Entry[]; first?: boolean }) {
    return (
        <Menu className="menu" aria-label={label} {...(first && { autoFocus: 'first' as const })}>
            {entries.map((entry) => entry.entries ? (
                <SubmenuTrigger key={entry.id}>
                    {item(entry)}
                    <Popover className="popover"><Items label={entry.name} entries={entry.entries} /></Popover>
                </SubmenuTrigger>
            ) : item(entry))}
        </Menu>
    );
}
