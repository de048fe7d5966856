// What the machine has and what is left of it, what workspaces store, and how fast that grows.
import type { ReactNode } from 'react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client, data, type Schemas } from '../../api/client';
import { bytes, number, percent, t } from '../../i18n';
import { Action, Meter, Notice, Show, type Tone } from '../../kit/bits';
import { Table, type Column } from '../../kit/table';

type Stored = Schemas['TenantStored'];
const tone = (share: number): Tone => (share >= 0.95 ? 'bad' : share >= 0.85 ? 'warn' : 'plain');

export function Capacity() {
    const capacity = useQuery({ queryKey: ['appliance', 'capacity'], queryFn: () => data(client.GET('/v1/appliance/capacity')), refetchInterval: 15_000 });
    return (
        <>
            <Show of={capacity} lines={6}>{(now) => <Now now={now} />}</Show>
            <StoredByTenants />
        </>
    );
}

function Now({ now: { disks, memory, processors, jobs_running, job_slots, jobs_at_work, tenants_waiting, open_files, growth } }: { now: Schemas['Capacity'] }) {
    return (
        <>
            <section className="stack tight">
                <h2>{t('capacity_disks')}</h2>
                <div className="disks">
                    {disks.map(({ folders, total_bytes, free_bytes, free_files }) => (
                        <Room key={folders[0]?.path} used={total_bytes - free_bytes} all={total_bytes} label={t('capacity_disk_of', { name: folders[0]?.setting ?? '' })}>
                            <dl className="known">{folders.map(({ setting, path }) => <div key={setting}><dt>{setting}</dt><dd className="mono">{path}</dd></div>)}</dl>
                            <p className="small soft">{t('capacity_free', { size: bytes(free_bytes) })}{free_files != null && ` · ${t('capacity_free_files', { count: number(free_files) })}`}</p>
                        </Room>
                    ))}
                </div>
                {growth ? (
                    <Notice tone={growth.days_left != null && growth.days_left < 30 ? 'warn' : 'accent'} icon="chart">
                        {growth.bytes_per_day > 0 ? t('capacity_grows', { size: bytes(growth.bytes_per_day), days: number(growth.days), count: number(growth.backups) }) : t('capacity_does_not_grow', { days: number(growth.days), count: number(growth.backups) })}
                        {growth.days_left != null && <strong> {t('capacity_n_days_left', { n: growth.days_left })}</strong>}
                    </Notice>
                ) : <p className="small soft">{t('capacity_no_growth')}</p>}
            </section>
            <section className="stack tight">
                <h2>{t('capacity_machine')}</h2>
                <div className="grid">
                    <Room used={memory.total_bytes - memory.available_bytes} all={memory.total_bytes} label={t('capacity_memory')}>
                        <p className="small soft">{t('capacity_process', { size: bytes(memory.process_bytes) })}</p>
                    </Room>
                    {memory.limit_bytes != null && memory.limited_bytes != null && (
                        <Room used={memory.limited_bytes} all={memory.limit_bytes} label={t('capacity_service')}><p className="small soft">{t('capacity_service_hint')}</p></Room>
                    )}
                    <div className="card padded room">
                        <h3>{t('capacity_processors')}</h3>
                        <p className="num">{t('capacity_load', { load: number(processors.load[0] ?? 0), threads: number(processors.threads) })}</p>
                        <Meter share={(processors.load[0] ?? 0) / processors.threads} tone={tone((processors.load[0] ?? 0) / processors.threads)} label={t('capacity_processors')} />
                        <p className="small soft num">{t('capacity_load_before', { five: number(processors.load[1] ?? 0), fifteen: number(processors.load[2] ?? 0) })}</p>
                    </div>
                    <div className="card padded room">
                        <h3>{t('capacity_jobs')}</h3>
                        <p className="num">{t('capacity_slots', { used: number(jobs_running), all: number(job_slots) })}</p>
                        <Meter share={jobs_running / Math.max(1, job_slots)} label={t('capacity_jobs')} />
                        <p className="small soft">{jobs_at_work ? t('capacity_waiting', { n: tenants_waiting }) : t('capacity_jobs_stopped')} · {t('capacity_open_files', { n: open_files })}</p>
                    </div>
                </div>
            </section>
        </>
    );
}

function Room({ used, all, label, children }: { used: number; all: number; label: string; children: ReactNode }) {
    const share = all ? used / all : 0;
    return (
        <div className="card padded room">
            <h3 data-named>{label}</h3>
            <p className="num">{t('used_of', { used: bytes(used), allowed: bytes(all) })} ({percent(share)})</p>
            <Meter share={share} tone={tone(share)} label={label} />
            {children}
        </div>
    );
}

function StoredByTenants() {
    const stored = useInfiniteQuery({
        queryKey: ['appliance', 'stored'], initialPageParam: undefined as string | undefined,
        queryFn: ({ pageParam }) => data(client.GET('/v1/appliance/capacity/tenants', { params: { query: { after: pageParam } } })),
        getNextPageParam: ({ next }) => next ?? undefined,
    });
    const columns: Column<Stored>[] = [
        { id: 'name', name: t('name'), cell: ({ id, name, slug }) => <span><Link to="/system/tenants/$tenant" params={{ tenant: id }}>{name}</Link><br /><span className="small soft mono">{slug}</span></span> },
        { id: 'stored', name: t('capacity_stored'), end: true, cell: ({ stored_bytes }) => <span className="num">{stored_bytes == null ? t('capacity_unreadable') : bytes(stored_bytes)}</span> },
        { id: 'allowed', name: t('allowed'), end: true, cell: ({ allowed_bytes }) => <span className="num soft">{bytes(allowed_bytes)}</span> },
        { id: 'share', name: t('capacity_share'), cell: ({ name, stored_bytes, allowed_bytes }) => { const share = allowed_bytes ? (stored_bytes ?? 0) / allowed_bytes : 0; return <Meter share={share} tone={tone(share)} label={name} />; } },
    ];
    return (
        <section className="stack tight">
            <h2>{t('capacity_by_tenant')}</h2>
            <Show of={{ data: stored.data, error: stored.error, refetch: stored.refetch }} lines={3}>
                {({ pages }) => (
                    <>
                        <Table caption={t('capacity_by_tenant')} columns={columns} rows={pages.flatMap(({ items }) => items)} rowKey={({ id }) => id} />
                        {stored.hasNextPage && <Action isPending={stored.isFetchingNextPage} onPress={() => void stored.fetchNextPage()}>{t('more')}</Action>}
                    </>
                )}
            </Show>
        </section>
    );
}
