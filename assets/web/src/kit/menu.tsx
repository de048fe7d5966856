// Menus: what else can be done with a thing. Apart from the dialogs, so that whoever needs one does not load the other.
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Action, type ActionProps } from './bits';
import { Icon, type IconName } from './icon';

/** `entries`: what it opens instead of being done itself, in a `deep-menu`; `on`: that it is so now. */
export type Entry = { id: string; name: string; icon?: IconName; bad?: boolean; keys?: string; run?: () => void; off?: boolean; on?: boolean; entries?: Entry[] };

type Props = {
    label: string;
    entries: Entry[];
    button?: ActionProps;
    /** Open when it first appears. */
    open?: boolean;
};
export function More({ label, entries, button, open }: Props) {
    return (
        <MenuTrigger defaultOpen={open}>
            {button ? <Action look="quiet" {...button} /> : <Action look="quiet" icon="more" aria-label={label} />}
            <Popover className="popover" placement="bottom end">
                <Menu className="menu" aria-label={label}>{entries.map(item)}</Menu>
            </Popover>
        </MenuTrigger>
    );
}

export const item = ({ id, name, icon, bad, keys, run, off, on, entries }: Entry) => (
    <MenuItem key={id} id={id} textValue={name} className={bad ? 'item bad' : 'item'} onAction={run} isDisabled={off}>
        {icon && <Icon name={icon} />}
        {name}
        {(keys || on || entries) && <span className="end" aria-hidden="true">{entries ? <Icon name="next" /> : on ? <Icon name="check" /> : <kbd>{keys}</kbd>}</span>}
    </MenuItem>
);
