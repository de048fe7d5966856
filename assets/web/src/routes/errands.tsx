// Long work on the appliance's data: what runs, how far it is, what came of it. Asked again often only while something runs.
import { useEffect, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { queries } from '../app/queries';
import { bytes, number, t, tOr } from '../i18n';
import { Badge, Empty, Show, type Tone } from '../kit/bits';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';

type Errand = Schemas['Errand'];
const TONES: Record<string, Tone> = { done: 'good', running: 'accent', failed: 'bad' };
const runs = ({ state }: Errand) => state === 'waiting' || state === 'running';

/** `tenant`: only what concerns one. */
export function Errands({ tasks, tenant }: { tasks?: string[]; tenant?: string }) {
    const errands = useQuery({
        queryKey: ['upkeep'], queryFn: () => data(client.GET('/v1/upkeep', { params: { query: { limit: 50 } } })),
        refetchInterval: ({ state }) => (state.data?.items.some(runs) ? 1_000 : 15_000),
    });
    const shown = errands.data?.items.filter((one) => (!tasks || tasks.includes(one.task)) && (!tenant || one.tenant === tenant)) ?? [];
    const running = shown.filter(runs).length;
    // What has ended has made something that other lists show.
    const before = useRef(0);
    useEffect(() => {
        if (running < before.current) void queries.invalidateQueries({ queryKey: ['backups'] });
        before.current = running;
    }, [running]);
    const columns: Column<Errand>[] = [
        { id: 'task', name: t('task'), cell: ({ task }) => <strong>{tOr(`task_${task}`, task)}</strong> },
        { id: 'state', name: t('state'), cell: ({ state }) => <Badge tone={TONES[state] ?? 'plain'}>{tOr(state === 'waiting' ? 'job_queued' : state === 'failed' ? 'job_dead' : `job_${state}`, state)}</Badge> },
        { id: 'detail', name: t('detail'), cell: (errand) => <span className="soft">{detail(errand)}</span> },
        { id: 'asked', name: t('when'), cell: ({ asked }) => <When at={asked} /> },
    ];
    return (
        <section className="stack tight">
            <h2>{t('upkeep')}</h2>
            <Show of={errands} lines={2}>{() => shown.length ? <Table caption={t('upkeep')} columns={columns} rows={shown} rowKey={({ id }) => id} /> : tenant ? <p className="soft">{t('no_upkeep')}</p> : <Empty icon="check" title={t('no_upkeep')} />}</Show>
        </section>
    );
}

function detail({ detail, code, bytes: read, tenants, facts }: Errand): string {
    if (detail ?? code) return detail ?? code ?? '';
    if (read != null) return [bytes(read), tenants != null && t('n_workspaces', { n: tenants })].filter(Boolean).join(' · ');
    const told = Object.entries(facts).filter(([, value]) => value !== '0');
    return told.map(([name, value]) => {
        const n = Number(value);
        if (name === 'bytes') return bytes(n);
        if (name === 'tenants') return t('n_workspaces', { n });
        if (name === 'failed') return t('n_failed', { n });
        return `${name.replaceAll('_', ' ')} ${/^\d+$/.test(value) ? number(n) : value}`;
    }).slice(0, 4).join(' · ');
}
