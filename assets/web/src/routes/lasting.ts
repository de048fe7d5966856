import { t } from '../i18n';

/** How long something still takes, as one would say it. */
export function lasting(seconds: number): string {
    if (seconds < 60) return t('n_seconds', { n: Math.max(1, Math.round(seconds)) });
    return t('n_minutes', { n: Math.round(seconds / 60) });
}
