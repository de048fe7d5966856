// Pages of others: they may ask, and get and change nothing; they may not hold a page in a frame, nor say where one goes after signing in.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { OUT, person, settled, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, workspace } from './workspaces.mjs';

/** Of another site, and of the same site by another port: to that one a browser sends cookies. */
const OTHERS = ['https://evil.example', 'https://localhost:444'];

/** Runs in a page of somebody else: every way in which a page can have a browser ask. */
function attack({ base, project, storyboard }) {
    const told = [];
    const note = (name) => (answer) => told.push(`${name}: ${answer}`);
    const send = (name, path, init) => fetch(base + path, { credentials: 'include', ...init }).then(async (answer) => note(name)(answer.type === 'opaque' ? 'opaque' : `READ ${answer.status} ${await answer.text()}`), (error) => note(name)(`refused ${error.name}`));
    const body = JSON.stringify({ title: 'taken over' });
    const all = [
        send('read', '/v1/me'), send('read session', '/v1/session'),
        send('simple', '/v1/projects', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body }),
        send('json', '/v1/projects', { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
        send('blob', '/v1/projects', { method: 'POST', mode: 'no-cors', body: new Blob([body], { type: 'text/plain' }) }),
        send('key', '/v1/projects', { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': 'x' }, body }),
        send('delete', `/v1/projects/${project}`, { method: 'DELETE', headers: { 'if-match': '"1"' } }),
        send('patch', `/v1/projects/${project}`, { method: 'PATCH', headers: { 'content-type': 'application/json', 'if-match': '"1"' }, body }),
        send('sign out', '/v1/session', { method: 'DELETE' }),
        send('sign in', '/v1/session', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ tenant: 'x', email: 'x@x', password: 'x' }) }),
    ];
    told.push(`beacon: ${navigator.sendBeacon(`${base}/v1/projects`, new Blob([body], { type: 'text/plain' }))}`);
    const form = (enctype, name, value) => {
        const frame = document.createElement('iframe');
        frame.name = `f${document.forms.length}`;
        const one = Object.assign(document.createElement('form'), { method: 'POST', action: `${base}/v1/projects`, enctype, target: frame.name });
        one.append(Object.assign(document.createElement('input'), { name, value }));
        document.body.append(frame, one);
        one.submit();
    };
    form('text/plain', '{"title":"taken over","description":"', '"}');
    form('application/x-www-form-urlencoded', 'title', 'taken over');
    form('multipart/form-data', 'title', 'taken over');
    const line = new Promise((done) => {
        const socket = new WebSocket(`${base.replace('https', 'wss')}/v1/storyboards/${storyboard}/live`);
        socket.onopen = () => done(told.push('line: READ opened'));
        socket.onerror = () => done(told.push('line: refused'));
    });
    const stream = new Promise((done) => {
        const events = new EventSource(`${base}/v1/tenant/usage/live`, { withCredentials: true });
        events.onmessage = () => done(told.push('stream: READ'));
        events.onerror = () => done(told.push('stream: refused'));
        setTimeout(done, 3_000);
    });
    return Promise.all([...all, line, stream]).then(() => new Promise((done) => setTimeout(() => done(told), 1_500)));
}

