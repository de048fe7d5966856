// What concerns one: told in the page when somebody else does it, and not where one does not want it. And one's own name.
import assert from 'node:assert/strict';
import { OUT, settled, until, violations } from './browser.mjs';
import { ask, colleague, workspace } from './workspaces.mjs';

const PHONE = { width: 390, height: 844 };

async function sound(page, name) {
    await settled(page);
    await page.screenshot({ path: `${OUT}/${name}.png`, fullPage: true });
    assert.deepEqual(await violations(page), [], name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
}

/** The same page in dark, on a telephone, and from right to left. */
async function soundInAllLooks(page, name) {
    await sound(page, name);
    await page.emulateMedia({ colorScheme: 'dark' });
    await sound(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
    const wide = page.viewportSize();
    await page.setViewportSize(PHONE);
    await sound(page, `${name}-phone`);
    await page.evaluate(() => localStorage.setItem('language', 'ar'));
    await page.reload();
    await sound(page, `${name}-phone-rtl`);
    await page.evaluate(() => localStorage.setItem('language', 'en'));
    await page.setViewportSize(wide);
    await page.reload();
}

async function a_comment_is_told_until_one_does_not_want_it(world) {
    const owner = await workspace(world, 'told-things', 'Told Things');
    const ben = await colleague(world, owner, 'Ben Byron');
    const { page } = owner;
    const { id: project } = await ask(world, owner, 'POST', '/v1/projects', { title: 'Orders <b>today</b>' });
    const comment = (text) => ask(world, ben, 'POST', `/v1/subjects/${project}/comments`, { text });
    await comment('Is this right? <img src=x onerror=alert(1)>');
    await comment('And this, @Olive Owner?');

    // Seen from anywhere, and gone when it was read.
    await page.goto(world.base);
    await page.getByRole('link', { name: 'Inbox 2 new' }).click();
    const link = page.getByRole('link', { name: 'Ben Byron commented on “Orders <b>today</b>”' });
    await link.waitFor();
    await page.getByRole('link', { name: 'Ben Byron mentioned you in a comment on' }).waitFor();
    assert.equal(await page.locator('main b, main img').count(), 0);
    await soundInAllLooks(page, 'told-inbox');
    await page.getByRole('button', { name: /Mark as read: Ben Byron mentioned/ }).click();
    await page.getByRole('link', { name: 'Inbox 1 new' }).waitFor();
    await link.click();
    await page.waitForURL(`**/projects/${project}`);
    await page.getByRole('link', { name: 'Inbox', exact: true }).waitFor();

    // Turned off by keyboard; this appliance sends no mails, and says so.
    await page.goto(`${world.base}/inbox`);
    await page.getByRole('link', { name: 'Notifications' }).click();
    await page.getByText('This appliance sends no mails').waitFor();
    const want = page.getByRole('switch', { name: 'Somebody comments on what is yours: In the page' });
    assert.equal(await want.isChecked(), true);
    await want.focus();
    await page.keyboard.press('Space');
    assert.equal(await want.isChecked(), false);
    await until(async () => (await ask(world, owner, 'GET', '/v1/me/notifications')).items.some(({ happening, inbox }) => happening === 'comment.made' && !inbox), 'what was switched is not kept');
    await page.reload();
    await want.waitFor();
    assert.equal(await want.isChecked(), false);
    await soundInAllLooks(page, 'told-settings');
    await comment('Nobody hears this');
    await comment('But this, @Olive Owner');
    await page.goto(`${world.base}/inbox`);
    await page.getByRole('link', { name: 'Inbox 1 new' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Ben Byron commented' }).count(), 1);
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByRole('link', { name: 'Inbox', exact: true }).waitFor();
    assert.deepEqual([...owner.wrong, ...ben.wrong], []);
    await ben.close();
    await owner.close();
}

async function who_may_do_little_has_a_name_and_is_told_of_a_share(world) {
    const owner = await workspace(world, 'told-shares', 'Told Shares');
    const vera = await colleague(world, owner, 'Vera View', 'viewer');
    const { id: project } = await ask(world, owner, 'POST', '/v1/projects', { title: 'Hand-over' });
    const { id } = await ask(world, vera, 'GET', '/v1/me');
    await ask(world, owner, 'POST', `/v1/projects/${project}/shares`, { principal: id, role: 'editor' });
    const { page } = vera;
    await page.goto(`${world.base}/inbox`);
    await page.getByRole('link', { name: 'Olive Owner shared the project “Hand-over” with you' }).click();
    await page.getByRole('heading', { name: 'Hand-over' }).waitFor();

    await page.goto(`${world.base}/settings`);
    const name = page.getByLabel('Your name');
    await name.fill('');
    await page.getByRole('button', { name: 'Save' }).first().click();
    assert.equal(await name.evaluate((field) => field.matches(':invalid') || field.getAttribute('aria-invalid') === 'true'), true);
    await name.fill('Vera <i>Viewer</i>');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByRole('button', { name: 'Vera <i>Viewer</i>' }).waitFor();
    assert.equal(await page.locator('i').count(), 0);
    assert.equal((await ask(world, vera, 'GET', '/v1/me')).name, 'Vera <i>Viewer</i>');
    await sound(page, 'told-profile');

    // As it is where the operator has set up mails: the table has a second column.
    await page.route('**/v1/me/notifications', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), mails: true } });
    });
    await page.reload();
    await page.getByRole('columnheader', { name: 'By mail' }).waitFor();
    await page.getByText('Mails go to vera.view@told-shares.example.').waitFor();
    await soundInAllLooks(page, 'told-settings-mail');
    await page.getByRole('switch', { name: 'A project is shared with you: By mail' }).press('Space');
    await until(async () => (await ask(world, vera, 'GET', '/v1/me/notifications')).items.some(({ happening, mail }) => happening === 'project.shared' && !mail), 'what was switched is not kept');
    assert.deepEqual([...owner.wrong, ...vera.wrong], []);
    await vera.close();
    await owner.close();
}

export default [a_comment_is_told_until_one_does_not_want_it, who_may_do_little_has_a_name_and_is_told_of_a_share];
