// The metrics that an operator looks at first, out of the text that collectors read.
import { send } from '../api/client';
import { bytes, number } from '../i18n';
import { samples } from './samples';

const SHOWN = ['http_requests_at_work', 'connections_open', 'connections_refused', 'store_open_files', 'store_free_bytes', 'process_resident_memory_bytes', 'process_open_fds', 'answers_waiting_bytes'] as const;

export async function readMetrics(): Promise<{ name: (typeof SHOWN)[number]; value: string }[]> {
    const all = samples(await (await send('/metrics')).text());
    return SHOWN.flatMap((name) => {
        const found = all.find((sample) => !sample.labels && sample.name.replace(/^audiagram_/, '').replace(/_total$/, '') === name);
        if (!found) return [];
        return { name, value: name.includes('bytes') ? bytes(found.value) : number(Math.round(found.value * 100) / 100) };
    });
}
