// A password that somebody chooses, with what it must be.
import { useQuery } from '@tanstack/react-query';
import { client, data, type Schemas } from '../api/client';
import { number, t } from '../i18n';
import { Field } from '../kit/form';

/** What the appliance asks for where no workspace is known yet. */
const LEAST = 15;

export const ownRulesQuery = { queryKey: ['own-password-rules'], queryFn: () => data(client.GET('/v1/me/password-rules')) };

function hint(rules?: Schemas['PasswordAsked']): string {
    const asked: Partial<Schemas['PasswordAsked']> = rules ?? {};
    const { min_chars = LEAST, blocked_words = 0, remembered = 0 } = asked;
    return [
        t('password_hint', { least: number(min_chars) }),
        blocked_words > 0 && t('password_hint_words', { n: blocked_words }),
        remembered > 0 && t('password_hint_former', { n: remembered }),
    ].filter(Boolean).join(' ');
}

export const PasswordField = ({ name, label, rules }: { name: string; label: string; rules?: Schemas['PasswordAsked'] }) => (
    <Field name={name} type="password" label={label} hint={hint(rules)} minLength={rules?.min_chars ?? LEAST} isRequired autoComplete="new-password" />
);

/** For who is signed in. */
export const OwnPasswordField = () => <PasswordField name="new" label={t('new_password')} rules={useQuery(ownRulesQuery).data} />;
