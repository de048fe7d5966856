// SHA-256 in pieces (FIPS 180-4): the browser's own takes only what lies in memory as a whole, and recordings may be larger.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
(() => {
    // The first 32 bits of the fractional parts of the roots of the first primes.
    const part = (x: number) => ((x - Math.floor(x)) * 2 ** 32) | 0;
    let found = 0;
    for (let n = 2; found < 64; n++) {
        let prime = true;
        for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
        if (!prime) continue;
        if (found < 8) START[found] = part(Math.sqrt(n));
        K[found++] = part(Math.cbrt(n));
    }
})();

export class Sha256 {
    private state = START.slice();
    private block = new Uint8Array(64);
    private filled = 0;
    private length = 0;
    private w = new Int32Array(64);

    update(bytes: Uint8Array): this {
        this.length += bytes.length;
        let at = 0;
        if (this.filled) {
            at = Math.min(64 - this.filled, bytes.length);
            this.block.set(bytes.subarray(0, at), this.filled);
            this.filled += at;
            if (this.filled < 64) return this;
            this.mix(this.block, 0);
            this.filled = 0;
        }
        for (; at + 64 <= bytes.length; at += 64) this.mix(bytes, at);
        this.block.set(bytes.subarray(at), 0);
        this.filled = bytes.length - at;
        return this;
    }

    hex(): string {
        const end = new Uint8Array(this.filled < 56 ? 64 : 128);
        end.set(this.block.subarray(0, this.filled));
        end[this.filled] = 0x80;
        const view = new DataView(end.buffer);
        view.setUint32(end.length - 8, Math.floor(this.length / 2 ** 29));
        view.setUint32(end.length - 4, (this.length << 3) >>> 0);
        for (let at = 0; at < end.length; at += 64) this.mix(end, at);
        return [...this.state].map((word) => word.toString(16).padStart(8, '0')).join('');
    }

    private mix(bytes: Uint8Array, at: number): void {
        const { w, state } = this;
        for (let i = 0; i < 16; i++) {
            const p = at + i * 4;
            w[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!;
        }
        for (let i = 16; i < 64; i++) {
            const [x, y] = [w[i - 15]!, w[i - 2]!];
            const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
            const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
            w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
        }
        let a = state[0]! | 0, b = state[1]! | 0, c = state[2]! | 0, d = state[3]! | 0;
        let e = state[4]! | 0, f = state[5]! | 0, g = state[6]! | 0, h = state[7]! | 0;
        for (let i = 0; i < 64; i++) {
            const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
            const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
            const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
            const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
        }
        [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = state[i]! + word));
    }
}
