// Watching and what was said: the player by its keys, corrections where words stand, speakers, doubts, orders, lists, links.
import assert from 'node:assert/strict';
import { OUT, person, settled, until } from './browser.mjs';

const back = (world, options) => person(world, { as: 'ada', ...options });
const time = (page) => page.locator('video').evaluate((video) => video.currentTime);
const sent = (page, part, method = 'POST') => page.waitForRequest((request) => request.method() === method && request.url().includes(part));
const undone = async (page) => {
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await settled(page);
};

async function the_player_obeys_keys(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}${world.recording}?at=0`);
    await settled(page);
    const player = page.getByRole('group', { name: 'order', exact: true });
    await player.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.keyboard.press('l');
    await until(async () => Math.abs((await time(page)) - 10) < 1, 'L did not go on by ten seconds');
    await page.keyboard.press('ArrowLeft');
    await until(async () => Math.abs((await time(page)) - 5) < 1, 'the arrow did not go back by five');
    await page.keyboard.press('5');
    const half = await page.locator('video').evaluate((video) => video.duration / 2);
    await until(async () => Math.abs((await time(page)) - half) < 1, '5 did not go to the middle');
    await page.keyboard.press('k');
    await player.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await page.keyboard.press('k');
    await page.keyboard.press('Shift+>');
    assert.equal(await page.locator('video').evaluate((video) => video.playbackRate), 1.25);
    await page.keyboard.press('m');
    assert.equal(await page.locator('video').evaluate((video) => video.muted), true);
    await page.keyboard.press('c');
    await until(() => page.locator('video').evaluate((video) => [...video.textTracks].some(({ kind, mode }) => kind === 'captions' && mode === 'showing')), 'C did not show captions');
    assert.deepEqual(await page.locator('track').evaluateAll((all) => all.map(({ kind }) => kind).sort()), ['captions', 'chapters', 'descriptions']);
    // The next visit is as fast as this one.
    await page.reload();
    await settled(page);
    assert.equal(await page.getByRole('combobox', { name: 'Speed' }).inputValue(), '1.25');
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('1');
    // What is heard is marked among the words.
    await page.keyboard.press('9');
    await page.locator('.word.now').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_box_plays_its_sentence_and_stops(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}${world.recording}?at=0`);
    await settled(page);
    await page.locator('.diagram .node').first().click();
    const began = await time(page);
    await until(async () => (await time(page)) > began + 0.5, 'nothing is heard');
    await page.waitForFunction(() => document.querySelector('video').paused, undefined, { timeout: 40_000 });
    assert.ok((await time(page)) - began < 40, 'it did not stop');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function words_are_corrected_where_they_stand(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    const word = page.locator('[data-word="12"]');
    await word.waitFor();
    await settled(page);
    const before = await word.innerText();
    await word.dblclick();
    const field = page.getByRole('textbox', { name: 'Correct these words' });
    await field.fill('two words');
    await field.press('Enter');
    await page.getByText('Write one word').waitFor();
    await field.fill('Corrected');
    await field.press('Enter');
    await until(async () => (await word.innerText()) === 'Corrected', 'the word was not corrected');
    await page.getByText(`“${before}” is now “Corrected”`).waitFor();
    await settled(page);
    await page.reload();
    await until(async () => (await word.innerText()) === 'Corrected', 'the correction is not kept');
    await word.dblclick();
    await field.press('Escape');
    await field.waitFor({ state: 'detached' });
    // By keys, several at once, and back.
    await word.focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('F2');
    const next = await page.getByRole('textbox', { name: 'Correct these words' }).inputValue();
    assert.equal(next.split(' ')[0], 'Corrected');
    await field.fill(`${before} ${next.split(' ')[1]}`);
    await field.press('Enter');
    await until(async () => (await word.innerText()) === before, 'the range was not corrected');
    await undone(page);
    await until(async () => (await word.innerText()) === 'Corrected', 'it was not taken back');
    await word.dblclick();
    await field.fill(before);
    await field.press('Enter');
    await settled(page);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function speakers_are_named_and_renamed(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await page.locator('[data-word="3"]').focus();
    await settled(page);
    for (let n = 0; n < 3; n++) await page.keyboard.press('Shift+ArrowRight');
    const bar = page.getByRole('toolbar', { name: 'Marked words' });
    await page.screenshot({ path: `${OUT}/marked.png` });
    await bar.getByRole('button', { name: 'Speaker' }).click();
    await page.getByLabel('Name').fill('Grace');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const grace = page.getByRole('button', { name: /^Grace,/ });
    await grace.waitFor();
    await settled(page);
    await grace.click();
    await page.getByRole('radio', { name: 'Rename Grace everywhere' }).click();
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: /^Grace Hopper,/ }).waitFor();
    await settled(page);
    // The versions of the transcript hold both, and the one before can be had again.
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Versions of the transcript' }).click();
    await page.getByRole('listitem').filter({ hasText: 'now' }).waitFor();
    await page.getByRole('button', { name: /^Restore: / }).first().click();
    await page.keyboard.press('Escape');
    await grace.waitFor();
    await settled(page);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function words_are_redacted_after_a_warning(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await page.locator('[data-word="5"]').focus();
    await settled(page);
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('toolbar', { name: 'Marked words' }).getByRole('button', { name: 'Redact' }).click();
    await page.getByText('The recording itself, videos made before').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Redact', exact: true }).click();
    await until(async () => (await page.locator('.word.redacted').count()) === 2, 'the words still stand there');
    await undone(page);
    await until(async () => (await page.locator('.word.redacted').count()) === 0, 'the words did not come back');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_video_is_ordered_in_another_shape(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await settled(page);
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Make the video again' }).click();
    await page.getByRole('radio', { name: /1:1/ }).check();
    await page.getByRole('radio', { name: '720p' }).click();
    await page.getByRole('radio', { name: 'WebM' }).click();
    await page.screenshot({ path: `${OUT}/order.png` });
    const order = sent(page, '/videos');
    await page.getByRole('button', { name: 'Make video', exact: true }).last().click();
    await order;
    await page.waitForFunction(() => document.querySelector('video')?.videoWidth === 720 && document.querySelector('video').videoHeight === 720, undefined, { timeout: 300_000 });
    // It is asked for the same again.
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Make the video again' }).click();
    assert.ok(await page.getByRole('radio', { name: /1:1/ }).isChecked());
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_recording_is_renamed_and_found_by_its_tag(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await settled(page);
    const facts = async (title, tags) => {
        await page.getByRole('button', { name: 'More', exact: true }).click();
        await page.getByRole('menuitem', { name: 'Title, tags, classification' }).click();
        await page.getByRole('textbox', { name: 'Title' }).fill(title);
        await page.getByRole('textbox', { name: 'Tags' }).fill(tags);
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        await settled(page);
    };
    await facts('How orders go', 'Shop, Process');
    await page.getByRole('navigation', { name: 'Where you are' }).getByText('How orders go').waitFor();
    await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link').last().click();
    await page.getByRole('cell', { name: /How orders go/ }).getByText('process').waitFor();
    await page.getByRole('cell', { name: 'Ready' }).first().waitFor();
    await page.goto(`${world.base}/`);
    await page.getByRole('link', { name: /How orders go/ }).first().waitFor();
    await page.screenshot({ path: `${OUT}/home.png` });
    await page.goto(world.base + world.recording);
    await settled(page);
    await facts('order', '');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_search_opens_where_it_was_said(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/search`);
    await page.getByLabel('Search', { exact: true }).fill('warehouse');
    await page.getByRole('radio', { name: 'Transcript' }).click();
    await page.getByRole('link', { name: /order/ }).first().click();
    await page.locator('.word.picked').first().waitFor();
    await settled(page);
    assert.ok((await time(page)) > 1, 'it did not go to the moment');
    assert.match((await page.locator('.word.picked').first().innerText()).toLowerCase(), /warehouse/);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_drop_on_home_asks_for_the_project(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/`);
    await settled(page);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(new URL('../../samples/order.ogg', import.meta.url).pathname);
    await page.getByRole('heading', { name: 'Into which project?' }).waitFor();
    await page.getByRole('button', { name: 'Upload it' }).click();
    await page.getByText('Checksum verified').waitFor({ timeout: 30_000 });
    // Before there is a video its own sound can be heard.
    await page.getByRole('region', { name: 'Uploads' }).getByRole('link', { name: 'order' }).click();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await until(async () => (await time(page)) > 0.3, 'the recording is not heard');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Move to trash' }).click();
    await page.waitForURL(/projects/);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function links_are_listed_and_revoked(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('Note').fill('For the board');
    await page.getByLabel('How often it may be opened').fill('2');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByText(/\/watch\//).innerText();
    const guest = await person(world);
    await guest.page.goto(link);
    await guest.page.locator('.cue').first().waitFor();
    await guest.page.locator('.cue').nth(2).click();
    await until(async () => (await time(guest.page)) > 1, 'the line did not move the player');
    await guest.page.getByRole('navigation', { name: 'Chapters' }).getByRole('button').nth(1).click();
    await guest.page.screenshot({ path: `${OUT}/watch.png` });
    assert.deepEqual(guest.wrong, []);
    await guest.close();
    await page.goto(`${world.base}/links`);
    const row = page.getByRole('row').filter({ hasText: 'For the board' });
    await row.getByText('1 / 2').waitFor();
    await row.getByRole('button', { name: /^Revoke/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function what_is_doubtful_is_accepted(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(world.base + world.recording);
    await settled(page);
    const tab = page.getByRole('tab', { name: /^Review/ });
    await tab.click();
    const doubts = page.locator('.doubt');
    await doubts.first().or(page.getByText('Nothing is uncertain')).waitFor();
    const before = await doubts.count();
    if (before > 0) {
        await doubts.first().getByRole('button', { name: /^It is right/ }).click();
        await until(async () => (await doubts.count()) === before - 1, 'it is still on the list');
        await undone(page);
        await until(async () => (await doubts.count()) === before, 'it did not come back');
        await doubts.first().getByRole('link', { name: /^Show in the editor/ }).click();
        await page.waitForURL(/storyboards\/.*#/);
    } else await page.getByText('Nothing is uncertain').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

export default [
    the_player_obeys_keys, a_box_plays_its_sentence_and_stops, words_are_corrected_where_they_stand, speakers_are_named_and_renamed, words_are_redacted_after_a_warning, a_recording_is_renamed_and_found_by_its_tag,
    a_search_opens_where_it_was_said, links_are_listed_and_revoked, a_drop_on_home_asks_for_the_project, what_is_doubtful_is_accepted, a_video_is_ordered_in_another_shape,
];
