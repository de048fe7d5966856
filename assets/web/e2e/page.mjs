// The page that was built last, in place of the one in the program: what the page alone changes is tried without building the program anew.
//
//   AUDIAGRAM_PAGE=dist node e2e/run.mjs PROGRAM [TASK...]      a folder beside package.json
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const folder = process.env.AUDIAGRAM_PAGE && new URL(`../${process.env.AUDIAGRAM_PAGE}/`, import.meta.url).pathname;
const TYPES = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.html': 'text/html; charset=utf-8' };
const read = (name) => {
    try {
        return readFileSync(join(folder, name));
    } catch {
        return null;
    }
};

/** Has a browser get the files of the page from the folder; all else, and what every answer says beside its content, is the appliance's. */
export async function otherPage(context, base) {
    if (!folder) return;
    await context.route((url) => url.origin === base && !/^\/(v1|readyz|livez|metrics)\b/.test(url.pathname), async (route) => {
        const request = route.request();
        const { pathname } = new URL(request.url());
        const name = request.resourceType() === 'document' && !extname(pathname) ? 'index.html' : pathname.slice(1);
        const body = request.method() === 'GET' ? read(name) : null;
        if (!body) return route.continue();
        // The policy under which the page runs is the appliance's own.
        const headers = name === 'index.html' ? (await route.fetch()).headers() : {};
        for (const gone of ['content-encoding', 'content-length', 'etag']) delete headers[gone];
        await route.fulfill({ status: 200, headers: { ...headers, 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }, body });
    });
}
