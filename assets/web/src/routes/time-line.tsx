// A number over time, with axes, by the part that draws the charts of dashboards: loaded when one is first shown.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { appearance } from '../app/appearance';
import type { Drawn } from '../charts/engine';
import { painted, type Option } from '../charts/paint';
import { clockOf, t } from '../i18n';

/** What it was on average and at most in a step that begins at `at`; nothing where nobody looked. */
export type Point = { at: number; mean: number | null; most: number | null };

/** As data: roles stand where colours will. */
export function optionOf(points: Point[], say: (value: number) => string): Option {
    const line = (of: 'mean' | 'most') => points.map((point) => [point.at, point[of]]);
    const plain = { type: 'line', showSymbol: false, connectNulls: false, silent: true };
    return {
        color: ['role:tone-0', 'role:tone-0'], animation: false, aria: { enabled: true, label: { enabled: false } }, textStyle: { color: 'role:ink-soft', fontSize: 12 },
        grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
        xAxis: { type: 'time', min: points[0]?.at, max: points.at(-1)?.at, splitNumber: 4, axisLine: { lineStyle: { color: 'role:line-strong' } }, axisLabel: { color: 'role:ink-soft', hideOverlap: true, formatter: (at: number) => clockOf(at) } },
        yAxis: { type: 'value', min: 0, splitNumber: 3, splitLine: { lineStyle: { color: 'role:line' } }, axisLabel: { color: 'role:ink-soft', formatter: (value: number) => say(value) } },
        tooltip: { trigger: 'axis', confine: true, borderWidth: 0, padding: 0, backgroundColor: 'transparent', className: 'chart-tip', axisPointer: { type: 'line', lineStyle: { color: 'role:line-strong' } }, formatter: (at: { dataIndex: number }[]) => tip(points[at[0]?.dataIndex ?? -1], say) },
        series: [
            { ...plain, data: line('mean'), lineStyle: { width: 2 }, areaStyle: { opacity: 0.14 } },
            { ...plain, data: line('most'), lineStyle: { width: 1, type: 'dotted', opacity: 0.7 } },
        ],
    };
}

/** An element, so that nothing is ever read as markup. */
function tip(point: Point | undefined, say: (value: number) => string): HTMLElement {
    const box = document.createElement('div');
    box.className = 'chart-tip-box';
    const add = (kind: string, text: string) => Object.assign(box.appendChild(document.createElement(kind)), { textContent: text });
    if (!point) return box;
    add('strong', clockOf(point.at));
    add('span', point.mean === null ? t('history_gap') : t('history_mean', { value: say(point.mean) }));
    if (point.most !== null) add('span', t('history_most', { value: say(point.most) }));
    return box;
}

export function TimeLine({ title, points, say }: { title: string; points: Point[]; say: (value: number) => string }) {
    const node = useRef<HTMLDivElement>(null);
    const drawn = useRef<Drawn>(undefined);
    const [opened, arrive] = useState(0);
    const look = useSyncExternalStore(appearance.subscribe, appearance.now);
    useEffect(() => {
        let gone = false;
        const watch = new ResizeObserver(() => drawn.current?.fit());
        void import('../charts/engine').then(({ open }) => {
            if (gone || !node.current) return;
            drawn.current = open(node.current, () => {});
            watch.observe(node.current);
            arrive((times) => times + 1);
        });
        return () => {
            gone = true;
            watch.disconnect();
            drawn.current?.end();
            drawn.current = undefined;
        };
    }, []);
    useEffect(() => {
        // Roles become colours; what formats is no data and is put back after that.
        const option = optionOf(points, say);
        const ready = painted(option) as Option;
        drawn.current?.show(ready);
    }, [opened, points, say, look]);
    const known = points.flatMap(({ mean }) => (mean === null ? [] : [mean]));
    const last = known.at(-1);
    const words = last === undefined ? t('history_nothing') : t('history_between', { least: say(Math.min(...known)), most: say(Math.max(...known)) });
    return (
        <figure className="card padded history">
            <figcaption className="row apart"><span className="cut">{title}</span><strong className="num">{last === undefined ? '–' : say(last)}</strong></figcaption>
            <div ref={node} className="chart" role="img" aria-label={`${title}. ${words}`} />
        </figure>
    );
}
