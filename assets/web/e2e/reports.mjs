// Reports of one's own: of charts in SQL, of a dashboard, over days of one's own; changed after they were made, and taken along as they were signed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, settled, violations } from './browser.mjs';
import { ask, workspace } from './workspaces.mjs';

async function a_report_of_own_charts_is_made_and_changed(world) {
    const own = await workspace(world, 'reporters', 'Reporters', { plan: 'enterprise' });
    const { page } = own;
    await own.context.addInitScript(() => localStorage.setItem('language', 'en'));
    await page.goto(`${world.base}/reports`);
    await page.getByRole('button', { name: 'New report' }).click();
    const form = page.getByRole('dialog', { name: 'New report' });
    await form.getByRole('radio', { name: 'Own charts' }).click();
    await form.getByRole('button', { name: 'Add a chart' }).click();
    const builder = page.getByRole('dialog', { name: 'Add a chart' });
    await builder.getByLabel('Title').fill('Numbers');
    await builder.getByRole('radio', { name: 'SQL' }).click();
    // The editor takes what is typed, colours it, and lets Tab leave.
    const sql = builder.getByRole('textbox', { name: 'SQL' });
    await builder.locator('.cm-editor').waitFor();
    await sql.fill("SELECT * FROM (VALUES ('Shop', 12), ('Tram', 3)) AS t(project, videos)");
    const keyword = builder.locator('.cm-line span', { hasText: /^SELECT$/ });
    await keyword.waitFor();
    assert.notEqual(await keyword.evaluate((node) => getComputedStyle(node).color), await sql.evaluate((node) => getComputedStyle(node).color), 'keywords have a colour of their own');
    await sql.focus();
    await page.keyboard.press('Tab');
    assert.equal(await sql.evaluate((node) => node.contains(document.activeElement)), false, 'Tab stays in the editor');
    await builder.getByRole('radio', { name: 'Table', exact: true }).click();
    await builder.getByRole('cell', { name: 'Tram' }).waitFor();
    await page.screenshot({ path: `${OUT}/report-sql.png` });
    assert.deepEqual(await violations(page), []);
    await builder.getByRole('button', { name: 'Add a chart' }).click();
    await form.getByLabel('Title').fill('Of our own');
    await form.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'Of our own', level: 1 }).waitFor();
    // Another name, and days of one's own.
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const edit = page.getByRole('dialog', { name: 'Edit report' });
    await edit.getByText('Numbers').waitFor();
    await edit.getByLabel('Title').fill('Of November');
    await edit.getByRole('button', { name: /Period$/ }).click();
    await page.getByRole('option', { name: 'Own dates' }).click();
    const days = edit.getByRole('group', { name: 'From – to' });
    await days.waitFor();
    await page.screenshot({ path: `${OUT}/report-edit.png` });
    assert.deepEqual(await violations(page), []);
    await edit.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Of November', level: 1 }).waitFor();
    const id = page.url().split('/').pop();
    const { report } = await ask(world, own, 'GET', `/v1/reports/${id}`);
    assert.match(report.period, /^\d{4}-\d{2}-\d{2}\/\d{4}-\d{2}-\d{2}$/);
    assert.equal(report.sections[0].chart.title, 'Numbers');
    // Drawn up, and taken along as it is kept.
    await page.getByRole('button', { name: 'Draw up now' }).click();
    const archive = page.getByRole('button', { name: /^Download as it is kept, signed/ });
    await archive.waitFor({ timeout: 30_000 });
    const [download] = await Promise.all([page.waitForEvent('download'), archive.click()]);
    assert.equal(download.suggestedFilename(), 'Of November signed.zip');
    assert.equal(readFileSync(await download.path()).subarray(0, 2).toString(), 'PK');
    // When it is made by itself is changed, too.
    await page.getByRole('button', { name: 'Add a schedule' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: /^Monday at 07:00/ }).waitFor();
    await page.getByRole('button', { name: /^More: Monday/ }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const schedule = page.getByRole('dialog', { name: 'Edit schedule' });
    await schedule.getByRole('button', { name: 'Thursday' }).click();
    assert.deepEqual(await violations(page), []);
    await schedule.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('cell', { name: /^Monday, Thursday at 07:00/ }).waitFor();
    assert.equal((await ask(world, own, 'GET', `/v1/reports/${id}/schedules`)).items.length, 1, 'the one before is gone');
    await settled(page);
    await page.screenshot({ path: `${OUT}/report-own.png` });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(own.wrong, []);
    await own.close();
}

async function a_dashboard_becomes_a_report(world) {
    const own = await workspace(world, 'boarders', 'Boarders', { plan: 'enterprise' });
    const { page } = own;
    await own.context.addInitScript(() => localStorage.setItem('language', 'en'));
    await page.goto(`${world.base}/dashboards/usage`);
    await settled(page);
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Make a report of it' }).click();
    const form = page.getByRole('dialog', { name: 'New report' });
    await form.getByRole('radio', { name: 'Dashboard', checked: true }).waitFor();
    await form.getByLabel('Title').fill('Usage, as it is seen');
    await form.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'Usage, as it is seen', level: 1 }).waitFor();
    const { report } = await ask(world, own, 'GET', `/v1/reports/${page.url().split('/').pop()}`);
    assert.equal(report.dashboard, 'usage');
    await page.getByRole('button', { name: 'Draw up now' }).click();
    await page.getByRole('cell', { name: 'By hand' }).waitFor({ timeout: 30_000 });
    assert.deepEqual(own.wrong, []);
    await own.close();
}

export default [a_report_of_own_charts_is_made_and_changed, a_dashboard_becomes_a_report];
