// Two people edit one diagram: they see each other, their edits merge, also those made while the appliance was gone.
import assert from 'node:assert/strict';
import { OUT, person, settled, until } from './browser.mjs';
import { box, PASSWORD, saved } from './tasks.mjs';

async function rename(page, from, to) {
    await box(page, from).click();
    await page.keyboard.press('F2');
    await page.getByLabel('Label').fill(to);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Someone new who may edit. */
async function editor(world, ada, name) {
    const email = `${name.toLowerCase().replace(' ', '.')}@example.org`;
    const invited = await ada.context.request.post(`${world.base}/v1/invitations`, { headers: { origin: world.base }, data: { email, role: 'editor' } });
    assert.equal(invited.status(), 201, await invited.text());
    const { code, token } = await invited.json();
    const one = await person(world);
    await one.page.goto(`${world.base}/join?tenant=acme-logistics#${code ?? token}`);
    await one.page.getByLabel('E-mail').fill(email);
    await one.page.getByLabel('Your name').fill(name);
    await one.page.getByLabel('Password').fill(PASSWORD);
    await one.page.getByRole('button', { name: 'Join workspace' }).click();
    await one.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    return one;
}

async function two_people_edit_one_diagram(world) {
    const ada = await person(world, { as: 'ada' });
    const bob = await editor(world, ada, 'Bob Byron');
    for (const { page } of [ada, bob]) {
        await page.goto(world.base + world.storyboard);
        await box(page, 'Order online').waitFor();
    }
    await ada.page.getByRole('button', { name: 'Go along with Bob Byron' }).waitFor();
    await bob.page.getByRole('button', { name: 'Go along with Ada Lovelace' }).waitFor();
    // What one chooses, and where one points, the other sees.
    await box(ada.page, 'Check stock').click();
    await bob.page.locator('.held-by').filter({ hasText: 'Ada Lovelace' }).waitFor();
    await box(bob.page, 'Order online').hover();
    await ada.page.locator('.pointer').filter({ hasText: 'Bob Byron' }).waitFor();
    // An edit of one is on the screen of the other.
    await rename(ada.page, 'Check stock', 'Check the order');
    await box(bob.page, 'Check the order').waitFor();
    await saved(ada.page);
    await box(bob.page, 'Order online').hover();
    await settled(ada.page);
    // Ada goes along with Bob: she sees the scene he looks at and what he has chosen, and it says so; Escape ends it.
    await ada.page.getByRole('button', { name: 'Go along with Bob Byron' }).click();
    await ada.page.getByText('You go along with Bob Byron').waitFor();
    await bob.page.locator('.scene-item').last().click();
    await ada.page.locator('.scene-item[aria-current]').filter({ hasText: (await bob.page.locator('.scene-item').last().locator('.cut').textContent()) ?? '' }).waitFor();
    await bob.page.locator('.scene-item').first().click();
    await box(bob.page, 'Order online').click();
    await box(ada.page, 'Order online').and(ada.page.locator('.selected')).waitFor();
    const view = (page) => page.locator('.react-flow__viewport').getAttribute('style');
    const whole = await view(ada.page);
    await bob.page.getByRole('button', { name: 'Zoom In' }).click();
    await until(async () => (await view(ada.page)) !== whole, 'she does not see closer what he looks at closer');
    await ada.page.screenshot({ path: `${OUT}/together-follow.png` });
    await ada.page.keyboard.press('Escape');
    await ada.page.getByText('You go along with Bob Byron').waitFor({ state: 'detached' });
    await ada.page.screenshot({ path: `${OUT}/together-ada.png` });
    await bob.page.screenshot({ path: `${OUT}/together-bob.png` });

    // The appliance is killed; both go on, and what they did comes together when it is back.
    await world.appliance.kill();
    for (const { page } of [ada, bob]) await page.getByText('Offline. Changes are kept here.').waitFor();
    await ada.page.screenshot({ path: `${OUT}/together-offline.png` });
    await rename(ada.page, 'Check the order', 'Check it twice');
    await rename(bob.page, 'Order online', 'Order by telephone');
    await world.appliance.start();
    for (const { page } of [ada, bob]) {
        await box(page, 'Check it twice').waitFor({ timeout: 60_000 });
        await box(page, 'Order by telephone').waitFor({ timeout: 60_000 });
        await saved(page);
    }
    // One takes back one's own edit, not the other's.
    await bob.page.getByRole('button', { name: 'Undo' }).click();
    await box(ada.page, 'Order online').waitFor();
    await box(ada.page, 'Check it twice').waitFor();
    await rename(ada.page, 'Check it twice', 'Check stock');
    await saved(ada.page);
    await ada.page.reload();
    await box(ada.page, 'Order online').waitFor();
    await box(ada.page, 'Check stock').waitFor();
    // While the appliance was gone nothing could be asked.
    const wrong = [...ada.wrong, ...bob.wrong].filter((text) => !/ERR_CONNECTION|WebSocket connection|ERR_EMPTY_RESPONSE|status of 50/.test(text));
    assert.deepEqual(wrong, []);
    await ada.close();
    await bob.close();
}

export default [two_people_edit_one_diagram];
