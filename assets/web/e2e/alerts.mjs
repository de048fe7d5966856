// Alerts: made, tried, silenced, changed; a webhook whose key is shown once; the inbox.
import assert from 'node:assert/strict';
import { OUT, person, settled, violations } from './browser.mjs';

const told = (page, text) => page.locator('.toast').filter({ hasText: text }).waitFor();

async function an_alert_is_made_tried_and_silenced(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    const sound = async (name) => {
        await page.screenshot({ path: `${OUT}/${name}.png` });
        assert.deepEqual(await violations(page), [], name);
    };
    await page.goto(`${world.base}/alerts`);
    await page.getByRole('heading', { name: 'No alerts yet' }).waitFor();
    await sound('alerts-none');
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByLabel('Title').fill('Pager');
    await page.getByLabel('Address').fill('http://hooks.example.com/');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('must begin with https://').waitFor();
    await page.getByLabel('Address').fill('https://hooks.example.com/');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('cell', { name: 'Pager', exact: true }).waitFor();

    await page.getByRole('button', { name: 'New alert' }).click();
    await page.getByLabel('Title').fill('Projects');
    await page.getByLabel('Question in SQL').fill('SELECT count(*) AS n FROM nothing');
    await page.getByRole('button', { name: /Add somebody/ }).click();
    await page.getByRole('option', { name: /Ada Lovelace/ }).click();
    await page.getByRole('button', { name: /Add somebody/ }).click();
    await page.getByRole('option', { name: /Pager/ }).click();
    await page.getByRole('button', { name: 'Remove: Pager' }).waitFor();
    await sound('alert-form');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL(/\/alerts\/alr_/);
    // The question is wrong, which trying it says.
    await page.getByRole('button', { name: 'Try' }).click();
    await told(page, 'nothing');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Question in SQL').fill('SELECT count(*) AS n FROM projects');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Try' }).click();
    await told(page, 'The rule holds for 1 series now.');
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByLabel('Reason').fill('Moving house');
    await page.getByRole('dialog').getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByRole('cell', { name: 'Moving house' }).waitFor();
    await sound('alert');
    await page.getByRole('button', { name: 'End silence' }).click();
    await page.getByRole('button', { name: 'End silence' }).waitFor({ state: 'detached' });
    await page.goto(`${world.base}/inbox`);
    // It was silent, so nobody was told.
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    await settled(page);
    assert.equal(await page.getByRole('link', { name: /^The alert/ }).count(), 0);
    await sound('inbox');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${world.base}/alerts`);
    await page.getByRole('link', { name: 'Projects' }).last().waitFor();
    await settled(page);
    await sound('alerts-phone');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

export default [an_alert_is_made_tried_and_silenced];
