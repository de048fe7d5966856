// Scenes in another order, by pointer, menu and keys; and a scene as another kind before it is chosen.
import assert from 'node:assert/strict';
import { OUT, settled, until, violations } from './browser.mjs';
import { ask, workspace } from './workspaces.mjs';

const TEXT = `First the customer places an order online. Then the shop checks the stock and packs the goods. Finally the carrier delivers the parcel.

Our company has three departments. Sales has two teams, inside sales and field sales. Engineering has a platform team and a product team. Finance has payroll and controlling.

In 1998 the company was founded in Hamburg. In 2004 it opened an office in Vienna. In 2012 it went public, and in 2020 it moved to Berlin.`;

const titles = (page) => page.locator('.scene-item .cut').allTextContents();
const order = (page, wanted) => until(async () => (await titles(page)).join('|') === wanted.join('|'), `not in this order: ${wanted.join(', ')}`);

async function scenes_are_played_in_another_order(world) {
    const owner = await workspace(world, 'scenes', 'Northwind Research');
    const { page } = owner;
    const { id: project } = await ask(world, owner, 'POST', '/v1/projects', { title: 'Talks' });
    const made = await ask(world, owner, 'POST', `/v1/projects/${project}/imports`, { file_name: 'talk.txt', text: TEXT });
    const path = `/v1/storyboards/${made.storyboard}`;
    let content = await ask(world, owner, 'GET', `${path}/content`);
    for (let n = 0; content.scenes.length < 3 && n < 3; n++) {
        const scene = content.scenes[content.scenes.length - 1];
        await ask(world, owner, 'PATCH', path, { op: 'split_scene', scene: scene.id, word: Math.ceil((scene.words[0] + scene.words[1]) / 2), title: `Part ${n + 2}` }, { 'if-match': '*' });
        content = await ask(world, owner, 'GET', `${path}/content`);
    }
    await page.goto(`${world.base}/storyboards/${made.storyboard}`);
    await page.locator('.react-flow__node').first().waitFor();
    await settled(page);
    const spoken = await titles(page);
    assert.ok(spoken.length >= 3, `only ${spoken.length} scenes`);
    const [one, two, ...rest] = spoken;

    // Dragged below the next.
    const [from, to] = [page.locator('.scenes li').nth(0), page.locator('.scenes li').nth(1)];
    const size = await to.boundingBox();
    await from.dragTo(to, { sourcePosition: { x: 40, y: 12 }, targetPosition: { x: 40, y: size.height - 4 } });
    await order(page, [two, one, ...rest]);
    await page.locator('.toast').filter({ hasText: 'The scene was moved' }).last().waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/scenes-moved.png` });
    assert.deepEqual((await ask(world, owner, 'GET', `${path}/content`)).order.slice(0, 2), [content.scenes[1].id, content.scenes[0].id]);
    const playing = await ask(world, owner, 'GET', `${path}/playing`);
    assert.equal(playing.stretches[0].scene, content.scenes[1].id);

    // Taken back, and moved by keys; the focus goes along.
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await order(page, spoken);
    await page.locator('.scene-item').nth(1).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await order(page, [two, one, ...rest]);
    await until(() => page.evaluate((title) => document.activeElement?.textContent?.includes(title), two), 'the focus is lost');
    // By the menu.
    await page.getByRole('button', { name: `More: ${two}` }).click();
    await page.getByRole('menuitem', { name: 'Play after the scene below' }).click();
    await order(page, spoken);

    // Another kind, as the scene would look.
    await page.locator('.scene-item').first().click();
    await settled(page);
    await page.getByRole('complementary', { name: 'Properties' }).getByRole('button', { name: 'Change kind', exact: true }).click();
    await until(async () => (await page.locator('.kind .as-kind svg.diagram').count()) >= 10, 'kinds are not shown as they would look');
    await settled(page);
    for (const [look, colorScheme, viewport] of [['', 'light', { width: 1440, height: 900 }], ['-dark', 'dark', { width: 1440, height: 900 }], ['-phone', 'light', { width: 390, height: 844 }]]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        await page.waitForTimeout(300);
        await page.screenshot({ path: `${OUT}/kinds${look}.png` });
        assert.deepEqual(await violations(page), [], `kinds${look}`);
    }
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

export default [scenes_are_played_in_another_order];
