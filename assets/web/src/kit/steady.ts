import { useLayoutEffect, useRef, useState } from 'react';

/** The same functions as long as the part is there, which do what the newest do: whoever gets them is not drawn anew because they are others. */
export function useSteady<T extends Record<string, (...args: never[]) => unknown>>(functions: T): T {
    const newest = useRef(functions);
    useLayoutEffect(() => void (newest.current = functions));
    const [steady] = useState(() => Object.fromEntries(Object.keys(functions).map((name) => [name, (...args: never[]) => newest.current[name]!(...args)])) as T);
    return steady;
}
