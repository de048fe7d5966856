// Dashboards: made from lists without SQL, changed by keyboard, looked at as a table, taken along in the address.
import assert from 'node:assert/strict';
import { OUT, person, settled, violations } from './browser.mjs';

async function a_dashboard_is_made_without_sql(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(`${world.base}/dashboards`);
    await page.getByRole('link', { name: /Usage/ }).waitFor();
    await page.getByRole('button', { name: 'New dashboard' }).click();
    await page.getByLabel('Title').fill('My board');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('button', { name: 'Add a chart' }).first().click();
    await page.getByRole('dialog').getByLabel('Title').fill('Rows by day');
    await page.getByRole('dialog').getByRole('img', { name: /Rows by day/ }).waitFor();
    await page.screenshot({ path: `${OUT}/builder.png` });
    const wrong = await violations(page);
    assert.deepEqual(wrong, []);
    await page.getByRole('dialog').getByRole('button', { name: 'Add a chart' }).click();
    // By keyboard alone: two columns to the right, one row taller.
    await page.getByRole('button', { name: 'Move Rows by day' }).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowDown']) await page.keyboard.press(key);
    await page.getByText('Rows by day: column 3, row 1, 6 wide, 5 high').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    const tile = page.locator('section[aria-label="Rows by day"]');
    await tile.getByRole('img').waitFor();
    await tile.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('menuitem', { name: 'Show as a table' }).click();
    await tile.getByRole('table').waitFor();
    await page.getByRole('button', { name: /Time range/ }).click();
    await page.getByRole('option', { name: 'Last 7 days' }).click();
    await page.waitForURL(/range=7d/);
    await page.reload();
    await settled(page);
    await page.getByRole('button', { name: /Last 7 days/ }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function what_is_built_in_is_copied_to_be_changed(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(`${world.base}/dashboards/usage`);
    await settled(page);
    await page.getByRole('button', { name: 'Duplicate to edit' }).click();
    await page.getByRole('button', { name: 'Move Events' }).focus();
    await page.keyboard.press('Delete');
    // What is not saved is not lost by a click elsewhere.
    await page.getByRole('link', { name: 'Reports' }).click();
    await page.getByRole('dialog', { name: 'Not saved yet' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    assert.equal(await page.locator('section[aria-label="Events"]').count(), 0);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

export default [a_dashboard_is_made_without_sql, what_is_built_in_is_copied_to_be_changed];
