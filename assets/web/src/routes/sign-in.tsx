import { lazy, Suspense, useState } from 'react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { client, data, Problem, type Schemas } from '../api/client';
import { queries, SESSION, signedInAnew } from '../app/queries';
import { t } from '../i18n';
import { Field, SendForm } from '../kit/form';
import { Front } from './front';

// Few see these.
const SecondStep = lazy(() => import('./sign-in-steps').then(({ SecondStep }) => ({ default: SecondStep })));
const GoOn = lazy(() => import('../app/workspaces').then(({ GoOn }) => ({ default: GoOn })));
const NewPassword = lazy(() => import('./sign-in-steps').then(({ NewPassword }) => ({ default: NewPassword })));

export function SignIn() {
    const navigate = useNavigate();
    const search = useSearch({ from: '/sign-in' });
    const [mustChange, setMustChange] = useState<string | null>(null);
    // The password is right, and a code is needed too.
    const [half, setHalf] = useState<Schemas['SignIn'] | null>(null);
    const tenant = search.tenant ?? localStorage.getItem('tenant') ?? '';
    const enter = async () => {
        // What is known is of another workspace.
        if (queries.getQueryData(SESSION)) return location.assign(search.next ?? '/');
        await signedInAnew();
        await navigate({ href: search.next ?? '/' });
    };
    const send = async (body: Schemas['SignIn']) => {
        const signed = (await data(client.POST('/v1/session', { body }))) as unknown as { must_change_password: boolean };
        localStorage.setItem('tenant', body.tenant);
        if (signed.must_change_password) setMustChange(body.password);
        else await enter();
    };
    if (mustChange !== null) return <Suspense><NewPassword old={mustChange} then={enter} /></Suspense>;
    if (half) return <Suspense><SecondStep send={(code) => send({ ...half, code })} back={() => setHalf(null)} /></Suspense>;
    return (
        <Front title={t('sign_in')} intro={t('sign_in_intro')}>
            <SendForm
                submit={t('sign_in')} wide
                onSend={async ({ tenant = '', email = '', password = '' }) => {
                    try {
                        await send({ tenant, email, password });
                    } catch (error) {
                        if (!(error instanceof Problem && error.code === 'code_needed')) throw error;
                        setHalf({ tenant, email, password });
                    }
                }}
            >
                <Field name="tenant" label={t('workspace_name')} hint={t('workspace_hint')} defaultValue={tenant} isRequired autoComplete="organization" autoFocus={!tenant} />
                <Field name="email" type="email" label={t('email')} isRequired autoComplete="username" autoFocus={!!tenant} />
                <Field name="password" type="password" label={t('password')} isRequired autoComplete="current-password" />
            </SendForm>
            <Suspense><GoOn /></Suspense>
            <p className="small soft">
                {t('first_here')} <Link to="/join" search={{ tenant: undefined }}>{t('have_invitation')}</Link> · <Link to="/set-up">{t('set_up_link')}</Link>
            </p>
        </Front>
    );
}
