// The trail: what was done, by whom, to what; found by words and by facets that stand in the address.
import { useState } from 'react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { client, data, send, type Schemas } from '../api/client';
import { useSession } from '../app/queries';
import { Page } from '../app/shell';
import { inWhichZone, number, t, tOr } from '../i18n';
import { beginOf, dayOf } from '../i18n/days';
import { Action, Badge, Empty, Failure, Notice, Skeleton } from '../kit/bits';
import { Field } from '../kit/form';
import { More } from '../kit/menu';
import { Window } from '../kit/overlay';
import { Grid } from '../kit/grid';
import type { Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { When } from '../kit/when';
import { Searches } from './audit-searches';
import { fileName, saveFile } from './csv';
import { verifyInclusion } from './proof';

type Row = Schemas['AuditRow'];

export function Audit() {
    const session = useSession();
    const search = useSearch({ from: '/app/admin/audit' });
    const navigate = useNavigate();
    const [open, setOpen] = useState<Row | null>(null);
    const wanted = Object.fromEntries(Object.entries(search).filter(([, value]) => value));
    const partial = Object.keys(wanted).length > 0;
    const rows = useInfiniteQuery({
        queryKey: ['audit', wanted], initialPageParam: undefined as number | undefined, placeholderData: keepPreviousData,
        queryFn: ({ pageParam }) => data(client.GET('/v1/audit', { params: { query: { ...wanted, facets: true, limit: 200, ...(pageParam !== undefined && { before: pageParam }) } } })),
        getNextPageParam: (last) => last.next ?? undefined,
    });
    const set = (change: Record<string, string | undefined>) => void navigate({ to: '/admin/audit', search: { ...search, ...change }, replace: true });
    const first = rows.data?.pages[0];
    const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
    const columns: Column<Row>[] = [
        { id: 'at', name: t('when'), kept: true, sort: ({ row }) => row, cell: ({ at }) => <When at={at} as="moment" className="num soft cut" /> },
        { id: 'action', name: t('action'), kept: true, sort: ({ action }) => action, cell: (row) => <Action look="quiet" onPress={() => setOpen(row)}><span className="mono">{row.action}</span></Action> },
        { id: 'outcome', name: t('outcome'), sort: ({ outcome }) => outcome, cell: ({ outcome }) => <Badge tone={outcome === 'done' || outcome === 'allowed' || outcome === 'success' ? 'good' : 'warn'}>{tOr(`outcome_${outcome}`, outcome)}</Badge> },
        { id: 'actor', name: t('who'), sort: ({ actor }) => actor, cell: ({ actor }) => <Id text={actor ?? t('the_appliance')} /> },
        { id: 'subject', name: t('what'), sort: ({ subject }) => subject, cell: ({ subject }) => <Id text={subject} /> },
        { id: 'address', name: t('facet_address'), extra: true, sort: ({ address }) => address, cell: ({ address }) => <span className="mono soft">{address}</span> },
    ];
    return (
        <Page
            full crumbs={[{ name: t('nav_admin') }, { name: t('nav_audit') }]} title={t('nav_audit')} intro={t('audit_intro')}
            actions={session?.can('audit:export') && <More label={t('export')} button={{ icon: 'download', children: t('export'), look: 'plain' }} entries={[
                ...['csv', 'jsonl', 'ocsf', 'cef', 'syslog'].map((format) => ({ id: format, name: format.toUpperCase(), run: () => void download(`/v1/audit/export?${new URLSearchParams({ format, ...wanted }).toString()}`, `audit.${format}`, partial) })),
                { id: 'bundle', name: t('audit_bundle'), icon: 'shield', run: () => void download('/v1/audit/bundle', 'audit.bundle', false) },
            ]} />}
        >
            <div className="with-facets">
                <div className="facets">
                    <Searches wanted={wanted} recall={(search) => void navigate({ to: '/admin/audit', search })} />
                    <Field label={t('find')} value={search.text ?? ''} onChange={(text) => set({ text: text || undefined })} />
                    <div className="stack tight">
                        <Field label={t('not_before')} type="date" value={dayIn(search.from)} onChange={(from) => set({ from: begins(from) })} />
                        <Field label={t('before_day')} type="date" value={dayIn(search.to)} onChange={(to) => set({ to: begins(to) })} />
                    </div>
                    {first?.facets?.map((facet) => <Values key={facet.field} of={facet} chosen={search[facet.field]} choose={(value) => set({ [facet.field]: value })} />)}
                </div>
                <div className="stack tight">
                    {rows.error ? <Failure error={rows.error} retry={() => void rows.refetch()} /> : !first ? <Skeleton lines={10} /> : (
                        <>
                            {items.length ? <Grid name="audit" caption={t('nav_audit')} columns={columns} rows={items} rowKey={({ row }) => String(row)} height={44} whole={!rows.hasNextPage} title={<p className="small soft">{t('n_found', { n: first.total })}</p>} more={() => rows.hasNextPage && !rows.isFetching && void rows.fetchNextPage()} /> : <Empty icon="list" title={t('nothing_found')} action={<Action onPress={() => void navigate({ to: '/admin/audit', search: {} })}>{t('clear_filters')}</Action>} />}
                        </>
                    )}
                </div>
            </div>
            <Window title={open?.action ?? ''} open={!!open} onOpen={(now) => !now && setOpen(null)} large>{open && <Details row={open} />}</Window>
        </Page>
    );
}

/** How many values of a field are shown before all of them are asked for. */
const FEW = 10;

type ValuesProps = { of: NonNullable<Schemas['AuditRows']['facets']>[number]; chosen: string | undefined; choose: (value: string | undefined) => void };
function Values({ of: { field, values }, chosen, choose }: ValuesProps) {
    const [whole, showWhole] = useState(false);
    const title = tOr(`facet_${field}`, field);
    return (
        <section aria-label={title}>
            <h2>{title}</h2>
            {values.slice(0, whole ? undefined : FEW).map(({ value, count }) => (
                <ToggleButton key={value} className="facet" isSelected={chosen === value} onChange={(on) => choose(on ? value : undefined)}>
                    <span className="cut mono">{value}</span><span className="num soft">{number(count)}</span>
                </ToggleButton>
            ))}
            {values.length > FEW && <Action look="quiet" aria-expanded={whole} onPress={() => showWhole(!whole)}>{whole ? t('show_fewer') : t('show_all', { n: values.length })}</Action>}
        </section>
    );
}

/** Where a day begins for whoever looks: rows tell their times by the same clock. */
const begins = (day: string): string | undefined => {
    const at = beginOf(day, inWhichZone());
    return at === undefined ? undefined : new Date(at).toISOString();
};
const dayIn = (at: string | undefined): string => (at && !Number.isNaN(Date.parse(at)) ? dayOf(Date.parse(at), inWhichZone()) : '');

/** `partial`: only what the filter shows, which proves nothing of the rest. */
async function download(path: string, otherwise: string, partial: boolean): Promise<void> {
    try {
        const answer = await send(path);
        const name = fileName(answer.headers.get('content-disposition')) ?? otherwise;
        saveFile(name, await answer.blob());
        tell(t(partial ? 'audit_export_partial' : 'export_done', { name }));
    } catch (error) {
        tellError(error);
    }
}

/** On one line; the whole of it is in the details. */
const Id = ({ text }: { text: string }) => <span className="mono soft cut id" title={text}>{text}</span>;

function Details({ row }: { row: Row }) {
    // Recomputed here, from the leaf to the root: the page does not take the appliance's word for it.
    const proof = useQuery({
        queryKey: ['proof', row.row], retry: false,
        queryFn: async () => {
            const checkpoint = await data(client.GET('/v1/audit/checkpoint'));
            const found = await data(client.GET('/v1/audit/inclusion', { params: { query: { row: row.row, size: checkpoint.size } } }));
            return { holds: found.root === checkpoint.root && (await verifyInclusion(found, row.row)), size: checkpoint.size };
        },
    });
    return (
        <>
            <dl className="keys">
                {Object.entries({ ...row, detail: undefined }).filter(([, value]) => value != null).map(([name, value]) => (
                    <div key={name} className="row apart"><dt className="soft">{name}</dt><dd className="mono">{String(value)}</dd></div>
                ))}
                {Object.entries(row.detail).map(([name, value]) => (
                    <div key={name} className="row apart"><dt className="soft">{name}</dt><dd className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd></div>
                ))}
            </dl>
            {proof.isPending ? <Skeleton lines={1} /> : proof.data?.holds ? (
                <Notice tone="good" icon="check">{t('proof_holds', { n: proof.data.size })}</Notice>
            ) : (
                <Notice tone="bad">{t('proof_fails')}</Notice>
            )}
        </>
    );
}
