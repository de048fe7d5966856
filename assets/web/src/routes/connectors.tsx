// Files that leave: the places into which they are put, and tables written there as Parquet.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { connectorsQuery } from '../app/connectors';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, bytes, number, percent, t, tOr } from '../i18n';
import { Action, Badge, Empty, Meter, Notice, Show, type Tone } from '../kit/bits';
import { Pick, Segments } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Confirm, Window } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { When } from '../kit/when';
import { NoFactor, useWithFactor } from './second-factor';
import './portal.css';

type Connector = Schemas['Connector'];
type Export = Schemas['TableExport'];
/** As the API names them. */
const TABLES = ['usage', 'charges', 'cost_focus', 'prices', 'projects', 'recordings', 'videos', 'jobs', 'users', 'audit'];
const STATES: Record<string, Tone> = { done: 'good', failed: 'bad', dead: 'bad', running: 'accent', queued: 'accent' };
const exportsQuery = { queryKey: ['table-exports'], queryFn: () => pages((after) => data(client.GET('/v1/table-exports', { params: { query: { limit: 100, after } } })), 500) };
/** How it stands; jobs are forgotten after a time, what they made is not. */
const stateOf = ({ state, made }: Export): string => (state !== 'over' ? state : made ? 'done' : 'cancelled');
const underWay = ({ state }: Export) => state === 'queued' || state === 'running' || state === 'failed';
const params = ({ id, version }: Connector) => ({ path: { connector: id }, header: ifMatch(version) });

export function Connectors() {
    const session = useSession();
    const connectors = useQuery(connectorsQuery);
    const may = session?.can('connector:manage') ?? false;
    const fresh = may && <Ask button={{ look: 'primary', icon: 'plus', children: t('new_connector') }} title={t('new_connector')}>{(close) => <Form close={close} />}</Ask>;
    return (
        <Page
            crumbs={[{ name: t('nav_admin') }, { name: t('nav_connectors') }]} title={t('nav_connectors')} intro={t('connectors_intro')}
            actions={!!connectors.data?.length && fresh}
        >
            <section className="stack tight">
                <h2>{t('places')}</h2>
                <Show of={connectors} lines={2}>
                    {(rows) => rows.length ? <Places rows={rows} may={may} /> : <Empty icon="folder" title={t('no_connectors')} action={fresh}>{t('no_connectors_hint')}</Empty>}
                </Show>
            </section>
            {session?.can('report:read') && <Exports connectors={connectors.data ?? []} />}
        </Page>
    );
}

type Kind = 'folder' | 's3' | 'sftp';
const kindOf = ({ place }: Connector): Kind => ('folder' in place ? 'folder' : 's3' in place ? 's3' : 'sftp');
const KINDS: Record<Kind, () => string> = { folder: () => t('place_folder'), s3: () => t('place_s3'), sftp: () => t('place_sftp') };
const where = ({ place }: Connector): string => {
    if ('folder' in place) return place.folder.path;
    if ('s3' in place) return `${place.s3.bucket}${place.s3.prefix && `/${place.s3.prefix}`}`;
    return `${place.sftp.user}@${place.sftp.host}${place.sftp.folder && `:${place.sftp.folder}`}`;
};

