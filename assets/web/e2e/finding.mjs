// How one gets about: the palette with what can be done here, the page of all results, the sheet of keys, addresses that lead nowhere.
import assert from 'node:assert/strict';
import { OUT, person, settled, violations } from './browser.mjs';
import { ask, workspace } from './workspaces.mjs';

const open = async (page) => {
    await page.keyboard.press('Control+k');
    await page.locator('.palette input').waitFor();
};
const choose = async (page, text, name = text) => {
    await open(page);
    await page.keyboard.type(text);
    await page.getByRole('menuitem', { name }).first().waitFor();
    await page.getByRole('menuitem', { name }).first().click();
};

async function the_palette_does_things_and_finds_all(world) {
    const own = await workspace(world, 'finders', 'Finders Keepers');
    const { page } = own;
    const { id } = await ask(world, own, 'POST', '/v1/projects', { title: 'Harbour works', description: 'Cranes and quays' });
    // Made from anywhere.
    await page.goto(`${world.base}/jobs`);
    await page.getByRole('heading', { name: 'Jobs' }).first().waitFor();
    await choose(page, 'New proj', 'New project');
    await page.getByRole('dialog', { name: 'New project' }).getByLabel('Title').fill('Lighthouse');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Lighthouse' }).waitFor();
    // What this page can do.
    await settled(page);
    await open(page);
    await page.getByRole('group', { name: 'On this page' }).getByRole('menuitem', { name: 'Rename' }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${OUT}/palette.png` });
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    // By a word: the first that are found, then all of them on a page with an address.
    await open(page);
    await page.keyboard.type('Harbour');
    await page.getByRole('menuitem', { name: /^Harbour works/ }).waitFor();
    await page.getByRole('menuitem', { name: 'All results for “Harbour”' }).click();
    await page.waitForURL(/\/search\?q=Harbour/);
    await page.getByRole('link', { name: /Harbour works/ }).click();
    await page.waitForURL(new RegExp(id));
    // Where one has been.
    await page.goto(`${world.base}/jobs`);
    await settled(page);
    await open(page);
    await page.getByRole('group', { name: 'Recently visited' }).getByRole('menuitem', { name: /^Lighthouse/ }).click();
    await page.getByRole('heading', { name: 'Lighthouse' }).waitFor();
    await choose(page, 'Invite');
    await page.getByRole('dialog', { name: 'Invite' }).getByLabel('E-mail').waitFor();
    await page.keyboard.press('Escape');
    await choose(page, 'Compact');
    await page.waitForFunction(() => document.documentElement.dataset.density === 'compact');
    await choose(page, 'Sign out');
    await page.waitForURL(/sign-in/);
    assert.equal(await page.evaluate(() => localStorage.getItem('recent')), null, 'names of places stay behind');
    assert.deepEqual(own.wrong, []);
    await own.close();
}

async function the_sheet_has_the_keys_of_the_page(world) {
    const own = await workspace(world, 'typists', 'Typists');
    const { page } = own;
    await page.goto(world.base);
    await settled(page);
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByText('Ctrl+K').waitFor();
    assert.equal(await sheet.getByText('⌘').count(), 0);
    assert.equal(await sheet.getByText('Redo').count(), 0, 'keys of another page');
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${OUT}/shortcuts.png` });
    assert.deepEqual(await violations(page), []);
    // Off, for whoever speaks to the computer.
    await sheet.getByText('Shortcuts of a single key').click();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await page.waitForTimeout(300);
    assert.equal(await sheet.count(), 0);
    assert.equal(new URL(page.url()).pathname, '/');
    await page.reload();
    await settled(page);
    await page.keyboard.press('/');
    await page.waitForTimeout(300);
    assert.equal(await page.locator('.palette').count(), 0);
    await open(page);
    await page.keyboard.press('Escape');
    await page.goto(`${world.base}/settings`);
    await page.getByText('Shortcuts of a single key').click();
    await page.keyboard.press('Escape');
    await page.locator('h1').first().click();
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await page.waitForURL(/\/jobs/);
    assert.deepEqual(own.wrong, []);
    await own.close();
}

async function an_address_that_leads_nowhere_has_a_way_on(world) {
    const own = await workspace(world, 'strays', 'Strays');
    const { page } = own;
    await page.goto(`${world.base}/nowhere/at/all`);
    await page.getByRole('heading', { name: 'There is nothing here' }).first().waitFor();
    await page.screenshot({ path: `${OUT}/missing.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.waitForURL(/\/jobs/);
    await page.goBack();
    await page.getByRole('link', { name: 'Go to the start page' }).click();
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    assert.deepEqual(own.wrong, []);
    await own.close();
}

/** More projects than the appliance tells at once: the first page finds each, and they can be chosen where one is asked for. */
async function of_many_projects_each_is_found(world) {
    const own = await workspace(world, 'many', 'Many Projects', { plan: 'enterprise' });
    const { page } = own;
    const titles = ['Oldest of all', ...Array.from({ length: 214 }, (_, n) => `Project ${n + 1}`)];
    for (const title of titles) await ask(world, own, 'POST', '/v1/projects', { title });
    await page.goto(world.base);
    await settled(page);
    assert.equal(await page.getByRole('link', { name: 'Oldest of all' }).count(), 0, 'some are shown at first');
    await page.getByLabel('Find a project').fill('oldest');
    await page.getByRole('link', { name: 'Oldest of all' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel('Find a project').fill('none of these');
    await page.getByText('Nothing found').waitFor();
    await page.goto(`${world.base}/search?q=order`);
    await settled(page);
    await page.getByRole('button', { name: /Project$/ }).click();
    await page.getByRole('option', { name: 'Oldest of all' }).waitFor();
    assert.deepEqual(own.wrong, []);
    await own.close();
}

export default [the_palette_does_things_and_finds_all, the_sheet_has_the_keys_of_the_page, an_address_that_leads_nowhere_has_a_way_on, of_many_projects_each_is_found];
