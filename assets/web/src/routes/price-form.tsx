// A new price list, begun from the newest one. What has no price costs nothing.
import { useState } from 'react';
import { client, data, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { Action, Notice } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel } from '../kit/overlay';
import { tell } from '../kit/toast';
import { blocksOf, METERS, meterName, micros, typed } from './meters';
import './portal.css';

type Card = Schemas['RateCard'];

/** Midnight that comes, or the first day of this month where nothing was charged before, as the field of the browser has it. */
function begin(newest: Card | undefined): string {
    const now = new Date();
    const least = newest ? Math.max(Date.parse(newest.from), now.getTime()) : now.getTime();
    const from = newest ? new Date(least) : new Date(now.getFullYear(), now.getMonth(), 1);
    if (newest) from.setHours(24, 0, 0, 0);
    const two = (n: number) => String(n).padStart(2, '0');
    return `${from.getFullYear()}-${two(from.getMonth() + 1)}-${two(from.getDate())}T${two(from.getHours())}:${two(from.getMinutes())}`;
}

const isPrice = (text: string) => (text.trim() === '' || (micros(text) >= 0 && micros(text) <= 1e12) ? null : t('no_price'));

export function PriceForm({ newest, close, then }: { newest?: Card; close: () => void; then: () => void }) {
    const before = new Map(newest?.rates.map((rate) => [rate.meter, rate] as const));
    const known = [...new Set<string>([...METERS, ...before.keys()])];
    // Meters of one's own: a name and how many of it a price is for.
    const [own, setOwn] = useState<number[]>([]);
    return (
        <SendForm submit={t('save')} also={<Cancel />} onSend={async ({ from = '', currency = '', ...values }) => {
            const priced = known.map((meter) => ({ meter, price: values[`price ${meter}`] ?? '', block: values[`block ${meter}`] ?? '1' }));
            const added = own.map((n) => ({ meter: (values[`meter ${n}`] ?? '').trim(), price: values[`price ${n}`] ?? '', block: values[`amount ${n}`] ?? '1' }));
            const rates = [...priced, ...added].filter(({ price }) => price.trim()).map(({ meter, price, block }) => ({ meter, price_micros: micros(price), block: Number(block) }));
            await data(client.POST('/v1/rate-cards', { body: { from: new Date(from).toISOString(), currency: currency.trim().toUpperCase(), rates } }));
            await queries.invalidateQueries({ queryKey: ['rate-cards'] });
            tell(t('saved'));
            close();
            then();
        }}>
            <div className="grid">
                <Field name="from" type="datetime-local" label={t('prices_hold_from')} hint={newest ? t('prices_from_hint') : t('prices_first_hint')} defaultValue={begin(newest)} isRequired />
                <Field name="currency" label={t('currency')} hint={newest ? t('currency_stays') : t('currency_hint')} defaultValue={newest?.currency ?? 'EUR'} isReadOnly={!!newest} isRequired minLength={3} maxLength={3} autoComplete="off" />
            </div>
            <p className="soft small">{t('prices_hint')}</p>
            <div className="prices">
                {known.map((meter) => (
                    <div key={meter} className="price" role="group" aria-label={meterName(meter)}>
                        <Field name={`price ${meter}`} label={meterName(meter)} inputMode="decimal" validate={isPrice} defaultValue={before.has(meter) ? typed(before.get(meter)?.price_micros ?? 0) : ''} autoComplete="off" />
                        <Pick name={`block ${meter}`} label={t('price_per')} initial={String(before.get(meter)?.block ?? blocksOf(meter)[0]?.id ?? 1)} choices={blocksOf(meter, before.get(meter)?.block)} />
                    </div>
                ))}
                {own.map((n) => (
                    <div key={n} className="price own" role="group" aria-label={t('own_meter')}>
                        <Field name={`meter ${n}`} label={t('own_meter')} placeholder="acme.api_calls" isRequired maxLength={128} autoComplete="off" autoFocus />
                        <Field name={`price ${n}`} label={t('price')} inputMode="decimal" validate={isPrice} isRequired autoComplete="off" />
                        <Field name={`amount ${n}`} label={t('price_per_units')} inputMode="numeric" defaultValue="1" pattern="[1-9][0-9]{0,15}" isRequired autoComplete="off" />
                        <Action icon="close" look="quiet" aria-label={`${t('remove')}: ${t('own_meter')}`} onPress={() => setOwn(own.filter((one) => one !== n))} />
                    </div>
                ))}
            </div>
            <div><Action icon="plus" onPress={() => setOwn([...own, (own.at(-1) ?? 0) + 1])}>{t('add_own_meter')}</Action></div>
            <Notice>{t('prices_stay')}</Notice>
        </SendForm>
    );
}
