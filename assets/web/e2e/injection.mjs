// Whatever somebody writes stays text: a hundred texts with markup in them in every place that takes text, seen on every page that shows it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, until } from './browser.mjs';
import { alive, HOSTILE, PICTURES, watch } from './hostile.mjs';
import { ask, factor, upload, workspace } from './workspaces.mjs';

const VOICE = readFileSync(new URL('../../samples/order.ogg', import.meta.url));

/** Sends one request for each text, a few at a time. What the appliance does not take at all is not dangerous, and is counted. */
async function each(texts, send) {
    const made = [];
    let refused = 0;
    let last;
    const waiting = [...texts.entries()];
    const worker = async () => {
        for (let next; (next = waiting.shift()); ) {
            try {
                made.push(await send(next[1], next[0]));
            } catch (error) {
                if (!/: 4(00|03|09|22) /.test(error.message)) throw error;
                refused++;
                last = error;
            }
        }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    assert.ok(made.length > 0, `all were refused: ${last}`);
    return { made, refused };
}

/** Has a video made of a recording, and waits for it. */
async function storyboardOf(world, one, project) {
    const { recording } = await upload(world, one, project, { file_name: 'order.ogg', title: HOSTILE[11] }, VOICE).then(async () => ({ recording: (await ask(world, one, 'GET', `/v1/recordings?project=${project}&limit=1`)).items[0].id }));
    await ask(world, one, 'POST', `/v1/recordings/${recording}/videos`, {});
    const of = async (what) => (await ask(world, one, 'GET', `/v1/${what}?recording=${recording}&limit=1`)).items[0];
    for (let n = 0; n < 300 && !(await of('videos')); n++) await one.page.waitForTimeout(1_000);
    return { recording, video: (await of('videos')).id, storyboard: await of('storyboards'), transcript: await of('transcripts') };
}

/** Everything that takes text, given all of them: names, titles, tags, notes, comments, terms, labels, words, speakers, file names. */
async function fill(world, one) {
    const post = (path, body) => (text, n) => ask(world, one, 'POST', path, body(text, n));
    const counts = {};
    const put = async (what, send) => {
        const { made, refused } = await each(HOSTILE, send);
        counts[what] = `${made.length} taken, ${refused} refused`;
        return made;
    };
    const [home] = await put('projects', post('/v1/projects', (title) => ({ title, description: title, tags: [title.slice(0, 40)] })));
    const making = storyboardOf(world, one, home.id);
    making.catch(() => {});
    await put('folders', post(`/v1/projects/${home.id}/folders`, (title) => ({ title })));
    await put('recordings', (title, n) => upload(world, one, home.id, { file_name: `${title.replaceAll('/', '_')}.ogg`, title, tags: [title.slice(0, 40)] }, Buffer.from(`no sound ${n}`)));
    await put('groups', post('/v1/groups', (name) => ({ name })));
    await put('roles', post('/v1/roles', (name) => ({ name, permissions: ['asset:read'] })));
    await put('programs', post('/v1/service-accounts', (name) => ({ name })));
    // Nobody may have so many that are live; the list shows the others, too.
    await put('keys', async (name) => {
        const { id } = await ask(world, one, 'POST', '/v1/me/api-keys', { name, permissions: ['asset:read'], expires: new Date(Date.now() + 6e8).toISOString() });
        await ask(world, one, 'DELETE', `/v1/me/api-keys/${id}`);
    });
    await put('searches', post('/v1/audit/searches', (name) => ({ name, wanted: { text: name } })));
    await put('kits', post('/v1/brand-kits', (name) => ({ name })));
    const due = new Date(Date.now() + 6e8).toISOString();
    const { id: self } = await ask(world, one, 'GET', '/v1/session');
    await put('reviews', post('/v1/access-reviews', (name) => ({ name, due, reviewers: [self], undecided: 'keep' })));
    const values = HOSTILE.slice(0, 12).map((text, n) => `('${text.replaceAll("'", "''")}', ${n + 1})`).join(', ');
    const query = { sql: `SELECT * FROM (VALUES ${values}) AS t(name, n)` };
    const tiles = ['bar', 'pie', 'table', 'treemap', 'funnel', 'sunburst'].map((type, n) => ({ id: type, x: (n % 2) * 6, y: 4 * Math.floor(n / 2), w: 6, h: 4, chart: { type, title: HOSTILE[11 + n], description: HOSTILE[20 + n], query } }));
    await put('dashboards', post('/v1/dashboards', (title) => ({ title, description: title, range: '30d', tiles: [] })));
    const board = await ask(world, one, 'POST', '/v1/dashboards', { title: HOSTILE[11], description: HOSTILE[12], range: '30d', tiles });
    await put('reports', post('/v1/reports', (title) => ({ title, description: title, period: 'last_month', zone: 'UTC', language: 'en', dashboard: 'usage' })));
    await put('alerts', post('/v1/alerts', (title) => ({ alert: { title, description: title, question: { sql: 'SELECT count(*) AS n FROM usage' }, rule: { threshold: { side: 'above', bound: 1e9 } }, window_minutes: 60, every_minutes: 1440, for_minutes: 0, quiet_minutes: 1440, repeats: false } })));
    await ask(world, one, 'POST', '/v1/glossaries', { name: HOSTILE[12], terms: HOSTILE.filter((text) => !text.includes('\n')).map((spelling) => ({ spelling, aliases: [], case: 'exact' })) });
    await put('glossaries', post('/v1/glossaries', (name) => ({ name })));
    await ask(world, one, 'PATCH', '/v1/tenant', { name: HOSTILE[13] }, { 'if-match': `"${(await ask(world, one, 'GET', '/v1/tenant')).version}"` });
    await ask(world, one, 'PATCH', '/v1/me', { name: HOSTILE[21] }, { 'if-match': `"${(await ask(world, one, 'GET', '/v1/me')).version}"` });

    const { recording, video, storyboard, transcript } = await making;
    await put('comments', post(`/v1/subjects/${storyboard.id}/comments`, (text) => ({ text })));
    await put('notes of links', post(`/v1/subjects/${video}/view-links`, (note) => ({ note })));
    const words = (await ask(world, one, 'GET', `/v1/transcripts/${transcript.id}/content?format=json`)).words ?? [];
    // A word has no spaces; to a reader of markup a stroke is as good.
    const lines = HOSTILE.map((text) => text.replaceAll('\n', ' '));
    const speakers = lines.slice(0, 12).map((speaker, word) => ({ word, speaker }));
    const corrections = [...HOSTILE.slice(0, words.length || 60).map((text, word) => ({ word, text: text.replaceAll(/\s+/g, '/') })), ...speakers];
    await ask(world, one, 'PATCH', `/v1/transcripts/${transcript.id}`, { words: corrections }, { 'if-match': `"${transcript.version}"` });
    counts.words = `${corrections.length} taken`;
    const { scenes } = await ask(world, one, 'GET', `/v1/storyboards/${storyboard.id}/content`);
    const scene = scenes[0].id;
    const ops = [
        { op: 'set_label', scene, label: HOSTILE[11] },
        ...lines.map((label, i) => ({ op: 'add_node', scene, node: { id: `h${i}`, role: 'activity', label, evidence: [], confidence: 1, by: 'user' } })),
        ...lines.slice(1, 30).map((label, i) => ({ op: 'add_edge', scene, edge: { id: `k${i}`, from: `h${i}`, to: `h${i + 1}`, type: 'then', label, evidence: [], confidence: 1, by: 'user' } })),
    ];
    await ask(world, one, 'PATCH', `/v1/storyboards/${storyboard.id}`, { op: 'batch', ops }, { 'if-match': `"${(await ask(world, one, 'GET', `/v1/storyboards/${storyboard.id}`)).version}"` });
    counts.labels = `${HOSTILE.length} taken`;
    return { home, board, recording, video, storyboard, scene, counts };
}

/** Of what a workspace may have fifty at most: the way to make one with a text for its name, and where they are read. */
const FEW = {
    '/v1/policies': { of: (name) => ({ name, text: 'forbid(principal, action == Action::"project:share", resource)\nwhen { resource.classification >= 4 };' }), at: '/admin/security' },
    '/v1/webhooks': { of: (title) => ({ title, url: 'https://hooks.example.org/' }), at: '/alerts' },
};

/** The texts in turns, each turn in the place of the one before; `look` is taken at every turn, with how many are there to be read. */
async function inTurns(world, one, look) {
    const half = HOSTILE.length / 2;
    for (const [path, { of, at }] of Object.entries(FEW)) {
        for (const texts of [HOSTILE.slice(0, half), HOSTILE.slice(half)]) {
            const { made, refused } = await each(texts, (text) => ask(world, one, 'POST', path, of(text)));
            // A text of two lines is no name.
            assert.ok(refused <= 1, `${path}: ${refused} of ${half} were refused`);
            await look(at, made.length);
            for (const { id, version } of made) await ask(world, one, 'DELETE', `${path}/${id}`, undefined, { 'if-match': `"${version}"` });
        }
    }
}

/** How many of the texts one can read on a page, wherever they stand. */
const read = (page) => page.evaluate((texts) => {
    const whole = [document.body.textContent, ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value), ...[...document.querySelectorAll('[aria-label], [title]')].map((node) => `${node.ariaLabel} ${node.title}`)].join('\n').replaceAll(/\s+/g, ' ');
    return texts.filter((text) => whole.includes(text.replaceAll(/\s+/g, ' ').slice(0, 30))).length;
}, HOSTILE);

