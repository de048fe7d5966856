// How operators bring an appliance to where people can rely on it, and what they see of one workspace.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { appliance } from './appliance.mjs';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, workspace } from './workspaces.mjs';

async function operator(world, options) {
    const one = await person(world, options);
    await one.context.addInitScript(() => localStorage.setItem('language', 'en'));
    await ask(world, one, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
    return one;
}

async function the_set_up_is_led_through_and_taken_up_again(world) {
    const owner = await workspace(world, 'corner-shop', 'Corner Shop');
    const one = await operator(world, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = one;
    await page.goto(world.base);
    const card = page.getByRole('region', { name: /^Set-up: \d of 6 done$/ });
    await card.waitFor();
    const before = Number(/\d/.exec(await card.getByRole('heading').textContent())[0]);
    await page.screenshot({ path: `${OUT}/set-up-card.png` });
    await card.getByRole('link', { name: 'Go on' }).click();
    // It begins with the first that is left: nobody but the machine itself knows its names yet.
    await page.getByRole('heading', { name: 'Name and address' }).waitFor();
    await page.getByText('These are names of this machine for itself').waitFor();
    await page.getByLabel('Name that people type').fill('video.example.org');
    await page.getByText('names = ["video.example.org", "localhost", "127.0.0.1"]').waitFor();
    await page.getByRole('button', { name: 'Copy: Lines of the file' }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^\[listen\]\nnames = \["video\.example\.org"/);
    await page.screenshot({ path: `${OUT}/set-up-address.png` });
    // By keys: the next step is where the focus is.
    await page.getByRole('button', { name: 'Leave out for now' }).focus();
    await page.keyboard.press('Enter');
    await until(() => page.evaluate(() => document.activeElement?.textContent === 'Certificate'), 'the focus is not at the next step');
    await page.getByText('CN=Audiagram appliance').first().waitFor();
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await page.getByLabel('Mail server').fill('smtp.example.org');
    await page.getByText('server = "smtp.example.org"').waitFor();
    assert.deepEqual(await violations(page), []);
    const steps = page.getByRole('navigation', { name: 'Steps' });
    await page.reload();
    await page.getByRole('heading', { name: 'Sending mail' }).waitFor();
    await steps.getByRole('link', { name: /^Name and address ?: Left out$/ }).click();
    await page.getByRole('button', { name: 'Take it up again' }).click();
    await steps.getByRole('link', { name: /^Name and address ?: To do$/ }).waitFor();
    await steps.getByRole('link', { name: /^First workspace ?: Done/ }).click();
    await page.getByRole('cell', { name: /Corner Shop/ }).waitFor();
    // There is a folder here, and once there is a backup in it the step is done by itself.
    await steps.getByRole('link', { name: /^Backups/ }).click();
    await page.getByText('There is a folder and no backup').or(page.getByText('Last backup')).first().waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    await steps.getByRole('link', { name: /^Backups ?: Done$/ }).waitFor({ timeout: 30_000 });
    await page.screenshot({ path: `${OUT}/set-up-backup.png` });
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('heading', { name: 'Doctor' }).first().waitFor();
    await settled(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(/^\d steps are left\.$/).waitFor();
    await page.screenshot({ path: `${OUT}/set-up-summary.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('link', { name: 'Done', exact: true }).click();
    await card.waitFor();
    const after = Number(/\d/.exec(await card.getByRole('heading').textContent())[0]);
    assert.ok(after >= Math.max(before, 2), `${before} done, then ${after}`);
    // Who does not want to see it finds it again.
    await card.getByRole('button', { name: 'Do not show any more' }).click();
    await card.waitFor({ state: 'detached' });
    await page.reload();
    await settled(page);
    assert.equal(await card.count(), 0);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('set-up');
    await page.getByRole('menuitem', { name: 'Set-up' }).first().click();
    await page.getByRole('heading', { name: 'Set-up', level: 1 }).waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
    await owner.close();
}

async function a_workspace_has_a_page_for_operators(world) {
    const owner = await workspace(world, 'old-mill', 'Old Mill');
    const project = await ask(world, owner, 'POST', '/v1/projects', { title: 'Secret canary' });
    assert.ok(project.id);
    const one = await operator(world);
    const { page } = one;
    await page.goto(`${world.base}/system/tenants`);
    await page.getByRole('link', { name: 'Old Mill' }).click();
    await page.getByRole('heading', { name: 'Old Mill', level: 1 }).waitFor();
    const path = new URL(page.url()).pathname;
    await page.getByText(/^1 of \d+$/).first().waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/tenant.png`, fullPage: true });
    assert.deepEqual(await violations(page), []);
    // Counts, and nothing that its people have made or are called.
    const text = await page.evaluate(() => document.body.textContent);
    for (const content of ['canary', 'owner@old-mill', 'Olive']) assert.ok(!text.includes(content), content);
    const dialog = page.getByRole('dialog');
    const because = async (state) => {
        await dialog.getByLabel('Reason').fill('Agreed on the phone');
        await dialog.locator('button[type=submit]').click();
        await dialog.waitFor({ state: 'detached' });
        await page.locator('.head .badge').getByText(state, { exact: true }).waitFor();
    };
    const choose = async (entry) => {
        await page.getByRole('button', { name: 'More: Old Mill' }).click();
        await page.getByRole('menuitem', { name: entry, exact: true }).click();
    };
    await page.getByRole('button', { name: 'Suspend' }).click();
    await because('Suspended');
    await page.getByText('Everyone of it is kept out.').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await because('Active');
    await choose('Change plan');
    await dialog.getByRole('button', { name: /Plan$/ }).click();
    await page.getByRole('option', { name: 'Business' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.locator('.head .badge').getByText('Business', { exact: true }).waitFor();
    await choose('Back up now');
    await page.getByRole('row', { name: /^Backup/ }).waitFor();
    await choose('Close');
    await because('Closed');
    await page.getByText('Nobody signs in any more.').waitFor();
    await choose('Erase for good');
    await dialog.getByLabel(/old-mill/).fill('old-mill');
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the receipt' }).click();
    const receipt = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
    assert.ok(receipt.receipt && receipt.public_key, 'the receipt is signed');
    await page.screenshot({ path: `${OUT}/tenant-erased.png`, fullPage: true });
    assert.deepEqual(await violations(page), []);
    // Back by the way one came.
    await page.locator('.crumbs').getByRole('link', { name: 'Workspaces' }).first().click();
    await page.getByRole('heading', { name: 'Workspaces', level: 1 }).waitFor();
    await page.goto(world.base + path.replace(/.$/, (last) => (last === '0' ? '1' : '0')));
    await page.getByRole('alert').waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
    await owner.close();
}

/** On an appliance of its own: nobody becomes its first operator twice. */
async function who_makes_no_workspace_yet_is_led_on(world) {
    const other = await appliance(process.argv[2]);
    try {
        const one = await person({ ...world, base: other.url });
        const { page } = one;
        await page.goto(`${other.url}/set-up#${other.code}`);
        await page.getByLabel('Your name').fill('Grace Hopper');
        await page.getByLabel('E-mail').fill('grace@example.org');
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Next' }).click();
        await page.getByRole('button', { name: /Plan$/ }).waitFor();
        await settled(page);
        await page.screenshot({ path: `${OUT}/first-workspace.png` });
        assert.deepEqual(await violations(page), []);
        await page.getByRole('button', { name: 'Not now' }).click();
        await page.getByRole('heading', { name: 'Set-up', level: 1 }).waitFor();
        const steps = page.getByRole('navigation', { name: 'Steps' });
        await steps.getByRole('link', { name: /^First workspace ?: To do/ }).click();
        await page.getByLabel('Name', { exact: true }).fill('Navy');
        await page.getByLabel('E-mail of the owner').or(page.getByLabel(/owner/i)).first().fill('nina@example.org');
        await page.getByRole('button', { name: 'Create', exact: true }).click();
        // The step is done, and what its owner comes in with stays until it is closed.
        await page.locator('.code-block code').getByText(/\/join\?tenant=navy#/).waitFor();
        await steps.getByRole('link', { name: /^First workspace ?: Done/ }).waitFor();
        await page.screenshot({ path: `${OUT}/set-up-workspace.png` });
        assert.deepEqual(await violations(page), []);
        await page.getByRole('button', { name: 'Close', exact: true }).click();
        await page.locator('.code-block').waitFor({ state: 'detached' });
        assert.deepEqual(one.wrong, []);
        await one.close();
    } finally {
        await other.stop();
    }
}

/** What both pages must be in every look. */
async function the_set_up_and_a_workspace_are_accessible(world) {
    const owner = await workspace(world, 'lock-keeper', 'Lock Keeper');
    const looker = await operator(world);
    const { items } = await ask(world, looker, 'GET', '/v1/tenants?slug=lock-keeper');
    await looker.close();
    const places = { ...Object.fromEntries(['address', 'certificate', 'mail', 'workspace', 'backup', 'doctor', 'end'].map((step) => [step, `/system/set-up#${step}`])), tenant: `/system/tenants/${items[0].id}` };
    const looks = [['light', 'en', {}], ['dark', 'en', { colorScheme: 'dark' }], ['contrast', 'en', { contrast: 'more' }], ['dark-contrast', 'en', { colorScheme: 'dark', contrast: 'more' }], ['rtl', 'ar', {}], ['zoom', 'de', { viewport: { width: 720, height: 450 } }], ['phone', 'de', { viewport: { width: 390, height: 844 } }], ['phone-rtl', 'ar', { viewport: { width: 390, height: 844 } }]];
    for (const [name, language, options] of looks) {
        const one = await person(world, { reducedMotion: 'reduce', ...options });
        await one.context.addInitScript((code) => localStorage.setItem('language', code), language);
        await ask(world, one, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
        for (const [place, path] of Object.entries(places)) {
            await one.page.goto(world.base + path);
            // The address differs in what is behind the `#` alone: that is no other document.
            await one.page.reload();
            await settled(one.page);
            await one.page.screenshot({ path: `${OUT}/first-run-${place}-${name}.png`, fullPage: true });
            const found = await violations(one.page);
            world.checks.check(`axe first run ${place} ${name}`, found.length === 0, found.join('\n'));
            const wide = await one.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            world.checks.check(`first run ${place} ${name} fits the window`, wide <= 0, `${wide} px too wide`);
        }
        assert.deepEqual(one.wrong, []);
        await one.close();
    }
    await owner.close();
}

export default [who_makes_no_workspace_yet_is_led_on, the_set_up_is_led_through_and_taken_up_again, a_workspace_has_a_page_for_operators, the_set_up_and_a_workspace_are_accessible];
