// The numbers that an operator looks at first, as they change.
import { useEffect, useState } from 'react';
import type { Schemas } from '../api/client';
import { bytes, number, t } from '../i18n';
import { LOOKS, Spark } from '../kit/spark';
import { rate } from './rate';

type Numbers = Schemas['SystemNow'];

const SHOWN = ['http_failures', 'http_requests_at_work', 'connections_open', 'connections_refused', 'jobs_running', 'store_open_files', 'store_free_bytes', 'process_resident_memory_bytes', 'process_open_fds', 'answers_waiting_bytes'] as const;

export function Figures({ now }: { now: Numbers }) {
    const [looks, setLooks] = useState<{ at: number; now: Numbers }[]>([]);
    useEffect(() => setLooks((before) => [...before.slice(1 - LOOKS), { at: performance.now(), now }]), [now]);
    const rates = looks.flatMap(({ at, now }, i) => {
        const before = looks[i - 1];
        return (before && rate([before.now.http_requests, before.at], [now.http_requests, at])) ?? [];
    });
    const perSecond = (value: number) => number(Math.round(value * 10) / 10);
    const last = rates.at(-1);
    return (
        <dl className="limits card padded">
            <div>
                <dt>{t('metric_http_requests_per_second')}</dt>
                <dd className="num figure">{last === undefined ? '–' : perSecond(last)}</dd>
                <dd>{rates.length > 0 && <Spark values={rates} say={perSecond} whole />}</dd>
            </div>
            {SHOWN.map((name) => {
                const say = name.includes('bytes') ? bytes : number;
                return (
                    <div key={name}>
                        <dt>{t(`metric_${name}`)}</dt>
                        <dd className="num figure">{say(now[name])}</dd>
                        <dd>{looks.length > 0 && <Spark values={looks.map(({ now }) => now[name])} say={say} whole={say === number} />}</dd>
                    </div>
                );
            })}
        </dl>
    );
}
