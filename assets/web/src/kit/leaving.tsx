// Asks before one goes away from what is not saved: by a link of the app, or out of it.
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { t } from '../i18n';
import { Confirm } from './overlay';

type Unsaved = boolean | (() => boolean);
const holds = (unsaved: Unsaved) => (typeof unsaved === 'function' ? unsaved() : unsaved);

/** `whole`: what else the address says (which of a list is chosen) is a place of its own, too. */
export function Leaving({ unsaved, whole }: { unsaved: Unsaved; whole?: boolean }) {
    const blocker = useBlocker({
        shouldBlockFn: ({ current, next }) => holds(unsaved) && (current.pathname !== next.pathname || (!!whole && JSON.stringify(current.search) !== JSON.stringify(next.search))),
        enableBeforeUnload: () => holds(unsaved),
        withResolver: true,
    });
    return <Confirm title={t('unsaved')} text={t('unsaved_text')} action={t('leave')} open={blocker.status === 'blocked'} onClose={() => blocker.reset?.()} onYes={() => blocker.proceed?.()} />;
}

const filledIn = (form: HTMLFormElement) => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === 'string'));

/** Inside of a form: asks before one goes away from what was filled in and not sent, or from what else is not saved (`also`). Mounted anew (by
 * a `key`), it begins with what stands there then. */
export function Guard({ also, whole }: { also?: boolean; whole?: boolean }) {
    const mark = useRef<HTMLSpanElement>(null);
    // As it was when somebody came to it: by then lists have their choices.
    const first = useRef<{ form: HTMLFormElement; said: string } | null>(null);
    useEffect(() => {
        const form = mark.current?.closest('form');
        if (!form) return;
        const come = () => (first.current ??= { form, said: filledIn(form) });
        const type = () => (form.dataset.typed = '');
        const heard = { focusin: come, beforeinput: come, input: type };
        // A field may have the focus from the start.
        for (const [event, hear] of Object.entries(heard)) form.addEventListener(event, hear);
        return () => Object.entries(heard).forEach(([event, hear]) => form.removeEventListener(event, hear));
    }, []);
    // What is on its way goes where it is sent.
    const typed = () => !!first.current && filledIn(first.current.form) !== first.current.said && !first.current.form.querySelector('[data-pending]');
    return (
        <>
            <span ref={mark} hidden />
            <Leaving unsaved={() => also || typed()} whole={whole} />
        </>
    );
}
