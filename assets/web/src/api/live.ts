// Numbers as they change, by server-sent events.
import { useEffect, useState } from 'react';
import type { Schemas } from './client';

/** What the stream at `path` said last; nothing before it has said anything. */
export function useLive<T>(path: string): T | null {
    const [now, setNow] = useState<T | null>(null);
    useEffect(() => {
        const source = new EventSource(path);
        source.addEventListener('now', (event) => setNow(JSON.parse((event as MessageEvent<string>).data) as T));
        source.addEventListener('closed', (event) => {
            // A restart is waited for by the browser itself; a lost right is not.
            if ((JSON.parse((event as MessageEvent<string>).data) as Schemas['StreamClosed']).reason === 'denied') source.close();
        });
        return () => source.close();
    }, [path]);
    return now;
}
