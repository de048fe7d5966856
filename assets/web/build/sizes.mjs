// Holds what a browser loads against the bars: the first page with the frame around all others, each page beyond that, all of it, each
// with its words, in the language whose words are longest. Fails the build above a bar. Sizes are of the bytes that are sent (brotli), in thousands.
import { readFile, stat } from 'node:fs/promises';

const here = new URL('../', import.meta.url);
const manifest = JSON.parse(await readFile(new URL('dist/.vite/manifest.json', here), 'utf8'));
const packed = new Map();
for (const line of (await readFile(new URL('packed/list.tsv', here), 'utf8')).trim().split('\n')) {
    const [path, , , plain, brotli] = line.split('\t');
    packed.set(path.slice(1), (await stat(new URL(`packed/${brotli === '-' ? plain : brotli}`, here))).size);
}

/** The files of a module and of everything that it imports before it runs. */
function closure(key, found = new Set()) {
    const chunk = manifest[key];
    if (!chunk) throw new Error(`${key} is no chunk of its own any more: bring build/sizes.mjs up to date`);
    if (found.has(chunk.file)) return found;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(file);
    for (const next of chunk.imports ?? []) closure(next, found);
    return found;
}
const kilobytes = (files, end) => [...files].filter((file) => file.endsWith(end)).reduce((sum, file) => sum + packed.get(file), 0) / 1000;

const LOCALE = 'src/generated/locale/';
const languages = Object.keys(manifest).filter((key) => key.startsWith(LOCALE)).map((key) => key.slice(LOCALE.length, -'.ts'.length)).filter((name) => !name.includes('.') && name !== 'en-XA');
const most = (sizes) => Math.max(...sizes);
const first = new Set(['index.html', 'src/routes/sign-in.tsx', 'src/app/shell.tsx'].flatMap((key) => [...closure(key)]));
const words = (part) => most(languages.map((language) => kilobytes([...closure(`${LOCALE}${language}${part}.ts`)].filter((file) => !first.has(file)), '.js')));
const rows = [
    ['shell and sign-in, scripts', kilobytes(first, '.js') + words(''), 130],
    ['shell and sign-in, styles', kilobytes(first, '.css'), 20],
];
const BARS = { 'src/editor/editor.tsx': 200, 'src/charts/engine.ts': 260 };
for (const [key, chunk] of Object.entries(manifest)) {
    if (!chunk.isDynamicEntry || !/^src\/(routes|editor|boards|charts)\//.test(key)) continue;
    const beyond = [...closure(key)].filter((file) => !first.has(file));
    // What a page loads later has its words in those of the page.
    const part = `.${key.replace(/^.*\/|\.tsx?$/g, '')}`;
    const own = manifest[`${LOCALE}en${part}.ts`] ? words(part) : 0;
    rows.push([key.replace(/^src\/|\.tsx?$/g, ''), kilobytes(beyond, '.js') + own, BARS[key] ?? 60]);
}
rows.push(['everything', [...packed.values()].reduce((sum, size) => sum + size, 0) / 1000, 5 * 1048.576]);

let over = 0;
for (const [name, size, bar] of rows) {
    const wrong = size > bar;
    if (wrong) over++;
    if (wrong || process.argv.includes('--all') || !name.includes('/')) console.log(`${wrong ? 'OVER' : 'ok  '} ${name}: ${size.toFixed(1)} kB (bar ${bar.toFixed(0)})`);
}
const largest = rows.filter(([name, , bar]) => name.includes('/') && bar === 60).sort((a, b) => b[1] - a[1])[0];
console.log(`the largest of ${rows.length - 3} pages: ${largest[0]}, ${largest[1].toFixed(1)} kB beyond the shell (bar 60)`);
process.exit(over ? 1 : 0);
