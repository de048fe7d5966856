// Puts colours in the place of roles, and words and numbers of the page's language where an option has none: what cannot be data.
import type { Schemas } from '../api/client';
import { axisMoment, country, moments, say } from './say';

export type Option = Record<string, unknown>;
export type Drawing = Schemas['Chart'];
export type Format = NonNullable<Schemas['ChartSpec']['format']>;

// The keys under which options have colours; a test of `charts` holds its options against them.
const KEYS = new Set(['color', 'color0', 'borderColor', 'borderColor0', 'backgroundColor', 'areaColor', 'pageIconColor']);

/** The value of a token in the look that the page has now. */
const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A copy in which roles are colours. Only under keys that hold colours: a label may say what it likes. */
export function painted(value: unknown, colour = false, read = token): unknown {
    if (typeof value === 'string') return colour && value.startsWith('role:') ? read(value.slice(5)) : value;
    if (Array.isArray(value)) return value.map((item) => painted(item, colour, read));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, painted(own, KEYS.has(key), read)]));
}

type Hovered = {
    name?: string; seriesName?: string; seriesType?: string; value?: unknown; data?: unknown; color?: unknown; percent?: number;
    axisValue?: string | number; dataType?: string; treePathInfo?: { name: string }[];
};
type Line = { colour?: string; name: string; value: string };

/** An option ready to be drawn: painted, with axes and a box under the pointer in the page's language. */
export function ready(drawing: Drawing, format: Format): Option | null {
    if (!drawing.option) return null;
    const option = painted(drawing.option) as Option & { xAxis?: Option; yAxis?: Option; tooltip?: Option; textStyle?: Option };
    option.useUTC = true;
    option.textStyle = { ...option.textStyle, fontFamily: getComputedStyle(document.body).fontFamily };
    const { axes, bucket } = drawing;
    const name = axisMoment(bucket);
    const kinds = { time: name, category: (text: unknown) => String(text), value: (n: unknown) => say(Number(n), format, true), plain: (n: unknown) => say(Number(n), {}, true), none: String };
    for (const [axis, kind] of [['xAxis', axes.x], ['yAxis', axes.y]] as const) {
        const own = option[axis];
        if (own && kind !== 'none') own.axisLabel = { ...(own.axisLabel as Option), formatter: kinds[kind] };
    }
    const timed = axes.x === 'time' || axes.y === 'time';
    const place = (text: unknown) => (timed && moments(text) ? axisMoment(bucket, true)(text) : String(text ?? ''));
    if (option.tooltip) {
        option.tooltip.className = 'chart-tip';
        option.tooltip.formatter = (about: Hovered | Hovered[]) => tip(about, option, format, place);
    }
    for (const series of (option.series as Option[]) ?? []) {
        if (series.type === 'funnel') series.label = { ...(series.label as Option), formatter: ({ name, value }: Hovered) => `${name}  ${say(Number(value), format)}` };
        if (series.type === 'pie') series.label = { ...(series.label as Option), formatter: ({ name, percent }: Hovered) => `${name} ${say((percent ?? 0) / 100, { unit: 'share', decimals: 0 })}` };
    }
    if (option.visualMap) {
        const map = option.visualMap as Option;
        map.formatter = (n: number) => say(Number(n), format, true);
        map.text = [say(Number(map.max), format, true), say(Number(map.min), format, true)];
    }
    return option;
}

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value : [value]).map(Number);
const last = (value: unknown): number => numbers(value).at(-1) ?? NaN;

/** What stands in the box under the pointer: an element, so that no name is ever read as markup. */
function tip(about: Hovered | Hovered[], option: Option, format: Format, place: (text: unknown) => string): HTMLElement {
    const all = Array.isArray(about) ? about : [about];
    const first = all[0] ?? {};
    const axis = (name: 'xAxis' | 'yAxis', at: number): unknown => ((option[name] as Option | undefined)?.data as unknown[] | undefined)?.[at];
    const line = (one: Hovered): Line => ({ colour: typeof one.color === 'string' ? one.color : undefined, name: one.seriesName ?? '', value: say(last(one.value), format) });
    let head = place(first.axisValue ?? first.name);
    let lines: Line[];
    const many = (names: string[], values: number[]) => names.map((name, i) => ({ name, value: say(values[i] ?? NaN, format) }));
    if (Array.isArray(about)) {
        lines = all.filter(({ value }) => Number.isFinite(last(value)) && value !== null).map(line);
        if (lines.length > 1) lines.sort((a, b) => all.findIndex((one) => one.seriesName === a.name) - all.findIndex((one) => one.seriesName === b.name));
    } else if (first.seriesType === 'heatmap' && option.calendar) {
        const [day] = first.value as [string];
        head = axisMoment('day', true)(day);
        lines = [{ name: '', value: say(last(first.value), format) }];
    } else if (first.seriesType === 'heatmap') {
        const [x, y] = numbers(first.value);
        head = `${place(axis('yAxis', y ?? 0))} · ${place(axis('xAxis', x ?? 0))}`;
        lines = [{ name: '', value: say(last(first.value), format) }];
    } else if (first.seriesType === 'boxplot') {
        lines = many(['⊥', '25 %', '50 %', '75 %', '⊤'], numbers(first.value).slice(-5));
    } else if (first.seriesType === 'candlestick') {
        lines = many(['◁', '▷', '⊥', '⊤'], numbers(first.value).slice(-4));
    } else if (first.seriesType === 'radar') {
        const corners = ((option.radar as Option).indicator as { name: string }[]).map(({ name }) => name);
        lines = many(corners, numbers(first.value));
    } else if (first.seriesType === 'scatter') {
        const [x, y, size] = numbers(first.value);
        head = first.seriesName ?? '';
        lines = [{ name: say(x ?? NaN, {}), value: say(y ?? NaN, format) }, ...(size === undefined ? [] : [{ name: '', value: say(size, {}) }])];
    } else if (first.dataType === 'edge') {
        const { source, target } = first.data as { source: string; target: string };
        head = `${source} → ${target}`;
        lines = [{ name: '', value: say(last(first.value), format) }];
    } else if (first.seriesType === 'map') {
        head = country(first.name ?? '');
        lines = [{ name: '', value: say(last(first.value), format) }];
    } else {
        if (first.treePathInfo) head = first.treePathInfo.map(({ name }) => name).filter(Boolean).join(' › ');
        const share = first.percent === undefined ? '' : ` · ${say(first.percent / 100, { unit: 'share', decimals: 1 })}`;
        lines = [{ ...line(first), name: first.seriesType === 'bar' ? (first.seriesName ?? '') : '', value: say(last(first.value), format) + share }];
    }
    const box = document.createElement('div');
    box.className = 'chart-tip-box';
    const add = (to: HTMLElement, kind: string, className: string, text = '') => {
        const node = document.createElement(kind);
        node.className = className;
        node.textContent = text;
        to.append(node);
        return node;
    };
    if (head) add(box, 'strong', 'cut', head);
    for (const { colour, name, value } of lines.slice(0, 14)) {
        const row = add(box, 'div', 'chart-tip-row');
        if (colour) add(row, 'span', 'chart-tip-mark').style.background = colour;
        if (name) add(row, 'span', 'chart-tip-name', name);
        add(row, 'span', 'num', value);
    }
    return box;
}
