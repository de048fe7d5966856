// After a workspace was closed: until when it can be had back, and what its last receipt will be checked with.
import { Navigate, useLocation } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { day, t } from '../i18n';
import { Action, Notice } from '../kit/bits';
import { saveText } from './csv';
import { Front } from './front';

declare module '@tanstack/react-router' {
    interface HistoryState {
        closed?: Schemas['Closed'] & { name: string; slug: string };
    }
}

export function Closed() {
    const closed = useLocation({ select: ({ state }) => state.closed });
    if (!closed) return <Navigate to="/sign-in" />;
    const { name, slug, erase_from, public_key } = closed;
    return (
        <Front title={t('closed_title')} intro={t('closed_intro', { name })}>
            {erase_from && <Notice tone="warn">{t('closed_until', { day: day(erase_from) })}</Notice>}
            <div className="stack tight">
                <h2>{t('receipt_key')}</h2>
                <p className="small soft">{t('receipt_key_hint')}</p>
                <div className="code-block"><code className="mono" data-named>{public_key}</code></div>
            </div>
            <Action look="primary" icon="download" wide onPress={() => saveText(`closed-${slug}.json`, JSON.stringify({ workspace: slug, name, erase_from, public_key }, null, 2), 'application/json')}>{t('save_key')}</Action>
        </Front>
    );
}
