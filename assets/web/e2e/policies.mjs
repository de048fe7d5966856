// What a workspace asks of sessions and of passwords, and who runs the appliance.
import assert from 'node:assert/strict';
import { OUT, person, settled, violations, WIDE } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, colleague, factor, workspace } from './workspaces.mjs';

const PHONE = { width: 390, height: 844 };
const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();

/** In daylight, at night and on a telephone. */
async function looked(page, name) {
    for (const [look, options] of Object.entries({ light: {}, dark: { colorScheme: 'dark' }, phone: { size: PHONE } })) {
        await page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' });
        await page.setViewportSize(options.size ?? WIDE);
        await settled(page);
        await page.screenshot({ path: `${OUT}/${name}-${look}.png`, fullPage: true });
        assert.deepEqual(await violations(page), [], `${name} ${look}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name} ${look} is ${wide} px too wide`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(WIDE);
}

async function sessions_last_as_a_workspace_wants(world) {
    const owner = await workspace(world, 'short-days', 'Short Days');
    await factor(world, owner);
    const { page } = owner;
    const eve = await colleague(world, owner, 'Eve Early');
    const later = [];
    for (let n = 0; n < 2; n++) {
        const one = await person(world);
        await ask(world, one, 'POST', '/v1/session', { tenant: owner.tenant, email: eve.email, password: PASSWORD });
        later.push(one);
    }
    await page.goto(`${world.base}/admin/security`);
    const card = page.getByRole('region', { name: 'Sessions' });
    const field = (name) => card.getByLabel(name);
    await card.getByText('30 minutes at most').waitFor();
    // What is filled in is not left without a word.
    await field('Sign out when unused').fill('20');
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    // What the appliance finds wrong stands at its field.
    await field('Sign in anew after').fill('0.25');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('sessions last 15 minutes at most').waitFor();
    await looked(page, 'session-rules-wrong');
    await field('Sign out when unused').fill('10');
    await field('Sign in anew after').fill('8');
    await field('Signed-in browsers').fill('2');
    await card.getByRole('button', { name: 'Save' }).click();
    await told(page, 'Saved');
    assert.equal(await field('Sign in anew after').inputValue(), '8');
    await page.reload();
    await settled(page);
    assert.equal(await field('Signed-in browsers').inputValue(), '2');
    // The first of three browsers is signed out with its next step.
    await eve.page.goto(`${world.base}/trash`);
    await eve.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await later[1].page.goto(`${world.base}/trash`);
    await later[1].page.getByRole('heading', { name: 'Trash', level: 1 }).waitFor();
    // Somebody else saves first.
    const other = await ask(world, owner, 'PATCH', '/v1/session-rules', { step_up_s: 600 }, { 'if-match': '"1"' });
    assert.equal(other.version, 2);
    await field('Signed-in browsers').fill('3');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByRole('alert').waitFor();
    assert.deepEqual([...owner.wrong, ...eve.wrong], []);
    for (const one of [eve, ...later, owner]) await one.close();
}

async function passwords_are_as_a_workspace_wants(world) {
    const owner = await workspace(world, 'hard-words', 'Hard Words');
    await factor(world, owner);
    const { page } = owner;
    await page.goto(`${world.base}/admin/security`);
    const card = page.getByRole('region', { name: 'Passwords' });
    await card.getByText('as NIST SP 800-63B advises').waitFor();
    await card.getByLabel('Least characters').fill('20');
    await card.getByLabel('Former passwords').fill('2');
    await card.getByLabel('Words that no password').fill('Rocket\nx!');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('a blocked word has 3 to 40').waitFor();
    await card.getByLabel('Words that no password').fill('Rocket\nOlive Grove\nROCKET');
    await card.getByRole('button', { name: 'Save' }).click();
    await told(page, 'Saved');
    assert.equal(await card.getByLabel('Words that no password').inputValue(), 'Rocket\nOlive Grove');
    await looked(page, 'password-rules');

    // Who is invited reads what the password must be, and where it is not.
    const invited = await ask(world, owner, 'POST', '/v1/invitations', { email: 'nora@hard-words.example', role: 'admin' });
    const nora = await person(world);
    await nora.page.goto(`${world.base}/join?tenant=hard-words#${invited.code}`);
    await nora.page.getByRole('heading', { name: 'Join Hard Words' }).waitFor();
    assert.equal(await nora.page.getByLabel('E-mail').inputValue(), 'nora@hard-words.example');
    await nora.page.getByLabel('Your name').fill('Nora New');
    await nora.page.getByText('At least 20 characters').waitFor();
    await nora.page.getByLabel('Password').fill('seven green r0ckets in a row');
    await nora.page.getByRole('button', { name: 'Join workspace' }).click();
    await nora.page.getByText('contains "Rocket"').waitFor();
    await looked(nora.page, 'join-by-rules');
    await nora.page.getByLabel('Password').fill(PASSWORD);
    await nora.page.getByRole('button', { name: 'Join workspace' }).click();
    await nora.page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    // So does who changes theirs.
    await nora.page.goto(`${world.base}/settings`);
    await nora.page.getByText('Neither the present one nor one of the 2 before').waitFor();
    await nora.page.getByLabel('Present password').fill(PASSWORD);
    await nora.page.getByLabel('New password').fill(PASSWORD);
    await nora.page.getByRole('button', { name: 'Change password' }).click();
    await nora.page.getByText(/used before|common words/).waitFor();
    assert.deepEqual([...owner.wrong, ...nora.wrong], []);
    await nora.close();
    await owner.close();
}

async function operators_invite_and_remove_each_other(world) {
    const ada = await person(world);
    const { page } = ada;
    await ask(world, ada, 'POST', '/v1/session', { tenant: 'appliance', email: 'ada@example.org', password: PASSWORD });
    await page.goto(`${world.base}/system/operators`);
    await page.getByText('There is no other').waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByLabel('E-mail').fill('otto@example.org');
    await looked(page, 'operator-invite');
    await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
    // It takes a second factor, which she has none of yet.
    await page.getByText('you have none yet').waitFor();
    await page.getByRole('dialog').last().getByRole('button', { name: 'Cancel' }).click();
    await factor(world, ada);
    try {
        await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
        const link = (await page.getByRole('dialog').locator('code').textContent()).trim();
        await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
        await page.getByRole('cell', { name: 'otto@example.org', exact: true }).waitFor();
        const otto = await person(world);
        await otto.page.goto(link);
        await otto.page.getByRole('heading', { name: 'Join Audiagram' }).waitFor();
        await otto.page.getByLabel('Your name').fill('Otto Other');
        await otto.page.getByLabel('Password').fill(PASSWORD);
        await otto.page.getByRole('button', { name: 'Join workspace' }).click();
        await otto.page.getByRole('link', { name: 'Operators' }).click();
        await otto.page.getByText('Otto Other').first().waitFor();
        await page.reload();
        await page.getByRole('button', { name: 'More: Otto Other' }).waitFor();
        await page.getByText('No open invitations').waitFor();
        await looked(page, 'operators');
        await page.getByRole('button', { name: 'More: Otto Other' }).click();
        await page.getByRole('menuitem', { name: 'Remove' }).click();
        await page.getByText('can no longer sign in to the appliance').waitFor();
        await page.screenshot({ path: `${OUT}/operator-remove.png` });
        assert.deepEqual(await violations(page), []);
        await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
        await told(page, 'Otto Other was removed');
        await page.getByText('There is no other').waitFor();
        await otto.page.goto(`${world.base}/system/operators`);
        await otto.page.getByRole('heading', { name: 'Sign in' }).waitFor();
        assert.deepEqual([...ada.wrong, ...otto.wrong], []);
        await otto.close();
    } finally {
        // Other tasks come as her with a password alone.
        await ask(world, ada, 'DELETE', '/v1/me/second-factor');
    }
    await ada.close();
}

/** A statement in Cedar: in colours, left by Tab, told where it cannot be read, and kept. */
async function a_policy_is_written(world) {
    const own = await workspace(world, 'statements', 'Statements', { plan: 'enterprise' });
    await factor(world, own);
    const { page } = own;
    await own.context.addInitScript(() => localStorage.setItem('language', 'en'));
    await page.goto(`${world.base}/admin/security`);
    await page.getByRole('button', { name: 'New policy' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New policy' });
    await dialog.locator('.cm-editor').waitFor();
    const statement = dialog.getByRole('textbox', { name: 'Statement' });
    await statement.focus();
    await page.keyboard.press('Tab');
    assert.equal(await statement.evaluate((node) => node.contains(document.activeElement)), false, 'Tab stays in the editor');
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await settled(page);
        await page.screenshot({ path: `${OUT}/policy-${colorScheme}.png` });
        assert.deepEqual(await violations(page), [], colorScheme);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await dialog.getByLabel('Name').fill('No keys');
    await statement.fill('forbid(principal, action');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByRole('alert').first().waitFor();
    await statement.fill('forbid(principal, action == Action::"asset:download", resource)\nwhen { context.api_key };');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'No keys' }).waitFor();
    await page.locator('pre').getByText('context.api_key').waitFor();
    assert.deepEqual(own.wrong, []);
    await own.close();
}

export default [sessions_last_as_a_workspace_wants, passwords_are_as_a_workspace_wants, operators_invite_and_remove_each_other, a_policy_is_written];
