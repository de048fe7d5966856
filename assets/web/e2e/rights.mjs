// Who may what: clearance, roles in projects with an end of one's own choice, names of permissions, what has changed.
import assert from 'node:assert/strict';
import { OUT, person, settled, until, violations } from './browser.mjs';
import { ask, colleague, workspace } from './workspaces.mjs';

async function a_role_in_a_project_ends_on_a_day(world) {
    const own = await workspace(world, 'granters', 'Granters');
    const bo = await colleague(world, own, 'Bo Berg', 'viewer');
    const { page } = own;
    const { id } = await ask(world, own, 'POST', '/v1/projects', { title: 'Bridge works' });
    await page.goto(`${world.base}/admin/members`);
    await page.getByRole('button', { name: 'More: Bo Berg' }).click();
    await page.getByRole('menuitem', { name: 'Clearance' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Clearance$/ }).click();
    await page.getByRole('option', { name: 'Public' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Bo Berg/ }).getByText('Public').waitFor();

    await page.getByRole('button', { name: 'Bo Berg', exact: true }).click();
    const pick = async (label, option) => {
        await dialog.getByRole('button', { name: new RegExp(`${label}$`) }).click();
        await page.getByRole('option', { name: option }).click();
    };
    await pick('Role', 'Editor');
    await pick('In which project', 'Bridge works');
    await dialog.getByText(/^\d+ gained$/).waitFor();
    await pick('Good for', 'Until a day');
    assert.ok(await dialog.getByRole('button', { name: 'Give role' }).isDisabled(), 'given without its day');
    const last = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    await dialog.getByLabel('Last day').fill(last);
    await dialog.getByRole('button', { name: 'Give role' }).click();
    await dialog.getByText('in Bridge works').waitFor();
    await page.screenshot({ path: `${OUT}/grants.png` });
    assert.deepEqual(await violations(page), []);
    const given = async () => (await ask(world, own, 'GET', `/v1/projects/${id}/members`)).items.find(({ why, principal }) => why === 'project' && principal);
    assert.ok((await given()).expires.startsWith(last), JSON.stringify(await given()));
    await dialog.getByRole('button', { name: 'Remove: Editor, Bridge works' }).click();
    await until(async () => !(await given()), 'the role is still there');
    await page.keyboard.press('Escape');
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await given())?.expires.startsWith(last), 'it did not come back as it was');
    assert.deepEqual(own.wrong, []);
    await bo.close();
    await own.close();
}

async function permissions_are_said_in_words(world) {
    const own = await person(world, { as: 'ada' });
    const { page } = own;
    for (const [language, words] of [['en', 'See projects and search in them'], ['de', 'Projekte sehen und durchsuchen'], ['ja', 'プロジェクトを見る・検索する']]) {
        await page.goto(world.base);
        await page.evaluate((code) => localStorage.setItem('language', code), language);
        await page.goto(`${world.base}/admin/roles`);
        await page.getByRole('rowheader', { name: words }).waitFor();
        // Each has words: none is named by its code.
        const bare = await page.locator('.matrix tbody th[scope=row]').evaluateAll((cells) => cells.filter((cell) => cell.firstChild?.textContent === cell.querySelector('.mono')?.textContent).map((cell) => cell.textContent));
        assert.deepEqual(bare, []);
    }
    await page.evaluate(() => localStorage.setItem('language', 'en'));
    await page.reload();
    await page.getByRole('heading', { name: 'What has changed' }).waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/roles-words.png`, fullPage: true });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(own.wrong, []);
    await own.close();
}

export default [a_role_in_a_project_ends_on_a_day, permissions_are_said_in_words];
