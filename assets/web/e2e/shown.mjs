// What is seen from elsewhere or goes on by itself: dashboards by a link and in a frame, reports on a schedule, numbers as they change.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask } from './workspaces.mjs';

const BOARD = {
    title: 'What we made', description: 'For everybody in the hall', range: '30d',
    tiles: [
        { id: 'rows', x: 0, y: 0, w: 8, h: 4, chart: { type: 'bar', title: 'Rows by day', query: { pick: { table: 'usage', measures: [{ aggregate: 'count' }], by: { column: 'at', step: 'day' }, time: 'at' } } } },
        { id: 'all', x: 8, y: 0, w: 4, h: 2, chart: { type: 'value', title: 'Rows', query: { sql: 'SELECT count(*) AS rows FROM usage WHERE at >= $from AND at < $to' } } },
    ],
};

/** A page of somebody else that holds a frame with this address. */
async function wiki(address) {
    const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(`<!doctype html><title>Wiki</title><h1>Wiki</h1><iframe src="${address()}" width="1200" height="700"></iframe>`));
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { origin: `http://localhost:${server.address().port}`, close: () => server.close() };
}

async function a_dashboard_is_shown_by_a_link_and_in_a_frame(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    const { id } = await ask(world, ada, 'POST', '/v1/dashboards', BOARD);
    let framed = '';
    const [named, other] = [await wiki(() => framed), await wiki(() => framed)];
    await page.goto(`${world.base}/dashboards/${id}`);
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Pages that may embed it').fill(`${named.origin}/`);
    await dialog.getByRole('button', { name: /What viewers may choose/ }).click();
    await page.getByRole('option', { name: 'Time range', exact: true }).click();
    await page.screenshot({ path: `${OUT}/board-share.png` });
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog.locator('.code-block code').nth(1).waitFor();
    const [link, frame] = await dialog.locator('.code-block code').allTextContents();
    assert.match(frame, /^<iframe src="https:/);
    framed = /src="([^"]+)"/.exec(frame)[1];
    await settled(page);
    await page.screenshot({ path: `${OUT}/board-shared.png` });
    assert.deepEqual(await violations(page), []);

    const stranger = await person(world);
    await stranger.page.goto(link);
    await stranger.page.getByRole('img', { name: /Rows by day/ }).waitFor();
    await stranger.page.getByRole('button', { name: /Time range/ }).click();
    await stranger.page.getByRole('option', { name: 'Last 7 days' }).click();
    await settled(stranger.page);
    await stranger.page.screenshot({ path: `${OUT}/board-shown.png` });
    assert.deepEqual(await violations(stranger.page), []);
    await stranger.page.setViewportSize({ width: 390, height: 844 });
    await settled(stranger.page);
    await stranger.page.screenshot({ path: `${OUT}/board-shown-phone.png` });
    assert.deepEqual(stranger.wrong, []);
    await stranger.close();

    // In the page that was named, and in no other.
    const context = await world.chrome.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 820 } });
    const reader = await context.newPage();
    await reader.goto(named.origin);
    await reader.frameLocator('iframe').getByRole('img', { name: /Rows by day/ }).waitFor();
    await reader.screenshot({ path: `${OUT}/board-framed.png` });
    await reader.goto(other.origin);
    await reader.waitForTimeout(1_500);
    assert.equal(await reader.frameLocator('iframe').getByRole('img').count(), 0);
    await context.close();
    named.close();
    other.close();

    await dialog.getByRole('button', { name: /^Revoke: / }).first().click();
    await page.getByRole('dialog', { name: 'Revoke' }).getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('button', { name: /^Revoke: / }).waitFor({ state: 'detached' });
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_report_comes_by_itself(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(`${world.base}/reports`);
    await page.getByRole('button', { name: 'New report' }).click();
    await page.getByLabel('Title').fill('For the board');
    await page.screenshot({ path: `${OUT}/report-new.png` });
    await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'For the board', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Add a schedule' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Every week/ }).click();
    await page.getByRole('option', { name: 'Every month' }).click();
    await dialog.getByLabel('Day of the month').fill('3');
    await dialog.getByLabel('At', { exact: true }).fill('06:30');
    await dialog.getByRole('button', { name: /Add somebody/ }).click();
    await page.getByRole('option', { name: /Ada Lovelace/ }).click();
    await page.screenshot({ path: `${OUT}/schedule-form.png` });
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: /06:30/ }).first().waitFor();
    await page.getByRole('button', { name: 'Draw up now' }).click();
    await page.getByRole('cell', { name: 'By hand' }).waitFor({ timeout: 30_000 });
    await settled(page);
    await page.screenshot({ path: `${OUT}/report.png` });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function numbers_move_while_one_looks(world) {
    const ada = await person(world, { as: 'ada' });
    await ada.page.goto(`${world.base}/admin/workspace`);
    const lines = (page) => page.locator('.spark-line .line').count();
    await until(async () => (await lines(ada.page)) >= 2, 'no line of what the workspace uses');
    await ada.page.screenshot({ path: `${OUT}/live-usage.png`, fullPage: true });
    assert.deepEqual(await violations(ada.page), []);
    const operator = await person(world);
    await ask(world, operator, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
    await operator.page.goto(`${world.base}/system/health`);
    await until(async () => (await lines(operator.page)) >= 11, 'no line of what the appliance does');
    await operator.page.waitForTimeout(6_000);
    await operator.page.screenshot({ path: `${OUT}/live-system.png`, fullPage: true });
    assert.deepEqual(await violations(operator.page), []);
    assert.deepEqual([...ada.wrong, ...operator.wrong], []);
    await operator.close();
    await ada.close();
}

export default [a_dashboard_is_shown_by_a_link_and_in_a_frame, a_report_comes_by_itself, numbers_move_while_one_looks];
