// The metrics that an operator looks at first, out of the text that collectors read.
import { send } from '../api/client';
import { bytes, number } from '../i18n';
import { samples } from './samples';

export async function readMetrics(): Promise<{ name: string; value: string }[]> {
    const all = samples(await (await send('/metrics')).text());
    const plain = all.filter(({ name, labels }) => !labels && !/_(bucket|sum|count|created)$/.test(name));
    return plain.slice(0, 12).map(({ name, value }) => {
        const short = name.replace(/^audiagram_/, '').replace(/_total$/, '');
        return { name: short, value: short.includes('bytes') ? bytes(value) : number(Math.round(value * 100) / 100) };
    });
}
