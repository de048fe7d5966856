// What operators do with a tenant: what it has agreed, kept out and let in again, closed and opened again.
import assert from 'node:assert/strict';
import { person, until, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, workspace } from './workspaces.mjs';

async function a_tenant_is_changed_kept_out_and_let_in(world) {
    const owner = await workspace(world, 'night-school', 'Night School');
    const one = await person(world);
    const { page } = one;
    await ask(world, one, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
    await page.goto(`${world.base}/system/tenants`);
    const row = page.getByRole('row', { name: /Night School/ });
    const dialog = page.getByRole('dialog');
    const choose = async (entry) => {
        await row.getByRole('button', { name: /^More: / }).click();
        await page.getByRole('menuitem', { name: entry, exact: true }).click();
        await dialog.waitFor();
    };
    /** Asked for a reason, and done. */
    const turn = async (entry, state) => {
        await choose(entry);
        await dialog.getByLabel('Reason').fill(`Agreed on the phone: ${entry}`);
        await dialog.locator('button[type=submit]').click();
        await dialog.waitFor({ state: 'detached' });
        await row.getByText(state, { exact: true }).waitFor();
    };
    const reachable = async () => (await owner.context.request.get(`${world.base}/v1/tenant`, { ignoreHTTPSErrors: true })).ok();

    await choose('Change plan');
    await dialog.getByRole('button', { name: /Plan$/ }).click();
    await page.getByRole('option', { name: 'Business' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Business', { exact: true }).waitFor();
    await choose('Agree limits');
    await dialog.getByLabel('Seats').fill('321');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('321', { exact: true }).waitFor();
    await turn('Suspend', 'Suspended');
    await until(async () => !(await reachable()), 'a suspended tenant is served');
    assert.deepEqual(await violations(page), []);
    await turn('Resume', 'Active');
    await until(reachable, 'a resumed tenant is not served');
    await turn('Close', 'Closed');
    await turn('Reopen', 'Active');
    assert.deepEqual(one.wrong, []);
    await one.close();
    await owner.close();
}

export default [a_tenant_is_changed_kept_out_and_let_in];
