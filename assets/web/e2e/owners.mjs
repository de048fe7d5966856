// What owners do with their workspace: who they are, what webhooks were told, prices, people erased, everything taken away and closed.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { OUT, settled, until, violations } from './browser.mjs';
import { ask, colleague, factor, workspace } from './workspaces.mjs';

const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();
async function sound(page, name) {
    await settled(page);
    await page.screenshot({ path: `${OUT}/${name}.png` });
    assert.deepEqual(await violations(page), [], name);
}
/** The same by night and on a telephone, to be looked at. */
async function looks(page, name) {
    // As it stands: what moves meanwhile is between two colours.
    const still = () => page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished)));
    await page.emulateMedia({ colorScheme: 'dark' });
    await still();
    await page.screenshot({ path: `${OUT}/${name}-dark.png` });
    await page.emulateMedia({ colorScheme: 'light' });
    const wide = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    await still();
    await page.screenshot({ path: `${OUT}/${name}-phone.png` });
    const outside = await page.evaluate(() => [...document.querySelectorAll('.modal')].some((one) => one.getBoundingClientRect().right > innerWidth));
    assert.ok(!outside, `${name}: the dialog is wider than a telephone`);
    await page.setViewportSize(wide);
}
async function saved(page, press) {
    const [file] = await Promise.all([page.waitForEvent('download'), press()]);
    return { name: file.suggestedFilename(), path: await file.path() };
}

