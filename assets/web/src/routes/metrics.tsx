// The numbers that an operator looks at first, as they change.
import { useEffect, useState } from 'react';
import { bytes, number, t } from '../i18n';
import { rate } from './rate';

export type Numbers = Record<string, number>;

const SHOWN = ['http_requests_at_work', 'connections_open', 'connections_refused', 'jobs_running', 'store_open_files', 'store_free_bytes', 'process_resident_memory_bytes', 'process_open_fds', 'answers_waiting_bytes'] as const;

export function Figures({ now }: { now: Numbers }) {
    const [looks, setLooks] = useState<[number, number][]>([]);
    useEffect(() => setLooks((before) => [...before.slice(-1), [now.http_requests ?? 0, performance.now()]]), [now]);
    const [before, last] = looks;
    const perSecond = last ? rate(before, last) : null;
    const value = (name: string) => (name.includes('bytes') ? bytes(now[name] ?? 0) : number(now[name] ?? 0));
    return (
        <dl className="limits card padded">
            <div><dt>{t('metric_http_requests_per_second')}</dt><dd className="num figure">{perSecond === null ? '–' : number(Math.round(perSecond * 10) / 10)}</dd></div>
            <div><dt>{t('metric_http_failures')}</dt><dd className="num figure">{value('http_failures')}</dd></div>
            {SHOWN.map((name) => <div key={name}><dt>{t(`metric_${name}`)}</dt><dd className="num figure">{value(name)}</dd></div>)}
        </dl>
    );
}
