// Becoming a member with the code of an invitation. The code is in the fragment, which browsers send nowhere.
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, Problem } from '../api/client';
import { signedInAnew } from '../app/queries';
import { t } from '../i18n';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { Front } from './front';

export function Join() {
    const navigate = useNavigate();
    const { tenant: invited } = useSearch({ from: '/join' });
    return (
        <Front title={t('join')} intro={t('join_intro')}>
            <SendForm
                submit={t('join')} wide
                onSend={async ({ tenant = '', code = '', name = '', email = '', password = '' }) => {
                    await client.POST('/v1/invitations/accept', { body: { tenant, code: code.trim(), name, password } });
                    localStorage.setItem('tenant', tenant);
                    try {
                        await client.POST('/v1/session', { body: { tenant, email, password } });
                    } catch (error) {
                        // The invitation is used up by now; with another address than it was sent to, one signs in by hand.
                        if (error instanceof Problem) return void (await navigate({ to: '/sign-in', search: { tenant } }));
                        throw error;
                    }
                    await signedInAnew();
                    await navigate({ to: '/' });
                }}
            >
                <Guard />
                <Field name="tenant" label={t('workspace_name')} defaultValue={invited ?? ''} isRequired autoComplete="organization" />
                <Field name="code" label={t('invitation_code')} defaultValue={location.hash.slice(1)} isRequired autoComplete="one-time-code" />
                <Field name="email" type="email" label={t('email')} hint={t('join_email_hint')} isRequired autoComplete="username" />
                <Field name="name" label={t('your_name')} isRequired autoComplete="name" autoFocus={!!invited} />
                <Field name="password" type="password" label={t('password')} hint={t('password_hint')} minLength={15} isRequired autoComplete="new-password" />
            </SendForm>
            <p className="small soft"><Link to="/sign-in">{t('back_to_sign_in')}</Link></p>
        </Front>
    );
}
