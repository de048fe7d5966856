// Tables one works with: in order by a column, with the columns one wants, rows that are chosen and acted on together; by pointer and by keys.
import assert from 'node:assert/strict';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, colleague, upload, workspace } from './workspaces.mjs';

const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();
const cells = (page, nth) => page.locator(`.table tbody tr td:nth-child(${nth})`).allInnerTexts();
const sortBy = (page, name) => page.getByRole('columnheader', { name }).getByRole('button').click();
const still = (page) => page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished)));

async function sound(page, name) {
    await settled(page);
    for (const [look, colorScheme] of [['', 'light'], ['-dark', 'dark']]) {
        await page.emulateMedia({ colorScheme });
        // Colours begin to change with the next frame.
        await page.waitForTimeout(100);
        await still(page);
        await page.screenshot({ path: `${OUT}/${name}${look}.png` });
        assert.deepEqual(await violations(page), [], name + look);
    }
    await page.emulateMedia({ colorScheme: 'light' });
}

async function rows_are_put_in_order_and_acted_on(world) {
    const own = await workspace(world, 'tables', 'Tables', { plan: 'enterprise' });
    const { page } = own;
    const { id } = await ask(world, own, 'POST', '/v1/projects', { title: 'Talks' });
    const names = ['talk 10', 'Talk 9', 'Äpfel', 'zebra', 'talk 1', 'Banana'];
    for (const [n, title] of names.entries()) await upload(world, own, id, { file_name: `${n}.ogg`, title }, Buffer.from('x'.repeat(100 * (n + 1))));
    await page.goto(`${world.base}/projects/${id}`);
    await page.getByRole('link', { name: 'zebra' }).waitFor();
    const titles = async () => (await page.locator('.table tbody a').allInnerTexts()).join();
    await sortBy(page, 'Title');
    assert.equal(await titles(), 'Äpfel,Banana,talk 1,Talk 9,talk 10,zebra');
    assert.equal(await page.getByRole('columnheader', { name: 'Title' }).getAttribute('aria-sort'), 'ascending');
    await page.keyboard.press('Enter');
    assert.equal(await titles(), 'zebra,talk 10,Talk 9,talk 1,Banana,Äpfel');
    await sortBy(page, 'Size');
    assert.equal(await titles(), names.join());
    // Another column, and one fewer; the browser remembers it.
    await page.getByRole('button', { name: 'Columns: Recordings' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'File' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Length' }).click();
    await sound(page, 'table-columns');
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByRole('columnheader', { name: 'File' }).waitFor();
    assert.equal(await page.getByRole('columnheader', { name: 'Length' }).count(), 0);
    assert.equal(await titles(), names.join(), 'the order is not remembered');
    // From one to another with Shift, by the keyboard; put away together and taken back.
    await page.getByRole('checkbox', { name: 'Select Talk 9' }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('checkbox', { name: 'Select talk 1', exact: true }).focus();
    await page.keyboard.press('Shift+Space');
    await page.getByRole('heading', { name: '4 selected' }).waitFor();
    await sound(page, 'table-selected');
    await page.getByRole('button', { name: 'Move to trash' }).click();
    await told(page, '4 recordings are in the trash');
    await until(async () => (await titles()) === 'talk 10,Banana', 'they are still there');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await titles()).split(',').length === 6, 'they did not come back');

    // Several members kept out and let in again; oneself is not among them.
    for (const name of ['Bo Berg', 'Cleo Cox', 'Dan Diaz']) await (await colleague(world, own, name)).close();
    await page.goto(`${world.base}/admin/members`);
    await sortBy(page, 'Name');
    await until(async () => (await cells(page, 2)).map((text) => text.split('\n')[0]).join() === 'Bo Berg,Cleo Cox,Dan Diaz,Olive Owner', 'members are not in order');
    await page.getByRole('checkbox', { name: 'Select all' }).check();
    await page.getByRole('heading', { name: '4 selected' }).waitFor();
    await page.getByRole('button', { name: 'Suspend', exact: true }).click();
    await told(page, '3 members are suspended');
    assert.deepEqual((await ask(world, own, 'GET', '/v1/members')).items.filter(({ state }) => state === 'suspended').length, 3);
    await sound(page, 'table-members');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await ask(world, own, 'GET', '/v1/members')).items.every(({ state }) => state === 'active'), 'they are still kept out');

    // Keys, revoked together once it was asked.
    const expires = new Date(Date.now() + 6e8).toISOString();
    for (const name of ['ci', 'backup', 'bot']) await ask(world, own, 'POST', '/v1/me/api-keys', { name, permissions: ['asset:read'], expires });
    await page.goto(`${world.base}/admin/api-keys`);
    await sortBy(page, 'Name');
    assert.deepEqual(await cells(page, 2), ['backup', 'bot', 'ci']);
    for (const name of ['bot', 'ci']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('button', { name: 'Revoke', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await told(page, '2 keys are revoked');
    assert.equal((await ask(world, own, 'GET', '/v1/me/api-keys')).items.filter(({ revoked }) => revoked).length, 2);

    // A trail of which only the newest rows are here is not put in order: that of some would not be that of all.
    for (let n = 0; n < 110; n++) await ask(world, own, 'PATCH', `/v1/projects/${id}`, { description: `${n}` }, { 'if-match': `"${(await ask(world, own, 'GET', `/v1/projects/${id}`)).version}"` });
    await page.goto(`${world.base}/admin/audit`);
    await page.getByRole('columnheader', { name: 'Action' }).waitFor();
    await settled(page);
    const all = await page.getByText(/\d+ found|found/).first().innerText();
    if (Number(/\d+/.exec(all)?.[0]) > 200) assert.equal(await page.locator('.sort').count(), 0, `sorted though not whole: ${all}`);
    await page.goto(`${world.base}/admin/audit?action=api_key.revoke`);
    await settled(page);
    await sound(page, 'table-audit');
    assert.deepEqual(own.wrong, []);
    await own.close();
}

async function workspaces_are_suspended_together(world) {
    for (const name of ['Table One', 'Table Two']) await (await workspace(world, name.toLowerCase().replace(' ', '-'), name)).close();
    const one = await person(world);
    const { page } = one;
    await ask(world, one, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
    await page.goto(`${world.base}/system/tenants`);
    await sortBy(page, 'Name');
    for (const name of ['Table One', 'Table Two']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('button', { name: 'Suspend', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Not paid');
    await sound(page, 'table-tenants');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await told(page, '2 workspaces are suspended');
    const kept = (await ask(world, one, 'GET', '/v1/tenants?state=suspended')).items.map(({ name }) => name).sort();
    assert.ok(kept.includes('Table One') && kept.includes('Table Two'), kept.join());
    for (const name of ['Table One', 'Table Two']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Paid');
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await told(page, '2 workspaces are served again');
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function a_long_table_is_sorted_chosen_and_scrolled(world) {
    const one = await person(world);
    const { page } = one;
    await page.goto(`${world.base}/style`);
    await settled(page);
    const grid = page.locator('.grid-table').last();
    await grid.scrollIntoViewIfNeeded();
    const began = Date.now();
    await grid.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
    await grid.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
    await until(async () => (await grid.locator('tbody tr:not([aria-hidden])').first().innerText()).includes('100,000') || (await grid.locator('tbody tr:not([aria-hidden])').first().innerText()).includes('100000'), 'not in order');
    world.checks.figure('ms to put 100,000 rows in order by name, twice', Date.now() - began);
    await grid.getByRole('checkbox', { name: 'Select all' }).check();
    await grid.getByRole('heading', { name: /100,000 selected/ }).waitFor();
    const frames = await page.evaluate(async () => {
        const frame = [...document.querySelectorAll('.table-frame')].pop();
        const began = performance.now();
        let n = 0;
        while (performance.now() - began < 2_000) {
            frame.scrollBy(0, 400);
            await new Promise(requestAnimationFrame);
            n++;
        }
        return Math.round(n / 2);
    });
    world.checks.measure('frames a second, scrolling 100,000 sorted and chosen rows', frames, 50, 'least');
    assert.deepEqual(one.wrong, []);
    await one.close();
}

export default [rows_are_put_in_order_and_acted_on, workspaces_are_suspended_together, a_long_table_is_sorted_chosen_and_scrolled];
