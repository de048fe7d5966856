// Compiles messages/*.json to modules: one a language, loaded when it is wanted, and the type of all keys with their parameters.
// English is the measure: another language must have the same keys and the same parameters. Each language is two modules: what the frame
// and the first page say, and the rest, so that whoever signs in does not wait for words of pages not gone to yet.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';

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
        const cases = Object.entries(message).map(([form, text]) => `${form}: (p: Params) => ${template(text)}`);
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
const source = async (folder) => (await readdir(new URL(`src/${folder}`, here))).filter((name) => /\.tsx?$/.test(name)).map((name) => `src/${folder}/${name}`);
const FIRST = [...(await source('app')), ...(await source('kit')), ...(await source('api')), 'src/routes/sign-in.tsx', 'src/routes/front.tsx'];
const first = new Set();
for (const file of FIRST) for (const [, key] of (await readFile(new URL(file, here), 'utf8')).matchAll(/\bt\('(\w+)'/g)) first.add(key);
const languages = (await readdir(new URL('messages/', here))).map((name) => name.replace('.json', '')).sort();
await mkdir(new URL('locale/', out), { recursive: true });
const write = async (language, messages) => {
    const head = `import { formatter, type Params } from '../../i18n/format';\n\nconst { number, plural } = formatter(${JSON.stringify(language)});\nvoid number, plural;\nexport type { Params };\n`;
    const module = (keys) => `${head}\nexport default {\n${keys.map((key) => `    ${JSON.stringify(key)}: ${code(messages[key])},`).join('\n')}\n};\n`;
    await writeFile(new URL(`locale/${language}.ts`, out), module(Object.keys(english).filter((key) => first.has(key))));
    await writeFile(new URL(`locale/${language}.rest.ts`, out), module(Object.keys(english).filter((key) => !first.has(key))));
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
    `export const LOADERS = {\n${[...languages, 'en-XA'].map((l) => `    '${l}': { first: () => import('./${l}'), rest: () => import('./${l}.rest') },`).join('\n')}\n};\n`,
);
