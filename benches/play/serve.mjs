// A page with a video and what lies beside it, by a server of one folder that knows ranges and remembers them.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const TYPES = { mp4: 'video/mp4', webm: 'video/webm', vtt: 'text/vtt' };

/** `page` is its address, `asked()` where the ranges of the video began, `close()` ends it. */
export async function serve(folder, { name, captions, chapters }) {
    const asked = [];
    const page = `<!doctype html><meta charset="utf-8"><title>${name}</title><video src="${encodeURIComponent(name)}" controls preload="auto" width="1280">
<track kind="captions" srclang="en" src="${encodeURIComponent(captions)}" default><track kind="chapters" srclang="en" src="${encodeURIComponent(chapters)}"></video>`;
    const server = createServer((request, answer) => {
        const wanted = basename(decodeURIComponent(new URL(request.url, 'http://here').pathname));
        if (!wanted) return answer.writeHead(200, { 'content-type': 'text/html' }).end(page);
        const path = join(folder, wanted);
        if (!existsSync(path)) return answer.writeHead(404).end();
        const { size } = statSync(path);
        const type = TYPES[wanted.split('.').pop()];
        const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
        const from = range ? Number(range[1]) : 0;
        const to = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
        if (wanted === name) asked.push(from);
        answer.writeHead(range ? 206 : 200, {
            'content-type': type, 'content-length': to - from + 1, 'accept-ranges': 'bytes',
            ...(range && { 'content-range': `bytes ${from}-${to}/${size}` }),
        });
        createReadStream(path, { start: from, end: to }).on('error', () => answer.destroy()).pipe(answer);
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { page: `http://127.0.0.1:${server.address().port}/`, asked: () => [...asked], close: () => server.close() };
}
