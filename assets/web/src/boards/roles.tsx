// Which columns of an answer are drawn as what. What nobody says is taken from the order of the columns.
import { t } from '../i18n';
import { Action, Badge } from '../kit/bits';
import { Pick as Choose } from '../kit/choose';
import type { ChartKind, ChartSpec } from './data';

type Encoding = NonNullable<ChartSpec['encoding']>;
const MOST = { y: 12, path: 6 } as const;
const PATHS: ChartKind[] = ['treemap', 'sunburst', 'sankey', 'graph'];
const SERIES: ChartKind[] = ['line', 'area', 'bar', 'stacked_bar', 'scatter', 'bubble', 'heat_map', 'pivot', 'radar'];
/** Kinds that show their columns as they are. */
const WITHOUT: ChartKind[] = ['table'];

type Props = { spec: ChartSpec; columns: string[]; change: (part: Partial<ChartSpec>) => void };

export function Roles({ spec, columns, change }: Props) {
    const encoding = spec.encoding ?? {};
    if (WITHOUT.includes(spec.type) || columns.length < 2) return null;
    const set = (part: Partial<Encoding>) => {
        const next = Object.fromEntries(Object.entries({ ...encoding, ...part }).filter(([, value]) => value && value.length > 0)) as Encoding;
        change({ encoding: Object.keys(next).length ? next : undefined });
    };
    // What is named and is in no answer any more is still shown: it is what is wrong.
    const known = [...new Set([...columns, ...[encoding.x, encoding.series, encoding.size, ...(encoding.y ?? []), ...(encoding.path ?? [])].filter((name) => name != null)])];
    const one = (role: 'x' | 'series' | 'size') => (
        <Choose label={t(`role_${role}`)} value={encoding[role] ?? ''} onChange={(column) => set({ [role]: column || undefined })} choices={[{ id: '', name: t('role_auto') }, ...known.map((id) => ({ id, name: id }))]} />
    );
    const several = (role: 'y' | 'path') => {
        const chosen = encoding[role] ?? [];
        const left = known.filter((name) => !chosen.includes(name));
        return (
            <div className="stack tight">
                {chosen.length > 0 && (
                    <ol className="chips" aria-label={t(`role_${role}`)}>
                        {chosen.map((name) => <li key={name} className="chip"><Badge>{name}</Badge><Action look="quiet" icon="close" aria-label={`${t('remove')}: ${name}`} onPress={() => set({ [role]: chosen.filter((own) => own !== name) })} /></li>)}
                    </ol>
                )}
                {left.length > 0 && chosen.length < MOST[role] && (
                    <Choose key={chosen.join()} label={t(`role_${role}`)} value="" onChange={(name) => name && set({ [role]: [...chosen, name] })} choices={[{ id: '', name: chosen.length ? t('role_more') : t('role_auto') }, ...left.map((id) => ({ id, name: id }))]} />
                )}
            </div>
        );
    };
    return (
        <details className="builder-more">
            <summary>{t('roles')}</summary>
            <div className="stack tight">
                <p className="small soft">{t('roles_hint')}</p>
                {PATHS.includes(spec.type) ? several('path') : one('x')}
                {several('y')}
                {SERIES.includes(spec.type) && one('series')}
                {spec.type === 'bubble' && one('size')}
            </div>
        </details>
    );
}
