// What a link shows, once it is opened: with its password where it has one.
import { useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Problem, send } from '../api/client';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { Failure, Skeleton } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Front } from './front';

/** As HTTP has it (RFC 7617), in UTF-8; the name does not matter. */
export const basic = (password: string) => `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`:${password}`)))}`;

type Props<T> = { path: string; children: (shown: T) => ReactNode; /** After so many milliseconds it is opened again. */ again?: number };

export function Opened<T>({ path, children, again }: Props<T>) {
    const [password, setPassword] = useState('');
    // Without the browser's own credentials: it would ask for the password in a window of its own. Each look counts as a view, so it is
    // asked for once.
    const look = (password: string) => ({
        queryKey: ['link', path, password],
        queryFn: async () => (await (await send(path, { credentials: 'omit', headers: password ? { Authorization: basic(password) } : {} })).json()) as T,
        retry: false, staleTime: Infinity, refetchOnWindowFocus: false,
    });
    const shown = useQuery({ ...look(password), refetchInterval: again ?? false, refetchIntervalInBackground: true });
    if (shown.data) return children(shown.data);
    if (shown.error instanceof Problem && shown.error.code === 'link_password') {
        return (
            <Front title={t('link_locked')} intro={t('link_locked_intro')}>
                <SendForm submit={t('open')} wide onSend={async ({ password = '' }) => {
                    await queries.fetchQuery(look(password));
                    setPassword(password);
                }}>
                    <Field name="password" type="password" label={t('password')} isRequired autoFocus autoComplete="off" />
                </SendForm>
            </Front>
        );
    }
    return <main className="body">{shown.error ? <Failure error={shown.error} /> : <Skeleton lines={6} />}</main>;
}
