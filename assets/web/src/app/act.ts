import { tell, tellError } from '../kit/toast';
import { queries } from './queries';

/** Does what a button asks for: what it has changed is asked for anew, what came of it is told. True when it was done. */
export async function act(changed: string[], what: () => Promise<unknown>, told?: string, undo?: () => Promise<unknown>): Promise<boolean> {
    const again = () => Promise.all(changed.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    try {
        await what();
        await again();
        if (told) tell(told, undo && (() => undo().then(again)));
        return true;
    } catch (error) {
        tellError(error);
        return false;
    }
}