function Places({ rows, may }: { rows: Connector[]; may: boolean }) {
    const [editing, edit] = useState<Connector | null>(null);
    const [removing, remove] = useState<Connector | null>(null);
    const [trying, tryIt] = useState('');
    const [tried, setTried] = useState<{ title: string; why: string } | null>(null);
    const test = async ({ id, title }: Connector) => {
        tryIt(id);
        try {
            const { works, why } = await data(client.POST('/v1/connectors/{connector}/test', { params: { path: { connector: id } } }));
            if (works) tell(t('connector_works', { name: title }));
            else setTried({ title, why: why ?? '' });
        } catch (error) {
            tellError(error);
        } finally {
            tryIt('');
        }
    };
    const columns: Column<Connector>[] = [
        { id: 'title', name: t('name'), cell: ({ title }) => <strong>{title}</strong> },
        { id: 'kind', name: t('kind_of_place'), cell: (one) => KINDS[kindOf(one)]() },
        { id: 'where', name: t('where'), cell: (one) => <span className="mono small" title={'s3' in one.place ? one.place.s3.url : undefined}>{where(one)}</span> },
        { id: 'updated', name: t('changed'), cell: ({ updated }) => <When at={updated} /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (one) => may && (
                <span className="row end">
                    <Action isPending={trying === one.id} aria-label={`${t('try_it')}: ${one.title}`} onPress={() => void test(one)}>{t('try_it')}</Action>
                    <More label={`${t('more')}: ${one.title}`} entries={[
                        { id: 'edit', name: t('edit'), icon: 'edit', run: () => edit(one) },
                        { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => remove(one) },
                    ]} />
                </span>
            ),
        },
    ];
    return (
        <>
            <Table caption={t('places')} columns={columns} rows={rows} rowKey={({ id }) => id} />
            <Window title={editing?.title ?? ''} open={!!editing} onOpen={(open) => !open && edit(null)}>{(close) => editing && <Form connector={editing} close={close} />}</Window>
            <Window title={t('try_it')} open={!!tried} onOpen={(open) => !open && setTried(null)}>
                <Notice tone="bad"><strong>{t('connector_fails', { name: tried?.title ?? '' })}</strong><p className="small">{tried?.why}</p></Notice>
            </Window>
            <Confirm
                title={t('remove')} text={t('remove_connector_text', { name: removing?.title ?? '' })} action={t('remove')} open={!!removing} onClose={() => remove(null)}
                onYes={() => removing && act(['connectors'], () => client.DELETE('/v1/connectors/{connector}', { params: params(removing) }), t('removed'))}
            />
        </>
    );
}

/** A key is never shown: whoever changes a bucket gives one anew, and whoever changes a server gives none where the old one stays good. */
function Form({ connector, close }: { connector?: Connector; close: () => void }) {
    const bucket = connector && 's3' in connector.place ? connector.place.s3 : undefined;
    const folder = connector && 'folder' in connector.place ? connector.place.folder : undefined;
    const server = connector && 'sftp' in connector.place ? connector.place.sftp : undefined;
    const [kind, setKind] = useState<Kind>(connector ? kindOf(connector) : 'folder');
    return (
        <SendForm submit={connector ? t('save') : t('create')} also={<Cancel />} onSend={async ({ title = '', ...values }) => {
            // What is wrong is told by where it stands in the body; fields are named so.
            const of = (name: string) => values[`place/${kind}/${name}`] ?? '';
            const secrets = { ...(of('password') && { password: of('password') }), ...(of('private_key') && { private_key: of('private_key') }) };
            const places: Record<Kind, () => Schemas['NewPlace']> = {
                folder: () => ({ folder: { path: of('path') } }),
                s3: () => ({ s3: { url: of('url'), region: of('region'), bucket: of('bucket'), prefix: of('prefix'), key_id: of('key_id'), secret: of('secret') } }),
                sftp: () => ({ sftp: { host: of('host'), port: Number(of('port')), user: of('user'), host_key: of('host_key'), folder: of('folder'), ...secrets } }),
            };
            const place = places[kind]();
            if (connector) await client.PATCH('/v1/connectors/{connector}', { params: params(connector), body: { title, place } });
            else await client.POST('/v1/connectors', { body: { title, place } });
            await queries.invalidateQueries({ queryKey: ['connectors'] });
            tell(t('saved'));
            close();
        }}>
            <Field name="title" label={t('name')} defaultValue={connector?.title} isRequired maxLength={120} autoFocus />
            <Segments label={t('kind_of_place')} value={kind} onChange={(chosen) => setKind(chosen as Kind)} choices={(['folder', 's3', 'sftp'] as const).map((id) => ({ id, name: KINDS[id]() }))} />
            {kind === 'folder' && <Field name="place/folder/path" label={t('folder')} defaultValue={folder?.path} hint={t('folder_hint')} placeholder="bi/usage" isRequired maxLength={200} autoComplete="off" />}
            {kind === 'sftp' && <Server server={server} />}
            {kind === 's3' && (
                <div className="grid">
                    <Field name="place/s3/url" type="url" label={t('address')} defaultValue={bucket?.url} placeholder="https://s3.example.org" hint={t('s3_hint')} isRequired maxLength={2048} />
                    <Field name="place/s3/region" label={t('s3_region')} defaultValue={bucket?.region} placeholder="eu-central-1" isRequired maxLength={32} autoComplete="off" />
                    <Field name="place/s3/bucket" label={t('s3_bucket')} defaultValue={bucket?.bucket} isRequired minLength={3} maxLength={63} autoComplete="off" />
                    <Field name="place/s3/prefix" label={t('s3_prefix')} defaultValue={bucket?.prefix} maxLength={200} autoComplete="off" />
                    <Field name="place/s3/key_id" label={t('s3_key_id')} defaultValue={bucket?.key_id} isRequired maxLength={128} autoComplete="off" />
                    <Field name="place/s3/secret" type="password" label={t('s3_secret')} hint={bucket && t('s3_secret_hint')} isRequired maxLength={256} autoComplete="off" />
                </div>
            )}
        </SendForm>
    );
}

