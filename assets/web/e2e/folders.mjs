// Folders of a project, and recordings that are moved: by pointer and by keys, with what one sees on the way judged.
import assert from 'node:assert/strict';
import { OUT, settled, until, violations } from './browser.mjs';
import { keyboardist } from './keys.mjs';
import { ask, colleague, upload, workspace } from './workspaces.mjs';

const sample = (name) => new URL(`../../samples/${name}.ogg`, import.meta.url).pathname;
const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();
const still = (page) => page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished)));

/** As it is by day, by night and on a telephone: pictures to be looked at, and nothing that axe finds. */
async function sound(page, name) {
    await settled(page);
    const wide = page.viewportSize();
    for (const [look, colorScheme, size] of [['', 'light', wide], ['-dark', 'dark', wide], ['-phone', 'light', { width: 390, height: 844 }]]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await still(page);
        await page.screenshot({ path: `${OUT}/${name}${look}.png` });
        assert.deepEqual(await violations(page), [], name + look);
        const outside = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('.modal')].some((one) => one.getBoundingClientRect().right > innerWidth));
        assert.ok(!outside, `${name}${look} is wider than the window`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(wide);
}

/** A project with recordings of these names, by the API: how they come in is another task's. */
async function project(world, one, title, names) {
    const { id } = await ask(world, one, 'POST', '/v1/projects', { title });
    for (const name of names) await upload(world, one, id, { file_name: `${name}.ogg` }, Buffer.from(`not really sound: ${name}`));
    return id;
}

const tick = (page, name) => page.getByRole('checkbox', { name: `Select ${name}` }).check();

/** The rows of recordings that one sees. */
const rows = (page) => page.locator('.table tbody a').allTextContents();
const shows = (page, names) => until(async () => (await rows(page)).sort().join() === [...names].sort().join(), `not these recordings: ${names}`);

