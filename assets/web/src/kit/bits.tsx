// The small things: buttons, badges, meters, and how a place looks that is empty, loading or broken.
import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button';
import { describe, Problem, Unreachable } from '../api/client';
import { t } from '../i18n';
import { Icon, type IconName } from './icon';

type Look = 'primary' | 'danger' | 'quiet' | 'plain';
export type ActionProps = Omit<ButtonProps, 'className' | 'children'> & { look?: Look; icon?: IconName; children?: ReactNode; wide?: boolean };

/** A button; with an icon alone it needs an `aria-label`. */
export function Action({ look = 'plain', icon, children, wide, ...props }: ActionProps) {
    return (
        <AriaButton {...props} className={`button ${look} ${children ? '' : 'only'} ${wide ? 'wide' : ''}`}>
            {icon && <Icon name={icon} />}
            {children}
        </AriaButton>
    );
}

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';
export const Badge = ({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) => <span className={`badge ${tone}`}>{children}</span>;

/** How much of something: 0 to 1. */
export function Meter({ share, label, tone = 'plain' }: { share: number; label: string; tone?: Tone }) {
    const of = Math.max(0, Math.min(1, share));
    return (
        <span className={`meter ${tone}`} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(of * 100)}>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect width={of * 100} height="6" />
            </svg>
        </span>
    );
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
    return (
        <div className="stack tight" role="status">
            <span className="hidden">{t('loading')}</span>
            {Array.from({ length: lines }, (_, i) => (
                <span key={i} className="skeleton" />
            ))}
        </div>
    );
}

export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
    return (
        <div className="card empty">
            <Icon name={icon} />
            <h2>{title}</h2>
            {children && <p>{children}</p>}
            {action}
        </div>
    );
}

export function Notice({ tone = 'accent', icon = 'alert', children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
    return (
        <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
            <Icon name={icon} />
            <div className="grow">{children}</div>
        </div>
    );
}

/** What went wrong, in the words of the appliance, and what can be done. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
    const away = error instanceof Unreachable;
    const missing = error instanceof Problem && error.document.status === 404;
    const denied = error instanceof Problem && error.document.status === 403;
    return (
        <div className="card empty" role="alert">
            <Icon name="alert" />
            <h2>{away ? t('error_offline') : missing ? t('error_missing') : denied ? t('error_denied') : t('error_title')}</h2>
            <p>{away ? t('error_offline_detail') : missing ? t('error_missing_detail') : describe(error)}</p>
            {error instanceof Problem && error.document.instance && <p className="mono">{error.document.instance}</p>}
            {retry && !missing && !denied && <Action onPress={retry}>{t('try_again')}</Action>}
        </div>
    );
}

type Asked<T> = { data: T | undefined; error: unknown; refetch: () => unknown };
/** Shows what was asked for, or that it is on its way, or why it is not to be had. */
export function Show<T>({ of, lines, children }: { of: Asked<T>; lines?: number; children: (data: T) => ReactNode }) {
    if (of.data !== undefined) return <>{children(of.data)}</>;
    if (of.error) return <Failure error={of.error} retry={() => void of.refetch()} />;
    return <div className="card padded"><Skeleton lines={lines} /></div>;
}
