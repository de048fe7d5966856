import { number, t } from '../i18n';
import { Badge } from '../kit/bits';
import { Field } from '../kit/form';
import { isColour, standsOut } from './contrast';

type Props = { name?: string; label: string; value: string; base: string; against?: string; page?: string; least?: number; onChange: (value: string) => void };

/** A colour, by picking or by writing it; empty is the theme's. Says how much it stands out from what is behind it. */
export function ColourField({ name, label, value, base, against, page, least = 3, onChange }: Props) {
    const shown = isColour(value) ? value : base;
    const ratio = against && standsOut(shown, against, page ?? against);
    return (
        <div className="colour">
            <input type="color" aria-label={`${label}: ${t('pick_colour')}`} value={shown.toLowerCase()} onChange={(event) => onChange(event.target.value.toUpperCase())} />
            <Field name={name} label={label} value={value} onChange={onChange} placeholder={base} pattern="#[0-9A-Fa-f]{6}" autoComplete="off" />
            {ratio && <Badge tone={ratio < least ? 'bad' : ratio < 4.5 ? 'warn' : 'good'}>{number(Math.floor(ratio * 10) / 10)} : 1</Badge>}
        </div>
    );
}
