// Permissions to choose from, by what they are about. The box of a noun stands for all that can be done with it.
import { Checkbox } from 'react-aria-components/Checkbox';
import { t } from '../i18n';
import { Icon } from '../kit/icon';

export const nounOf = (permission: string): string => permission.split(':')[0] ?? permission;

type Props = { label: string; permissions: string[]; value: string[]; onChange: (value: string[]) => void };

export function PermissionPicker({ label, permissions, value, onChange }: Props) {
    const nouns = [...new Set(permissions.map(nounOf))].sort();
    const chosen = new Set(value);
    const set = (these: string[], on: boolean) => {
        const next = new Set(chosen);
        for (const one of these) if (on) next.add(one); else next.delete(one);
        onChange(permissions.filter((permission) => next.has(permission)));
    };
    return (
        <div className="field">
            <span className="row apart"><span className="label">{label}</span><span className="small soft" role="status">{t('n_chosen', { n: value.length })}</span></span>
            <div className="picker" role="group" aria-label={label}>
                {nouns.map((noun) => {
                    const these = permissions.filter((permission) => nounOf(permission) === noun);
                    const on = these.filter((permission) => chosen.has(permission)).length;
                    return (
                        <div key={noun} className="picker-row" role="group" aria-label={noun}>
                            <Checkbox className="check" isSelected={on === these.length} isIndeterminate={on > 0 && on < these.length} onChange={(all) => set(these, all)}>
                                <span className="box"><Icon name={on > 0 && on < these.length ? 'minus' : 'check'} /></span><strong className="mono">{noun}</strong>
                            </Checkbox>
                            <div className="picker-verbs">
                                {these.map((permission) => (
                                    <Checkbox key={permission} className="check" aria-label={permission} isSelected={chosen.has(permission)} onChange={(one) => set([permission], one)}>
                                        <span className="box"><Icon name="check" /></span><span className="mono">{permission.slice(noun.length + 1)}</span>
                                    </Checkbox>
                                ))}
                            </div>
                        </div>
                    );
                })}
            </div>
        </div>
    );
}
