// Main pages against small pictures of how they looked when somebody last found them right: by day and by night, with the same data each time.
// A picture is a quarter of the page wide and high, so that a letter drawn a little otherwise is nothing, and a panel that is gone is much.
//
//   KEEP_PICTURES=1 node e2e/run.mjs PROGRAM main_pages      keeps what is seen now as what is right; look at it before it is committed
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { OUT, person, settled } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, upload, workspace } from './workspaces.mjs';

const KEPT = new URL('./pictures/', import.meta.url);
/** How many of the 81,000 points of a picture may differ, and by how much of 255 a point counts as another. Two runs on one machine differ in
 * none; another machine's letters in up to half of this. */
const POINTS = 0.01;
const SHADE = 24;
const SIZE = { width: 360, height: 225 };

/** A page as so many points, in few colours; drawn small by the browser. */
async function small(page, png) {
    const url = await page.evaluate(async ({ data, width, height }) => {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' });
        const canvas = new OffscreenCanvas(width, height);
        canvas.getContext('2d').drawImage(picture, 0, 0);
        const made = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
        return btoa(Array.from(made, (byte) => String.fromCharCode(byte)).join(''));
    }, { data: png.toString('base64'), ...SIZE });
    return Buffer.from(url, 'base64');
}

/** Pages whose numbers and rows are others each time are held by their frame: what they are made of, not what they say. Runs in the page. */
const still = () => {
    for (const row of document.querySelectorAll('tbody tr:nth-child(n+3), .facets li, .facets button, .spark-line, .meter')) row.remove();
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) if (node.parentElement.closest('td, dd, .num, .figure, .mono, .badge, .notice, li')) node.textContent = '–';
};

/** The share of points in which two pictures differ. */
const difference = (page, one, other) => page.evaluate(async ({ pictures, shade }) => {
    const points = await Promise.all(pictures.map(async (data) => {
        const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type: 'image/png' }));
        const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
        context.drawImage(picture, 0, 0);
        return context.getImageData(0, 0, picture.width, picture.height).data;
    }));
    const [a, b] = points;
    if (a.length !== b.length) return 1;
    let other = 0;
    for (let i = 0; i < a.length; i += 4) if (Math.max(Math.abs(a[i] - b[i]), Math.abs(a[i + 1] - b[i + 1]), Math.abs(a[i + 2] - b[i + 2])) > shade) other++;
    return other / (a.length / 4);
}, { pictures: [one, other].map((png) => png.toString('base64')), shade: SHADE });

async function main_pages_look_as_they_did(world) {
    const own = await workspace(world, 'gallery', 'Gallery', { plan: 'enterprise', reducedMotion: 'reduce', timezoneId: 'UTC' });
    const { page } = own;
    const { id } = await ask(world, own, 'POST', '/v1/projects', { title: 'Order handling', description: 'How we take orders' });
    for (const title of ['Returns', 'Onboarding', 'Month end']) await ask(world, own, 'POST', '/v1/projects', { title });
    for (const title of ['Kick-off', 'Interview Ada', 'Interview Grace']) await upload(world, own, id, { file_name: `${title}.ogg`, title, tags: ['draft'] }, Buffer.from(`no sound: ${title}`));
    await ask(world, own, 'POST', '/v1/groups', { name: 'Editors' });
    await ask(world, own, 'POST', '/v1/glossaries', { name: 'Products', terms: ['Audiagram', 'Storyboard'].map((spelling) => ({ spelling, aliases: [], case: 'exact' })) });
    await ask(world, own, 'POST', '/v1/brand-kits', { name: 'House style' });
    const places = { home: '/', project: `/projects/${id}`, members: '/admin/members', groups: '/admin/groups', glossaries: '/glossaries', 'brand-kits': '/brand-kits', dashboards: '/dashboards', settings: '/settings' };
    // After the others, who would show one more recording. Heard is nothing, so that the words are the same each time.
    const talk = async () => {
        const text = 'Check the stock. If it is in stock, pack the order. Otherwise, order more. Then send the parcel.';
        const { recording } = await ask(world, own, 'POST', `/v1/projects/${id}/imports`, { file_name: 'order.txt', title: 'Order', text });
        const [board] = (await ask(world, own, 'GET', `/v1/storyboards?recording=${recording.id}&limit=1`)).items;
        return { recording: `/recordings/${recording.id}`, editor: `/storyboards/${board.id}` };
    };
    const operator = await person(world, { reducedMotion: 'reduce', timezoneId: 'UTC' });
    await ask(world, operator, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
    const guest = await person(world, { reducedMotion: 'reduce' });
    const keeping = process.env.KEEP_PICTURES === '1';
    if (keeping) mkdirSync(KEPT, { recursive: true });
    const wrong = [];
    let most = 0;
    for (const [at, where, busy] of [[page, places], [guest.page, { 'sign-in': '/sign-in' }], [page, talk], [page, { audit: '/admin/audit' }, true], [operator.page, { tenants: '/system/tenants', health: '/system/health' }, true]]) {
        for (const [name, path] of Object.entries(typeof where === 'function' ? await where() : where)) {
            await at.goto(world.base + path);
            await settled(at);
            // Days and times are others each time.
            await at.evaluate(() => document.querySelectorAll('time, .num.soft').forEach((node) => (node.textContent = '–')));
            if (busy) await at.evaluate(still);
            for (const colorScheme of ['light', 'dark']) {
                await at.emulateMedia({ colorScheme });
                // Over nothing that answers to it.
                await at.mouse.move(720, 2);
                await at.waitForTimeout(400);
                const seen = await small(at, await at.screenshot());
                const file = new URL(`${name}-${colorScheme}.png`, KEPT);
                writeFileSync(`${OUT}/small-${name}-${colorScheme}.png`, seen);
                if (keeping) writeFileSync(file, seen);
                if (!existsSync(file)) {
                    wrong.push(`${name} ${colorScheme}: no picture is kept`);
                    continue;
                }
                const share = await difference(at, seen, readFileSync(file));
                most = Math.max(most, share);
                if (share > POINTS) wrong.push(`${name} ${colorScheme}: ${(share * 100).toFixed(2)} % of the points are others; see small-${name}-${colorScheme}.png`);
            }
        }
    }
    world.checks.figure('per mille of the points in which a page differs most from its picture', Math.round(most * 1000), POINTS * 1000);
    assert.deepEqual(wrong, []);
    for (const each of [guest, operator, own]) await each.close();
}

export default [main_pages_look_as_they_did];
