import { useState } from 'react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { signedInAnew } from '../app/queries';
import { t } from '../i18n';
import { Field, SendForm } from '../kit/form';
import { Front } from './front';

export function SignIn() {
    const navigate = useNavigate();
    const search = useSearch({ from: '/sign-in' });
    const [mustChange, setMustChange] = useState<string | null>(null);
    const tenant = search.tenant ?? localStorage.getItem('tenant') ?? '';
    const enter = async () => {
        await signedInAnew();
        await navigate({ href: search.next ?? '/' });
    };
    if (mustChange !== null) return <NewPassword old={mustChange} then={enter} />;
    return (
        <Front title={t('sign_in')} intro={t('sign_in_intro')}>
            <SendForm
                submit={t('sign_in')} wide
                onSend={async ({ tenant = '', email = '', password = '' }) => {
                    const signed = (await data(client.POST('/v1/session', { body: { tenant, email, password } }))) as unknown as { must_change_password: boolean };
                    localStorage.setItem('tenant', tenant);
                    if (signed.must_change_password) setMustChange(password);
                    else await enter();
                }}
            >
                <Field name="tenant" label={t('workspace_name')} hint={t('workspace_hint')} defaultValue={tenant} isRequired autoComplete="organization" autoFocus={!tenant} />
                <Field name="email" type="email" label={t('email')} isRequired autoComplete="username" autoFocus={!!tenant} />
                <Field name="password" type="password" label={t('password')} isRequired autoComplete="current-password" />
            </SendForm>
            <p className="small soft">
                {t('first_here')} <Link to="/join" search={{ tenant: undefined }}>{t('have_invitation')}</Link> · <Link to="/set-up">{t('set_up_link')}</Link>
            </p>
        </Front>
    );
}

function NewPassword({ old, then }: { old: string; then: () => Promise<void> }) {
    return (
        <Front title={t('new_password')} intro={t('new_password_intro')}>
            <SendForm submit={t('save')} wide onSend={async (values) => {
                await client.POST('/v1/me/password', { body: { old, new: values.new ?? '' } });
                await then();
            }}>
                <Field name="new" type="password" label={t('new_password')} hint={t('password_hint')} minLength={15} isRequired autoComplete="new-password" />
            </SendForm>
        </Front>
    );
}
