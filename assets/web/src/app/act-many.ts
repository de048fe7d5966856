import { describe } from '../api/client';
import { t } from '../i18n';
import { tell, tellError } from '../kit/toast';
import { queries } from './queries';

/** Does one thing to each of several, one after the other; what could not be done is told with its reason, what was done can be taken back. */
export async function actMany<T, R>(changed: string[], rows: T[], what: (row: T) => Promise<R>, told: (n: number) => string, undo?: (made: R) => Promise<unknown>): Promise<void> {
    const again = () => Promise.all(changed.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    const done: R[] = [];
    let why: unknown;
    for (const row of rows) {
        try {
            done.push(await what(row));
        } catch (error) {
            why = error;
        }
    }
    await again();
    const back = undo && (async () => {
        for (const made of done) await undo(made);
        await again();
    });
    if (done.length) tell(told(done.length), back);
    if (done.length < rows.length) tellError(new Error(t('many_failed', { n: rows.length - done.length, why: describe(why) })));
}
