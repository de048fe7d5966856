// Dashboards: made from lists without SQL, changed by keyboard, looked at as a table, taken along in the address.
import assert from 'node:assert/strict';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { ask, workspace } from './workspaces.mjs';

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

async function rows_lead_where_charts_do(world) {
    const one = await workspace(world, 'rows', 'Rows', { plan: 'enterprise' });
    const { page } = one;
    await one.context.addInitScript(() => localStorage.setItem('language', 'en'));
    const query = { sql: "SELECT * FROM (VALUES ('Shop', 12), ('Tram', 3)) AS t(project, videos)" };
    const narrow = { sql: "SELECT * FROM (VALUES ('Shop', 12), ('Tram', 3)) AS t(project, videos) WHERE $p IS NULL OR project = $p" };
    const there = await ask(world, one, 'POST', '/v1/dashboards', { title: 'One project', range: '7d', variables: [{ name: 'q', title: 'Project', choices: ['Shop', 'Tram'] }], tiles: [{ id: 'a', x: 0, y: 0, w: 6, h: 4, chart: { type: 'table', title: 'There', query } }] });
    const here = await ask(world, one, 'POST', '/v1/dashboards', {
        title: 'Projects', range: '7d', variables: [{ name: 'p', title: 'Project', choices: ['Shop', 'Tram'] }],
        tiles: [
            { id: 'a', x: 0, y: 0, w: 6, h: 4, chart: { type: 'table', title: 'Choose', query }, select: { column: 'project', variable: 'p' } },
            { id: 'b', x: 6, y: 0, w: 6, h: 4, chart: { type: 'table', title: 'Follows', query: narrow } },
            { id: 'c', x: 0, y: 4, w: 6, h: 4, chart: { type: 'bar', title: 'Leads', query }, link: { dashboard: there.id, column: 'project', variable: 'q' } },
        ],
    });
    await page.goto(`${world.base}/dashboards/${here.id}`);
    const tile = (name) => page.locator(`section[aria-label="${name}"]`);
    const shop = tile('Choose').getByRole('button', { name: 'Shop' });
    await tile('Follows').getByRole('cell', { name: 'Tram' }).waitFor();
    await shop.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/set=/);
    await until(async () => (await tile('Follows').getByRole('cell', { name: 'Tram' }).count()) === 0, 'the other chart does not follow');
    assert.equal(await shop.getAttribute('aria-pressed'), 'true');
    await page.screenshot({ path: `${OUT}/rows-lead.png` });
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Enter');
    await tile('Follows').getByRole('cell', { name: 'Tram' }).waitFor();
    // By pointer all of the row does.
    await tile('Choose').getByRole('cell', { name: '3', exact: true }).click();
    await until(async () => (await tile('Follows').getByRole('cell', { name: 'Shop' }).count()) === 0, 'the row does not choose');
    // A chart, too, is gone through by keys: as a table.
    await tile('Leads').getByRole('button', { name: /^More/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Show as a table' }).press('Enter');
    await tile('Leads').getByRole('link', { name: 'Tram' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'One project', level: 1 }).waitFor();
    assert.match(decodeURIComponent(page.url()), /set=\{"q":"Tram"\}/);
    assert.deepEqual(one.wrong, []);
    await one.close();
}

/** What it is called, what it opens with and how often it looks again; days of one's own in the address. */
async function a_dashboard_has_its_properties_changed(world) {
    const one = await workspace(world, 'properties', 'Properties', { plan: 'enterprise' });
    const { page } = one;
    await one.context.addInitScript(() => localStorage.setItem('language', 'en'));
    const { id } = await ask(world, one, 'POST', '/v1/dashboards', { title: 'Before', range: '30d', tiles: [{ id: 'a', x: 0, y: 0, w: 6, h: 4, chart: { type: 'value', title: 'Rows', query: { pick: { table: 'usage', measures: [{ aggregate: 'count' }], time: 'at' } } } }] });
    await page.goto(`${world.base}/dashboards/${id}?edit=true`);
    await page.getByRole('button', { name: 'Properties' }).click();
    const dialog = page.getByRole('dialog', { name: 'Properties' });
    await dialog.getByLabel('Title').fill('After');
    await dialog.getByLabel('Description').fill('What it is about');
    await dialog.getByRole('button', { name: /Opens with$/ }).click();
    await page.getByRole('option', { name: 'Last 7 days' }).click();
    await dialog.getByRole('button', { name: /Refreshes$/ }).click();
    await page.getByRole('option', { name: /10/ }).click();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'After', level: 1 }).waitFor();
    const { board } = await ask(world, one, 'GET', `/v1/dashboards/${id}`);
    assert.deepEqual([board.title, board.description, board.range, board.refresh_s], ['After', 'What it is about', '7d', 10]);
    // Days of one's own, by keys and from the calendar.
    await page.getByRole('button', { name: /Time range$/ }).click();
    await page.getByRole('option', { name: 'Own dates' }).click();
    const days = page.getByRole('group', { name: 'From – to' });
    await days.getByRole('spinbutton').first().waitFor();
    await page.waitForURL(/range=\d{4}-\d{2}-\d{2}(%2F|\/)\d{4}/);
    const first = new URL(page.url()).searchParams.get('range');
    await days.getByRole('spinbutton').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction((was) => new URL(location.href).searchParams.get('range') !== was, first);
    await days.getByRole('button').click();
    await page.getByRole('grid').waitFor();
    await page.screenshot({ path: `${OUT}/own-dates.png` });
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    const kept = new URL(page.url()).searchParams.get('range');
    await page.reload();
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get('range'), kept);
    await days.waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function a_chart_is_built_with_all_that_can_be_said_of_it(world) {
    const one = await workspace(world, 'builders', 'Builders', { plan: 'enterprise' });
    const { page } = one;
    await one.context.addInitScript(() => localStorage.setItem('language', 'en'));
    const { id } = await ask(world, one, 'POST', '/v1/dashboards', { title: 'Built', range: '30d', tiles: [] });
    await page.goto(`${world.base}/dashboards/${id}?edit=true`);
    await page.getByRole('button', { name: 'Add a chart' }).first().click();
    const builder = page.getByRole('dialog', { name: 'Add a chart' });
    const choose = async (label, option) => {
        await builder.getByRole('button', { name: label }).click();
        await page.getByRole('option', { name: option, exact: true }).click();
    };
    await builder.getByLabel('Title').fill('Two numbers');
    await builder.getByRole('button', { name: 'Count something else too' }).click();
    await choose(/^Rows What is counted, 2$/, 'Sum');
    await choose(/Numbers are$/, 'Money in millionths');
    await builder.getByLabel('Currency').fill('eur');
    await choose(/Digits behind the point$/, '2');
    await builder.getByText('Columns and what they are drawn as').click();
    await builder.getByRole('button', { name: /Axis$/ }).click();
    await page.getByRole('option').nth(1).click();
    await page.screenshot({ path: `${OUT}/builder-whole.png` });
    assert.deepEqual(await violations(page), []);
    await builder.getByRole('radio', { name: 'Gauge' }).click();
    await builder.getByLabel('Lower end').fill('0');
    await builder.getByLabel('Upper end').fill('500');
    await settled(page);
    assert.deepEqual(await violations(page), []);
    await builder.getByRole('button', { name: 'Add a chart' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    const { board } = await ask(world, one, 'GET', `/v1/dashboards/${id}`);
    const { query, format, options, encoding } = board.tiles[0].chart;
    assert.equal(query.pick.measures.length, 2);
    assert.deepEqual([format.unit, format.currency, format.decimals], ['micros', 'EUR', 2]);
    assert.deepEqual([options.min, options.max], [0, 500]);
    assert.ok(encoding.x, 'the axis is said');
    assert.deepEqual(one.wrong, []);
    await one.close();
}

export default [a_dashboard_is_made_without_sql, what_is_built_in_is_copied_to_be_changed, rows_lead_where_charts_do, a_dashboard_has_its_properties_changed, a_chart_is_built_with_all_that_can_be_said_of_it];
