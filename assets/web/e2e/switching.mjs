// Several workspaces in one browser: into one more, from one to another, in two windows, and out again.
import assert from 'node:assert/strict';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, workspace } from './workspaces.mjs';

const named = (page, name) => page.locator('.side .brand').getByText(name, { exact: true }).waitFor();
const open = async (page) => {
    await page.getByRole('button', { name: 'Switch workspace' }).click();
    await page.getByRole('menuitem', { name: 'Sign in to another workspace' }).waitFor();
};

async function looks(page, name) {
    const wide = page.viewportSize();
    for (const [look, colorScheme, size] of [['', 'light', wide], ['-dark', 'dark', wide], ['-phone', 'light', { width: 390, height: 844 }]]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await page.waitForTimeout(400);
        await page.screenshot({ path: `${OUT}/${name}${look}.png` });
        assert.deepEqual(await violations(page), [], name + look);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(wide);
}

async function one_goes_from_one_workspace_to_another(world) {
    const acme = await workspace(world, 'switch-north', 'Northwind Research');
    const other = await workspace(world, 'switch-south', 'Southwind Studio');
    const { page, context } = acme;
    const project = await ask(world, acme, 'POST', '/v1/projects', { title: 'Only in the north' });
    await page.goto(world.base);
    await named(page, 'Northwind Research');
    await settled(page);

    // Into one more, with the same page.
    await open(page);
    assert.deepEqual(await page.getByRole('menuitem').allTextContents(), ['Northwind Research', 'Sign in to another workspace']);
    await page.getByRole('menuitem', { name: 'Sign in to another workspace' }).click();
    await page.getByLabel('Workspace').fill('switch-south');
    await page.getByLabel('E-mail').fill(other.email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await named(page, 'Southwind Studio');
    await settled(page);
    assert.equal(await page.getByText('Only in the north').count(), 0, 'nothing of the other workspace is shown');
    await open(page);
    assert.deepEqual(await page.getByRole('menuitem').allTextContents(), ['Southwind Studio', 'Northwind Research', 'Sign in to another workspace', 'Sign out of all workspaces']);
    await looks(page, 'workspaces');

    // By keys, back to the first.
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Switch workspace' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Northwind Research' }).waitFor();
    for (let n = 0; n < 4 && !(await page.getByRole('menuitem', { name: 'Northwind Research' }).evaluate((node) => node === document.activeElement)); n++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await named(page, 'Northwind Research');
    await page.getByText('Only in the north').first().waitFor();

    // Another window goes elsewhere; this one goes on in its own.
    const second = await context.newPage();
    await second.goto(world.base);
    await named(second, 'Northwind Research');
    await open(second);
    await second.getByRole('menuitem', { name: 'Southwind Studio' }).click();
    await named(second, 'Southwind Studio');
    await page.bringToFront();
    await page.goto(`${world.base}/`).catch(() => {});
    await settled(page);
    await second.close();
    await open(page);
    const shown = await page.locator('.side .brand').textContent();
    if (shown.includes('Southwind')) {
        await page.getByRole('menuitem', { name: 'Northwind Research' }).click();
        await named(page, 'Northwind Research');
    } else await page.keyboard.press('Escape');

    // What a page sends that shows another workspace than the cookie's is done in its own.
    const third = await context.newPage();
    await third.goto(world.base);
    await open(third);
    await third.getByRole('menuitem', { name: 'Southwind Studio' }).click();
    await named(third, 'Southwind Studio');
    await page.bringToFront();
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByLabel('Title').fill('Made in the north');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('Made in the north').first().waitFor();
    const north = await (await context.request.get(`${world.base}/v1/projects`)).json();
    assert.deepEqual(north.items.map(({ title }) => title).sort(), ['Made in the north', 'Only in the north'], 'it went into another workspace');
    assert.equal(north.items.some(({ id }) => id === project.id), true);
    await third.close();

    // Signed out of one, the other is offered; out of all, none.
    await page.goto(world.base);
    await page.getByRole('button', { name: acme.name }).click();
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { name: 'Go on without signing in' }).waitFor();
    await looks(page, 'go-on');
    await page.getByRole('button', { name: /Southwind Studio/ }).click();
    await named(page, 'Southwind Studio');
    await open(page);
    assert.equal(await page.getByRole('menuitem', { name: 'Northwind Research' }).count(), 0);
    const left = await person(world);
    assert.deepEqual((await (await left.context.request.get(`${world.base}/v1/me/workspaces`)).json()).items, [], 'a browser that is signed in nowhere is told of nothing');
    await left.close();
    assert.deepEqual(acme.wrong, []);
    await other.close();
    await acme.close();
}

export default [one_goes_from_one_workspace_to_another];
