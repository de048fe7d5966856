// Twelve top tasks without a pointer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { person, settled, until } from './browser.mjs';
import { keyboardist } from './keys.mjs';
import { PASSWORD, box, saved } from './tasks.mjs';
import { workspace } from './workspaces.mjs';

const SAMPLE = new URL('../../samples/tram.ogg', import.meta.url).pathname;
const at = async (world, ada, path) => {
    await ada.page.goto(world.base + path);
    await settled(ada.page);
};

async function by_keyboard_a_video_is_made_and_watched(world) {
    const one = await keyboardist(world, await workspace(world, 'key-works', 'Key Works'));
    const { page } = one;
    await at(world, one, '/');
    const chooser = page.waitForEvent('filechooser');
    await one.use('Choose files');
    await (await chooser).setFiles(SAMPLE);
    await page.getByText('Checksum verified').waitFor({ timeout: 30_000 });
    await one.use('tram');
    await page.getByRole('button', { name: 'Make video' }).waitFor();
    await one.use('Make video');
    await page.locator('video').waitFor({ timeout: 400_000 });
    await settled(page);
    await one.use('Play');
    await page.waitForFunction(() => document.querySelector('video').currentTime > 1, undefined, { timeout: 20_000 });
    await one.close();
}

async function by_keyboard_one_finds_and_goes_along_words(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, '/');
    await ada.press('Control+k');
    await page.getByRole('searchbox').waitFor();
    await ada.type('Members');
    await page.getByRole('menuitem', { name: /^Members/ }).waitFor();
    // The first that fits has the focus already.
    await ada.press('Enter');
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await ada.press('g', 'p');
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    await at(world, ada, world.recording);
    const first = (await page.locator('[data-word="0"]').textContent()).trim();
    await ada.tab(first);
    for (let i = 0; i < 30; i++) await ada.press('ArrowRight');
    await ada.press('Enter');
    const time = () => page.locator('video').evaluate((video) => video.currentTime);
    assert.ok((await time()) > 5, 'the word did not move the player');
    const there = await time();
    await ada.back('Check stock');
    await ada.press('Enter');
    assert.ok((await time()) < there, 'the box did not move the player');
    await ada.close();
}

async function by_keyboard_a_label_is_changed(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, world.storyboard);
    await ada.tab('Check stock');
    await ada.press('F2');
    await page.getByLabel('Label').waitFor();
    await ada.press('Control+a');
    await ada.type('Ask for a review');
    await ada.press('Enter');
    await box(page, 'Ask for a review').waitFor();
    await ada.press('Control+z');
    await box(page, 'Check stock').waitFor();
    await ada.close();
}

async function by_keyboard_a_box_is_moved_and_stays(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, world.storyboard);
    const node = page.locator('.react-flow__node:not(:has(.pin))').first();
    const name = await node.getAttribute('aria-label');
    const pins = await page.locator('.pin').count();
    await ada.tab(name);
    await ada.press('Enter');
    for (let i = 0; i < 12; i++) await ada.press('Shift+ArrowDown');
    await until(async () => (await page.locator('.pin').count()) === pins + 1, 'the box is not pinned where it was moved');
    await saved(page);
    await page.reload();
    await until(async () => (await page.locator('.pin').count()) === pins + 1, 'the box went back');
    await ada.close();
}

async function by_keyboard_a_box_appears_with_another_word(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, world.storyboard);
    const part = page.getByRole('slider', { name: 'Check stock', exact: true });
    const word = async () => Number(await part.getAttribute('aria-valuenow'));
    await part.waitFor();
    const own = await word();
    await ada.reach(part);
    await ada.press('ArrowRight', 'ArrowRight');
    await until(async () => (await word()) === own + 2, 'the keys did not move it');
    await until(async () => (await page.locator('.reveal.by-person').count()) === 1, 'the keys were not kept');
    await saved(page);
    await page.reload();
    await part.waitFor();
    assert.equal(await word(), own + 2, 'it went back');
    await settled(page);
    await ada.reach(part);
    await ada.press('Delete');
    await until(async () => (await word()) === own, 'it does not follow the voice again');
    await saved(page);
    await ada.close();
}

async function by_keyboard_diagrams_are_saved(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, world.recording);
    await ada.tab('More');
    await ada.press('Enter');
    await page.getByRole('menuitem', { name: 'Export the diagrams' }).waitFor();
    await ada.pick(/^Export the diagrams/);
    await page.getByRole('dialog').waitFor();
    await ada.reach(page.getByRole('dialog').getByRole('option').first());
    await ada.reach(page.getByRole('option', { name: 'PDF' }), 'ArrowRight');
    await ada.press('Space');
    const waits = page.waitForEvent('download');
    await ada.use('Save');
    const file = await waits;
    assert.ok(readFileSync(await file.path()).subarray(0, 8).equals(Buffer.from('%PDF-1.7')), file.suggestedFilename());
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await ada.close();
}

