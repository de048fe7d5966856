import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256 } from './sha256';

test('is what the platform computes, however the bytes are cut', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003]) {
        const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
        const expected = createHash('sha256').update(bytes).digest('hex');
        for (const step of [1, 7, 64, 1000, length || 1]) {
            if (length / step > 5000) continue;
            const sum = new Sha256();
            for (let at = 0; at < length; at += step) sum.update(bytes.subarray(at, at + step));
            expect(sum.hex(), `${length} bytes by ${step}`).toBe(expected);
        }
    }
});