async function folders_are_made_and_recordings_move(world) {
    const owner = await workspace(world, 'folders', 'Northwind Research');
    const { page } = owner;
    const archive = await project(world, owner, 'Archive 2026', []);
    const field = await project(world, owner, 'Field work', ['Kick-off', 'Interview Ada', 'Interview Grace']);
    const vera = await colleague(world, owner, 'Vera Viewer', 'viewer');
    await page.goto(`${world.base}/projects/${field}`);
    for (const name of ['Interviews', 'Minutes']) {
        await page.getByRole('button', { name: 'New folder' }).click();
        await page.getByLabel('Title').fill(name);
        await page.getByRole('button', { name: 'Create', exact: true }).click();
        await page.getByRole('link', { name }).waitFor();
    }
    // A name that is taken is told at the field.
    await page.getByRole('button', { name: 'New folder' }).click();
    await page.getByLabel('Title').fill('minutes');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.locator('.error').filter({ hasText: 'another folder' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await sound(page, 'folders');

    // Two at once, into a folder, back, and again.
    for (const name of ['Interview Ada', 'Interview Grace']) await tick(page, name);
    await page.getByRole('heading', { name: '2 selected' }).waitFor();
    await sound(page, 'folders-selected');
    const into = async (place) => {
        await page.getByRole('button', { name: 'Move to…' }).click();
        await page.getByRole('option', { name: place }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
    };
    await page.getByRole('button', { name: 'Move to…' }).click();
    await page.getByRole('option', { name: 'Interviews' }).waitFor();
    await sound(page, 'folders-move');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await into('Interviews');
    await told(page, '2 recordings are now in Interviews');
    await shows(page, ['Kick-off']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await shows(page, ['Kick-off', 'Interview Ada', 'Interview Grace']);
    for (const name of ['Interview Ada', 'Interview Grace']) await tick(page, name);
    await into('Interviews');
    await page.getByRole('link', { name: 'Interviews' }).click();
    await shows(page, ['Interview Ada', 'Interview Grace']);

    // A folder in the folder; what is dropped here comes here.
    await page.getByRole('button', { name: 'New folder' }).click();
    await page.getByLabel('Title').fill('Spring 2027');
    await page.getByLabel('Title').press('Enter');
    await page.getByRole('link', { name: 'Spring 2027' }).click();
    await page.getByRole('heading', { name: 'This folder is empty' }).waitFor();
    await sound(page, 'folders-empty');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(sample('tram'));
    await shows(page, ['tram']);
    await sound(page, 'folders-inside');

    // To another project, by the menu of its row; then it is there, and the way there says where.
    await page.getByRole('button', { name: 'More: tram' }).click();
    await page.getByRole('menuitem', { name: 'Move to…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /Project/ }).click();
    await page.getByRole('option', { name: 'Archive 2026' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
    await told(page, 'tram is now in Archive 2026');
    await page.getByRole('heading', { name: 'This folder is empty' }).waitFor();
    await page.goto(`${world.base}/projects/${archive}`);
    await shows(page, ['tram']);

    // A folder is renamed, moved and removed; what is in it stays.
    await page.goto(`${world.base}/projects/${field}`);
    const folder = async (name, what) => {
        await page.getByRole('button', { name: `More: ${name}` }).click();
        await page.getByRole('menuitem', { name: what }).click();
    };
    await folder('Minutes', 'Rename');
    await page.getByLabel('Title').fill('Notes');
    await page.getByLabel('Title').press('Enter');
    await page.getByRole('link', { name: 'Notes' }).waitFor();
    await folder('Interviews', 'Move to…');
    await page.getByRole('option', { name: 'Notes' }).waitFor();
    assert.equal(await page.getByRole('option', { name: 'Spring 2027' }).count(), 0, 'a folder cannot go into itself');
    await page.getByRole('option', { name: 'Notes' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
    await told(page, 'Interviews is now in Notes');
    await page.getByRole('link', { name: 'Notes' }).click();
    await page.getByRole('link', { name: 'Interviews' }).click();
    await page.getByRole('heading', { name: 'Interviews', level: 1 }).waitFor();
    assert.match(await page.getByRole('navigation', { name: 'Where you are' }).textContent(), /Field work.*Notes.*Interviews/);
    await page.locator('.bar').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Remove folder' }).click();
    await page.getByText('What is in it moves to Notes').waitFor();
    await sound(page, 'folders-remove');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'Notes', level: 1 }).waitFor();
    await shows(page, ['Interview Ada', 'Interview Grace']);

    // Who may only look sees the same without what changes it.
    await vera.page.goto(`${world.base}/projects/${field}`);
    await vera.page.getByRole('link', { name: 'Notes' }).waitFor();
    assert.equal(await vera.page.getByRole('button', { name: 'New folder' }).count(), 0);
    assert.equal(await vera.page.getByRole('button', { name: 'More: Notes' }).count(), 0);
    assert.deepEqual([...owner.wrong, ...vera.wrong], []);
    await vera.close();
    await owner.close();
}

async function by_keyboard_a_recording_comes_into_a_folder(world) {
    const owner = await workspace(world, 'foldered', 'Keys and Folders');
    const field = await project(world, owner, 'Field work', ['Kick-off', 'Close-down']);
    const one = await keyboardist(world, owner);
    const { page } = one;
    await page.goto(`${world.base}/projects/${field}`);
    await page.getByRole('link', { name: 'Kick-off' }).waitFor();
    await settled(page);
    await one.use('New folder');
    await page.getByRole('dialog').waitFor();
    await one.type('Interviews');
    await one.press('Enter');
    await page.getByRole('link', { name: 'Interviews' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await one.tab('Select Kick-off');
    await one.press('Space');
    await page.getByRole('heading', { name: '1 selected' }).waitFor();
    await one.back('Move to…');
    await one.press('Enter');
    await page.getByRole('option', { name: 'Interviews' }).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.getAttribute('role') === 'option'), 'the list has no focus');
    await one.press('ArrowDown');
    await one.press('Enter');
    await one.use('Move');
    await told(page, 'Kick-off is now in Interviews');
    await shows(page, ['Close-down']);
    await one.use('Undo');
    await shows(page, ['Kick-off', 'Close-down']);
    await one.close();
}

export default [folders_are_made_and_recordings_move, by_keyboard_a_recording_comes_into_a_folder];
