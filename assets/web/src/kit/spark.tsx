// How a number was while somebody looked, as a line without axes.
import { t } from '../i18n';

/** How many looks are kept: five minutes of one every two seconds. */
export const LOOKS = 150;
const HIGH = 32;

/** `values`, the newest last and at the right edge; `whole` shows them from zero on, otherwise only what changes is seen. */
export function Spark({ values, say, whole }: { values: number[]; say: (value: number) => string; whole?: boolean }) {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const low = whole ? 0 : least;
    // What hardly changes is no mountain.
    const span = Math.max(most - low, most / 50, Number.MIN_VALUE);
    // Wide from the first looks on; the line grows denser until all places are taken.
    const apart = 100 / (Math.max(values.length, LOOKS / 10) - 1);
    const point = (value: number, i: number) => `${(100 - (values.length - 1 - i) * apart).toFixed(2)} ${(HIGH - 1 - ((value - low) / span) * (HIGH - 3)).toFixed(2)}`;
    const line = values.map(point).join('L');
    const begin = line.split(' ')[0];
    return (
        <svg className="spark-line" viewBox={`0 0 100 ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={t('spark_between', { least: say(least), most: say(most) })}>
            {values.length > 1 && <path className="area" d={`M${begin} ${HIGH}L${line}L100 ${HIGH}Z`} />}
            {values.length > 1 && <path className="line" d={`M${line}`} />}
        </svg>
    );
}
