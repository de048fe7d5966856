// What asks for a second factor: nobody can set one up in this version, so it is said instead of asked for.
import { useSession } from '../app/queries';
import { t } from '../i18n';
import { Notice } from '../kit/bits';

/** Whether a permission that asks for a second factor is held, and whether it can be used. */
export function useWithFactor(permission: string): { may: boolean; lacks: boolean } {
    const session = useSession();
    const holds = session?.can(permission) ?? false;
    const factor = (session?.assurance_level ?? 0) >= 2;
    return { may: holds && factor, lacks: holds && !factor };
}

export const NoFactor = () => (
    <Notice icon="shield">
        <strong>{t('no_factor')}</strong>
        <p className="small">{t('no_factor_detail')}</p>
    </Notice>
);
