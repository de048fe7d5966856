// The main paths without a pointer.
import assert from 'node:assert/strict';
import { person, settled } from './browser.mjs';
import { box } from './tasks.mjs';

/** Goes on by Tab until what has the focus is called so. */
async function tabTo(page, name, most = 60) {
    for (let i = 0; i < most; i++) {
        await page.keyboard.press('Tab');
        const here = await page.evaluate(() => {
            const { activeElement: at } = document;
            return (at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim();
        });
        if (typeof name === 'string' ? here === name : name.test(here)) return;
    }
    throw new Error(`no way by keyboard to ${name}`);
}

async function by_keyboard_one_finds_and_watches(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(world.base);
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('searchbox').waitFor();
    await page.keyboard.type('Members');
    await page.getByRole('menuitem', { name: 'Members' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    await page.goto(world.base + world.recording);
    await settled(page);
    await page.locator('[data-word="0"]').focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    assert.ok((await page.locator('video').evaluate((video) => video.currentTime)) > 5, 'the word did not move the player');
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function by_keyboard_a_label_is_changed(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(world.base + world.storyboard);
    await box(page, 'Check stock').waitFor();
    await box(page, 'Check stock').focus();
    await page.keyboard.press('F2');
    await page.getByLabel('Label').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Ask for a review');
    await page.keyboard.press('Enter');
    await box(page, 'Ask for a review').waitFor();
    await page.locator('body').press('Control+z');
    await box(page, 'Check stock').waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

async function by_keyboard_a_project_is_made_and_thrown_away(world) {
    const ada = await person(world, { as: 'ada' });
    const { page } = ada;
    await page.goto(world.base);
    await settled(page);
    await tabTo(page, 'New project');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('Made by keys');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Made by keys' }).waitFor();
    await tabTo(page, 'More');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Move to trash' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Made by keys is in the trash').waitFor();
    await page.goto(`${world.base}/trash`);
    await settled(page);
    await tabTo(page, 'Restore: Made by keys');
    await page.keyboard.press('Enter');
    await page.getByText('Made by keys was restored').waitFor();
    await tabTo(page, 'Undo');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Restore: Made by keys' }).waitFor();
    assert.deepEqual(ada.wrong, []);
    await ada.close();
}

export default [by_keyboard_one_finds_and_watches, by_keyboard_a_label_is_changed, by_keyboard_a_project_is_made_and_thrown_away];
