// What cannot be taken back is asked about first: links, invitations, sessions, passwords.
import assert from 'node:assert/strict';
import { person, violations } from './browser.mjs';
import { ask, colleague, workspace } from './workspaces.mjs';
import { PASSWORD } from './tasks.mjs';

async function nothing_ends_at_one_press(world) {
    const own = await workspace(world, 'askers', 'Askers');
    const bo = await colleague(world, own, 'Bo Berg');
    const { page } = own;
    const question = (name) => page.getByRole('dialog', { name });
    const rows = async (path) => (await ask(world, own, 'GET', path)).items.length;
    /** Not done by the first press, nor by calling it off; done when it is said twice. */
    const twice = async (name, press, done, yes = name) => {
        for (const answer of ['Cancel', yes]) {
            await press();
            await question(name).waitFor();
            assert.equal(await done(), false, `${name} was done at one press`);
            await question(name).getByRole('button', { name: answer, exact: true }).click();
            if (answer === 'Cancel') await question(name).waitFor({ state: 'detached' });
        }
        for (let n = 0; n < 50 && !(await done()); n++) await page.waitForTimeout(100);
        assert.equal(await done(), true, `${name} was not done`);
    };
    await ask(world, own, 'POST', '/v1/invitations', { email: 'carla@askers.example', role: 'viewer' });
    await page.goto(`${world.base}/admin/members`);
    const more = async (label, entry) => {
        await page.getByRole('button', { name: `More: ${label}`, exact: true }).click();
        await page.getByRole('menuitem', { name: entry, exact: true }).click();
    };
    const invited = await rows('/v1/invitations');
    await twice('Revoke', () => more('carla@askers.example', 'Revoke'), async () => (await rows('/v1/invitations')) < invited || !(await page.getByText('carla@askers.example').count()));
    const out = async () => !(await bo.context.request.get(`${world.base}/v1/session`, { ignoreHTTPSErrors: true })).ok();
    await twice('Reset password', () => more('Bo Berg', 'Reset password'), async () => (await page.locator('.code-block code').count()) > 0);
    assert.equal(await out(), true);
    await page.keyboard.press('Escape');
    // Another browser of the same person.
    const second = await person(world);
    await ask(world, second, 'POST', '/v1/session', { tenant: 'askers', email: own.email, password: PASSWORD });
    await page.goto(`${world.base}/settings`);
    await page.getByRole('button', { name: /^End: / }).first().waitFor();
    assert.deepEqual(await violations(page), []);
    const gone = async () => !(await second.context.request.get(`${world.base}/v1/session`, { ignoreHTTPSErrors: true })).ok();
    await twice('End session', () => page.getByRole('button', { name: /^End: / }).first().click(), gone, 'End');
    assert.deepEqual(own.wrong, []);
    for (const one of [second, bo, own]) await one.close();
}

export default [nothing_ends_at_one_press];
