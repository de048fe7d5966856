// An access review from its start to the signed evidence: by pointer and, where it is decided, by keyboard alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';

/** Takes someone in without the pages that other tasks look at. */
const join = (page, name) =>
    page.evaluate(async ([name, password]) => {
        const post = async (path, body) => {
            const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }, body: JSON.stringify(body) });
            if (!answer.ok) throw new Error(await answer.text());
            return answer.json();
        };
        const { slug } = await (await fetch('/v1/tenant')).json();
        const { code } = await post('/v1/invitations', { email: `${name.toLowerCase()}@example.org`, role: 'editor' });
        await post('/v1/invitations/accept', { tenant: slug, code, name, password });
    }, [name, PASSWORD]);

async function roles_are_reviewed_and_one_is_taken_back(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(`${world.base}/admin/reviews`);
    await settled(page);
    for (const name of ['Margaret', 'Katherine']) await join(page, name);
    await page.reload();
    await page.getByText('No reviews yet').waitFor();
    await page.getByRole('button', { name: 'New review' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Spring review');
    await page.getByRole('button', { name: /Undecided roles at the end/ }).click();
    await page.getByRole('option', { name: 'Revoked' }).click();
    await page.screenshot({ path: `${OUT}/review-start.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Start review' }).click();
    await page.getByRole('heading', { name: 'Spring review', level: 1 }).waitFor();
    const row = (name) => page.getByRole('row').filter({ hasText: name });
    await row('Ada').getByText('Yours: another reviewer decides').waitFor();
    // By keyboard: kept, taken back, kept again.
    await row('Margaret').getByRole('button', { name: /^Keep/ }).focus();
    await page.keyboard.press('k');
    await row('Margaret').getByText('Kept').waitFor();
    await row('Margaret').getByRole('button', { name: /^Undo/ }).focus();
    await page.keyboard.press('u');
    await row('Margaret').getByRole('button', { name: /^Keep/ }).focus();
    await page.keyboard.press('k');
    await row('Margaret').getByText('Kept').waitFor();
    await row('Katherine').getByRole('button', { name: /^Keep/ }).focus();
    await page.keyboard.press('r');
    await page.getByRole('dialog').getByLabel('Reason').fill('left the team');
    await page.screenshot({ path: `${OUT}/review-revoke.png` });
    await page.keyboard.press('Enter');
    await row('Katherine').getByText('Revoked').waitFor();
    await row('Katherine').getByText('left the team').waitFor();
    world.review = new URL(page.url()).pathname;
    await settled(page);
    await page.screenshot({ path: `${OUT}/review.png` });
    assert.deepEqual(await violations(page), []);
    // At once: who lost the role has nothing any more.
    const left = await page.evaluate(async () => {
        const { items } = await (await fetch('/v1/members?limit=200')).json();
        const { id } = items.find(({ name }) => name === 'Katherine');
        const given = (await (await fetch('/v1/assignments?limit=200')).json()).items;
        return given.filter(({ principal }) => principal === id).length;
    });
    assert.equal(left, 0);
    await page.getByRole('button', { name: 'Close review' }).click();
    await page.getByRole('dialog').getByText(/revoked at once/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close review' }).click();
    await page.getByText('Closed', { exact: true }).first().waitFor();
    // The last owner stays, whatever was said at the start.
    await row('Ada').getByText(/the last owner stays/).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'Save as JSON' }).click();
    const result = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
    assert.match(result.signature, /^[0-9a-f]{128}$/);
    assert.match(result.record, /^audiagram access review\/1\n/);
    await page.screenshot({ path: `${OUT}/review-closed.png` });
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

export default [roles_are_reviewed_and_one_is_taken_back];
