// Draws options of ECharts, taken in by part: a chunk of its own, loaded with the first chart that is shown.
import { BarChart, BoxplotChart, CandlestickChart, FunnelChart, GaugeChart, GraphChart, HeatmapChart, LineChart, MapChart, PieChart, RadarChart, SankeyChart, ScatterChart, SunburstChart, TreemapChart } from 'echarts/charts';
import { AriaComponent, CalendarComponent, GridComponent, LegendScrollComponent, RadarComponent, TooltipComponent, VisualMapContinuousComponent } from 'echarts/components';
import { init, registerMap, use, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { Option } from './paint';

use([
    BarChart, BoxplotChart, CandlestickChart, FunnelChart, GaugeChart, GraphChart, HeatmapChart, LineChart, MapChart, PieChart, RadarChart, SankeyChart, ScatterChart, SunburstChart, TreemapChart,
    AriaComponent, CalendarComponent, GridComponent, LegendScrollComponent, RadarComponent, TooltipComponent, VisualMapContinuousComponent, CanvasRenderer,
]);

/** A drawn chart. */
export type Drawn = { show: (option: Option) => void; fit: () => void; end: () => void };

/** Draws into an element. `chosen` is told of a part that is clicked. */
export function open(node: HTMLElement, chosen: (part: Part) => void): Drawn {
    const chart: ECharts = init(node, null, { renderer: 'canvas' });
    chart.on('click', (part) => chosen(part as Part));
    return {
        show: (option) => chart.setOption(option as never, { notMerge: true, lazyUpdate: true }),
        fit: () => chart.resize({ animation: { duration: 0 } }),
        end: () => chart.dispose(),
    };
}

/** A part of a chart that was clicked. */
export type Part = { name?: string; seriesName?: string; seriesType?: string; value?: unknown; data?: unknown; dataType?: string; dataIndex?: number; treePathInfo?: { name: string }[] };

/** The outline of the world's countries, once it is there. */
export const know = (outline: unknown): void => registerMap('world', outline as never);
