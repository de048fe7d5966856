// What asks for a second factor: whoever has none is told where to set one up, whoever signed in without theirs shows it here.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../api/client';
import { CodeField, ownFactorQuery } from '../app/code-field';
import { queries, useSession } from '../app/queries';
import { t } from '../i18n';
import { Notice } from '../kit/bits';
import { SendForm } from '../kit/form';
import { Ask, Cancel } from '../kit/overlay';

/** Whether a permission that asks for a second factor is held, and whether none was shown in this session. */
export function useWithFactor(permission: string): { may: boolean; lacks: boolean } {
    const session = useSession();
    const holds = session?.can(permission) ?? false;
    return { may: holds, lacks: holds && (session?.assurance_level ?? 0) < 2 };
}

export function NoFactor() {
    const own = useQuery(ownFactorQuery).data;
    if (!own) return null;
    return (
        <Notice icon="shield">
            <div className="row wrap apart">
                <div>
                    <strong>{t('no_factor')}</strong>
                    <p className="small">{own.since ? t('factor_not_shown') : <>{t('no_factor_detail')} <Link to="/settings">{t('nav_settings')}</Link></>}</p>
                </div>
                {own.since && <ShowFactor />}
            </div>
        </Notice>
    );
}

/** Shows it in a session that was begun without. */
export const ShowFactor = () => (
    <Ask button={{ icon: 'shield', children: t('confirm_factor') }} title={t('confirm_factor')}>
        {(close) => (
            <SendForm submit={t('confirm')} also={<Cancel />} onSend={async ({ code = '' }) => {
                await client.POST('/v1/session/second-factor', { body: { code } });
                close();
                await queries.invalidateQueries();
            }}>
                <CodeField paper />
            </SendForm>
        )}
    </Ask>
);
