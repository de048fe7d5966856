// Reports: documents that are drawn up over a period, by hand or by themselves, and kept as they were found.
import { lazy, Suspense, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, t } from '../i18n';
import { Action, Empty, Show } from '../kit/bits';
import { Confirm } from '../kit/overlay';
import { Table } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { Runs } from './report-runs';
import { Schedules } from './report-schedules';
import { of, reportQuery, reportsQuery, runsQuery } from './reports-data';

const ReportForm = lazy(() => import('./report-form').then(({ ReportForm }) => ({ default: ReportForm })));

export function Reports() {
    const session = useSession();
    const navigate = useNavigate();
    const { dashboard, set } = useSearch({ from: '/app/reports' });
    const reports = useQuery(reportsQuery);
    const may = session?.can('report:create') ?? false;
    // Who comes from a dashboard wants a report of it.
    const [making, make] = useState(dashboard !== undefined);
    const close = () => {
        make(false);
        if (dashboard !== undefined) void navigate({ to: '/reports', replace: true });
    };
    const fresh = may && <Action icon="plus" look="primary" onPress={() => make(true)}>{t('new_report')}</Action>;
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_reports') }]} title={t('nav_reports')} intro={t('reports_intro')} actions={!!reports.data?.length && fresh}>
            <Show of={reports}>
                {(rows) => (rows.length ? (
                    <Table caption={t('nav_reports')} rows={rows} rowKey={({ id }) => id} columns={[
                        { id: 'title', name: t('title'), cell: ({ id, title }) => <Link to="/reports/$report" params={{ report: id }}>{title}</Link> },
                        { id: 'description', name: t('description'), cell: ({ description }) => <span className="soft">{description}</span> },
                        { id: 'updated', name: t('changed'), end: true, cell: ({ updated }) => ago(updated) },
                    ]} />
                ) : <Empty icon="list" title={t('no_reports')} action={fresh}>{t('no_reports_hint')}</Empty>)}
            </Show>
            {making && may && <Suspense><ReportForm dashboard={dashboard} set={set} close={close} done={({ id }) => void navigate({ to: '/reports/$report', params: { report: id } })} /></Suspense>}
        </Page>
    );
}

export function Report() {
    const { report } = useParams({ from: '/app/reports/$report' });
    const session = useSession();
    const navigate = useNavigate();
    const found = useQuery(reportQuery(report));
    const runs = useQuery(runsQuery(report));
    const [pending, setPending] = useState(false);
    const [removing, setRemoving] = useState(false);
    const [editing, edit] = useState(false);
    const run = async () => {
        setPending(true);
        try {
            await data(client.POST('/v1/reports/{report}/runs', of(report)));
            await queries.invalidateQueries({ queryKey: ['report', report, 'runs'] });
            tell(t('report_made'));
        } catch (error) {
            tellError(error);
        } finally {
            setPending(false);
        }
    };
    const remove = async () => {
        try {
            await data(client.DELETE('/v1/reports/{report}', { params: { path: { report }, header: { 'If-Match': '*' } } }));
            await queries.invalidateQueries({ queryKey: ['reports'] });
            await navigate({ to: '/reports' });
        } catch (error) {
            tellError(error);
        }
    };
    const title = found.data?.title ?? '';
    const may = session?.can('report:create');
    const runIt = <Action icon="play" look="primary" isPending={pending} onPress={() => void run()}>{t('report_run')}</Action>;
    const actions = may && (
        <>
            <Action icon="trash" look="quiet" aria-label={t('report_remove')} onPress={() => setRemoving(true)} />
            <Action icon="edit" isDisabled={!found.data} onPress={() => edit(true)}>{t('edit')}</Action>
            {!!runs.data?.items.length && runIt}
        </>
    );
    return (
        <Page crumbs={[{ name: t('nav_work') }, { name: t('nav_reports'), to: '/reports' }, { name: title }]} title={title} intro={found.data?.description} actions={actions}>
            <section className="stack tight">
                <h2>{t('report_runs')}</h2>
                <Show of={runs}>
                    {({ items }) => (items.length ? <Runs rows={items} /> : <Empty icon="list" title={t('no_report_runs')} action={may && runIt}>{t('no_report_runs_hint')}</Empty>)}
                </Show>
            </section>
            <Schedules report={report} zone={found.data?.report.zone ?? 'UTC'} may={Boolean(session?.can('report:schedule'))} />
            {editing && found.data && <Suspense><ReportForm of={found.data} close={() => edit(false)} done={(changed) => {
                queries.setQueryData(reportQuery(report).queryKey, changed);
                edit(false);
                tell(t('saved'));
            }} /></Suspense>}
            <Confirm title={t('report_remove')} text={t('report_remove_text', { name: title })} action={t('report_remove')} open={removing} onClose={() => setRemoving(false)} onYes={remove} />
        </Page>
    );
}