async function the_own_profile_is_changed(world) {
    const owner = await workspace(world, 'profiles', 'Profiles');
    const vera = await colleague(world, owner, 'Vera Viewer', 'viewer');
    const { page } = owner;
    await page.goto(`${world.base}/settings`);
    const name = page.getByLabel('Your name');
    await name.fill('Olive Oakes');
    // Whoever goes elsewhere is asked first.
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('dialog', { name: 'Not saved yet' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByLabel('E-mail address').fill('vera.viewer@profiles.example');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // Somebody else's address is refused, and nothing that was typed is lost.
    await page.locator('.error, .fault').first().waitFor();
    assert.equal(await name.inputValue(), 'Olive Oakes');
    await page.getByLabel('E-mail address').fill('olive@profiles.example');
    await name.press('Enter');
    await told(page, 'Saved');
    // The frame calls them by it at once.
    await page.locator('.side .last').getByText('Olive Oakes').waitFor();
    await sound(page, 'profile');
    await looks(page, 'profile');
    // Everybody says what they are called; where they sign in, who administers people.
    await vera.page.goto(`${world.base}/settings`);
    await vera.page.getByLabel('Your name').waitFor();
    assert.ok(!(await vera.page.getByLabel('E-mail address').isEditable()));
    await sound(vera.page, 'profile-seen');
    assert.deepEqual([...owner.wrong, ...vera.wrong], []);
    await vera.close();
    await owner.close();
}

async function messages_of_a_webhook_are_seen_and_sent_again(world) {
    const owner = await workspace(world, 'pagers', 'Pagers');
    const { page } = owner;
    const made = await ask(world, owner, 'POST', '/v1/webhooks', { title: 'Pager', url: 'https://hooks.example.com/' });
    await page.goto(`${world.base}/alerts`);
    const more = page.getByRole('button', { name: 'More: Pager' });
    const choose = async (entry) => (await more.click(), await page.getByRole('menuitem', { name: entry }).click());
    await choose('Messages');
    await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
    await page.keyboard.press('Escape');
    // One that is off takes nothing, which is said at once.
    await page.locator('label.switch').click();
    await until(async () => !(await ask(world, owner, 'GET', `/v1/webhooks/${made.id}`)).enabled, 'the webhook is on still');
    await choose('Send a test message');
    const messages = page.getByRole('dialog', { name: 'Messages to Pager' });
    await messages.getByText('Not taken').waitFor();
    await messages.getByText('the webhook is off').waitFor();
    await sound(page, 'webhook-messages');
    await looks(page, 'webhook-messages');
    const attempts = async () => (await ask(world, owner, 'GET', `/v1/webhooks/${made.id}/deliveries`)).items[0].attempts;
    const before = await attempts();
    await messages.getByRole('button', { name: /^Send again: Test message/ }).focus();
    await page.keyboard.press('Enter');
    await told(page, 'The message is on its way.');
    await until(async () => (await attempts()) > before, 'the message was not sent anew');
    await messages.getByText('Not taken').waitFor();
    await page.keyboard.press('Escape');
    await messages.waitFor({ state: 'detached' });

    await choose('New signing key');
    await page.getByText('For a day messages are signed with the former one too').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'New signing key' }).click();
    const key = await page.locator('.code-block code').textContent();
    assert.match(key, /^whsec_/);
    assert.notEqual(key, made.key);
    await sound(page, 'webhook-key');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await choose('Edit');
    await page.getByLabel('Address').fill('http://hooks.example.com/new');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('must begin with https://').waitFor();
    await page.getByLabel('Address').fill('https://hooks.example.com/new');
    await page.getByLabel('Title').fill('Beeper');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('cell', { name: 'https://hooks.example.com/new' }).waitFor();
    await page.getByRole('button', { name: 'More: Beeper' }).click();
    await page.getByRole('menuitem', { name: 'Remove webhook' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove webhook' }).click();
    await page.getByText('None yet').waitFor();
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

async function prices_are_set(world) {
    const owner = await workspace(world, 'price-tags', 'Price Tags');
    const { page } = owner;
    await page.goto(`${world.base}/admin/prices`);
    await page.getByRole('heading', { name: 'No prices yet' }).waitFor();
    await sound(page, 'prices-none');
    await page.getByRole('button', { name: 'New price list' }).click();
    await page.getByRole('textbox', { name: 'Speech turned into words' }).fill('dear');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('A price is a number from 0 to 1,000,000.').waitFor();
    await page.getByRole('textbox', { name: 'Speech turned into words' }).fill('1.20');
    await page.getByRole('textbox', { name: 'People' }).fill('9');
    await page.getByRole('textbox', { name: 'Storage' }).fill('0.0125');
    await page.getByRole('button', { name: 'Add a meter of your own' }).click();
    await page.getByRole('textbox', { name: 'Meter of your own' }).fill('acme.api_calls');
    await page.getByRole('textbox', { name: 'Price', exact: true }).fill('0.5');
    await page.getByRole('textbox', { name: 'For so many units' }).fill('1000');
    await sound(page, 'prices-form');
    await looks(page, 'prices-form');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await told(page, 'Saved');
    await page.getByRole('cell', { name: '€1.20' }).waitFor();
    await page.getByRole('cell', { name: 'a gigabyte for 30 days' }).waitFor();
    await page.getByRole('cell', { name: '1,000 units' }).waitFor();
    const { items } = await ask(world, owner, 'GET', '/v1/rate-cards');
    assert.deepEqual(items[0].rates.find(({ meter }) => meter === 'audiagram.speech'), { meter: 'audiagram.speech', price_micros: 1_200_000, block: 3_600_000 });

    // The next list begins with this one, in its currency, and not in the past.
    await page.getByRole('button', { name: 'New price list' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Speech turned into words' }).inputValue(), '1.2');
    await page.getByRole('textbox', { name: 'Speech turned into words' }).fill('1.5');
    await page.getByRole('textbox', { name: 'People' }).fill('');
    await page.getByLabel('From', { exact: true }).fill('2020-01-01T00:00');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('must be later than that of the newest card').waitFor();
    await page.getByLabel('From', { exact: true }).fill('2099-01-01T00:00');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show: Price list 2' }).press('Enter');
    await page.getByRole('cell', { name: '+25%' }).waitFor();
    await page.getByText('No longer priced: People').waitFor();
    await sound(page, 'prices');
    await looks(page, 'prices');
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

async function a_person_is_erased(world) {
    const owner = await workspace(world, 'forgetful', 'Forgetful');
    const gone = await colleague(world, owner, 'Gail Gone');
    await gone.close();
    await factor(world, owner);
    const { page } = owner;
    await page.goto(`${world.base}/admin/members`);
    await page.getByRole('button', { name: 'More: Gail Gone' }).click();
    await page.getByRole('menuitem', { name: 'Erase for good' }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase Gail Gone for good' });
    await dialog.getByLabel(/^Type /).fill('gail');
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.getByText('This is not the same.').waitFor();
    await sound(page, 'erase-member');
    await looks(page, 'erase-member');
    await dialog.getByLabel(/^Type /).fill('gail.gone@forgetful.example');
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.getByText('The person is erased.').waitFor();
    await sound(page, 'erased-member');
    const receipt = await saved(page, () => dialog.getByRole('button', { name: 'Save the receipt' }).click());
    const { complete, checkpoint, rows } = JSON.parse(readFileSync(receipt.path, 'utf8'));
    assert.ok(complete && rows > 0 && checkpoint.note.includes(checkpoint.root), 'the receipt says too little');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'More: Gail Gone' }).waitFor({ state: 'detached' });
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

async function a_workspace_is_taken_away_and_closed(world) {
    const owner = await workspace(world, 'shutters', 'Shutters');
    await factor(world, owner);
    const { page } = owner;
    await page.goto(`${world.base}/admin/workspace`);
    const away = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Export the workspace' }) });
    await away.getByLabel('Passphrase', { exact: true }).fill('twelve purple trams at dawn');
    await away.getByLabel('Passphrase once more').fill('something else');
    await away.getByRole('button', { name: 'Export the workspace' }).click();
    await away.getByText('This is not the same.').waitFor();
    await sound(page, 'workspace-end');
    await looks(page, 'workspace-end');
    await away.getByLabel('Passphrase once more').fill('twelve purple trams at dawn');
    const file = await saved(page, () => away.getByRole('button', { name: 'Export the workspace' }).click());
    assert.ok(statSync(file.path).size > 1_000, `${file.name} is empty`);
    await told(page, 'The workspace was exported');
    assert.equal(await away.getByLabel('Passphrase', { exact: true }).inputValue(), '');

    await page.getByRole('button', { name: 'Close the workspace' }).click();
    const dialog = page.getByRole('dialog', { name: 'Close the workspace' });
    await dialog.getByLabel(/^Type /).fill('Shutters');
    await dialog.getByRole('button', { name: 'Close the workspace' }).click();
    await dialog.getByText('This is not the same.').waitFor();
    await sound(page, 'close-workspace');
    await dialog.getByLabel(/^Type /).fill('shutters');
    await dialog.getByRole('button', { name: 'Close the workspace' }).click();
    await page.getByRole('heading', { name: 'The workspace is closed' }).waitFor();
    await page.getByText('those who run the appliance can reopen it').waitFor();
    const key = await saved(page, () => page.getByRole('button', { name: 'Save the key' }).click());
    assert.match(JSON.parse(readFileSync(key.path, 'utf8')).public_key, /^[0-9a-f]{64}$/);
    await sound(page, 'closed');
    await looks(page, 'closed');
    // Nobody is in any more, and the page stays when it is loaded anew.
    await page.reload();
    await page.getByRole('heading', { name: 'The workspace is closed' }).waitFor();
    await page.goto(`${world.base}/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

export default [the_own_profile_is_changed, messages_of_a_webhook_are_seen_and_sent_again, prices_are_set, a_person_is_erased, a_workspace_is_taken_away_and_closed];
