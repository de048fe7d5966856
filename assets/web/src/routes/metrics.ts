// The metrics that an operator looks at first, out of the text that collectors read.
import { send } from '../api/client';
import { bytes, number } from '../i18n';

export type Sample = { name: string; labels: string; value: number };

/** The samples of a page in the OpenMetrics text format. */
export function samples(page: string): Sample[] {
    const found: Sample[] = [];
    for (const line of page.split('\n')) {
        const parts = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
        if (parts?.[1] && !line.startsWith('#')) found.push({ name: parts[1], labels: parts[2] ?? '', value: Number(parts[3]) });
    }
    return found;
}

export async function readMetrics(): Promise<{ name: string; value: string }[]> {
    const all = samples(await (await send('/metrics')).text());
    const plain = all.filter(({ name, labels }) => !labels && !/_(bucket|sum|count|created)$/.test(name));
    return plain.slice(0, 12).map(({ name, value }) => {
        const short = name.replace(/^audiagram_/, '').replace(/_total$/, '');
        return { name: short, value: short.includes('bytes') ? bytes(value) : number(Math.round(value * 100) / 100) };
    });
}
