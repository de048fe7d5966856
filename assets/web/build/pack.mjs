// Lays the built page out for the binary: every file as it is, by brotli and by gzip where that is shorter, and a list of them.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const MEDIA = {
    '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8',
};
const here = new URL('../', import.meta.url);
const [from, to] = [new URL('dist/', here), new URL('packed/', here)];
await mkdir(to, { recursive: true });
for (const old of await readdir(to)) if (old !== '.gitignore') await rm(new URL(old, to), { recursive: true });

const lines = [];
const files = (await readdir(from, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && !entry.parentPath.includes('.vite'));
const paths = files.map((entry) => `${entry.parentPath}/${entry.name}`.slice(decodeURI(from.pathname).length).replace(/^\//, '')).sort();
let total = 0;
for (const path of paths) {
    const media = MEDIA[extname(path)];
    if (!media) throw new Error(`${path}: pack.mjs knows no media type for it`);
    const plain = await readFile(new URL(path, from));
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } };
    const name = path.replaceAll('/', '_');
    const put = async (bytes, suffix) => {
        if (suffix && bytes.length > plain.length * 0.95) return '-';
        await writeFile(new URL(name + suffix, to), bytes);
        return name + suffix;
    };
    const brotli = brotliCompressSync(plain, quality);
    total += Math.min(brotli.length, plain.length);
    const digest = createHash('sha256').update(plain).digest('hex').slice(0, 32);
    const names = [await put(plain, ''), await put(brotli, '.br'), await put(gzipSync(plain, { level: 9 }), '.gz')];
    lines.push([`/${path}`, media, digest, ...names].join('\t'));
}
await writeFile(new URL('list.tsv', to), lines.join('\n') + '\n');
console.log(`packed ${paths.length} files, ${(total / 1024).toFixed(0)} kB compressed`);
