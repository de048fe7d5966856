// Whether a row is in the log of this root: RFC 9162, 2.1.3.2, with hashes in base 64.
import type { Schemas } from '../api/client';

const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const textOf = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

async function node(left: string, right: string): Promise<string> {
    const bytes = new Uint8Array(65);
    bytes.set([1]);
    bytes.set(bytesOf(left), 1);
    bytes.set(bytesOf(right), 33);
    return textOf(await crypto.subtle.digest('SHA-256', bytes));
}

/** `index` counts from 0. */
export async function inclusionRoot(leaf: string, index: number, size: number, proof: string[]): Promise<string | null> {
    let [at, last, hash] = [index, size - 1, leaf];
    if (index >= size) return null;
    for (const step of proof) {
        if (last === 0) return null;
        if (at % 2 === 1 || at === last) {
            hash = await node(step, hash);
            while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
        } else {
            hash = await node(hash, step);
        }
        [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    return last === 0 ? hash : null;
}

/** Rows are leaves: the first is 0. */
export async function verifyInclusion(found: Schemas['AuditProof'], row: number): Promise<boolean> {
    return !!found.leaf && (await inclusionRoot(found.leaf, row, found.size, found.proof)) === found.root;
}