async function foreign_markup_stays_text(world) {
    const one = await workspace(world, 'hostile', 'Hostile', { plan: 'enterprise' });
    const { page } = one;
    // Some of what takes text asks for a second factor.
    await factor(world, one);
    const { home, board, recording, video, storyboard, scene, counts } = await fill(world, one);
    console.log(`     ${Object.entries(counts).map(([what, count]) => `${what}: ${count}`).join('; ')}`);
    const seen = await watch(one);
    const [first] = (await ask(world, one, 'GET', '/v1/view-links?limit=1')).items;
    const places = {
        '/': 8, [`/projects/${home.id}`]: 90, [`/recordings/${recording}?at=0`]: 10, [`/storyboards/${storyboard.id}#${scene}`]: 60, '/search?q=script': 5, '/links': 90, '/trash': 0, '/jobs': 0,
        '/settings': 90, '/admin/members': 1, '/admin/groups': 90, '/admin/roles': 90, '/admin/reviews': 90, '/admin/security': 0, '/admin/api-keys': 90, '/admin/audit': 1, '/admin/connectors': 0, '/admin/workspace': 1,
        '/brand-kits': 90, '/glossaries': 90, '/dashboards': 90, [`/dashboards/${board.id}`]: 8, '/reports': 90, '/alerts': 90, '/inbox': 0,
    };
    const living = {};
    const few = {};
    const look = async (path, least) => {
        await page.goto(world.base + path);
        await settled(page);
        // What is below comes when one goes there.
        await page.mouse.move(700, 500);
        for (let n = 0; n < 3; n++) await page.mouse.wheel(0, 2_000);
        await page.waitForTimeout(150);
        const shown = await read(page);
        if (shown < least) few[path] = `${shown} of ${least}`;
        const found = await alive(page);
        if (found.length) living[path] = [...(living[path] ?? []), ...found];
    };
    for (const [path, least] of Object.entries(places)) await look(path, least);
    await inTurns(world, one, look);
    // Where text shows only when one does something: tips of charts, the palette, menus, toasts, questions.
    await page.goto(`${world.base}/dashboards/${board.id}`);
    await page.locator('canvas, .chart svg').first().waitFor();
    await settled(page);
    for (const chart of await page.locator('section[aria-label] [role=img]').all()) {
        const at = await chart.boundingBox();
        if (at) for (const part of [0.3, 0.5, 0.7]) await page.mouse.move(at.x + at.width * part, at.y + at.height / 2), await page.waitForTimeout(60);
        living[`tip ${await chart.getAttribute('aria-label')}`] = await alive(page);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('img');
    await page.waitForTimeout(600);
    await page.screenshot({ path: `${OUT}/hostile-palette.png` });
    living.palette = await alive(page);
    await page.keyboard.press('Escape');
    await page.goto(`${world.base}/projects/${home.id}`);
    await page.getByRole('button', { name: /^More: / }).last().click();
    await page.getByRole('menuitem', { name: 'Move to trash' }).click();
    await page.locator('.toast').waitFor();
    living.toast = await alive(page);
    await page.screenshot({ path: `${OUT}/hostile-project.png` });
    // Those who only have the link, and what is taken away as a file.
    const guest = await person(world);
    const outside = await watch(guest);
    const shown = await ask(world, one, 'POST', `/v1/subjects/${video}/view-links`, { note: HOSTILE[22] });
    await guest.page.goto(`${world.base}/watch/${shown.token ?? first.token}`);
    await settled(guest.page);
    living.watch = await alive(guest.page);
    const file = await one.context.request.get(`${world.base}/v1/storyboards/${storyboard.id}/export?form=html&sound=false`);
    assert.equal(file.status(), 200, await file.text());
    await guest.context.route('https://file.example/', async (route) => route.fulfill({ contentType: 'text/html', body: await file.body() }));
    await guest.page.goto('https://file.example/');
    await guest.page.waitForTimeout(1_500);
    await guest.page.screenshot({ path: `${OUT}/hostile-file.png` });
    const foreign = [...guest.wrong, ...one.wrong].filter((told) => told.includes('evil.example'));
    const dead = Object.fromEntries(Object.entries(living).filter(([, found]) => found.length));
    world.checks.figure('texts with markup in them that ran', new Set([...seen, ...outside]).size, 0);
    world.checks.figure('elements that texts with markup have made', Object.values(dead).flat().length, 0);
    world.checks.figure('requests that texts with markup have made', foreign.length, 0);
    assert.deepEqual({ dead, seen, outside, few }, { dead: {}, seen: [], outside: [], few: {} });
    assert.deepEqual(one.wrong, []);
    for (const each of [guest, one]) await each.close();
}

async function pictures_carry_nothing_but_outlines(world) {
    const one = await workspace(world, 'pictures', 'Pictures', { plan: 'enterprise' });
    const { page } = one;
    const seen = await watch(one);
    const kept = [];
    for (const [n, picture] of PICTURES.entries()) {
        const kit = await ask(world, one, 'POST', '/v1/brand-kits', { name: `Kit ${n}` });
        const put = ask(world, one, 'POST', `/v1/brand-kits/${kit.id}/logo`, { media_type: 'image/svg+xml', data: Buffer.from(picture).toString('base64') }, { 'if-match': `"${kit.version}"` });
        if (await put.then(() => true, (error) => /: 4\d\d /.test(error.message) ? false : Promise.reject(error))) kept.push(kit.id);
    }
    console.log(`     ${PICTURES.length - kept.length} of ${PICTURES.length} pictures refused`);
    for (const id of kept) {
        // As the page shows it, and opened by itself, where it would be a document of this origin.
        for (const path of [`/brand-kits?kit=${id}`, `/v1/brand-kits/${id}/logo`]) {
            await page.goto(world.base + path).catch((error) => assert.match(error.message, /Download is starting|ERR_ABORTED/));
            await page.waitForTimeout(150);
        }
        const answer = await one.context.request.get(`${world.base}/v1/brand-kits/${id}/logo`);
        assert.match(answer.headers()['content-security-policy'] ?? '', /sandbox|default-src 'none'/, 'a picture opened by itself is a page without a policy');
    }
    assert.deepEqual(seen, []);
    assert.deepEqual(one.wrong.filter((told) => told.includes('evil.example')), []);
    await one.close();
}

export default [foreign_markup_stays_text, pictures_carry_nothing_but_outlines];
