// Asking before one of several things; apart from the dialogs, for those who need it.
import { useState, type ReactNode } from 'react';
import { Confirm } from './overlay';

type Question = { title: string; text: string; action: string; run: () => unknown };

/** How to ask before one of several things that cannot be undone, and the dialog that asks. */
export function useConfirm(): [ask: (question: Question) => void, dialog: ReactNode] {
    const [question, ask] = useState<Question | null>(null);
    const { title = '', text = '', action = '' } = question ?? {};
    return [ask, <Confirm key="confirm" title={title} text={text} action={action} open={!!question} onClose={() => ask(null)} onYes={() => question?.run()} />];
}
