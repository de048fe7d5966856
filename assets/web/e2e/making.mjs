// What was edited becomes a new video, with its progress told wherever one looks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, violations } from './browser.mjs';
import { ask, upload, workspace } from './workspaces.mjs';
import { box, saved } from './tasks.mjs';

const recordingOf = (world) => world.recording.split('/').pop();
const boardOf = (world) => world.storyboard.split('/').pop();
const newest = async (world, one) => (await ask(world, one, 'GET', `/v1/videos?recording=${recordingOf(world)}&limit=1`)).items[0];

/** Seconds from the order of a video to its end. */
async function took(world, one, { job }) {
    const { created, updated } = await ask(world, one, 'GET', `/v1/jobs/${job}`);
    return (new Date(updated) - new Date(created)) / 1000;
}

async function label(page, from, to) {
    await box(page, from).click();
    await page.keyboard.press('F2');
    await page.getByLabel('Label').fill(to);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await box(page, to).waitFor();
    await saved(page);
}

async function an_edit_becomes_a_new_video_with_its_progress_seen(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    const first = await newest(world, ada);
    // What is said of a moment outlives the video that was looked at; one on the video itself, as they were written once, too.
    const [ofTalk, ofVideo] = ['Which shelf?', 'Written on the video'];
    await page.goto(world.base + world.recording);
    await page.locator('[data-word="12"]').click();
    await page.getByRole('tab', { name: 'Comments' }).click();
    await page.getByLabel('Write a comment').fill(ofTalk);
    await page.getByRole('button', { name: /^Send · / }).click();
    const moment = page.locator('.comment', { hasText: ofTalk }).locator('.num');
    await moment.waitFor();
    const at = await moment.textContent();
    await ask(world, ada, 'POST', `/v1/subjects/${first.id}/comments`, { text: ofVideo, place: { time_ms: 1_500 } });
    await page.goto(world.base + world.storyboard);
    await box(page, 'Check stock').waitFor();
    await settled(page);
    await label(page, 'Check stock', 'Look for it');
    await page.getByRole('button', { name: 'Render video' }).click();
    await page.waitForURL(/\/recordings\//);
    const progress = page.locator('section.progress');
    await progress.getByRole('progressbar').waitFor();
    await progress.getByRole('button', { name: 'Cancel' }).waitFor();
    await page.screenshot({ path: `${OUT}/render-progress.png` });
    for (let n = 0; n < 180 && (await newest(world, ada)).id === first.id; n++) await page.waitForTimeout(1_000);
    const second = await newest(world, ada);
    assert.notEqual(second.id, first.id, 'no new video');
    assert.ok(second.storyboard_version > first.storyboard_version);
    // The page has it without being asked.
    await page.waitForFunction((id) => document.querySelector('video')?.src.includes(id), second.id, { timeout: 15_000 });
    await progress.waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Comments' }).click();
    for (const said of [ofTalk, ofVideo]) await page.locator('.comment', { hasText: said }).waitFor();
    assert.equal(await moment.textContent(), at);
    const { items } = await ask(world, ada, 'GET', `/v1/subjects/${recordingOf(world)}/comments`);
    assert.ok(items.some(({ text, place }) => text === ofTalk && place.time_ms > 0), 'it hangs on the recording');
    await moment.click();
    await page.waitForFunction((ms) => Math.abs(document.querySelector('video').currentTime * 1_000 - ms) < 1_500, items.find(({ text }) => text === ofTalk).place.time_ms);
    const [whole, again] = [await took(world, ada, first), await took(world, ada, second)];
    world.checks.figure('seconds from an order to the first video', whole);
    world.checks.figure('seconds from an edit to the new video', again, whole / 2);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

/** Form, size and rate are those of the last video of the storyboard, not what a first one has. */
async function what_is_rendered_in_the_editor_has_the_form_of_the_last(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    const made = async (order) => {
        for (let n = 0; n < 180; n++) {
            const video = await newest(world, ada);
            if (video.job === order) return video;
            await page.waitForTimeout(1_000);
        }
        throw new Error('no new video');
    };
    const { id } = await ask(world, ada, 'POST', `/v1/storyboards/${boardOf(world)}/videos`, { look: { width: 640, height: 360, fps: 60, container: 'webm' } });
    await made(id);
    await page.goto(world.base + world.storyboard);
    await box(page, 'Look for it').waitFor();
    await settled(page);
    const ordered = page.waitForResponse((answer) => answer.request().method() === 'POST' && /\/storyboards\/[^/]+\/videos$/.test(answer.url()));
    await page.getByRole('button', { name: 'Render video' }).click();
    const video = await made((await (await ordered).json()).id);
    assert.deepEqual([video.width, video.height, video.fps, video.files.some(({ file }) => file === 'webm')], [640, 360, 60, true]);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_rendering_is_called_off(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    const before = await newest(world, ada);
    await page.goto(world.base + world.storyboard);
    await box(page, 'Look for it').waitFor();
    await settled(page);
    await label(page, 'Look for it', 'Check stock');
    // All of it, so that there is time to call it off.
    await ask(world, ada, 'POST', `/v1/storyboards/${boardOf(world)}/videos`, { look: { width: 1920, height: 1080, fps: 60 } });
    await page.reload();
    const line = page.locator('.job-line');
    await line.waitFor();
    await page.screenshot({ path: `${OUT}/render-line.png` });
    assert.deepEqual(await violations(page), []);
    await line.getByRole('button', { name: 'Cancel' }).click();
    await line.waitFor({ state: 'detached', timeout: 30_000 });
    await page.goto(world.base + world.recording);
    await page.getByRole('button', { name: 'Render the changes' }).waitFor();
    assert.equal((await newest(world, ada)).id, before.id);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

/** A file is dropped, its diagram is there at once, and a video of it is made as it is wished for in the dialog. */
async function a_diagram_of_another_program_becomes_a_video(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(world.base);
    await page.getByRole('link', { name: 'My recordings' }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await (await chooser).setFiles([file('returns.mmd', 'flowchart LR\n a[Parcel arrives] --> b{Damaged?}\n b -->|yes| c[Refund]\n b -->|no| d[Restock]'), file('broken.dot', 'digraph {\n a -> \n}')]);
    await page.getByText(/line 3 is not DOT/).waitFor();
    await page.getByRole('link', { name: 'returns' }).first().click();
    await page.getByRole('button', { name: 'Parcel arrives' }).waitFor();
    await page.screenshot({ path: `${OUT}/imported.png` });
    await page.getByRole('button', { name: 'How the video should be…' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Motion/ }).click();
    await page.getByRole('option', { name: /Reduced/ }).click();
    await dialog.getByRole('button', { name: /Captions/ }).click();
    await page.getByRole('option', { name: 'In the picture' }).click();
    await dialog.getByText('A picture in every frame').click();
    await page.screenshot({ path: `${OUT}/order-wishes.png` });
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Make video' }).click();
    await page.locator('video').waitFor({ timeout: 400_000 });
    await ada.close();
}

async function a_video_is_made_again_as_it_was(world) {
    const one = await workspace(world, 'again', 'Again', { plan: 'enterprise' });
    const { page } = one;
    const { id: project } = await ask(world, one, 'POST', '/v1/projects', { title: 'Again' });
    await upload(world, one, project, { file_name: 'tram.ogg', title: 'Tram' }, readFileSync(new URL('../../samples/tram.ogg', import.meta.url)));
    const recording = (await ask(world, one, 'GET', `/v1/recordings?project=${project}&limit=1`)).items[0].id;
    const ordered = [];
    page.on('request', (request) => request.method() === 'POST' && request.url().endsWith('/videos') && ordered.push(request.postDataJSON().look));
    await page.goto(`${world.base}/recordings/${recording}`);
    await page.getByRole('button', { name: 'How the video should be…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: '720p' }).click();
    await dialog.getByRole('button', { name: /Motion$/ }).click();
    await page.getByRole('option', { name: /^Reduced/ }).click();
    await dialog.getByText('A picture in every frame').click();
    await dialog.getByRole('button', { name: 'Make video' }).click();
    await page.locator('video').waitFor({ timeout: 300_000 });
    const again = async () => {
        await page.reload();
        await settled(page);
        await page.locator('header.bar').getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: 'Make the video again' }).click();
        await dialog.waitFor();
    };
    await again();
    assert.ok(await dialog.getByRole('switch', { name: /^A picture in every frame/ }).isChecked(), 'the rate is forgotten');
    await dialog.getByRole('button', { name: /^Reduced.* Motion$/ }).waitFor();
    await page.screenshot({ path: `${OUT}/make-again.png` });
    await dialog.getByRole('button', { name: 'Make video' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(ordered.length, 2);
    assert.deepEqual(ordered[1], { ...ordered[0], theme: ordered[1].theme });
    assert.equal(ordered[1].constant_rate, true);
    assert.equal(ordered[1].motion, 'reduced');
    // In another browser the diagrams say what they can.
    await page.evaluate(() => localStorage.removeItem('orders'));
    const { job } = (await ask(world, one, 'GET', `/v1/videos?recording=${recording}&limit=1`)).items[0];
    for (let n = 0; n < 120 && (await ask(world, one, 'GET', '/v1/jobs?limit=10')).items.some(({ id, state }) => id !== job && (state === 'queued' || state === 'running')); n++) await page.waitForTimeout(1_000);
    await again();
    await dialog.getByRole('button', { name: /^Reduced.* Motion$/ }).waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

export default [an_edit_becomes_a_new_video_with_its_progress_seen, what_is_rendered_in_the_editor_has_the_form_of_the_last, a_rendering_is_called_off, a_diagram_of_another_program_becomes_a_video, a_video_is_made_again_as_it_was];