async function by_keyboard_a_video_is_shared(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, world.recording);
    await ada.use('Share');
    await page.getByRole('dialog').waitFor();
    await ada.write(/^Password/, 'open by keys');
    await ada.press('Enter');
    const link = await page.locator('.code-block code').textContent();
    const stranger = await keyboardist(world, await person(world));
    await stranger.page.goto(link);
    await stranger.page.getByLabel('Password').waitFor();
    await settled(stranger.page);
    await stranger.reach(stranger.page.getByLabel('Password'));
    await stranger.type('open by keys');
    await stranger.press('Enter');
    await stranger.page.waitForFunction(() => document.querySelector('video')?.readyState >= 1, undefined, { timeout: 15_000 });
    await stranger.close();
    await ada.close();
}

async function by_keyboard_a_colleague_is_invited_and_joins(world) {
    const ada = await keyboardist(world);
    await at(world, ada, '/admin/members');
    await ada.use('Invite');
    await ada.page.getByRole('dialog').waitFor();
    await ada.type('hedy@example.org');
    await ada.press('Enter');
    const link = await ada.page.locator('.code-block code').textContent();
    const hedy = await keyboardist(world, await person(world));
    await hedy.page.goto(link);
    await hedy.page.getByLabel('Your name').waitFor();
    await settled(hedy.page);
    await hedy.reach(hedy.page.getByLabel('E-mail'));
    await hedy.type('hedy@example.org');
    await hedy.write('Your name', 'Hedy Lamarr');
    await hedy.write('Password', PASSWORD);
    await hedy.press('Enter');
    await hedy.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    await hedy.close();
    await ada.close();
}

async function by_keyboard_a_key_is_made_and_revoked(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, '/settings');
    await ada.use('New key');
    await page.getByRole('dialog').waitFor();
    await ada.type('by keys');
    await ada.tab('See projects and search in them');
    await ada.press('Space');
    await page.getByText('1 chosen').waitFor();
    await ada.use('Create');
    assert.match(await page.locator('.code-block code').textContent(), /^agm_/);
    await ada.use('Done');
    await ada.use('Revoke: by keys');
    await page.getByRole('dialog').waitFor();
    await ada.use('Revoke');
    await page.getByText('Revoked').first().waitFor();
    await ada.close();
}

async function by_keyboard_the_trail_proves_a_row(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, '/admin/audit');
    const first = page.locator('tbody tr button').first();
    await ada.reach(first);
    await ada.press('Enter');
    await page.getByText('Proved in this page').waitFor();
    await ada.close();
}

async function by_keyboard_a_talk_is_recorded(world) {
    const ada = await keyboardist(world, await person(world, { as: 'ada', permissions: ['microphone'] }));
    const { page } = ada;
    await at(world, ada, '/');
    await ada.use(/^My recordings/);
    await page.getByRole('heading', { name: 'My recordings' }).waitFor();
    await settled(page);
    await ada.use('Record');
    await page.getByRole('dialog').waitFor();
    await ada.use('Record');
    await page.waitForFunction(() => /^0:0[2-9]/.test(document.querySelector('[role=timer]')?.textContent ?? ''));
    await ada.use('Pause');
    await ada.use('Go on');
    await ada.use('Stop');
    await ada.use('Use this recording');
    await page.getByText('Checksum verified').waitFor();
    await ada.close();
}

async function by_keyboard_a_moment_is_commented(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, world.recording);
    await ada.tab('Transcript');
    for (let i = 0; i < 6 && !(await page.getByRole('tab', { name: 'Comments', selected: true }).count()); i++) await ada.press('ArrowRight');
    await ada.write('Write a comment', 'Said by keys.');
    await ada.use(/^Send · /);
    await page.getByText('Said by keys.').waitFor();
    await ada.close();
}

async function by_keyboard_a_project_is_made_and_thrown_away(world) {
    const ada = await keyboardist(world);
    const { page } = ada;
    await at(world, ada, '/');
    await ada.use('New project');
    await page.getByRole('dialog').waitFor();
    await ada.type('Made by keys');
    await ada.press('Enter');
    await page.getByRole('heading', { name: 'Made by keys' }).waitFor();
    await ada.use('More');
    await page.getByRole('menuitem', { name: 'Move to trash' }).waitFor();
    await ada.press('ArrowDown', 'Enter');
    await page.getByText('Made by keys is in the trash').waitFor();
    await at(world, ada, '/trash');
    await ada.use('Restore: Made by keys');
    await page.getByText('Made by keys was restored').waitFor();
    await ada.use('Undo');
    await page.getByRole('button', { name: 'Restore: Made by keys' }).waitFor();
    await ada.close();
}

export default [
    by_keyboard_a_video_is_made_and_watched, by_keyboard_one_finds_and_goes_along_words, by_keyboard_a_label_is_changed, by_keyboard_a_box_is_moved_and_stays,
    by_keyboard_a_box_appears_with_another_word, by_keyboard_diagrams_are_saved, by_keyboard_a_video_is_shared, by_keyboard_a_colleague_is_invited_and_joins,
    by_keyboard_a_key_is_made_and_revoked, by_keyboard_the_trail_proves_a_row, by_keyboard_a_talk_is_recorded, by_keyboard_a_moment_is_commented,
    by_keyboard_a_project_is_made_and_thrown_away,
];
