// Until when something is given: for good, for some days, or to the end of a day that one names.
import { useState, type ReactNode } from 'react';
import { t } from '../i18n';
import { Pick } from '../kit/choose';
import { Field } from '../kit/form';
import { inDays } from './in-days';

/** The fields that ask, and what they say: nothing for good. `ready` when a day is wanted and named. */
export function useUntil(): { fields: ReactNode; expires: string | undefined; ready: boolean } {
    const [days, setDays] = useState('0');
    const [date, setDate] = useState('');
    const own = days === 'date';
    const fields = (
        <>
            <Pick label={t('good_for')} value={days} onChange={setDays} choices={[{ id: '0', name: t('for_good') }, ...[1, 7, 30, 90].map((n) => ({ id: String(n), name: t('n_days', { n }) })), { id: 'date', name: t('until_day') }]} />
            {own && <Field type="date" label={t('last_day')} value={date} onChange={setDate} />}
        </>
    );
    return { fields, expires: own ? (date ? new Date(`${date}T23:59:59`).toISOString() : undefined) : days === '0' ? undefined : inDays(Number(days)), ready: !own || !!date };
}
