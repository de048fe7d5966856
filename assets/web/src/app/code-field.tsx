// A code of a second factor: the field for it, and whether one has one.
import { client, data } from '../api/client';
import { t } from '../i18n';
import { Field } from '../kit/form';

export const ownFactorQuery = { queryKey: ['second-factor'], queryFn: () => data(client.GET('/v1/me/second-factor')) };

/** The field for a code of the app, or one on paper. */
export const CodeField = ({ paper }: { paper?: boolean }) => (
    <Field name="code" label={t('code')} hint={paper ? t('code_or_paper') : t('code_hint')} isRequired autoFocus autoComplete="one-time-code" inputMode={paper ? 'text' : 'numeric'} maxLength={64} />
);
