// The first start: from the console's code to a workspace of one's own in two short forms. What else there is to set up waits (`first-run`).
import { useState } from 'react';
import { Link, useNavigate } from '@tanstack/react-router';
import { client, data } from '../api/client';
import { PasswordField } from '../app/password-field';
import { signedInAnew } from '../app/queries';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Pick } from '../kit/choose';
import { Field, SendForm } from '../kit/form';
import { Guard } from '../kit/leaving';
import { Front } from './front';
import { slugOf } from './slug';
import { PLANS } from './tenant-titles';

type Person = { name: string; email: string; password: string };

export function SetUp() {
    const [person, setPerson] = useState<Person | null>(null);
    if (person) return <FirstWorkspace person={person} />;
    return (
        <Front title={t('set_up')} intro={t('set_up_intro')}>
            <SendForm
                submit={t('next')} wide
                onSend={async ({ code = '', name = '', email = '', password = '' }) => {
                    await client.POST('/v1/setup', { body: { code: code.trim(), name, email, password } });
                    await client.POST('/v1/session', { body: { tenant: 'appliance', email, password } });
                    setPerson({ name, email, password });
                }}
            >
                <Guard />
                <Field name="code" label={t('console_code')} hint={t('console_code_hint')} defaultValue={location.hash.slice(1)} isRequired autoComplete="one-time-code" autoFocus />
                <Field name="name" label={t('your_name')} isRequired autoComplete="name" />
                <Field name="email" type="email" label={t('email')} isRequired autoComplete="username" />
                <PasswordField name="password" label={t('password')} />
            </SendForm>
            <p className="small soft"><Link to="/sign-in">{t('back_to_sign_in')}</Link></p>
        </Front>
    );
}

function FirstWorkspace({ person }: { person: Person }) {
    const navigate = useNavigate();
    const done = async (to: '/' | '/system/set-up') => {
        await signedInAnew();
        await navigate({ to });
    };
    return (
        <Front title={t('first_workspace')} intro={t('first_workspace_intro')}>
            <SendForm
                submit={t('create_workspace')} wide
                also={<Action look="quiet" wide onPress={() => void done('/system/set-up')}>{t('skip_workspace')}</Action>}
                onSend={async ({ name = '', plan = '' }) => {
                    const slug = slugOf(name);
                    const tenant = await data(client.POST('/v1/tenants', { body: { slug, name, plan: PLANS.find((one) => one === plan), owner: person.email } }));
                    const code = tenant.invitation?.code;
                    if (code) {
                        await client.POST('/v1/invitations/accept', { body: { tenant: slug, code, name: person.name, password: person.password } });
                        await client.POST('/v1/session', { body: { tenant: slug, email: person.email, password: person.password } });
                        localStorage.setItem('tenant', slug);
                    }
                    await done(code ? '/' : '/system/set-up');
                }}
            >
                <Field name="name" label={t('workspace_title')} placeholder="Acme" minLength={2} maxLength={100} isRequired autoFocus autoComplete="organization" />
                <Pick name="plan" label={t('plan')} initial="team" choices={PLANS.map((id) => ({ id, name: t(`plan_${id}`) }))} />
            </SendForm>
            <p className="small soft">{t('first_workspace_rest')}</p>
        </Front>
    );
}
