// The editor: what is edited without a line is not lost, what is drawn can be played and heard, and everything is done by menu and keys too.
import assert from 'node:assert/strict';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { box, saved } from './tasks.mjs';

const back = (world, options) => person(world, { as: 'ada', ...options });

async function rename(page, from, to) {
    await box(page, from).click();
    await page.keyboard.press('F2');
    await page.getByLabel('Label').fill(to);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
}
async function opened(world, page) {
    await page.goto(world.base + world.storyboard);
    await page.locator('.react-flow__node').first().waitFor();
    await settled(page);
}
/** A choice of the menu of a part. */
async function menu(page, part, ...names) {
    await part.click({ button: 'right' });
    for (const name of names) await page.getByRole('menuitem', { name, exact: true }).click();
}

async function edits_without_a_line_are_kept(world) {
    const ada = await back(world);
    const { page, context } = ada;
    let cut = false;
    const lines = new Set();
    await context.routeWebSocket(/\/live$/, (line) => {
        if (cut) return void line.close();
        lines.add(line);
        line.connectToServer();
    });
    const setCut = (now) => {
        cut = now;
        if (now) for (const line of lines) line.close(), lines.delete(line);
    };
    await page.goto(world.base + world.recording);
    await settled(page);
    await page.getByRole('link', { name: 'Edit diagram' }).click();
    await box(page, 'Build bicycle').waitFor();
    setCut(true);
    await page.getByText('Offline. Changes are kept here.').waitFor();
    await rename(page, 'Build bicycle', 'Build it by hand');
    // A link of the app asks, and the edit is there when one comes back.
    await page.getByLabel('Where you are').getByRole('link').last().click();
    await page.getByRole('dialog', { name: 'Not sent yet' }).waitFor();
    await page.screenshot({ path: `${OUT}/editor-unsent.png` });
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await page.getByRole('link', { name: 'Edit diagram' }).click();
    await box(page, 'Build it by hand').waitFor();
    // A reload: the browser has it.
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await box(page, 'Build it by hand').waitFor();
    setCut(false);
    await saved(page);
    await page.reload();
    await box(page, 'Build it by hand').waitFor();
    await until(() => page.evaluate(async () => {
        const stores = await indexedDB.databases();
        if (!stores.some(({ name }) => name === 'audiagram-edits')) return true;
        return new Promise((done) => {
            const open = indexedDB.open('audiagram-edits');
            open.onsuccess = () => {
                const count = open.result.transaction('edits').objectStore('edits').count();
                count.onsuccess = () => (open.result.close(), done(count.result === 0));
            };
        });
    }), 'edits that are sent are still kept');
    await rename(page, 'Build it by hand', 'Build bicycle');
    await saved(page);
    assert.deepEqual(ada.wrong.filter((text) => !/WebSocket/.test(text)), []);
    await ada.close();
}

