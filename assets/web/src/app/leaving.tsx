// Asks before one goes away from what is not saved: by a link of the app, or out of it.
import { useBlocker } from '@tanstack/react-router';
import { t } from '../i18n';
import { Confirm } from '../kit/overlay';

/** `whole`: what else the address says (which of a list is chosen) is a place of its own, too. */
export function Leaving({ unsaved, whole }: { unsaved: boolean; whole?: boolean }) {
    const blocker = useBlocker({
        shouldBlockFn: ({ current, next }) => unsaved && (current.pathname !== next.pathname || (!!whole && JSON.stringify(current.search) !== JSON.stringify(next.search))),
        enableBeforeUnload: () => unsaved,
        withResolver: true,
    });
    return <Confirm title={t('unsaved')} text={t('unsaved_text')} action={t('leave')} open={blocker.status === 'blocked'} onClose={() => blocker.reset?.()} onYes={() => blocker.proceed?.()} />;
}
