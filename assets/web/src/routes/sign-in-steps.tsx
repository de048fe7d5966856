// What comes after the password: the code of a second factor, and a password of one's own.
import { client } from '../api/client';
import { CodeField } from '../app/code-field';
import { t } from '../i18n';
import { Action } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Front } from './front';

export function SecondStep({ send, back }: { send: (code: string) => Promise<void>; back: () => void }) {
    return (
        <Front title={t('confirm_factor')} intro={t('code_intro')}>
            <SendForm submit={t('sign_in')} wide onSend={({ code = '' }) => send(code)} also={<Action wide onPress={back}>{t('cancel')}</Action>}>
                <CodeField paper />
            </SendForm>
        </Front>
    );
}

export function NewPassword({ old, then }: { old: string; then: () => Promise<void> }) {
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
