// The support bundle: what would be in it is told before it is made.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, send } from '../../api/client';
import { t, tOr } from '../../i18n';
import { Action, Notice, Show } from '../../kit/bits';
import { tell, tellError } from '../../kit/toast';
import { saveFile } from '../csv';

async function save(): Promise<void> {
    const answer = await send('/v1/appliance/support-bundle', { method: 'POST' });
    const at = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
    saveFile(`audiagram-support-${at}.zip`, await answer.blob());
}

export function Bundle() {
    const parts = useQuery({ queryKey: ['appliance', 'bundle'], queryFn: () => data(client.GET('/v1/appliance/support-bundle')) });
    const [making, make] = useState(false);
    const run = async () => {
        make(true);
        await save().then(() => tell(t('bundle_made')), tellError);
        make(false);
    };
    return (
        <>
            <section className="card padded stack">
                <div className="row wrap apart">
                    <div className="stack tight grow"><h2>{t('bundle')}</h2><p className="soft">{t('bundle_intro')}</p></div>
                    <Action look="primary" icon="download" isPending={making} onPress={() => void run()}>{t('bundle_make')}</Action>
                </div>
                <Notice tone="accent" icon="shield">{t('bundle_promise')}</Notice>
            </section>
            <section className="stack tight">
                <h2>{t('bundle_parts')}</h2>
                <Show of={parts} lines={5}>
                    {({ items }) => (
                        <dl className="card padded known wide">
                            {items.map(({ name, about }) => <div key={name}><dt><span className="mono">{name}</span></dt><dd>{tOr(`bundle_part_${name.split('.')[0]}`, about)}</dd></div>)}
                        </dl>
                    )}
                </Show>
            </section>
        </>
    );
}
