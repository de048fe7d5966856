// What administrators come back to: searches that are kept, what a change of rights would do, second factors, files that leave.
import assert from 'node:assert/strict';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { code, workspace } from './workspaces.mjs';

const back = (world) => person(world, { as: 'ada' });
const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();
async function signIn(world) {
    const one = await person(world);
    await one.page.goto(`${world.base}/sign-in?tenant=acme-logistics`);
    await one.page.getByLabel('E-mail').fill('ada@example.org');
    await one.page.getByLabel('Password').fill(PASSWORD);
    await one.page.getByRole('button', { name: 'Sign in' }).click();
    return one;
}

async function a_search_of_the_trail_is_kept(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/audit`);
    const keep = page.getByRole('button', { name: 'Save this search' });
    assert.ok(await keep.isDisabled(), 'there is nothing to keep yet');
    await page.getByRole('region', { name: 'Outcome' }).getByRole('button', { name: /^done/ }).click();
    const kinds = page.getByRole('region', { name: 'Kind of thing' });
    await settled(page);
    // Of a long trail only the most frequent kinds stand there at first.
    const rest = kinds.getByRole('button', { name: /^Show all/ });
    if (await rest.count()) await rest.click();
    await kinds.getByRole('button', { name: /^project/ }).click();
    await keep.click();
    await page.getByLabel('Name', { exact: true }).fill('Projects');
    await page.locator('label', { hasText: 'For everyone who may read the trail' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await told(page, 'Saved');
    const kept = page.getByRole('region', { name: 'Saved searches' }).getByRole('button', { name: /^Projects/ });
    assert.equal(await kept.getAttribute('aria-pressed'), 'true');
    // Elsewhere, and back by its name.
    await page.goto(`${world.base}/admin/audit`);
    await kept.click();
    await until(async () => page.url().includes('kind=project') && page.url().includes('outcome=done'), 'the search was not recalled');
    await settled(page);
    await page.screenshot({ path: `${OUT}/saved-search.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'More: Projects' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await told(page, 'Removed');
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await kept.waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function what_would_change_is_shown(world) {
    const owner = await workspace(world, 'what-ifs', 'What Ifs');
    const { page } = owner;
    await page.goto(`${world.base}/admin/roles`);
    const card = page.getByRole('region', { name: 'What would change if' });
    await card.getByRole('radio', { name: 'A role is taken back' }).click();
    await card.getByRole('button', { name: 'Show what would change' }).click();
    await card.getByText('Nobody would answer for the workspace any more').waitFor();
    await card.getByText(/^\d+ lost$/).waitFor();
    await settled(page);
    await card.screenshot({ path: `${OUT}/what-if.png` });
    await card.getByRole('radio', { name: 'A role is given' }).click();
    await card.getByRole('button', { name: 'Show what would change' }).click();
    await card.getByText('Nothing would change').waitFor();
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

async function a_second_factor_is_set_up_and_asked_for(world) {
    // A browser that was signed in before.
    const before = await signIn(world);
    await before.page.getByRole('heading', { level: 1 }).first().waitFor();
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/settings`);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByLabel('Password', { exact: true }).last().fill('not my password at all');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('the password is wrong').waitFor();
    await page.getByLabel('Password', { exact: true }).last().fill(PASSWORD);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('img', { name: 'Key for the app as a QR code' }).waitFor();
    const key = (await page.locator('.factor code').textContent()).trim();
    await page.screenshot({ path: `${OUT}/factor-set-up.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('textbox', { name: 'Code' }).fill(code(key, -1));
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.locator('.paper li').first().waitFor();
    const papers = await page.locator('.paper li').allTextContents();
    assert.equal(papers.length, 8);
    await page.screenshot({ path: `${OUT}/factor-recovery.png` });
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('8 recovery codes left').waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/factor-settings.png` });

    // Whoever signs in is asked for both.
    const anew = await signIn(world);
    await anew.page.getByText('The password is right. Now the second factor.').waitFor();
    await anew.page.screenshot({ path: `${OUT}/factor-sign-in.png` });
    await anew.page.getByRole('textbox', { name: 'Code' }).fill(code(key));
    await anew.page.getByRole('button', { name: 'Sign in' }).click();
    await anew.page.getByRole('navigation').first().waitFor();
    assert.deepEqual(anew.wrong, []);
    await anew.close();

    // In the other browser it is asked for when something needs it, and that is done then.
    await before.page.goto(`${world.base}/admin/security`);
    const all = before.page.getByRole('switch', { name: 'Everyone needs a second factor' });
    await before.page.locator('label', { hasText: 'Everyone needs a second factor' }).click();
    await before.page.getByRole('dialog', { name: 'Confirm with your second factor' }).waitFor();
    await before.page.screenshot({ path: `${OUT}/factor-step-up.png` });
    await before.page.getByRole('textbox', { name: 'Code' }).fill('000000');
    await before.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await before.page.getByText('the code is wrong').waitFor();
    await before.page.getByRole('textbox', { name: 'Code' }).fill(papers[0]);
    await before.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await told(before.page, 'Saved');
    await before.page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await until(async () => !(await all.isChecked()), 'the rule was not taken back');
    assert.deepEqual(before.wrong, []);
    await before.close();

    await page.reload();
    await page.getByText('7 recovery codes left').waitFor();
    await page.getByRole('button', { name: 'Remove second factor' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Set up' }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_connector_is_tried(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/connectors`);
    await page.getByRole('button', { name: 'New connector' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Lake');
    await page.getByLabel('Folder', { exact: true }).last().fill('../up');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('must be names of letters').waitFor();
    await page.getByLabel('Folder', { exact: true }).last().fill('bi/usage');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: 'Lake', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Try it: Lake' }).click();
    await told(page, 'Lake works');
    await settled(page);
    await page.screenshot({ path: `${OUT}/connectors.png` });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function what_is_filled_in_is_not_left_without_a_word(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/workspace`);
    const days = page.getByLabel('Days in the trash');
    await days.click();
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    await page.goto(`${world.base}/admin/workspace`);
    await days.fill('31');
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await days.inputValue(), '31');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await told(page, 'Saved');
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

// In this order: what asks for a second factor comes after one was there.
export default [a_search_of_the_trail_is_kept, what_would_change_is_shown, a_connector_is_tried, what_is_filled_in_is_not_left_without_a_word, a_second_factor_is_set_up_and_asked_for];
