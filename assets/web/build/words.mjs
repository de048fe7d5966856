// Which messages the frame and each page say, found in the sources. A key is said where it stands as a text, and where a text is put
// together that keys begin with, as in t(`state_${state}`). A key that nothing says ends the build: it would be dead.
import { readFile } from 'node:fs/promises';

const here = new URL('../', import.meta.url);
const ROUTER = 'src/app/router.tsx';
/** Loaded when first wanted, wherever one is: its words are a part by themselves. */
const LATE = ['src/api/problems.ts'];
const START = ['src/main.tsx', 'src/app/shell.tsx', 'src/routes/sign-in.tsx'];

const sources = new Map();
async function source(path) {
    if (!sources.has(path)) sources.set(path, readFile(new URL(path, here), 'utf8').catch(() => null));
    return sources.get(path);
}

/** The file that `import` names in another, or nothing for packages, styles and what is generated. */
async function found(specifier, from) {
    if (!specifier.startsWith('.')) return null;
    const path = new URL(specifier, new URL(from, here)).href.slice(here.href.length);
    if (path.startsWith('src/generated/')) return null;
    for (const end of ['.tsx', '.ts', '/index.ts']) if ((await source(path + end)) !== null) return path + end;
    return null;
}
const imports = (text, dynamic) => [...text.matchAll(dynamic ? /\bimport\('([^']+)'\)/g : /\bfrom '([^']+)'|^import '([^']+)'/gm)].map(([, a, b]) => a ?? b);

/** A file and all that it may load, but for the pages that the router loads. */
async function closure(paths, seen = new Set()) {
    for (const path of paths) {
        if (seen.has(path)) continue;
        seen.add(path);
        const text = await source(path);
        const next = [...imports(text, false), ...(path === ROUTER ? [] : imports(text, true))];
        await closure((await Promise.all(next.map((one) => found(one, path)))).filter((one) => one && !LATE.includes(one)), seen);
    }
    return seen;
}

async function said(paths, keys) {
    const texts = new Set();
    const beginnings = new Set();
    for (const path of paths) {
        const text = await source(path);
        for (const [, one] of text.matchAll(/['"](\w+)['"]/g)) texts.add(one);
        for (const [, one] of text.matchAll(/`(\w+_)\$\{/g)) beginnings.add(one);
    }
    return keys.filter((key) => texts.has(key) || [...beginnings].some((one) => key.startsWith(one)));
}

/** The keys of the frame with the first page, and those of each page beyond them, by the name of its file. */
export async function partsOf(keys) {
    const first = await said(await closure(START), keys);
    const rest = keys.filter((key) => !first.includes(key));
    const pages = new Map();
    const router = await source(ROUTER);
    for (const specifier of new Set(imports(router, true))) {
        const path = await found(specifier, ROUTER);
        if (START.includes(path)) continue;
        pages.set(specifier.split('/').pop(), await said(await closure([path]), rest));
    }
    for (const path of LATE) pages.set(path.replace(/^.*\/|\.tsx?$/g, ''), await said(await closure([path]), rest));
    const dead = rest.filter((key) => ![...pages.values()].some((own) => own.includes(key)));
    if (dead.length) throw new Error(`messages/en.json: nothing says ${dead.join(', ')}`);
    return { first, pages };
}
