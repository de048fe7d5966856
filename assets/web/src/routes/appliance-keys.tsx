// The keys of the appliance: by what others know it, and renewing what wraps everything else.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data } from '../api/client';
import { act } from '../app/act';
import { useSession } from '../app/queries';
import { t } from '../i18n';
import { Action, Show } from '../kit/bits';
import { Confirm } from '../kit/overlay';

export function ApplianceKeys() {
    const session = useSession();
    const [renewing, renew] = useState(false);
    const keys = useQuery({ queryKey: ['keys'], queryFn: () => data(client.GET('/v1/keys')), enabled: session?.can('system:keys') ?? false, retry: false });
    if (!session?.can('system:keys')) return null;
    return (
        <section className="card padded stack">
            <div className="row apart">
                <div className="stack tight"><h2>{t('appliance_keys')}</h2><p className="soft">{t('appliance_keys_intro')}</p></div>
                <Action icon="key" onPress={() => renew(true)}>{t('renew_key')}</Action>
            </div>
            <Show of={keys} lines={3}>
                {(shown) => (
                    <dl className="keys">
                        {(['signing', 'receiver', 'appliance_key'] as const).map((name) => (
                            <div key={name} className="row apart"><dt>{t(`key_${name}`)}</dt><dd className="mono">{shown[name]}</dd></div>
                        ))}
                    </dl>
                )}
            </Show>
            <Confirm
                title={t('renew_key')} text={t('renew_key_text')} action={t('renew_key')} open={renewing} onClose={() => renew(false)}
                onYes={() => act(['keys', 'upkeep'], () => client.POST('/v1/keys/rotate', { body: { key: 'appliance' } }), t('renew_begun'))}
            />
        </section>
    );
}
