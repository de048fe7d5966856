// Dialogs over the page.
import { lazy, Suspense, use, type ComponentType, type ReactNode } from 'react';
import { Dialog, DialogTrigger, Heading, OverlayTriggerStateContext } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { t } from '../i18n';
import { Action, type ActionProps } from './bits';

const Nothing = (): ReactNode => null;
// Comes after the form that it guards; where the appliance is out of reach the dialog works without.
const Guard = lazy<ComponentType<{ also?: boolean; whole?: boolean }>>(() => import('./leaving').then(({ Guard }) => ({ default: Guard }), () => ({ default: Nothing })));

type WindowProps = { title: string; open?: boolean; onOpen?: (open: boolean) => void; large?: boolean; huge?: boolean; children: ReactNode | ((close: () => void) => ReactNode) };

// What was typed in is not thrown away by a press beside the dialog.
const untouched = () => !document.querySelector('.dialog [data-typed]');

/** A dialog; inside of `Ask` or with `open`. */
export function Window({ title, open, onOpen, large, huge, children }: WindowProps) {
    return (
        <ModalOverlay className="scrim" isDismissable shouldCloseOnInteractOutside={untouched} isOpen={open} onOpenChange={onOpen}>
            <Modal className={huge ? 'modal huge' : large ? 'modal large' : 'modal'}>
                <Dialog className="dialog">
                    {({ close }) => (
                        <>
                            <div className="row apart">
                                <Heading slot="title" level={2}>{title}</Heading>
                                <Action look="quiet" icon="close" aria-label={t('close')} onPress={close} />
                            </div>
                            {typeof children === 'function' ? children(close) : children}
                        </>
                    )}
                </Dialog>
            </Modal>
        </ModalOverlay>
    );
}

/** A button that opens a dialog. */
export function Ask({ button, open, onOpen, ...window }: { button: ActionProps } & WindowProps) {
    return (
        <DialogTrigger isOpen={open} onOpenChange={onOpen}>
            <Action {...button} />
            <Window {...window} />
        </DialogTrigger>
    );
}

/** The way back out of a form in a dialog; other ways out of it ask first. */
export function Cancel() {
    const state = use(OverlayTriggerStateContext);
    return (
        <>
            <Suspense><Guard /></Suspense>
            <Action onPress={() => state?.close()}>{t('cancel')}</Action>
        </>
    );
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, action, open, onClose, onYes }: { title: string; text: string; action: string; open: boolean; onClose: () => void; onYes: () => unknown }) {
    return (
        <Window title={title} open={open} onOpen={(now) => !now && onClose()}>
            <p>{text}</p>
            <div className="actions">
                <Action onPress={onClose} autoFocus>{t('cancel')}</Action>
                <Action look="danger" onPress={() => void Promise.resolve(onYes()).finally(onClose)}>{action}</Action>
            </div>
        </Window>
    );
}
