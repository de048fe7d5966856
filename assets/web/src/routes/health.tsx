// How the appliance is: ready or not and why, its long work, its backups.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { client, data, Problem, type Schemas } from '../api/client';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, bytes, number, t, tOr } from '../i18n';
import { Action, Badge, Empty, Notice, Show, type Tone } from '../kit/bits';
import { Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { readMetrics } from './metrics';

type Errand = Schemas['Errand'];
const TONES: Record<string, Tone> = { done: 'good', running: 'accent', failed: 'bad' };

async function readiness(): Promise<Schemas['Health']> {
    try {
        return await data(client.GET('/readyz'));
    } catch (error) {
        if (error instanceof Problem && error.document.status === 503) return { status: 'unready', reasons: [{ code: error.code, detail: error.message }] };
        throw error;
    }
}

export function Health() {
    const session = useSession();
    const queries = useQueryClient();
    const ready = useQuery({ queryKey: ['ready'], queryFn: readiness, refetchInterval: 5_000 });
    const metrics = useQuery({ queryKey: ['metrics'], queryFn: readMetrics, refetchInterval: 5_000 });
    const backups = useQuery({ queryKey: ['backups'], queryFn: () => data(client.GET('/v1/backups', { params: { query: { limit: 20 } } })), enabled: session?.can('system:backup') ?? false, retry: false });
    const errands = useQuery({ queryKey: ['upkeep'], queryFn: () => data(client.GET('/v1/upkeep', { params: { query: { limit: 20 } } })), refetchInterval: 5_000 });
    const back = () => void client.POST('/v1/backups', { body: {} }).then(() => (tell(t('backup_begun')), queries.invalidateQueries({ queryKey: ['upkeep'] })), tellError);
    const work: Column<Errand>[] = [
        { id: 'task', name: t('task'), cell: ({ task }) => tOr(`task_${task}`, task) },
        { id: 'state', name: t('state'), cell: ({ state }) => <Badge tone={TONES[state] ?? 'plain'}>{tOr(`job_${state}`, state)}</Badge> },
        { id: 'detail', name: t('detail'), cell: ({ detail, code }) => <span className="soft">{detail ?? code ?? ''}</span> },
        { id: 'asked', name: t('when'), cell: ({ asked }) => <span className="soft">{ago(asked)}</span> },
    ];
    const kept: Column<Schemas['Backup']>[] = [
        { id: 'made', name: t('when'), cell: ({ made }) => ago(made) },
        { id: 'tenants', name: t('nav_tenants'), end: true, cell: ({ tenants, failed }) => <span className="num">{number(tenants)}{failed ? ` (${number(failed)} ${t('job_failed')})` : ''}</span> },
        { id: 'bytes', name: t('size'), end: true, cell: ({ bytes: size }) => <span className="num">{bytes(size)}</span> },
    ];
    return (
        <Page crumbs={[{ name: t('nav_system') }, { name: t('nav_health') }]} title={t('nav_health')} actions={session?.can('system:backup') && <Action icon="download" onPress={back}>{t('back_up')}</Action>}>
            <Show of={ready} lines={1}>
                {({ status, reasons }) => {
                    const well = status === 'ok' || status === 'ready';
                    return (
                        <Notice tone={well ? 'good' : 'bad'} icon={well ? 'check' : 'alert'}>
                            <strong>{well ? t('ready') : t('not_ready')}</strong>
                            {reasons?.map((reason) => <p key={reason.code} className="small">{reason.detail || reason.code}</p>)}
                        </Notice>
                    );
                }}
            </Show>
            <Show of={metrics}>
                {(shown) => (
                    <dl className="limits card padded">
                        {shown.map(({ name, value }) => <div key={name}><dt>{tOr(`metric_${name}`, name)}</dt><dd className="num figure">{value}</dd></div>)}
                    </dl>
                )}
            </Show>
            <section className="stack tight">
                <h2>{t('upkeep')}</h2>
                <Show of={errands}>{({ items }) => items.length ? <Table caption={t('upkeep')} columns={work} rows={items} rowKey={({ id }) => id} /> : <Empty icon="check" title={t('no_upkeep')} />}</Show>
            </section>
            {backups.data && (
                <section className="stack tight">
                    <h2>{t('backups')}</h2>
                    {backups.data.items.length ? <Table caption={t('backups')} columns={kept} rows={backups.data.items} rowKey={({ id }) => id} /> : <Empty icon="download" title={t('no_backups')} />}
                </section>
            )}
        </Page>
    );
}
