// The workspace as one file to take away, and its end.
import { useEffect, useState } from 'react';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { client, data, type Schemas } from '../api/client';
import { queries, SESSION } from '../app/queries';
import { bytes, t } from '../i18n';
import { Notice } from '../kit/bits';
import { Segments } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { Ask, Cancel } from '../kit/overlay';
import { tell } from '../kit/toast';
import { fileName, saveFile } from './csv';
import { NoFactor, useWithFactor } from './second-factor';

type Tenant = Schemas['Tenant'];

export function End({ tenant }: { tenant: Tenant }) {
    const exporting = useWithFactor('tenant:export');
    const closing = useWithFactor('tenant:delete');
    return (
        <>
            {(exporting.lacks || closing.lacks) && <NoFactor />}
            {exporting.may && (
                <section className="card padded stack">
                    <div className="stack tight"><h2>{t('take_away')}</h2><p className="soft">{t('take_away_intro')}</p></div>
                    <Export slug={tenant.slug} />
                </section>
            )}
            {closing.may && (
                <section className="card padded stack">
                    <div className="stack tight"><h2>{t('close_workspace')}</h2><p className="soft">{t('close_workspace_intro')}</p></div>
                    <div>
                        <Ask button={{ look: 'danger', children: t('close_workspace') }} title={t('close_workspace')}>{() => <Close tenant={tenant} />}</Ask>
                    </div>
                </section>
            )}
        </>
    );
}

function Export({ slug }: { slug: string }) {
    const [by, seal] = useState('passphrase');
    const [passphrase, setPassphrase] = useState('');
    const [round, setRound] = useState(0);
    return (
        <div className="stack">
            <Segments label={t('sealed_with')} value={by} onChange={seal} choices={[{ id: 'passphrase', name: t('seal_passphrase') }, { id: 'receiver', name: t('seal_receiver') }]} />
            <SendForm key={`${by}${round}`} submit={t('take_away')} onSend={async ({ passphrase = '', receiver = '' }) => {
                const body = by === 'passphrase' ? { passphrase } : { receiver: receiver.trim() };
                const { data: file, response } = await client.POST('/v1/tenant/export', { body, parseAs: 'blob' });
                const made = file as unknown as Blob;
                saveFile(fileName(response.headers.get('content-disposition')) ?? `${slug}.audiagram`, made);
                tell(t('taken_away', { size: bytes(made.size) }));
                setPassphrase('');
                setRound(round + 1);
            }}>
                <Guard />
                {by === 'passphrase' ? (
                    <div className="grid">
                        <Field name="passphrase" type="password" label={t('passphrase')} hint={t('passphrase_hint')} value={passphrase} onChange={setPassphrase} isRequired minLength={12} maxLength={256} autoComplete="new-password" />
                        <Field name="repeated" type="password" label={t('passphrase_again')} validate={(text) => (text === passphrase ? null : t('not_the_same'))} isRequired autoComplete="new-password" />
                    </div>
                ) : <Field name="receiver" label={t('receiver_key')} hint={t('receiver_key_hint')} isRequired minLength={64} maxLength={64} autoComplete="off" />}
            </SendForm>
        </div>
    );
}

function Close({ tenant }: { tenant: Tenant }) {
    const navigate = useNavigate();
    const router = useRouter();
    // Nothing can be asked for afterwards.
    useEffect(() => void router.preloadRoute({ to: '/closed' }), [router]);
    return (
        <>
            <Notice tone="bad">{t('close_workspace_text', { name: tenant.name })}</Notice>
            <SendForm bad submit={t('close_workspace')} also={<Cancel />} onSend={async ({ confirm = '' }) => {
                const closed = await data(client.POST('/v1/tenant/close', { body: { confirm } }));
                // To where nobody has to be signed in; only then is the session forgotten.
                await navigate({ to: '/closed', state: { closed: { ...closed, name: tenant.name, slug: tenant.slug } } });
                queries.clear();
                queries.setQueryData(SESSION, null);
            }}>
                <Field name="confirm" label={t('type_to_confirm', { name: tenant.slug })} validate={(text) => (text === tenant.slug ? null : t('not_the_same'))} isRequired autoComplete="off" autoFocus />
            </SendForm>
        </>
    );
}
