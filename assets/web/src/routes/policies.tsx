// Policies: statements in Cedar that permit or forbid beyond roles. Whether one can be read is what the appliance says when it is saved.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { actAtOnce } from '../app/at-once';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Pick, Switch } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Cancel, Confirm, Window } from '../kit/overlay';
import { StatementField } from '../kit/statement';
import { tell } from '../kit/toast';
import { When } from '../kit/when';

type Policy = Schemas['Policy'];

/** Where to begin: each is a statement that holds as it stands. */
const BEGINNINGS = {
    factor: 'forbid(principal, action in [Action::"member:remove", Action::"role:manage"], resource)\nwhen { principal.aal < 2 };',
    secret: 'forbid(principal, action == Action::"project:share", resource)\nwhen { resource.classification >= 3 };',
    keys: 'forbid(principal, action == Action::"asset:download", resource)\nwhen { context.api_key };',
    hours: 'forbid(principal, action in Action::"level:editor", resource)\nunless { context.now.toTime() > duration("6h") && context.now.toTime() < duration("20h") };',
} as const;

export function Policies({ may }: { may: boolean }) {
    const policies = useQuery({ queryKey: ['policies'], queryFn: () => pages((after) => data(client.GET('/v1/policies', { params: { query: { limit: 200, after } } }))) });
    const [editing, edit] = useState<Policy | 'new' | null>(null);
    const [removing, remove] = useState<Policy | null>(null);
    const params = ({ id, version }: Policy) => ({ path: { policy: id }, header: ifMatch(version) });
    const turn = (policy: Policy, enabled: boolean) => actAtOnce(['policies'], [policy.id], { enabled }, () => client.PATCH('/v1/policies/{policy}', { params: params(policy), body: { enabled } }), { told: t(enabled ? 'policy_on' : 'policy_off', { name: policy.name }) });
    const fresh = may && <Action icon="plus" onPress={() => edit('new')}>{t('new_policy')}</Action>;
    return (
        <section className="stack tight">
            <div className="row apart">
                <h2>{t('policies')}</h2>
                {!!policies.data?.length && fresh}
            </div>
            <Show of={policies} lines={2}>
                {(items) => items.length === 0 ? <Empty icon="shield" title={t('no_policies')} action={fresh}>{t('no_policies_hint')}</Empty> : (
                    <ul className="stack tight">
                        {items.map((policy) => (
                            <li key={policy.id} className="card padded stack tight">
                                <div className="row apart">
                                    <span className="row wrap grow"><h3>{policy.name}</h3><Badge tone={policy.enabled ? 'good' : 'plain'}>{policy.enabled ? t('counts') : t('counts_not')}</Badge><When at={policy.updated} className="small soft" /></span>
                                    {may && (
                                        <span className="row">
                                            <Switch on={policy.enabled} onChange={(on) => void turn(policy, on)}><span className="hidden">{t('counts')}: {policy.name}</span></Switch>
                                            <More label={`${t('more')}: ${policy.name}`} entries={[
                                                { id: 'edit', name: t('edit_policy'), icon: 'edit', run: () => edit(policy) },
                                                { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => remove(policy) },
                                            ]} />
                                        </span>
                                    )}
                                </div>
                                <pre className="statement" tabIndex={0}><code>{policy.text}</code></pre>
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
            <Window title={editing === 'new' ? t('new_policy') : t('edit_policy')} large open={editing !== null} onOpen={(open) => !open && edit(null)}>
                {(close) => editing && <PolicyForm policy={editing === 'new' ? undefined : editing} close={close} />}
            </Window>
            <Confirm
                title={t('remove')} text={t('remove_policy_text', { name: removing?.name ?? '' })} action={t('remove')} open={!!removing} onClose={() => remove(null)}
                onYes={() => removing && act(['policies'], () => client.DELETE('/v1/policies/{policy}', { params: params(removing) }), t('removed'), () => client.POST('/v1/policies', { body: { name: removing.name, text: removing.text, enabled: removing.enabled } }))}
            />
        </section>
    );
}

function PolicyForm({ policy, close }: { policy?: Policy; close: () => void }) {
    const [text, setText] = useState(policy?.text ?? BEGINNINGS.factor);
    const [enabled, enable] = useState(policy?.enabled ?? false);
    return (
        <SendForm submit={policy ? t('save') : t('create')} also={<Cancel />} onSend={async ({ name = '' }) => {
            const body = { name, text, enabled };
            if (policy) await client.PATCH('/v1/policies/{policy}', { params: { path: { policy: policy.id }, header: ifMatch(policy.version) }, body });
            else await client.POST('/v1/policies', { body });
            await queries.invalidateQueries({ queryKey: ['policies'] });
            tell(t('saved'));
            close();
        }}>
            <div className="grid">
                <Field name="name" label={t('name')} defaultValue={policy?.name} isRequired maxLength={100} autoFocus />
                {!policy && (
                    <Pick
                        label={t('begin_with')} initial="factor" onChange={(id) => setText(BEGINNINGS[id as keyof typeof BEGINNINGS])}
                        choices={(Object.keys(BEGINNINGS) as (keyof typeof BEGINNINGS)[]).map((id) => ({ id, name: t(`policy_${id}`) }))}
                    />
                )}
            </div>
            <StatementField name="text" tongue="cedar" label={t('statement')} hint={t('statement_hint')} value={text} onChange={setText} most={8_192} />
            <Switch on={enabled} onChange={enable}>{t('policy_counts')}</Switch>
        </SendForm>
    );
}
