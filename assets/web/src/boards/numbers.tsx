// What the numbers of a chart are: their unit, digits and currency; the ends of a gauge, and which number stands for many.
import { useState } from 'react';
import { t } from '../i18n';
import { Pick as Choose, Switch } from '../kit/choose';
import { Field } from '../kit/form';
import type { ChartSpec } from './data';

const UNITS = ['number', 'bytes', 'milliseconds', 'share', 'micros'] as const;
const TOTALS = ['sum', 'last', 'mean', 'max'] as const;
const DECIMALS = [0, 1, 2, 3, 4, 5, 6];
const AUTO = 'auto';

type Props = { spec: ChartSpec; change: (part: Partial<ChartSpec>) => void };

export function Numbers({ spec: { type, format = {}, options = {} }, change }: Props) {
    const formatted = (part: Partial<typeof format>) => change({ format: { ...format, ...part } });
    const drawn = (part: Partial<typeof options>) => change({ options: { ...options, ...part } });
    return (
        <>
            <div className="builder-pair">
                <Choose label={t('unit')} value={format.unit ?? 'number'} onChange={(unit) => formatted({ unit: unit as (typeof UNITS)[number], ...(unit !== 'micros' && { currency: undefined }) })} choices={UNITS.map((id) => ({ id, name: t(`unit_${id}`) }))} />
                <Choose label={t('decimals')} value={format.decimals == null ? AUTO : String(format.decimals)} onChange={(digits) => formatted({ decimals: digits === AUTO ? undefined : Number(digits) })} choices={[{ id: AUTO, name: t('role_auto') }, ...DECIMALS.map((n) => ({ id: String(n), name: String(n) }))]} />
            </div>
            {format.unit === 'micros' && <Currency value={format.currency ?? ''} change={(currency) => formatted({ currency })} />}
            {type === 'gauge' && (
                <div className="builder-pair">
                    <End label={t('gauge_from')} value={options.min} change={(min) => drawn({ min })} />
                    <End label={t('gauge_to')} value={options.max} change={(max) => drawn({ max })} />
                </div>
            )}
            {(type === 'value' || type === 'gauge') && <Choose label={t('total')} value={options.total ?? 'sum'} onChange={(total) => drawn({ total: total as (typeof TOTALS)[number] })} choices={TOTALS.map((id) => ({ id, name: t(`total_${id}`) }))} />}
            {(type === 'bar' || type === 'stacked_bar') && <Switch on={options.horizontal ?? false} onChange={(horizontal) => drawn({ horizontal })}>{t('bars_lie')}</Switch>}
            {(type === 'value' || type === 'gauge' || type === 'waterfall') && <Switch on={options.less_is_better ?? false} onChange={(less_is_better) => drawn({ less_is_better })}>{t('less_is_better')}</Switch>}
        </>
    );
}

/** Three letters; what is not one yet is kept here alone. */
function Currency({ value, change }: { value: string; change: (currency: string | undefined) => void }) {
    const [text, setText] = useState(value);
    return <Field label={t('currency')} hint={t('chart_currency_hint')} value={text} maxLength={3} onChange={(typed) => {
        const next = typed.toUpperCase().replace(/[^A-Z]/g, '');
        setText(next);
        if (next.length === 3 || next === '') change(next || undefined);
    }} />;
}

/** A number that may be absent; what is no number yet is kept here alone. */
function End({ label, value, change }: { label: string; value: number | null | undefined; change: (value: number | undefined) => void }) {
    const [text, setText] = useState(value == null ? '' : String(value));
    return <Field label={label} type="number" range={{ step: 0.000001 }} value={text} onChange={(typed) => {
        setText(typed);
        const next = Number(typed);
        if (typed.trim() === '' || Number.isFinite(next)) change(typed.trim() === '' ? undefined : next);
    }} />;
}
