// API keys: those there are, and making one. The secret is shown once.
import { useState } from 'react';
import { MOST, type Schemas } from '../api/client';
import { actMany } from '../app/act-many';
import { permissionName } from '../app/permissions';
import { t } from '../i18n';
import { Action, Badge, Empty } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Ask, Cancel, Confirm } from '../kit/overlay';
import { useConfirm } from '../kit/confirm';
import { Grid } from '../kit/grid';
import type { Column } from '../kit/table';
import { tellError } from '../kit/toast';
import { When } from '../kit/when';
import { PermissionPicker } from './permission-picker';
import { Secret } from './secret';
import { inDays } from './in-days';

type Key = Schemas['ApiKey'];
type Fresh = { name: string; permissions: string[]; expires: string; service_account?: string };
type Props = { permissions: string[]; programs?: { id: string; name: string }[]; create: (body: Fresh) => Promise<Schemas['ApiKeySecret']>; then: () => unknown };

export function KeyForm({ look, ...props }: Props & { look?: 'primary' }) {
    return (
        <Ask button={{ icon: 'plus', look, children: t('new_key') }} title={t('new_key')} large>
            {(close) => <KeyFields {...props} close={close} />}
        </Ask>
    );
}

function KeyFields({ permissions, programs, create, then, close }: Props & { close: () => void }) {
    const [secret, setSecret] = useState('');
    const [chosen, setChosen] = useState<string[]>([]);
    if (secret) return (<><Secret label={t('key_once')} text={secret} /><div className="actions"><Action look="primary" onPress={close}>{t('done')}</Action></div></>);
    return (
        <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ name = '', days = '30', program = '' }) => {
            const made = await create({ name, permissions: chosen, expires: inDays(Number(days)), ...(program && program !== 'myself' && { service_account: program }) });
            await then();
            setSecret(made.secret);
        }}>
            <Field name="name" label={t('name')} isRequired maxLength={100} autoFocus />
            <Pick name="days" label={t('good_for')} initial="30" choices={[7, 30, 90, 365].map((n) => ({ id: String(n), name: t('n_days', { n }) }))} />
            {programs && programs.length > 0 && <Pick name="program" label={t('acts_for')} initial="myself" choices={[{ id: 'myself', name: t('myself') }, ...programs]} />}
            <PermissionPicker label={t('permissions')} permissions={permissions} value={chosen} onChange={setChosen} />
        </SendForm>
    );
}

export function KeyTable({ keys, revoke }: { keys: Key[]; revoke: (id: string) => Promise<unknown> }) {
    const [ending, setEnding] = useState<Key | null>(null);
    const [ask, dialog] = useConfirm();
    if (!keys.length) return <Empty icon="key" title={t('no_keys')}>{t('no_keys_hint')}</Empty>;
    const columns: Column<Key>[] = [
        { id: 'name', name: t('name'), kept: true, sort: ({ name }) => name, cell: ({ name }) => <strong>{name}</strong> },
        { id: 'permissions', name: t('permissions'), sort: ({ permissions }) => permissions.length, cell: ({ permissions }) => <span className="small soft">{permissions.slice(0, 3).map(permissionName).join(', ')}{permissions.length > 3 ? ` +${permissions.length - 3}` : ''}</span> },
        { id: 'used', name: t('last_used'), sort: ({ last_used }) => last_used, cell: ({ last_used }) => last_used ? <When at={last_used} /> : <span className="soft">{t('never')}</span> },
        { id: 'created', name: t('created'), extra: true, sort: ({ created }) => created, cell: ({ created }) => <When at={created} /> },
        { id: 'expires', name: t('expires'), sort: ({ expires, revoked }) => revoked ?? expires, cell: ({ expires, revoked }) => revoked ? <Badge tone="bad">{t('revoked')}</Badge> : <When at={expires} as="day" /> },
        { id: 'revoke', name: t('revoke'), hide: true, end: true, cell: (key) => !key.revoked && <Action aria-label={`${t('revoke')}: ${key.name}`} onPress={() => setEnding(key)}>{t('revoke')}</Action> },
    ];
    return (
        <>
            <Grid
                name="keys" caption={t('nav_api_keys')} columns={columns} rows={keys} rowKey={({ id }) => id} whole={keys.length < MOST}
                picks={{ name: ({ name }) => name, acts: (rows, clear) => {
                    const open = rows.filter(({ revoked }) => !revoked);
                    const all = () => actMany([], open, ({ id }) => revoke(id), (n) => t('keys_revoked', { n })).then(clear);
                    return open.length > 0 && <Action look="danger" onPress={() => ask({ title: t('revoke'), text: t('revoke_keys_text', { n: open.length }), action: t('revoke'), run: all })}>{t('revoke')}</Action>;
                } }}
            />
            {dialog}
            <Confirm title={t('revoke')} text={t('revoke_key_text', { name: ending?.name ?? '' })} action={t('revoke')} open={!!ending} onClose={() => setEnding(null)} onYes={() => ending && revoke(ending.id).catch(tellError)} />
        </>
    );
}
