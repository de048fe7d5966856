// Becoming a member with the code of an invitation. The code is in the fragment, which browsers send nowhere.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, data, Problem } from '../api/client';
import { PasswordField } from '../app/password-field';
import { signedInAnew } from '../app/queries';
import { t } from '../i18n';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { Front } from './front';

/** Fewer characters no code has: nobody is asked about what is still being typed. */
const WHOLE = 40;

export function Join() {
    const navigate = useNavigate();
    const { tenant: invited } = useSearch({ from: '/join' });
    const [tenant, setTenant] = useState(invited ?? '');
    const [code, setCode] = useState(location.hash.slice(1));
    const body = { tenant: tenant.trim(), code: code.trim() };
    // Whether the code is good is said when it is sent; until then what it offers helps to fill in the rest.
    const offer = useQuery({
        queryKey: ['offer', body], queryFn: () => data(client.POST('/v1/invitations/open', { body })),
        enabled: body.tenant.length > 1 && body.code.length > WHOLE, retry: false, staleTime: Infinity,
    }).data;
    return (
        <Front title={offer ? t('join_named', { name: offer.tenant }) : t('join')} intro={t('join_intro')}>
            <SendForm
                submit={t('join')} wide
                onSend={async ({ name = '', email = '', password = '' }) => {
                    await client.POST('/v1/invitations/accept', { body: { ...body, name, password } });
                    localStorage.setItem('tenant', body.tenant);
                    try {
                        await client.POST('/v1/session', { body: { tenant: body.tenant, email, password } });
                    } catch (error) {
                        // The invitation is used up by now; with another address than it was sent to, one signs in by hand.
                        if (error instanceof Problem) return void (await navigate({ to: '/sign-in', search: { tenant: body.tenant } }));
                        throw error;
                    }
                    await signedInAnew();
                    await navigate({ to: '/' });
                }}
            >
                <Guard />
                <Field name="tenant" label={t('workspace_name')} value={tenant} onChange={setTenant} isRequired autoComplete="organization" />
                <Field name="code" label={t('invitation_code')} value={code} onChange={setCode} isRequired autoComplete="one-time-code" />
                <Field key={offer?.email} name="email" type="email" label={t('email')} hint={t('join_email_hint')} defaultValue={offer?.email} isRequired autoComplete="username" />
                <Field name="name" label={t('your_name')} isRequired autoComplete="name" autoFocus={!!invited} />
                <PasswordField name="password" label={t('password')} rules={offer?.password} />
            </SendForm>
            <p className="small soft"><Link to="/sign-in">{t('back_to_sign_in')}</Link></p>
        </Front>
    );
}
