// Choosing: one of a list, one of a few, on or off.
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import { Switch as AriaSwitch } from 'react-aria-components/Switch';
import { Text } from 'react-aria-components/Text';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { Icon } from './icon';

export type Choice = { id: string; name: string; hint?: string };

type PickProps = { label: string; choices: Choice[]; name?: string; value?: string; initial?: string; onChange?: (id: string) => void; bare?: boolean; hint?: string };
export function Pick({ label, choices, name, value, initial, onChange, bare, hint }: PickProps) {
    return (
        <Select
            className="field" name={name} aria-label={bare ? label : undefined}
            value={value} defaultValue={initial} onChange={onChange ? (id) => id !== null && onChange(String(id)) : undefined}
        >
            {!bare && <Label>{label}</Label>}
            <Button className="select-button">
                <SelectValue className="cut" />
                <Icon name="down" />
            </Button>
            {hint && <Text slot="description" className="hint">{hint}</Text>}
            <Popover className="popover">
                <ListBox className="listbox">
                    {choices.map(({ id, name, hint }) => (
                        <ListBoxItem key={id} id={id} textValue={name} className="item">
                            {name}
                            {hint && <span className="end">{hint}</span>}
                        </ListBoxItem>
                    ))}
                </ListBox>
            </Popover>
        </Select>
    );
}

type SegmentsProps = { label: string; choices: Choice[]; value: string; onChange: (id: string) => void };
export function Segments({ label, choices, value, onChange }: SegmentsProps) {
    return (
        <ToggleButtonGroup
            className="segments" aria-label={label} selectionMode="single" disallowEmptySelection selectedKeys={[value]}
            onSelectionChange={(keys) => { for (const key of keys) onChange(String(key)); }}
        >
            {choices.map(({ id, name }) => <ToggleButton key={id} id={id}>{name}</ToggleButton>)}
        </ToggleButtonGroup>
    );
}

export function Switch({ children, on, onChange }: { children: ReactNode; on: boolean; onChange: (on: boolean) => void }) {
    return (
        <AriaSwitch className="switch" isSelected={on} onChange={onChange}>
            <span className="track" />
            {children}
        </AriaSwitch>
    );
}
