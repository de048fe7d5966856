// Top tasks, end to end, in the order a new user meets them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, violations, until } from './browser.mjs';

export const PASSWORD = 'seven green bicycles in a row';
const SAMPLE = new URL('../../samples/order.ogg', import.meta.url).pathname;

async function from_the_console_code_to_the_first_video(world) {
    const ada = await person(world);
    const { page } = ada;
    let clicks = 0;
    const press = async (role, name) => {
        clicks++;
        await page.getByRole(role, { name }).first().click({ timeout: 20_000 });
    };
    await page.goto(`${world.base}/set-up#${world.code}`);
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.getByLabel('Password').fill(PASSWORD);
    await press('button', 'Next');
    await page.getByLabel('Name of the workspace').fill('Acme Logistics');
    await press('button', 'Create workspace');
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    const chooser = page.waitForEvent('filechooser');
    await press('button', 'Choose files');
    await (await chooser).setFiles(SAMPLE);
    await page.getByText('Checksum verified').waitFor();
    await press('link', 'order');
    await press('button', 'Make video');
    await page.getByRole('progressbar').waitFor();
    await page.screenshot({ path: `${OUT}/job.png` });
    await page.locator('video').waitFor({ timeout: 400_000 });
    clicks++;
    await page.locator('video').evaluate((video) => video.play());
    await page.waitForFunction(() => document.querySelector('video').currentTime > 1.5, undefined, { timeout: 20_000 });
    await page.screenshot({ path: `${OUT}/watching.png` });
    world.checks.figure('clicks from the console code to the first video', clicks, 9);
    world.recording = new URL(page.url()).pathname;
    world.states.ada = await ada.context.storageState();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

/** A box of the canvas; its words may stand on several lines. */
export const box = (page, label) => page.locator(`.react-flow__node[aria-label="${label}"]`);
/** Waits until the appliance has what was edited. */
export const saved = (page) => page.getByRole('status').filter({ hasText: /^Saved$/ }).waitFor();
const back = (world, options) => person(world, { as: 'ada', ...options });

async function a_word_and_a_box_take_the_video_along(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await page.locator('[data-word="40"]').click();
    const at = () => page.locator('video').evaluate((video) => video.currentTime);
    assert.ok((await at()) > 8, 'the word did not move the player');
    await page.getByRole('button', { name: 'Place order' }).click();
    assert.ok((await at()) < 8, 'the box did not move the player');
    await page.getByRole('button', { name: /^Who does what/ }).click();
    assert.ok((await at()) > 40, 'the chapter did not move the player');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_label_is_edited_and_taken_back(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}${world.recording}?at=0`);
    await page.getByRole('link', { name: 'Edit diagram' }).click();
    // As the speech model has heard it, with or without where it is placed.
    const node = page.locator('.react-flow__node[aria-label^="Place order"]');
    await node.click();
    await page.keyboard.press('F2');
    await page.getByLabel('Label').fill('Order online');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await box(page, 'Order online').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await node.waitFor();
    await page.getByRole('button', { name: 'Redo' }).click();
    await box(page, 'Order online').waitFor();
    world.storyboard = new URL(page.url()).pathname;
    await settled(page);
    await page.screenshot({ path: `${OUT}/editor.png` });
    // What was edited is there for whoever comes later.
    await saved(page);
    await page.reload();
    await box(page, 'Order online').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_box_is_dragged_and_stays(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.storyboard);
    const node = box(page, 'Check stock');
    // The canvas finds its measure when it opens: what is grasped must not move meanwhile.
    await node.waitFor();
    await settled(page);
    const from = await node.boundingBox();
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(from.x - 60, from.y - 60, { steps: 8 });
    await page.mouse.up();
    await page.locator('.pin').waitFor();
    await saved(page);
    await page.reload();
    await page.locator('.pin').waitFor();
    const to = await node.boundingBox();
    assert.ok(Math.hypot(to.x - from.x, to.y - from.y) > 40, 'the box went back');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_box_appears_with_another_word(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.storyboard);
    const part = page.getByRole('slider', { name: 'Check stock', exact: true });
    const word = async () => Number(await part.getAttribute('aria-valuenow'));
    const undo = page.getByRole('button', { name: 'Undo' });
    await part.waitFor();
    await settled(page);
    const own = await word();
    // By pointer, to the word that lies some way on.
    await part.scrollIntoViewIfNeeded();
    const from = await part.boundingBox();
    await page.mouse.move(from.x + 6, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(from.x + 166, from.y + from.height / 2, { steps: 8 });
    await page.screenshot({ path: `${OUT}/timeline.png` });
    await page.mouse.up();
    await until(async () => (await undo.isEnabled()) && (await page.locator('.reveal.by-person').count()) === 1, 'the drag was not kept');
    const dragged = await word();
    assert.ok(dragged > own, `it was dragged from word ${own} to ${dragged}`);
    await saved(page);
    await page.reload();
    await part.waitFor();
    assert.equal(await word(), dragged, 'it went back');
    // By keys, and back to where the voice has it.
    await part.focus();
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await word()) === dragged - 1, 'the key did not move it');
    await until(() => undo.isEnabled(), 'the key was not kept');
    await page.keyboard.press('Delete');
    await until(async () => (await word()) === own && (await page.locator('.reveal.by-person').count()) === 0, 'it does not follow the voice again');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function diagrams_are_saved_for_other_programs(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    const choose = async () => {
        await page.getByRole('button', { name: 'More' }).last().click();
        await page.getByRole('menuitem', { name: 'Export the diagrams' }).click();
        await page.getByRole('dialog').waitFor();
    };
    const saves = async (form, ending, begins) => {
        await page.getByRole('option', { name: form }).click();
        const waits = page.waitForEvent('download');
        await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
        const file = await waits;
        assert.ok(file.suggestedFilename().endsWith(ending), file.suggestedFilename());
        assert.ok(readFileSync(await file.path()).subarray(0, begins.length).equals(Buffer.from(begins)), `${form} is something else`);
        await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await choose();
    await page.screenshot({ path: `${OUT}/export.png` });
    assert.deepEqual(await violations(page), []);
    await saves('PDF', '.pdf', '%PDF-1.7');
    await choose();
    await page.getByRole('option', { name: 'Mermaid' }).click();
    await page.getByLabel('Scene').waitFor();
    await page.screenshot({ path: `${OUT}/export-scene.png` });
    await saves('Mermaid', '.mmd', '---');
    await choose();
    await saves('Web page', '.html', '<!DOCTYPE html>');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_video_is_shared_with_a_stranger(world) {
    const ada = await back(world, { permissions: ['clipboard-read', 'clipboard-write'] });
    await ada.page.goto(world.base + world.recording);
    await ada.page.getByRole('button', { name: 'Share' }).click();
    await ada.page.getByLabel('Password').fill('open sesame');
    await ada.page.getByRole('button', { name: 'Make a link' }).click();
    const link = await ada.page.locator('.code-block code').textContent();
    const stranger = await person(world);
    await stranger.page.goto(link);
    await stranger.page.getByLabel('Password').fill('wrong word');
    await stranger.page.getByRole('button', { name: 'Open' }).click();
    await stranger.page.getByRole('alert').waitFor();
    await stranger.page.getByLabel('Password').fill('open sesame');
    await stranger.page.getByRole('button', { name: 'Open' }).click();
    await stranger.page.waitForFunction(() => document.querySelector('video')?.readyState >= 1, undefined, { timeout: 15_000 });
    await stranger.page.screenshot({ path: `${OUT}/watch.png` });
    assert.deepEqual([...ada.wrong, ...stranger.wrong], []);
    await ada.close();
    await stranger.close();
}

async function a_colleague_is_invited_and_joins(world) {
    const ada = await back(world);
    await ada.page.goto(`${world.base}/admin/members`);
    await ada.page.getByRole('button', { name: 'Invite', exact: true }).click();
    await ada.page.getByLabel('E-mail').fill('grace@example.org');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
    const link = await ada.page.locator('.code-block code').textContent();
    const grace = await person(world);
    await grace.page.goto(link);
    await grace.page.getByLabel('E-mail').fill('grace@example.org');
    await grace.page.getByLabel('Your name').fill('Grace <b>Hopper</b>');
    await grace.page.getByLabel('Password').fill(PASSWORD);
    await grace.page.getByRole('button', { name: 'Join workspace' }).click();
    await grace.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    await ada.page.reload();
    await ada.page.getByText('Grace <b>Hopper</b>').waitFor();
    assert.equal(await ada.page.locator('td b').count(), 0);
    assert.deepEqual([...ada.wrong, ...grace.wrong], []);
    await ada.close();
    await grace.close();
}

async function a_key_is_made_and_revoked(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/settings`);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('nightly');
    await page.getByRole('checkbox', { name: 'See projects and search in them' }).press('Space');
    await page.getByText('1 chosen').waitFor();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    assert.match(await page.locator('.code-block code').textContent(), /^agm_/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke: nightly' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function the_trail_proves_a_row(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/audit`);
    await page.locator('tbody tr button').first().click();
    await page.getByText('Proved in this page').waitFor();
    await page.screenshot({ path: `${OUT}/proof.png` });
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function an_upload_survives_a_reload(world) {
    const ada = await back(world);
    const { page, context } = ada;
    await page.goto(world.base);
    await page.getByRole('link', { name: 'My recordings' }).click();
    // No part gets through, as on a line that is down.
    await context.route('**/v1/uploads/**', (route) => (route.request().method() === 'PATCH' ? route.abort('internetdisconnected') : route.continue()));
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(new URL('../../samples/tram.ogg', import.meta.url).pathname);
    await page.getByText('Waiting for the connection').waitFor();
    await context.unroute('**/v1/uploads/**');
    await page.reload();
    await page.getByText('Checksum verified').waitFor({ timeout: 30_000 });
    await ada.close();
}

async function a_wrong_field_is_told_at_the_field(world) {
    const one = await person(world);
    const { page } = one;
    await page.goto(`${world.base}/join?tenant=acme-logistics#wrong-code`);
    await page.getByLabel('E-mail').fill('x@example.org');
    await page.getByLabel('Your name').fill('X');
    await page.getByLabel('Password').fill('aaaaaaaaaaaaaaaa');
    await page.getByRole('button', { name: 'Join workspace' }).click();
    await page.getByRole('alert').waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function a_link_elsewhere_is_not_followed_after_signing_in(world) {
    const one = await person(world);
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
        await one.page.goto(`${world.base}/sign-in?next=${encodeURIComponent(next)}`);
        await one.page.getByLabel('Workspace').fill('acme-logistics');
        await one.page.getByLabel('E-mail').fill('ada@example.org');
        await one.page.getByLabel('Password').fill(PASSWORD);
        await one.page.getByRole('button', { name: 'Sign in' }).click();
        await one.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
        assert.equal(new URL(one.page.url()).origin, world.base);
    }
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function a_talk_is_recorded_in_the_browser(world) {
    const ada = await back(world, { permissions: ['microphone'] });
    const { page } = ada;
    await page.goto(world.base);
    await page.getByRole('link', { name: 'My recordings' }).click();
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForFunction(() => /^0:0[2-9]/.test(document.querySelector('[role=timer]')?.textContent ?? ''));
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByRole('button', { name: 'Use this recording' }).click();
    await page.getByText('Checksum verified').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_moment_is_commented_and_settled(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await page.locator('[data-word="20"]').click();
    await page.getByRole('tab', { name: 'Comments' }).click();
    await page.getByLabel('Write a comment').fill('Is <img src=x onerror=alert(1)> this the right carrier?');
    await page.getByRole('button', { name: /^Send · / }).click();
    await page.getByText('this the right carrier?').waitFor();
    assert.equal(await page.locator('.comment img').count(), 0);
    await page.getByRole('button', { name: 'Reply' }).click();
    await page.getByLabel('Reply', { exact: true }).fill('Yes.');
    await page.locator('.replies').getByRole('button', { name: 'Reply' }).click();
    await page.getByText('1 reply').waitFor();
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('Resolved').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

// In this order: later ones look at what earlier ones have made.
export default [from_the_console_code_to_the_first_video, a_word_and_a_box_take_the_video_along, a_label_is_edited_and_taken_back, a_box_is_dragged_and_stays, a_box_appears_with_another_word, diagrams_are_saved_for_other_programs, a_video_is_shared_with_a_stranger, a_colleague_is_invited_and_joins, a_key_is_made_and_revoked, the_trail_proves_a_row, an_upload_survives_a_reload, a_talk_is_recorded_in_the_browser, a_moment_is_commented_and_settled, a_wrong_field_is_told_at_the_field, a_link_elsewhere_is_not_followed_after_signing_in];
