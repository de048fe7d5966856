// Short news at the edge of the page, some with a way to take back what was done.
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { describe } from '../api/client';
import { t } from '../i18n';
import { Action } from './bits';

type Toast = { id: number; text: string; undo?: () => unknown; bad?: boolean };
let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();
const set = (next: Toast[]) => ((toasts = next), listeners.forEach((listener) => listener()));
const drop = (id: number) => set(toasts.filter((toast) => toast.id !== id));

/** Tells of something; with `undo` it can be taken back while it shows. */
export function tell(text: string, undo?: () => unknown): void {
    set([...toasts.slice(-3), { id: ++last, text, undo }]);
}
export function tellError(error: unknown): void {
    set([...toasts.slice(-3), { id: ++last, text: describe(error), bad: true }]);
}

function One({ toast }: { toast: Toast }) {
    const [held, hold] = useState(false);
    useEffect(() => {
        // Whoever is at it has all the time in the world. Problems stay until they are closed; what can be undone can be for long enough to read it.
        if (toast.bad || held) return;
        const timer = setTimeout(() => drop(toast.id), toast.undo ? 15_000 : 6_000);
        return () => clearTimeout(timer);
    }, [toast, held]);
    return (
        <div className="toast" role={toast.bad ? 'alert' : 'status'} onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)} onFocus={() => hold(true)} onBlur={() => hold(false)}>
            <span className="grow">{toast.text}</span>
            {toast.undo && (
                <Action onPress={() => (drop(toast.id), void Promise.resolve(toast.undo?.()).catch(tellError))}>{t('undo')}</Action>
            )}
            <Action icon="close" aria-label={t('close')} onPress={() => drop(toast.id)} />
        </div>
    );
}

/** Above whatever is open: what was just done in a window can be taken back from there. */
export function Toasts() {
    const shown = useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), () => toasts);
    return createPortal(
        <section className="toasts" data-react-aria-top-layer="true" aria-label={t('news')} aria-live="polite">
            {shown.map((toast) => <One key={toast.id} toast={toast} />)}
        </section>,
        document.body,
    );
}
