// API keys: those there are, and making one. The secret is shown once.
import { useState } from 'react';
import { CheckboxGroup } from 'react-aria-components/CheckboxGroup';
import { Checkbox } from 'react-aria-components/Checkbox';
import { Label } from 'react-aria-components/Label';
import type { Schemas } from '../api/client';
import { ago, day, t } from '../i18n';
import { Action, Badge, Empty } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Icon } from '../kit/icon';
import { Ask, Cancel, Confirm } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { tellError } from '../kit/toast';
import { Secret } from './secret';
import { inDays } from './share';

type Key = Schemas['ApiKey'];
type Fresh = { name: string; permissions: string[]; expires: string };

export function KeyForm({ permissions, create, then }: { permissions: string[]; create: (body: Fresh) => Promise<Schemas['ApiKeySecret']>; then: () => unknown }) {
    return (
        <Ask button={{ icon: 'plus', children: t('new_key') }} title={t('new_key')} large>
            {(close) => <KeyFields permissions={permissions} create={create} then={then} close={close} />}
        </Ask>
    );
}

function KeyFields({ permissions, create, then, close }: { permissions: string[]; create: (body: Fresh) => Promise<Schemas['ApiKeySecret']>; then: () => unknown; close: () => void }) {
    const [secret, setSecret] = useState('');
    const [chosen, setChosen] = useState<string[]>([]);
    if (secret) return (<><Secret label={t('key_once')} text={secret} /><div className="actions"><Action look="primary" onPress={close}>{t('done')}</Action></div></>);
    return (
        <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ name = '', days = '30' }) => {
            const made = await create({ name, permissions: chosen, expires: inDays(Number(days)) });
            await then();
            setSecret(made.secret);
        }}>
            <Field name="name" label={t('name')} isRequired maxLength={100} autoFocus />
            <Pick name="days" label={t('good_for')} initial="30" choices={[7, 30, 90, 365].map((n) => ({ id: String(n), name: t('n_days', { n }) }))} />
            <CheckboxGroup className="field" value={chosen} onChange={setChosen}>
                <Label>{t('permissions')}</Label>
                <div className="checks">
                    {permissions.map((permission) => (
                        <Checkbox key={permission} value={permission} className="check"><span className="box"><Icon name="check" /></span><span className="mono">{permission}</span></Checkbox>
                    ))}
                </div>
            </CheckboxGroup>
        </SendForm>
    );
}

export function KeyTable({ keys, revoke }: { keys: Key[]; revoke: (id: string) => Promise<unknown> }) {
    const [ending, setEnding] = useState<Key | null>(null);
    if (!keys.length) return <Empty icon="key" title={t('no_keys')}>{t('no_keys_hint')}</Empty>;
    const columns: Column<Key>[] = [
        { id: 'name', name: t('name'), cell: ({ name }) => <strong>{name}</strong> },
        { id: 'permissions', name: t('permissions'), cell: ({ permissions }) => <span className="small soft">{permissions.slice(0, 3).join(', ')}{permissions.length > 3 ? ` +${permissions.length - 3}` : ''}</span> },
        { id: 'used', name: t('last_used'), cell: ({ last_used }) => <span className="soft">{last_used ? ago(last_used) : t('never')}</span> },
        { id: 'expires', name: t('expires'), cell: ({ expires, revoked }) => revoked ? <Badge tone="bad">{t('revoked')}</Badge> : <span className="soft">{day(expires)}</span> },
        { id: 'revoke', name: t('revoke'), hide: true, end: true, cell: (key) => !key.revoked && <Action aria-label={`${t('revoke')}: ${key.name}`} onPress={() => setEnding(key)}>{t('revoke')}</Action> },
    ];
    return (
        <>
            <Table caption={t('nav_api_keys')} columns={columns} rows={keys} rowKey={({ id }) => id} />
            <Confirm title={t('revoke')} text={t('revoke_key_text', { name: ending?.name ?? '' })} action={t('revoke')} open={!!ending} onClose={() => setEnding(null)} onYes={() => ending && revoke(ending.id).catch(tellError)} />
        </>
    );
}
