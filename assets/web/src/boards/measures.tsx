// What is counted: one number or several, each of a column.
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Pick as Choose } from '../kit/choose';
import type { Column } from './builder';
import type { Pick } from './data';

type Measure = Pick['measures'][number];
const AGGREGATES = ['count', 'count_distinct', 'sum', 'mean', 'min', 'max', 'median'] as const;
const MOST = 8;

export function Measures({ measures, columns, change }: { measures: Measure[]; columns: Column[]; change: (measures: Measure[]) => void }) {
    const put = (at: number, measure: Measure) => change(measures.map((own, i) => (i === at ? measure : own)));
    const fits = ({ aggregate }: Measure) => columns.filter(({ number }) => number || aggregate === 'count_distinct');
    const several = measures.length > 1;
    return (
        <>
            {measures.map((measure, at) => (
                <div key={at} className="row end-aligned">
                    <div className="builder-pair grow">
                        <Choose label={several ? t('measure_n', { n: at + 1 }) : t('measure')} value={measure.aggregate} onChange={(id) => {
                            const aggregate = id as Measure['aggregate'];
                            put(at, aggregate === 'count' ? { aggregate } : { aggregate, column: measure.column ?? fits({ aggregate })[0]?.name });
                        }} choices={AGGREGATES.map((id) => ({ id, name: t(`aggregate_${id}`) }))} />
                        {measure.aggregate !== 'count' && <Choose label={t('of_column')} value={measure.column ?? ''} onChange={(column) => put(at, { ...measure, column })} choices={fits(measure).map(({ name, about }) => ({ id: name, name, hint: about.slice(0, 48) }))} />}
                    </div>
                    {several && <Action look="quiet" icon="trash" aria-label={`${t('remove')}: ${t('measure_n', { n: at + 1 })}`} onPress={() => change(measures.filter((_, i) => i !== at))} />}
                </div>
            ))}
            {measures.length < MOST && <div><Action icon="plus" onPress={() => change([...measures, { aggregate: 'count' }])}>{t('add_measure')}</Action></div>}
        </>
    );
}
