// What administrators and operators do.
import assert from 'node:assert/strict';
import { OUT, person } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';

const back = (world) => person(world, { as: 'ada' });
const told = (page, text) => page.locator('.toast').filter({ hasText: text }).waitFor();

async function a_group_is_made_and_filled(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/groups`);
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Design');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'Design' }).waitFor();
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByRole('option', { name: /Ada Lovelace/ }).click();
    await page.getByRole('button', { name: 'Remove: Ada Lovelace' }).click();
    await told(page, 'was taken out');
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Remove: Ada Lovelace' }).waitFor();
    // To give roles takes a second factor: whoever has none is told where to set one up.
    await page.getByText('This needs a second factor', { exact: true }).waitFor();
    await page.getByText('No roles yet.').waitFor();
    await page.getByRole('button', { name: 'Give role' }).click();
    await page.getByText('you have none yet').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('No roles yet.').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_role_is_made_and_asked_about(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/roles`);
    await page.getByRole('button', { name: 'New role' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Reviewer');
    await page.getByRole('checkbox', { name: 'See projects and search in them' }).press('Space');
    await page.getByRole('checkbox', { name: 'Write comments' }).press('Space');
    await page.getByText('2 chosen').waitFor();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: 'Reviewer', exact: true }).waitFor();
    await page.getByRole('columnheader', { name: 'Reviewer' }).waitFor();
    await page.getByRole('button', { name: 'More: Reviewer' }).click();
    await page.getByRole('menuitem', { name: 'Edit role' }).click();
    await page.getByRole('checkbox', { name: 'See projects and search in them' }).press('Space');
    await page.getByText('− See projects and search in them').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('Allowed', { exact: true }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function many_are_invited_from_a_table(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/admin/members`);
    await page.getByRole('button', { name: 'Invite many' }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a table' }).click();
    await (await chooser).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('E-mail;Role\r\nlin@example.org;viewer\r\nkay@example.org;manager\r\nnobody;viewer\r\n') });
    await page.getByText('Line 4: no e-mail address').waitFor();
    await page.getByRole('button', { name: 'Invite 2 people' }).click();
    await page.getByText('2 people are invited').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the links' }).click();
    assert.equal((await saved).suggestedFilename(), 'invitations.csv');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('cell', { name: 'kay@example.org', exact: true }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function a_brand_is_told_where_it_cannot_be_read(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/brand-kits`);
    await page.getByRole('button', { name: 'New brand kit' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Acme red');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByLabel('Headings', { exact: true }).fill('#DDDDEE');
    await page.getByText('Stands out too little').first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('ink #DDDDEE on').first().waitFor();
    await page.getByLabel('Headings', { exact: true }).fill('#101830');
    await page.getByText('Show a banner').click();
    await page.getByLabel('Words', { exact: true }).fill('Internal only');
    await page.screenshot({ path: `${OUT}/brand-kit.png`, fullPage: true });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').first().waitFor();
    await ada.close();
}

async function a_glossary_is_kept(world) {
    const ada = await back(world);
    const { page } = ada;
    await page.goto(`${world.base}/glossaries`);
    await page.getByRole('button', { name: 'New glossary' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Products');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('button', { name: 'Add term' }).click();
    await page.getByLabel('Spelling').fill('Kubernetes');
    await page.getByLabel('Heard as').fill('cooper netties, kubernetties');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'Kubernetes', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove: Kubernetes' }).click();
    await page.getByText('No terms yet.').waitFor();
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('cell', { name: 'Kubernetes', exact: true }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function an_operator_backs_up_and_verifies(world) {
    const one = await person(world);
    const { page } = one;
    await page.goto(`${world.base}/sign-in`);
    await page.getByLabel('Workspace').fill('appliance');
    await page.getByLabel('E-mail').fill('ada@example.org');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('cell', { name: /Acme Logistics/ }).first().waitFor();
    await page.getByRole('link', { name: 'Backups' }).click();
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('row', { name: /^Backup Done/ }).waitFor();
    await page.getByRole('button', { name: /^More: / }).click();
    await page.getByRole('menuitem', { name: 'Check every byte' }).click();
    await page.getByRole('row', { name: /^Check of a backup Done/ }).waitFor();
    world.states.operator = await one.context.storageState();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

// In this order: later ones look at what earlier ones have made.
export default [a_group_is_made_and_filled, a_role_is_made_and_asked_about, many_are_invited_from_a_table, a_brand_is_told_where_it_cannot_be_read, a_glossary_is_kept, an_operator_backs_up_and_verifies];
