// Whether a row is in the log of this root: RFC 9162, 2.1.3.2, with hashes as hex.
import type { Schemas } from '../api/client';

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

async function node(left: string, right: string): Promise<string> {
    const bytes = new Uint8Array(65);
    bytes.set([1]);
    bytes.set(bytesOf(left), 1);
    bytes.set(bytesOf(right), 33);
    return hexOf(await crypto.subtle.digest('SHA-256', bytes));
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

/** Rows count from 1, leaves from 0. */
export async function verifyInclusion(found: Schemas['AuditProof'], row: number): Promise<boolean> {
    return !!found.leaf && (await inclusionRoot(found.leaf, row - 1, found.size, found.proof)) === found.root;
}
