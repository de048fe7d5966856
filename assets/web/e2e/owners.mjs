// What owners do with their workspace: who they are, what webhooks were told, prices, people erased, everything taken away and closed.
import assert from 'node:assert/strict';
import { OUT, settled, violations } from './browser.mjs';
import { colleague, workspace } from './workspaces.mjs';

const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();
async function sound(page, name) {
    await settled(page);
    await page.screenshot({ path: `${OUT}/${name}.png` });
    assert.deepEqual(await violations(page), [], name);
}
/** The same by night and on a telephone, to be looked at. */
async function looks(page, name) {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${OUT}/${name}-dark.png` });
    await page.emulateMedia({ colorScheme: 'light' });
    const wide = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.screenshot({ path: `${OUT}/${name}-phone.png` });
    await page.setViewportSize(wide);
}

async function the_own_profile_is_changed(world) {
    const owner = await workspace(world, 'profiles', 'Profiles');
    const vera = await colleague(world, owner, 'Vera Viewer', 'viewer');
    const { page } = owner;
    await page.goto(`${world.base}/settings`);
    const name = page.getByLabel('Your name');
    await name.fill('Olive Oakes');
    // Whoever goes elsewhere is asked first.
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('dialog', { name: 'Not saved yet' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByLabel('E-mail address').fill('vera.viewer@profiles.example');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // Somebody else's address is refused, and nothing that was typed is lost.
    await page.locator('.error, .fault').first().waitFor();
    assert.equal(await name.inputValue(), 'Olive Oakes');
    await page.getByLabel('E-mail address').fill('olive@profiles.example');
    await name.press('Enter');
    await told(page, 'Saved');
    // The frame calls them by it at once.
    await page.locator('.side .last').getByText('Olive Oakes').waitFor();
    await sound(page, 'profile');
    await looks(page, 'profile');
    // Who may not change it sees it.
    await vera.page.goto(`${world.base}/settings`);
    await vera.page.getByText('Whoever administers the workspace can change these.').waitFor();
    assert.equal(await vera.page.getByLabel('Your name').count(), 0);
    await sound(vera.page, 'profile-seen');
    assert.deepEqual([...owner.wrong, ...vera.wrong], []);
    await vera.close();
    await owner.close();
}

export default [the_own_profile_is_changed];
