// What asks for a second factor: whoever has none is told where to set one up.
import { Link } from '@tanstack/react-router';
import { useSession } from '../app/queries';
import { t } from '../i18n';
import { Notice } from '../kit/bits';

/** Whether a permission that asks for a second factor is held, and whether one was shown at sign-in. */
export function useWithFactor(permission: string): { may: boolean; lacks: boolean } {
    const session = useSession();
    const holds = session?.can(permission) ?? false;
    return { may: holds, lacks: holds && (session?.assurance_level ?? 0) < 2 };
}

export const NoFactor = () => (
    <Notice icon="shield">
        <strong>{t('no_factor')}</strong>
        <p className="small">{t('no_factor_detail')} <Link to="/settings">{t('nav_settings')}</Link></p>
    </Notice>
);
