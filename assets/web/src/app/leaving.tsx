// Asks before one goes away from what is not saved: by a link of the app, or out of it.
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { t } from '../i18n';
import { Confirm } from '../kit/overlay';

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

/** Inside of a form: asks before one goes away from what was filled in and not sent. Mounted anew (by a `key`), it begins with what stands there then. */
export function Guard() {
    const mark = useRef<HTMLSpanElement>(null);
    // As it was when somebody came to it: by then lists have their choices.
    const first = useRef<{ form: HTMLFormElement; said: string } | null>(null);
    useEffect(() => {
        const form = mark.current?.closest('form');
        const come = () => (first.current ??= form ? { form, said: filledIn(form) } : null);
        form?.addEventListener('focusin', come);
        return () => form?.removeEventListener('focusin', come);
    }, []);
    return (
        <>
            <span ref={mark} hidden />
            <Leaving unsaved={() => !!first.current && filledIn(first.current.form) !== first.current.said} />
        </>
    );
}
