// Permissions to choose from, by what they are about. The box of a noun stands for all that can be done with it.
import { Checkbox } from 'react-aria-components/Checkbox';
import { byNoun, permissionName } from '../app/permissions';
import { t } from '../i18n';
import { Icon } from '../kit/icon';

type Props = { label: string; permissions: string[]; value: string[]; onChange: (value: string[]) => void };

export function PermissionPicker({ label, permissions, value, onChange }: Props) {
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
                {byNoun(permissions).map(({ noun, name, these }) => {
                    const on = these.filter((permission) => chosen.has(permission)).length;
                    return (
                        <div key={noun} className="picker-row" role="group" aria-label={name}>
                            <Checkbox className="check" isSelected={on === these.length} isIndeterminate={on > 0 && on < these.length} onChange={(all) => set(these, all)}>
                                <span className="box"><Icon name={on > 0 && on < these.length ? 'minus' : 'check'} /></span><strong>{name}</strong>
                            </Checkbox>
                            <div className="picker-verbs">
                                {these.map((permission) => (
                                    <Checkbox key={permission} className="check" isSelected={chosen.has(permission)} onChange={(one) => set([permission], one)}>
                                        <span className="box"><Icon name="check" /></span><span title={permission}>{permissionName(permission)}</span>
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
