// How often a report is drawn up, at which time on the wall, who is told and where its files go.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { client, data } from '../api/client';
import { connectorsQuery } from '../app/connectors';
import { queries, useSession } from '../app/queries';
import { t } from '../i18n';
import { Pick, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Cancel, Window } from '../kit/overlay';
import { schedulesQuery, weekday, of, type Cadence, type Delivery, type Schedule } from './reports-data';
import { Told } from './told';

/** Those that lie in mails, and those that are only put into places. */
const MAILED = ['pdf', 'xlsx'] as const;
const PUT = ['html', 'csv', 'json'] as const;
const DAYS = [0, 1, 2, 3, 4, 5, 6];

type How = 'daily' | 'weekly' | 'monthly';
const howOf = (cadence: Cadence | null | undefined): How => (!cadence || 'weekly' in cadence ? 'weekly' : 'daily' in cadence ? 'daily' : 'monthly');
const atOf = (cadence: Cadence | null | undefined): string => (cadence ? Object.values(cadence as Record<string, { at: string }>)[0]?.at : undefined) ?? '07:00';

type Props = { report: string; zone: string; schedule?: Schedule; close: () => void };

export function ScheduleForm({ report, zone, schedule, close }: Props) {
    const before = schedule?.cadence;
    const [how, setHow] = useState<How>(howOf(before));
    const [on, setOn] = useState<number[]>(before && 'weekly' in before ? before.weekly.on : [0]);
    const [deliver, setDeliver] = useState<Delivery>(schedule?.deliver ?? { users: [], webhooks: [], forms: [], connectors: [], each: false });
    const path = schedule && { params: { path: { report, schedule: schedule.id } } };
    const send = async ({ at = '', date = '1', zone: wanted }: Record<string, string>) => {
        const cadence: Cadence = how === 'daily' ? { daily: { at } } : how === 'weekly' ? { weekly: { on, at } } : { monthly: { day: Number(date), at } };
        const own = wanted || zone;
        const same = schedule && own === schedule.zone && JSON.stringify(cadence) === JSON.stringify(before);
        if (path && same) await data(client.PATCH('/v1/reports/{report}/schedules/{schedule}', { ...path, body: { deliver } }));
        else {
            const made = await data(client.POST('/v1/reports/{report}/schedules', { ...of(report), body: { cadence, zone: own, deliver } }));
            // Another time is another schedule. The one before goes once this one is there, so that none is lost between them.
            if (schedule && !schedule.enabled) await data(client.PATCH('/v1/reports/{report}/schedules/{schedule}', { params: { path: { report, schedule: made.id } }, body: { enabled: false } }));
            if (path) await client.DELETE('/v1/reports/{report}/schedules/{schedule}', path);
        }
        await queries.invalidateQueries({ queryKey: schedulesQuery(report).queryKey });
        close();
    };
    return (
        <Window title={schedule ? t('schedule_edit') : t('schedule_add')} open onOpen={(open) => !open && close()}>
            <SendForm submit={schedule ? t('save') : t('create')} also={<Cancel />} onSend={send}>
                <p className="soft small">{t('schedule_hint')}</p>
                <Pick label={t('schedule_how')} value={how} onChange={(id) => setHow(id as How)} choices={[{ id: 'daily', name: t('schedule_days') }, { id: 'weekly', name: t('schedule_weeks') }, { id: 'monthly', name: t('schedule_months') }]} />
                {how === 'weekly' && (
                    <div className="field">
                        <span className="label">{t('schedule_on')}</span>
                        <ToggleButtonGroup className="segments" aria-label={t('schedule_on')} selectionMode="multiple" disallowEmptySelection selectedKeys={on.map(String)} onSelectionChange={(keys) => setOn([...keys].map(Number).sort())}>
                            {DAYS.map((day) => <ToggleButton key={day} id={String(day)}>{weekday(day)}</ToggleButton>)}
                        </ToggleButtonGroup>
                    </div>
                )}
                {how === 'monthly' && <Field name="date" label={t('schedule_date')} type="number" defaultValue={String(before && 'monthly' in before ? before.monthly.day : 1)} range={{ min: 1, max: 31 }} isRequired />}
                <Field name="at" label={t('schedule_at')} type="time" defaultValue={atOf(before)} isRequired />
                <Field name="zone" label={t('report_zone')} defaultValue={schedule?.zone ?? zone} maxLength={64} hint={t('report_zone_hint')} />
                <Told deliver={deliver} change={(told) => setDeliver({ ...deliver, ...told })} />
                <Switch on={deliver.each} onChange={(each) => setDeliver({ ...deliver, each })}>{t('report_each')}</Switch>
                <Sent deliver={deliver} change={setDeliver} />
            </SendForm>
        </Window>
    );
}

const toggled = (all: string[] | undefined, one: string, on: boolean) => [...(all ?? []).filter((other) => other !== one), ...(on ? [one] : [])];

/** Which files lie in mails, and where they are put. */
function Sent({ deliver, change }: { deliver: Delivery; change: (deliver: Delivery) => void }) {
    const session = useSession();
    const connectors = useQuery({ ...connectorsQuery, enabled: session?.can('connector:read') ?? false }).data ?? [];
    if (!session?.can('report:export')) return null;
    const { forms = [], connectors: places = [] } = deliver;
    // What is put nowhere and lies in no mail is not offered, but for what was chosen before.
    const offered = [...MAILED, ...PUT.filter((form) => places.length > 0 || forms.includes(form))];
    return (
        <fieldset className="bare stack tight">
            <legend>{t('report_files')}</legend>
            {connectors.map(({ id, title }) => (
                <Switch key={id} on={places.includes(id)} onChange={(on) => change({ ...deliver, connectors: toggled(places, id, on) })}>{t('report_file_put', { name: title })}</Switch>
            ))}
            {offered.map((form) => (
                <Switch key={form} on={forms.includes(form)} onChange={(on) => change({ ...deliver, forms: toggled(forms, form, on) })}>{t('report_file_send', { form: form.toUpperCase() })}</Switch>
            ))}
            <p className="soft small">{t('report_files_hint')}</p>
        </fieldset>
    );
}
