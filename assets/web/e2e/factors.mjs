// Second factors that others decide about: an administrator takes away a lost one, a workspace asks everyone for one.
import assert from 'node:assert/strict';
import { OUT, person, settled, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { code, colleague, factor, workspace } from './workspaces.mjs';

const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();

/** At the form, as people do it. */
async function signIn(world, { tenant, email }) {
    const one = await person(world);
    await one.page.goto(`${world.base}/sign-in?tenant=${tenant}`);
    await one.page.getByLabel('E-mail').fill(email);
    await one.page.getByLabel('Password').fill(PASSWORD);
    await one.page.getByRole('button', { name: 'Sign in' }).click();
    return one;
}

async function a_lost_second_factor_is_reset(world) {
    const owner = await workspace(world, 'lost-phones', 'Lost Phones');
    const lena = await colleague(world, owner, 'Lena Lost');
    await factor(world, lena);
    await lena.close();
    const asked = await signIn(world, lena);
    await asked.page.getByRole('textbox', { name: 'Code' }).waitFor();
    // What one does is above the way back.
    const buttons = await asked.page.locator('main .button').allTextContents();
    assert.deepEqual(buttons.map((text) => text.trim()), ['Sign in', 'Cancel']);
    await asked.page.getByRole('button', { name: 'Cancel' }).click();
    await asked.page.getByLabel('E-mail').waitFor();
    await asked.close();

    const { page } = owner;
    await page.goto(`${world.base}/admin/members`);
    await page.getByRole('button', { name: 'More: Lena Lost' }).click();
    await page.getByRole('menuitem', { name: 'Reset second factor' }).click();
    await page.getByRole('dialog').waitFor();
    await page.screenshot({ path: `${OUT}/factor-reset.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Reset second factor' }).click();
    await told(page, 'Lena Lost signs in with the password alone');
    const again = await signIn(world, lena);
    await again.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    assert.deepEqual([...owner.wrong, ...asked.wrong, ...again.wrong], []);
    await again.close();
    await owner.close();
}

async function a_workspace_asks_everyone_for_a_second_factor(world) {
    const owner = await workspace(world, 'two-locks', 'Two Locks');
    const ella = await colleague(world, owner, 'Ella Enrols');
    await ella.close();
    const before = await signIn(world, owner);
    await before.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    const key = await factor(world, owner);
    // Whoever has one and signed in without it shows it; nobody tells them to set one up.
    await before.page.goto(`${world.base}/admin/security`);
    await before.page.getByText('You signed in without it').waitFor();
    await settled(before.page);
    await before.page.screenshot({ path: `${OUT}/factor-not-shown.png` });
    assert.deepEqual(await violations(before.page), []);
    await before.page.getByRole('button', { name: 'Confirm with your second factor' }).click();
    await before.page.getByRole('textbox', { name: 'Code' }).fill(code(key));
    await before.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await before.page.getByText('You signed in without it').waitFor({ state: 'detached' });
    await before.page.locator('label', { hasText: 'Everyone needs a second factor' }).click();
    await told(before.page, 'Saved');
    assert.deepEqual(before.wrong, []);
    await before.close();

    const { page, wrong, close } = await signIn(world, ella);
    await page.getByText('Your workspace asks everyone for a second factor').waitFor();
    assert.equal(new URL(page.url()).pathname, '/settings');
    await settled(page);
    await page.screenshot({ path: `${OUT}/factor-forced.png` });
    assert.deepEqual(await violations(page), []);
    // Nothing else is open before.
    await page.goto(`${world.base}/trash`);
    await page.getByText('Your workspace asks everyone for a second factor').waitFor();
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Next' }).click();
    const own = (await page.locator('.factor code').textContent()).trim();
    await page.getByRole('textbox', { name: 'Code' }).fill(code(own));
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('8 recovery codes left').waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/factor-forced-done.png` });
    await page.getByRole('link', { name: 'Projects' }).click();
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    assert.deepEqual([...wrong, ...owner.wrong], []);
    await close();
    await owner.close();
}

export default [a_lost_second_factor_is_reset, a_workspace_asks_everyone_for_a_second_factor];
