// The numbers of the appliance over the last hours: with axes, over as long as one likes up to a day, also what was before one came.
import { useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import '../boards/boards.css';
import { client, data, type Schemas } from '../api/client';
import { bytes, lasting, number, second, t } from '../i18n';
import { Show } from '../kit/bits';
import { Segments } from '../kit/choose';
import { LongTable } from '../kit/long-table';
import type { Column } from '../kit/table';
import { TimeLine, type Point } from './time-line';

type Series = Schemas['MetricSeries'];
/** In seconds. */
const RANGES = [900, 3_600, 6 * 3_600, 24 * 3_600] as const;
const POINTS = 240;

const rounded = (value: number): string => number(Math.round(value * 100) / 100);
const sayOf = ({ unit }: Series): ((value: number) => string) => (unit === 'bytes' ? bytes : rounded);

export function History() {
    const [range, setRange] = useState<number>(3_600);
    const [how, setHow] = useState<'charts' | 'table'>('charts');
    const history = useQuery({
        queryKey: ['appliance', 'history', range], placeholderData: keepPreviousData, refetchInterval: 10_000,
        queryFn: () => data(client.GET('/v1/appliance/history', { params: { query: { range_s: range, points: POINTS } } })),
    });
    return (
        <section className="stack">
            <div className="row apart wrap">
                <h2>{t('history')}</h2>
                <div className="row wrap">
                    <Segments label={t('time_range')} value={String(range)} onChange={(next) => setRange(Number(next))} choices={RANGES.map((seconds) => ({ id: String(seconds), name: lasting(seconds) }))} />
                    <Segments label={t('history_form')} value={how} onChange={(next) => setHow(next === 'table' ? 'table' : 'charts')} choices={[{ id: 'charts', name: t('history_charts') }, { id: 'table', name: t('history_table') }]} />
                </div>
            </div>
            <p className="small soft">{t('history_hint')}</p>
            <Show of={history} lines={8}>
                {(found) => how === 'table' ? <Numbers history={found} /> : (
                    <div className="grid histories">
                        {found.series.map((series) => <TimeLine key={series.name} title={t(`metric_${series.name}` as 'metric_jobs_running')} say={sayOf(series)} points={pointsOf(found, series)} />)}
                    </div>
                )}
            </Show>
        </section>
    );
}

const timeOf = ({ from, step_s }: Schemas['MetricHistory'], step: number): number => Date.parse(from) + step * step_s * 1000;
const pointsOf = (history: Schemas['MetricHistory'], { mean, most }: Series): Point[] => mean.map((value, step) => ({ at: timeOf(history, step), mean: value ?? null, most: most[step] ?? null }));

/** The same numbers, the newest first. */
function Numbers({ history }: { history: Schemas['MetricHistory'] }) {
    const steps = history.series[0]?.mean.map((_, step) => step).filter((step) => history.series.some(({ mean }) => mean[step] != null)).reverse() ?? [];
    const columns: Column<number>[] = [
        { id: 'at', name: t('when'), cell: (step) => <span className="num cut">{second(new Date(timeOf(history, step)).toISOString())}</span> },
        ...history.series.map((series): Column<number> => ({
            id: series.name, name: t(`metric_${series.name}` as 'metric_jobs_running'), end: true,
            cell: (step) => { const value = series.mean[step]; return <span className="num">{value == null ? '–' : sayOf(series)(value)}</span>; },
        })),
    ];
    return <LongTable caption={t('history')} columns={columns} rows={steps} rowKey={String} height={40} />;
}