async function a_preview_plays_without_rendering(world) {
    const ada = await back(world);
    const { page } = ada;
    await opened(world, page);
    const play = page.getByRole('button', { name: 'Preview' });
    await play.hover();
    await page.waitForTimeout(500);
    await play.click();
    await page.waitForFunction(() => performance.getEntriesByName('preview starts').length > 0);
    const starts = await page.evaluate(() => performance.getEntriesByName('preview starts')[0].duration);
    world.checks.measure('milliseconds until a preview plays', Math.round(starts), 300);
    // Before its word a box is not there; with it, it is.
    const look = (label) => box(page, label).locator('.boxnode').getAttribute('class');
    assert.match(await look('Deliver to customer'), /is-later/);
    await until(async () => !/is-later/.test(await look('Order online')), 'the first box does not come');
    await page.screenshot({ path: `${OUT}/editor-playing.png` });
    const word = () => page.getByRole('slider', { name: 'Moment of the preview' }).getAttribute('aria-valuenow').then(Number);
    const before = await word();
    await until(async () => (await word()) > before, 'the playhead stands');
    // Keys: pause, by words, and the whole picture again.
    await page.keyboard.press('Space');
    await play.waitFor();
    const rests = await word();
    const head = page.getByRole('slider', { name: 'Moment of the preview' });
    await head.press('ArrowRight');
    assert.equal(await word(), rests + 1);
    await head.press('ArrowLeft');
    assert.equal(await word(), rests);
    await page.keyboard.press('Escape');
    assert.doesNotMatch(await look('Deliver to customer'), /is-later/);
    // What was edited just now is in it; what one moves in time comes then.
    await page.getByRole('listitem').filter({ hasText: /^customer/ }).first().click();
    assert.match(await look('Deliver to customer'), /is-later/);
    await page.keyboard.press('Escape');
    // A box is heard from the start of its sentence.
    await box(page, 'Check stock').click();
    await page.getByRole('button', { name: 'Listen to it' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const heard = await word();
    assert.ok(heard > 0, 'it is not heard from its sentence');
    await page.getByRole('button', { name: 'Pause' }).click();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function everything_is_in_the_menu_of_a_box(world) {
    const ada = await back(world);
    const { page } = ada;
    await opened(world, page);
    const undo = page.getByRole('button', { name: 'Undo' });
    const back_again = async () => {
        await undo.click();
        await saved(page);
        await settled(page);
    };
    const pins = await page.locator('.pin').count();
    await menu(page, box(page, 'Send invoice'), 'Pin');
    await until(async () => (await page.locator('.pin').count()) === pins + 1, 'it is not pinned');
    // By keys alone: Shift+F10 opens the menu, P unpins.
    await box(page, 'Send invoice').focus();
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Unpin' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: `${OUT}/editor-menu.png` });
    await page.keyboard.press('Escape');
    await box(page, 'Send invoice').focus();
    await page.keyboard.press('p');
    await until(async () => (await page.locator('.pin').count()) === pins, 'it is still pinned');
    // Shape, lane, and two boxes become one.
    await menu(page, box(page, 'Send invoice'), 'Outline', 'Diamond');
    await page.locator('.react-flow__node[aria-label="Send invoice"] .boxnode > path').first().waitFor();
    await back_again();
    const count = await page.locator('.react-flow__node').count();
    await menu(page, box(page, 'Review'), 'Merge into', 'Send invoice');
    await until(async () => (await page.locator('.react-flow__node').count()) === count - 1, 'they are still two');
    await back_again();
    await until(async () => (await page.locator('.react-flow__node').count()) === count, 'they are still one');
    await menu(page, box(page, 'Review'), 'Into group', 'New group');
    await page.getByLabel('Label').fill('After sales');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await saved(page);
    await back_again();
    await back_again();
    // Another kind, from the ranked list.
    await page.getByRole('button', { name: 'Change kind' }).first().click();
    await page.getByRole('dialog').getByText('Fits, no. 1').waitFor();
    await page.screenshot({ path: `${OUT}/editor-kinds.png` });
    await page.getByRole('dialog').getByRole('button', { name: /^Steps/ }).click();
    await until(async () => /Steps/.test(await page.locator('.scene-item[aria-current]').textContent()), 'it is the kind it was');
    await back_again();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function scenes_are_split_and_merged(world) {
    const ada = await back(world);
    const { page } = ada;
    await opened(world, page);
    const scenes = page.locator('.scene-item');
    const count = await scenes.count();
    await box(page, 'Send invoice').focus();
    await page.keyboard.press('s');
    await until(async () => (await scenes.count()) === count + 1, 'it was not split');
    await saved(page);
    await page.locator('.scenes').getByRole('button', { name: /^More: / }).first().click();
    await page.getByRole('menuitem', { name: 'Merge with the next scene' }).click();
    await until(async () => (await scenes.count()) === count, 'they were not merged');
    await saved(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await scenes.count()) === count + 1, 'the merge was not taken back');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await scenes.count()) === count, 'the split was not taken back');
    await saved(page);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_box_is_commented_in_the_editor(world) {
    const ada = await back(world);
    const { page } = ada;
    await opened(world, page);
    await box(page, 'Book carrier').focus();
    await page.keyboard.press('c');
    await page.getByLabel('Write a comment').fill('Which one?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.comment').getByText('Which one?').waitFor();
    await box(page, 'Book carrier').locator('.said-of').waitFor();
    await page.getByRole('button', { name: 'Reply' }).click();
    await page.getByLabel('Reply', { exact: true }).fill('The one by rail.');
    await page.locator('.replies').getByRole('button', { name: 'Reply' }).click();
    await page.getByText('1 reply').waitFor();
    await page.screenshot({ path: `${OUT}/editor-comment.png` });
    await page.getByRole('button', { name: 'Resolve' }).click();
    await box(page, 'Book carrier').locator('.said-of').waitFor({ state: 'detached' });
    // Another box has none of it.
    await box(page, 'Send invoice').click();
    await page.getByText('Which one?').waitFor({ state: 'detached' });
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function what_is_doubtful_is_looked_at(world) {
    const ada = await back(world);
    const { page, context } = ada;
    const at = `${world.base}/v1/storyboards/${world.storyboard.split('/').pop()}`;
    const head = await (await context.request.get(at)).json();
    const { scenes, review = [] } = await (await context.request.get(`${at}/content`)).json();
    const unsure = scenes[0].nodes.findIndex(({ label }) => label === 'Book carrier');
    const node = { ...scenes[0].nodes[unsure], confidence: 0.3, by: 'auto' };
    const pieces = [
        { piece: 'nodes', scene: 0, splice: { at: unsure, take: 1, put: [node] } },
        { piece: 'review', splice: { at: review.length, take: 0, put: [{ target: `${scenes[1].id}`, why: 'Who is asked?' }] } },
    ];
    const answer = await context.request.patch(at, { headers: { origin: world.base, 'if-match': `"${head.version}"` }, data: { op: 'restore', pieces } });
    assert.equal(answer.status(), 200, await answer.text());
    await opened(world, page);
    const count = () => page.locator('.doubts li').count();
    await page.getByRole('button', { name: 'Show: Book carrier' }).waitFor();
    await page.locator('.doubts li').filter({ hasText: 'Who is asked?' }).waitFor();
    const listed = await count();
    await page.screenshot({ path: `${OUT}/editor-review.png` });
    await page.getByRole('button', { name: 'Show: Book carrier' }).click();
    await box(page, 'Book carrier').and(page.locator('.selected')).waitFor();
    await page.locator('.react-flow__pane').click({ position: { x: 5, y: 5 } });
    await page.getByRole('button', { name: 'It is right: Book carrier' }).click();
    await until(async () => (await count()) === listed - 1, 'it is still doubtful');
    const question = page.locator('.doubts li').filter({ hasText: 'Who is asked?' });
    await question.getByRole('button', { name: /^Dismiss: / }).click();
    await question.waitFor({ state: 'detached' });
    await saved(page);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_version_is_compared_and_restored(world) {
    const ada = await back(world);
    const { page } = ada;
    await opened(world, page);
    await menu(page, box(page, 'Collect parcel'), 'Stands for', 'Event');
    await saved(page);
    await page.getByRole('button', { name: 'History' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Ada Lovelace').first().waitFor();
    await dialog.getByRole('button', { name: /^Compare: / }).last().click();
    await dialog.locator('.one-version svg').nth(1).waitFor();
    await page.screenshot({ path: `${OUT}/editor-compare.png` });
    await dialog.getByRole('button', { name: 'All versions' }).click();
    const now = await dialog.locator('.history strong').first().textContent();
    await dialog.getByRole('button', { name: /^Restore: / }).last().click();
    await page.getByRole('dialog').last().getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByText(/Version \d+ is the newest again/).waitFor();
    await until(async () => (await dialog.locator('.history strong').first().textContent()) !== now, 'nothing was restored');
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await dialog.getByText('restored').nth(1).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await box(page, 'Build bicycle').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function three_hundred_boxes_are_dragged_smoothly(world) {
    const ada = await back(world);
    const { page, context } = ada;
    const id = world.storyboard.split('/').pop();
    const at = `${world.base}/v1/storyboards/${id}`;
    const head = await (await context.request.get(at)).json();
    const board = await (await context.request.get(`${at}/content`)).json();
    const scene = board.scenes[board.scenes.length - 1].id;
    const many = Array.from({ length: 300 }, (_, i) => i);
    const edge = (i) => ({ op: 'add_edge', scene, edge: { id: `w${i}`, from: `v${Math.floor((i - 1) / 3)}`, to: `v${i}`, type: 'then', evidence: [], confidence: 1, by: 'user' } });
    const ops = [
        ...many.map((i) => ({ op: 'add_node', scene, node: { id: `v${i}`, role: 'activity', label: `Box ${i}`, evidence: [], confidence: 1, by: 'user' } })),
        ...many.slice(1).map(edge),
    ];
    const headers = { origin: world.base, 'if-match': `"${head.version}"` };
    const added = await context.request.patch(at, { headers, data: { op: 'batch', ops } });
    assert.equal(added.status(), 200, await added.text());
    const { inverse } = await added.json();
    await page.goto(world.base + world.storyboard);
    await page.locator('.scene-item').last().click();
    await box(page, 'Box 299').waitFor({ timeout: 60_000 });
    await settled(page);
    await page.screenshot({ path: `${OUT}/editor-300.png` });
    const from = await box(page, 'Box 150').boundingBox();
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(from.x + 20, from.y + 20, { steps: 4 });
    // Moved from within the page at each frame, so that what is measured is the page and not who drives it.
    const frames = await page.evaluate(({ x, y }) => new Promise((done) => {
        const began = performance.now();
        let count = 0;
        const step = (now) => {
            count++;
            const angle = count / 12;
            const move = new MouseEvent('mousemove', { bubbles: true, view: window, clientX: x + 20 + Math.cos(angle) * 60, clientY: y + 20 + Math.sin(angle) * 60 });
            window.dispatchEvent(move);
            if (now - began < 3_000) requestAnimationFrame(step);
            else done(count / ((now - began) / 1_000));
        };
        requestAnimationFrame(step);
    }), from);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    world.checks.measure('frames a second while one of 300 boxes is dragged', Math.round(frames), 60, 'least');
    await saved(page);
    const after = await (await context.request.get(at)).json();
    const undone = await context.request.patch(at, { headers: { ...headers, 'if-match': `"${after.version}"` }, data: inverse });
    if (undone.status() !== 200) await context.request.post(`${at}/restore`, { headers: { ...headers, 'if-match': `"${after.version}"` }, data: { version: head.version } });
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

export default [edits_without_a_line_are_kept, a_preview_plays_without_rendering, everything_is_in_the_menu_of_a_box, scenes_are_split_and_merged, a_box_is_commented_in_the_editor, what_is_doubtful_is_looked_at, a_version_is_compared_and_restored, three_hundred_boxes_are_dragged_smoothly];