/** A server; what shows it who signs in may stay where the server and the user do. */
function Server({ server }: { server?: Schemas['SftpServer'] }) {
    const [by, setBy] = useState(server?.signs_in_by ?? 'private_key');
    const stays = server?.signs_in_by === by ? ` ${t('sftp_stays_hint')}` : '';
    return (
        <div className="stack tight">
            <div className="grid">
                <Field name="place/sftp/host" label={t('sftp_host')} defaultValue={server?.host} placeholder="files.example.org" hint={t('sftp_host_hint')} isRequired maxLength={260} autoComplete="off" />
                <Field name="place/sftp/port" type="number" label={t('sftp_port')} defaultValue={String(server?.port ?? 22)} range={{ min: 1, max: 65_535 }} isRequired />
                <Field name="place/sftp/user" label={t('sftp_user')} defaultValue={server?.user} isRequired maxLength={128} autoComplete="off" />
                <Field name="place/sftp/folder" label={t('folder')} defaultValue={server?.folder} hint={t('sftp_folder_hint')} placeholder="in/reports" maxLength={200} autoComplete="off" />
            </div>
            <Segments label={t('sftp_login')} value={by} onChange={(chosen) => setBy(chosen as typeof by)} choices={[{ id: 'private_key', name: t('sftp_by_key') }, { id: 'password', name: t('password') }]} />
            {by === 'password'
                ? <Field name="place/sftp/password" type="password" label={t('password')} hint={t('sftp_password_hint') + stays} isRequired={!stays} maxLength={256} autoComplete="off" />
                : <Field name="place/sftp/private_key" lines code label={t('sftp_by_key')} hint={t('sftp_key_hint') + stays} placeholder="-----BEGIN OPENSSH PRIVATE KEY-----" isRequired={!stays} maxLength={4096} autoComplete="off" />}
            <Field name="place/sftp/host_key" label={t('sftp_host_key')} defaultValue={server?.host_key} hint={t('sftp_host_key_hint')} placeholder="SHA256:…" maxLength={64} autoComplete="off" />
        </div>
    );
}

