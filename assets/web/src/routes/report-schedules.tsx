// When a report is drawn up by itself, and what becomes of it then.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data } from '../api/client';
import { actAtOnce } from '../app/at-once';
import { queries } from '../app/queries';
import { moment, t } from '../i18n';
import { Action, Show } from '../kit/bits';
import { Switch } from '../kit/choose';
import { More } from '../kit/menu';
import { Table } from '../kit/table';
import { tellError } from '../kit/toast';
import { schedulesQuery, weekday, type Cadence, type Schedule } from './reports-data';

const ScheduleForm = lazy(() => import('./report-schedule-form').then(({ ScheduleForm }) => ({ default: ScheduleForm })));

const said = (cadence: Cadence | null | undefined): string => {
    if (!cadence) return '';
    if ('daily' in cadence) return t('schedule_daily', { at: cadence.daily.at });
    if ('weekly' in cadence) return t('schedule_weekly', { on: cadence.weekly.on.map(weekday).join(', '), at: cadence.weekly.at });
    return t('schedule_monthly', { day: cadence.monthly.day, at: cadence.monthly.at });
};

export function Schedules({ report, zone, may }: { report: string; zone: string; may: boolean }) {
    const schedules = useQuery(schedulesQuery(report));
    const [editing, edit] = useState<Schedule | 'new' | null>(null);
    const path = (schedule: string) => ({ params: { path: { report, schedule } } });
    const change = async (made: Promise<unknown>) => {
        try {
            await made;
        } catch (error) {
            tellError(error);
        }
        await queries.invalidateQueries({ queryKey: ['report', report, 'schedules'] });
    };
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('report_schedules')}</h2>
                {may && <Action icon="plus" onPress={() => edit('new')}>{t('schedule_add')}</Action>}
            </div>
            <Show of={schedules}>
                {({ items }) => (items.length ? (
                    <Table<Schedule> caption={t('report_schedules')} rows={items} rowKey={({ id }) => id} columns={[
                        { id: 'when', name: t('schedule_how'), cell: ({ cadence, zone: own }) => `${said(cadence)} (${own})` },
                        { id: 'next', name: t('schedule_next'), cell: ({ next }) => (next ? moment(next) : '–') },
                        { id: 'on', name: t('schedule_is_on'), hide: true, cell: ({ id, enabled }) => may && (
                            <Switch on={enabled} onChange={(now) => void actAtOnce(['report'], [id], { enabled: now }, () => client.PATCH('/v1/reports/{report}/schedules/{schedule}', { ...path(id), body: { enabled: now } }))}>{t('schedule_is_on')}</Switch>
                        ) },
                        { id: 'more', name: t('more'), hide: true, end: true, cell: (schedule) => may && (
                            <More label={`${t('more')}: ${said(schedule.cadence)}`} entries={[
                                { id: 'edit', name: t('edit'), icon: 'edit', run: () => edit(schedule) },
                                { id: 'remove', name: t('schedule_remove'), icon: 'trash', bad: true, run: () => void change(data(client.DELETE('/v1/reports/{report}/schedules/{schedule}', path(schedule.id)))) },
                            ]} />
                        ) },
                    ]} />
                ) : <p className="soft">{t('no_schedules')}</p>)}
            </Show>
            {editing && <Suspense><ScheduleForm report={report} zone={zone} schedule={editing === 'new' ? undefined : editing} close={() => edit(null)} /></Suspense>}
        </section>
    );
}
