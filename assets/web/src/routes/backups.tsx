// Backups of the appliance: made, verified, tried, put back, cleared away, and how the long work on them goes.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, type Schemas } from '../api/client';
import { act } from '../app/act';
import { useCommands } from '../app/commands';
import { backupsQuery } from '../app/first-run-asked';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { tenantsQuery } from '../app/tenants';
import { bytes, moment, number, t } from '../i18n';
import { Action, Badge, Empty, Notice, Show } from '../kit/bits';
import { Pick, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Window } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { tell } from '../kit/toast';
import { When } from '../kit/when';
import { Drills } from './drills';
import { Errands } from './errands';

type Backup = Schemas['Backup'];

export function Backups() {
    const session = useSession();
    const backups = useQuery(backupsQuery);
    const [restoring, restore] = useState<Backup | null>(null);
    const begun = (told: string, what: () => Promise<unknown>) => act(['upkeep', 'backups'], what, told);
    const verify = ({ id }: Backup, records_only: boolean) => begun(t('verify_begun'), () => client.POST('/v1/backups/{backup}/verify', { params: { path: { backup: id } }, body: { records_only } }));
    const columns: Column<Backup>[] = [
        { id: 'made', name: t('when'), cell: ({ made }) => <span><strong>{moment(made)}</strong><br /><When at={made} className="small soft" /></span> },
        { id: 'what', name: t('what'), cell: ({ whole, failed }) => <span className="row"><Badge tone={whole ? 'accent' : 'plain'}>{whole ? t('appliance') : t('nav_workspace')}</Badge>{failed > 0 && <Badge tone="bad">{t('n_failed', { n: failed })}</Badge>}</span> },
        { id: 'tenants', name: t('nav_tenants'), end: true, cell: ({ tenants }) => <span className="num">{number(tenants)}</span> },
        { id: 'bytes', name: t('size'), end: true, cell: ({ bytes: size }) => <span className="num">{bytes(size)}</span> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (backup) => (
                <More label={`${t('more')}: ${moment(backup.made)}`} entries={[
                    { id: 'verify', name: t('verify_all'), icon: 'check', run: () => void verify(backup, false) },
                    { id: 'records', name: t('verify_records'), icon: 'list', run: () => void verify(backup, true) },
                    { id: 'restore', name: t('restore_one'), icon: 'undo', bad: true, off: !session?.can('system:restore'), run: () => restore(backup) },
                ]} />
            ),
        },
    ];
    const backUp = () => void begun(t('backup_begun'), () => client.POST('/v1/backups', { body: {} }));
    useCommands([{ id: 'backup', name: t('back_up'), icon: 'download', run: backUp }]);
    const make = <Action look="primary" icon="download" onPress={backUp}>{t('back_up')}</Action>;
    return (
        <Page
            crumbs={[{ name: t('nav_system') }, { name: t('backups') }]} title={t('backups')} intro={t('backups_intro')}
            actions={
                <>
                    <Ask button={{ children: t('prune') }} title={t('prune')}>{(close) => <Prune close={close} />}</Ask>
                    {!!backups.data?.length && make}
                </>
            }
        >
            <Show of={backups}>{(items) => items.length ? <Table caption={t('backups')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="download" title={t('no_backups')} action={make}>{t('no_backups_hint')}</Empty>}</Show>
            <Drills possible={!!backups.data?.some(({ whole }) => whole)} />
            <Errands tasks={['backup', 'verify', 'restore', 'prune']} />
            <Window title={t('restore_one')} open={!!restoring} onOpen={(open) => !open && restore(null)}>
                {(close) => restoring && <Restoring backup={restoring} close={close} />}
            </Window>
        </Page>
    );
}

function Restoring({ backup, close }: { backup: Backup; close: () => void }) {
    const tenants = useQuery(tenantsQuery);
    const [wanted, want] = useState('');
    const [sure, setSure] = useState(false);
    const name = tenants.data?.find(({ id }) => id === wanted)?.name ?? '';
    return (
        <>
            <Notice tone="warn">{t('restore_text', { when: moment(backup.made) })}</Notice>
            <SendForm submit={t('restore')} also={<Cancel />} onSend={async () => {
                if (!sure) throw new Error(t('restore_confirm', { name }));
                await client.POST('/v1/backups/{backup}/restore', { params: { path: { backup: backup.id } }, body: { tenant: wanted } });
                await queries.invalidateQueries({ queryKey: ['upkeep'] });
                tell(t('restore_begun', { name }));
                close();
            }}>
                <Pick label={t('nav_workspace')} value={wanted} onChange={want} choices={(tenants.data ?? []).filter(({ state }) => state !== 'erased').map(({ id, name, slug }) => ({ id, name, hint: slug }))} />
                {name && <Switch on={sure} onChange={setSure}>{t('restore_confirm', { name })}</Switch>}
            </SendForm>
        </>
    );
}

function Prune({ close }: { close: () => void }) {
    return (
        <>
            <p className="soft">{t('prune_text')}</p>
            <SendForm submit={t('prune')} also={<Cancel />} onSend={async ({ newest = '', days = '' }) => {
                await client.POST('/v1/backups/prune', { body: { newest: Number(newest), days: Number(days) } });
                await queries.invalidateQueries({ queryKey: ['upkeep'] });
                tell(t('prune_begun'));
                close();
            }}>
                <Field name="newest" label={t('prune_newest')} inputMode="numeric" defaultValue="7" isRequired pattern="[1-9][0-9]{0,3}" autoFocus />
                <Field name="days" label={t('prune_days')} inputMode="numeric" defaultValue="30" isRequired pattern="[0-9]{1,5}" />
            </SendForm>
        </>
    );
}
