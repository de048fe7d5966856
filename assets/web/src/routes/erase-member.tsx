// A person taken out of everything, the audit trail too: named to be confirmed, done in as many calls as it takes, with a receipt.
import { useState } from 'react';
import { client, data, type Schemas } from '../api/client';
import { queries, useSession } from '../app/queries';
import { number, t } from '../i18n';
import { Action, Notice } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Cancel } from '../kit/overlay';
import { saveText } from './csv';
import './portal.css';

type Receipt = Schemas['PersonErasure'] & { erased: string; checkpoint?: Schemas['AuditCheckpoint'] };
/** A call drops what it finds at once; what others write meanwhile is found by the next. */
const CALLS = 20;

export function EraseMember({ member, close }: { member: Schemas['Member']; close: () => void }) {
    const session = useSession();
    const [receipt, setReceipt] = useState<Receipt | null>(null);
    const named = member.email ?? member.name;
    if (receipt) {
        return (
            <>
                <Notice tone={receipt.complete ? 'good' : 'warn'} icon={receipt.complete ? 'check' : 'alert'}>
                    {receipt.complete ? t('member_erased_text', { n: receipt.rows }) : t('member_half_erased')}
                </Notice>
                <dl className="facts">
                    <div><dt>{t('who')}</dt><dd className="mono small">{receipt.user}</dd></div>
                    {receipt.checkpoint && <div><dt>{t('trail_then')}</dt><dd className="mono small">{number(receipt.checkpoint.size)} · {receipt.checkpoint.root}</dd></div>}
                </dl>
                <div className="actions">
                    <Action onPress={close}>{t('done')}</Action>
                    <Action look="primary" icon="download" onPress={() => saveText(`erased-${receipt.user}.json`, JSON.stringify(receipt, null, 2), 'application/json')}>{t('save_receipt')}</Action>
                </div>
            </>
        );
    }
    return (
        <>
            <Notice tone="bad">{t('erase_member_text', { name: member.name })}</Notice>
            <SendForm bad submit={t('erase')} also={<Cancel />} onSend={async () => {
                let rows = 0;
                let last: Schemas['PersonErasure'];
                let calls = 0;
                do {
                    last = await data(client.POST('/v1/members/{user}/erase', { params: { path: { user: member.id } } }));
                    rows += last.rows;
                } while (!last.complete && ++calls < CALLS);
                // The state of the trail that proves the rows around those that were dropped.
                const checkpoint = session?.can('audit:read') ? await data(client.GET('/v1/audit/checkpoint')).catch(() => undefined) : undefined;
                setReceipt({ ...last, rows, erased: new Date().toISOString(), checkpoint });
                await queries.invalidateQueries({ queryKey: ['members'] });
            }}>
                <Field name="confirm" label={t('type_to_confirm', { name: named })} validate={(text) => (text === named ? null : t('not_the_same'))} isRequired autoComplete="off" autoFocus />
            </SendForm>
        </>
    );
}