async function pages_of_others_change_nothing(world) {
    const one = await workspace(world, 'walled', 'Walled');
    const { context, page } = one;
    const { id: project } = await ask(world, one, 'POST', '/v1/projects', { title: 'Ours' });
    const state = async () => ({ projects: (await ask(world, one, 'GET', '/v1/projects')).items.map(({ title, version }) => `${title} ${version}`), me: (await ask(world, one, 'GET', '/v1/me')).email });
    const before = await state();
    const answers = [];
    const heard = [];
    context.on('response', (answer) => answer.url().startsWith(`${world.base}/v1/`) && answer.request().method() === 'POST' && answers.push(answer.status()));
    for (const origin of OTHERS) {
        await context.route(`${origin}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Prizes</title><body>' }));
        await page.goto(`${origin}/prize`);
        const told = await page.evaluate(attack, { base: world.base, project, storyboard: 'stb_01jd0000000000000000000000' });
        heard.push(`${origin}: ${told.join(', ')}`);
        assert.deepEqual(told.filter((line) => line.includes('READ')), [], `${origin} has read something`);
        assert.deepEqual(await state(), before, `${origin} has changed something`);
    }
    // They did get there, and were refused by the appliance and not by chance.
    assert.ok(answers.length >= 5 && answers.every((status) => status >= 400), `answers: ${answers}; ${heard.join('\n')}`);
    world.checks.figure('requests of other sites that were done', answers.filter((status) => status < 400).length, 0);
    await one.close();
}

async function no_page_stands_in_a_frame_of_others(world) {
    const one = await workspace(world, 'framed', 'Framed');
    const { context, page } = one;
    let held = 0;
    for (const origin of OTHERS) {
        let path = '/';
        await context.route(`${origin}/**`, (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Prizes</title><iframe id=f src="${world.base}${path}" width=900 height=600></iframe>` }));
        for (path of ['/', '/sign-in', '/admin/members', '/settings', '/set-up', '/join', '/style', '/v1/docs', '/v1/openapi.json', '/v1/me', '/watch/x', '/shown/x']) {
            await page.goto(`${origin}/`, { waitUntil: 'load' });
            await page.waitForTimeout(150);
            const frame = page.frames().find((other) => other !== page.mainFrame());
            const text = await frame.evaluate(() => `${location.href} ${document.body?.innerText ?? ''}`).catch(() => 'nothing');
            if (!/^(chrome-error:|nothing|about:blank)/.test(text)) held++, world.checks.check(`${path} stands in no frame of ${origin}`, false, text.slice(0, 200));
        }
    }
    for (const path of ['/', '/sign-in', '/v1/docs']) {
        const answer = await context.request.get(world.base + path, { headers: { accept: 'text/html' } });
        assert.match(answer.headers()['content-security-policy'] ?? '', /frame-ancestors 'none'/, path);
    }
    world.checks.figure('pages that stand in a frame of others', held, 0);
    await one.close();
}

/** A page of somebody else with a frame, whose address is asked for each time it is gone to. */
async function wiki(address) {
    const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(`<!doctype html><title>Wiki</title><h1>Wiki</h1><iframe src="${address()}" width="960" height="630" style="border:0"></iframe>`));
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { origin: `http://localhost:${server.address().port}`, close: () => server.close() };
}

/** Of a video that is there: the task that makes the first one comes before. */
async function only_named_pages_hold_a_video_in_a_frame(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    let address = '';
    const [named, other] = [await wiki(() => address), await wiki(() => address)];
    await page.goto(world.base + world.recording);
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Pages that may embed it').fill(`${named.origin}/`);
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog.locator('.code-block code').nth(1).waitFor();
    const [link, frame] = await dialog.locator('.code-block code').allTextContents();
    await dialog.getByRole('button', { name: 'Copy' }).nth(1).click();
    await page.getByText('Copied').first().waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/video-shared.png` });
    assert.deepEqual(await violations(page), []);
    address = /<iframe src="([^"]+)"/.exec(frame)[1];
    assert.equal(address, link);

    const context = await world.chrome.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1040, height: 760 } });
    const reader = await context.newPage();
    await reader.goto(named.origin);
    const inside = reader.frameLocator('iframe');
    await inside.getByRole('button', { name: 'Play', exact: true }).waitFor();
    assert.equal(await inside.getByRole('region', { name: 'Transcript' }).count(), 0, 'words stand beside it in the frame');
    await inside.getByRole('button', { name: 'Play', exact: true }).click();
    await inside.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await reader.waitForTimeout(500);
    assert.ok((await inside.locator('video').evaluate((video) => video.currentTime)) > 0, 'it does not play');
    const [bar, room] = await inside.locator('.controls').evaluate((one) => [one.getBoundingClientRect().bottom, innerHeight]);
    assert.ok(bar <= room + 1, `the bar ends at ${bar} of ${room}`);
    await reader.screenshot({ path: `${OUT}/video-framed.png` });
    // The same frame, in a page that the link does not name, and by another link in the page that this one named.
    await reader.goto(other.origin);
    await reader.waitForTimeout(1_500);
    assert.equal(await inside.locator('video').count(), 0, 'a page that is not named holds it');
    await dialog.getByLabel('Pages that may embed it').fill('');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog.locator('.code-block code').nth(1).waitFor({ state: 'detached' });
    address = (await dialog.locator('.code-block code').allTextContents())[0];
    await reader.goto(named.origin);
    await reader.waitForTimeout(1_500);
    assert.equal(await inside.locator('video').count(), 0, 'a link that names nobody stands in a frame');
    await context.close();
    named.close();
    other.close();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

/** Places that look as if they were in the app, and are not. */
const AWAY = [
    'https://evil.example/', '//evil.example/', '///evil.example/', '////evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/\n/evil.example', '\t//evil.example', ' //evil.example', '/%09/evil.example',
    '/.//evil.example', '/..//evil.example', '/x/..//evil.example', 'https:evil.example', 'https:/evil.example', 'http:\\\\evil.example', '/%2f%2fevil.example', '/%5cevil.example', '@evil.example', '.evil.example', 'evil.example',
    'javascript:window.name=1', 'java\tscript:alert(1)', 'data:text/html,<script>alert(1)</script>', '/x?next=//evil.example', '/sign-in?next=//evil.example',
];

async function signing_in_leads_nowhere_else(world) {
    const one = await workspace(world, 'returned', 'Returned');
    const { page, context } = one;
    await context.route(/^[a-z]*:\/*evil\.example/, (route) => route.fulfill({ contentType: 'text/html', body: 'away' }));
    // One signs in for real, at the end: so often in a minute is not allowed.
    await page.route('**/v1/session', (route) => (route.request().method() === 'POST' ? route.fulfill({ json: { must_change_password: false } }) : route.continue()));
    const away = [];
    for (const next of AWAY) {
        await page.goto(`${world.base}/sign-in?tenant=returned&next=${encodeURIComponent(next)}`);
        await page.getByLabel('E-mail').fill(one.email);
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.waitForURL((url) => url.pathname !== '/sign-in' || url.origin !== world.base, { timeout: 5_000 }).catch(() => {});
        await settled(page);
        const at = new URL(page.url());
        // In the app, and signed in: neither away nor left standing at the door.
        if (at.origin !== world.base || (await page.locator('#main').count()) === 0) away.push(`${JSON.stringify(next)} led to ${at.href}`);
    }
    world.checks.figure('ways to be led elsewhere by signing in', away.length, 0);
    assert.deepEqual(away, []);
    assert.deepEqual(one.wrong, []);
    // Where one wanted to go is kept.
    await page.unroute('**/v1/session');
    await context.clearCookies();
    await page.goto(`${world.base}/jobs?state=done`);
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel('E-mail').fill(one.email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/jobs\?state=done/);
    await one.close();
}

export default [pages_of_others_change_nothing, no_page_stands_in_a_frame_of_others, only_named_pages_hold_a_video_in_a_frame, signing_in_leads_nowhere_else];