function Exports({ connectors }: { connectors: Connector[] }) {
    const { may, lacks } = useWithFactor('dataset:export');
    // While one is under way it is looked at every two seconds.
    const exports = useQuery({ ...exportsQuery, refetchInterval: ({ state }) => (state.data?.some(underWay) ? 2_000 : false) });
    const [shown, show] = useState<Export | null>(null);
    const titleOf = (id: string) => connectors.find((one) => one.id === id)?.title ?? id;
    const cancel = (id: string) => act(['table-exports'], () => client.POST('/v1/table-exports/{table_export}/cancel', { params: { path: { table_export: id } } }), t('export_cancelled'));
    const columns: Column<Export>[] = [
        { id: 'table', name: t('table'), cell: ({ table }) => <strong>{tOr(`table_${table}`, table)}</strong> },
        { id: 'to', name: t('where'), cell: ({ connector }) => titleOf(connector) },
        {
            id: 'state', name: t('state'),
            cell: (one) => one.state === 'running'
                ? <span className="row"><span className="grow"><Meter share={one.share} label={t('job_running')} /></span><span className="num small soft">{percent(one.share)}</span></span>
                : <Badge tone={STATES[stateOf(one)] ?? 'plain'}>{tOr(`job_${stateOf(one)}`, one.state)}</Badge>,
        },
        { id: 'rows', name: t('rows'), end: true, cell: ({ made }) => made && <span className="num">{number(made.rows)}</span> },
        { id: 'bytes', name: t('size'), end: true, cell: ({ made }) => made && <span className="num soft">{bytes(made.bytes)}</span> },
        { id: 'created', name: t('when'), cell: ({ created }) => <When at={created} /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (one) => (
                <span className="row end">
                    {may && underWay(one) && <Action aria-label={`${t('cancel_export')}: ${tOr(`table_${one.table}`, one.table)}`} onPress={() => void cancel(one.id)}>{t('cancel_export')}</Action>}
                    <Action look="quiet" aria-label={`${t('details')}: ${tOr(`table_${one.table}`, one.table)}, ${ago(one.created)}`} onPress={() => show(one)}>{t('details')}</Action>
                </span>
            ),
        },
    ];
    const current = exports.data?.find(({ id }) => id === shown?.id) ?? shown;
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('table_exports')}</h2>
                {may && connectors.length > 0 && <Ask button={{ icon: 'upload', children: t('export_table') }} title={t('export_table')}>{(close) => <Order connectors={connectors} close={close} />}</Ask>}
            </div>
            <p className="soft small">{t('table_exports_hint')}</p>
            {lacks && <NoFactor />}
            <Show of={exports} lines={2}>
                {(rows) => rows.length ? <Table caption={t('table_exports')} columns={columns} rows={rows} rowKey={({ id }) => id} /> : <p className="soft">{t('no_table_exports')}</p>}
            </Show>
            <Window title={current ? tOr(`table_${current.table}`, current.table) : ''} open={!!current && !!shown} onOpen={(open) => !open && show(null)}>{current && <Details of={current} to={titleOf(current.connector)} />}</Window>
        </section>
    );
}

function Order({ connectors, close }: { connectors: Connector[]; close: () => void }) {
    return (
        <SendForm submit={t('export')} also={<Cancel />} onSend={async ({ table = '', connector = '', by = '' }) => {
            await client.POST('/v1/table-exports', { body: { table, connector, ...(by !== 'all' && { by: by as Schemas['TableExportSpan'] }) } });
            await queries.invalidateQueries({ queryKey: ['table-exports'] });
            close();
        }}>
            <Pick name="table" label={t('table')} initial="usage" choices={TABLES.map((id) => ({ id, name: tOr(`table_${id}`, id), hint: id }))} />
            <Pick name="connector" label={t('where')} initial={connectors[0]?.id} choices={connectors.map((one) => ({ id: one.id, name: one.title, hint: where(one) }))} />
            <Pick name="by" label={t('export_by')} initial="month" choices={[{ id: 'day', name: t('by_day') }, { id: 'month', name: t('by_month') }, { id: 'all', name: t('by_nothing') }]} />
        </SendForm>
    );
}

function Details({ of, to }: { of: Export; to: string }) {
    const lines: [string, string][] = [[t('where'), to], [t('folder'), of.folder]];
    if (of.made) lines.push([t('files'), number(of.made.files)], [t('rows'), number(of.made.rows)], [t('size'), bytes(of.made.bytes)], [t('manifest'), of.made.manifest]);
    return (
        <>
            {of.why && <Notice tone="warn">{of.why}</Notice>}
            <dl className="facts">{lines.map(([name, value]) => <div key={name}><dt>{name}</dt><dd className="mono small">{value}</dd></div>)}</dl>
            {of.made && <p className="small soft">{t('manifest_hint')}</p>}
        </>
    );
}
