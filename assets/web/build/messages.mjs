// Compiles messages/*.json to modules, loaded when they are wanted, and the type of all keys with their parameters. English is the measure:
// another language must have the same keys and the same parameters. Each language is a module with what the frame and the first page say,
// and one a page with what that page says beyond it, so that nobody waits for words of pages that they have not gone to. Whose words are
// whose is found in the sources (`build/words.mjs`).
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { partsOf } from './words.mjs';

const here = new URL('../', import.meta.url);
const out = new URL('src/generated/', here);
const read = async (name) => JSON.parse(await readFile(new URL(`messages/${name}`, here), 'utf8'));
const params = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]))].sort();
const forms = (message) => (typeof message === 'string' ? [message] : Object.values(message));
const all = (message) => [...new Set([...forms(message).flatMap(params), ...(typeof message === 'string' ? [] : ['n'])])].sort();

const template = (text) =>
    '`' + text.replace(/[`\\$]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name) => '${' + (name === 'n' ? 'number(Number(p.n))' : `p.${name}`) + '}') + '`';
const code = (message) => {
    if (typeof message !== 'string') {
        // "Nobody", "one of them": a form may say the number in words.
        const given = (text) => (params(text).length ? 'p: Params' : '');
        const cases = Object.entries(message).map(([form, text]) => `${form}: (${given(text)}) => ${template(text)}`);
        return `plural({ ${cases.join(', ')} })`;
    }
    return params(message).length ? `(p: Params) => ${template(message)}` : JSON.stringify(message);
};
const accented = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', c: 'ç', n: 'ñ', A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú', C: 'Ç', N: 'Ñ' };
// A third longer and all accents, in brackets: what is not translated or is cut off shows at once.
const pseudo = (text) => {
    const parts = text.split(/(\{\w+\})/).map((part) => (part.startsWith('{') ? part : part.replace(/[aeioucnAEIOUCN]/g, (c) => accented[c])));
    return `[${parts.join('')}${'~'.repeat(Math.ceil(text.length / 3))}]`;
};

const english = await read('en.json');
const { first, pages } = await partsOf(Object.keys(english));
const languages = (await readdir(new URL('messages/', here))).map((name) => name.replace('.json', '')).sort();
await rm(new URL('locale/', out), { recursive: true, force: true });
await mkdir(new URL('locale/', out), { recursive: true });
const write = async (language, messages) => {
    const head = "import type { Formatter, Params } from '../../i18n/format';\n\nexport type { Params };\n";
    const words = (keys) => {
        const lines = keys.map((key) => `    ${JSON.stringify(key)}: ${code(messages[key])},`);
        const used = ['number', 'plural'].filter((name) => lines.some((line) => line.includes(`${name}(`)));
        return `${head}\nexport default (${used.length ? `{ ${used.join(', ')} }: Formatter` : '_: Formatter'}) => ({\n${lines.join('\n')}\n});\n`;
    };
    const parts = [...pages].map(([page]) => `    ${JSON.stringify(page)}: () => import('./${language}.${page}'),`);
    await writeFile(new URL(`locale/${language}.ts`, out), `${words(first)}\nexport const PAGES = {\n${parts.join('\n')}\n};\n`);
    for (const [page, keys] of pages) await writeFile(new URL(`locale/${language}.${page}.ts`, out), words(keys));
};
for (const language of languages) {
    const messages = await read(`${language}.json`);
    const wrong = Object.keys(english).filter((key) => !messages[key] || all(messages[key]).join() !== all(english[key]).join());
    const extra = Object.keys(messages).filter((key) => !(key in english));
    if (wrong.length || extra.length) throw new Error(`messages/${language}.json: missing or other parameters: ${wrong}; unknown: ${extra}`);
    await write(language, messages);
}
const mapped = Object.entries(english).map(([key, message]) => [
    key,
    typeof message === 'string' ? pseudo(message) : Object.fromEntries(Object.entries(message).map(([form, text]) => [form, pseudo(text)])),
]);
await write('en-XA', Object.fromEntries(mapped));

const types = Object.entries(english).map(([key, message]) => {
    const names = all(message);
    return `    ${JSON.stringify(key)}: ${names.length ? `{ ${names.map((name) => `${name}: ${name === 'n' ? 'number' : 'string | number'}`).join('; ')} }` : 'null'};`;
});
await writeFile(new URL('messages.ts', out), `export type Messages = {\n${types.join('\n')}\n};\n`);
await writeFile(
    new URL('locale/index.ts', out),
    `export const LOADERS = {\n${[...languages, 'en-XA'].map((l) => `    '${l}': () => import('./${l}'),`).join('\n')}\n};\nexport type Page = ${[...pages.keys()].map((page) => `'${page}'`).join(' | ')};\n`,
);
