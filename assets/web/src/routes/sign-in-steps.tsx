// What comes after the password: the code of a second factor, and a password of one's own.
import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client';
import { CodeField } from '../app/code-field';
import { OwnPasswordField, ownRulesQuery } from '../app/password-field';
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

/** Where a password was given to one, or is older than the workspace wants. The old one is asked for where it was not typed in just now. */
export function NewPassword({ old, then }: { old?: string; then: () => Promise<void> }) {
    const rules = useQuery(ownRulesQuery).data;
    const over = !!rules?.change_by && new Date(rules.change_by).getTime() <= Date.now();
    return (
        <Front title={t('new_password')} intro={over ? t('password_over_intro') : t('new_password_intro')}>
            <SendForm submit={t('save')} wide onSend={async (values) => {
                await client.POST('/v1/me/password', { body: { old: old ?? values.old ?? '', new: values.new ?? '' } });
                await then();
            }}>
                {old === undefined && <Field name="old" type="password" label={t('old_password')} isRequired autoFocus autoComplete="current-password" />}
                <OwnPasswordField />
            </SendForm>
        </Front>
    );
}
