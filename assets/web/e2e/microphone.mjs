// What was recorded is not lost: not by a key, not by a press beside the dialog, not by a reload.
import assert from 'node:assert/strict';
import { OUT, person, violations } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';
import { ask, workspace } from './workspaces.mjs';

async function a_recording_outlives_a_reload(world) {
    const own = await workspace(world, 'speakers', 'Speakers Corner', { permissions: ['microphone'] });
    const { page } = own;
    // The browser asks whether one wants to go, too; this person does.
    page.on('dialog', (dialog) => dialog.accept());
    await ask(world, own, 'POST', '/v1/projects', { title: 'Talks' });
    await page.goto(world.base);
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    const recorder = page.getByRole('dialog', { name: 'Record' });
    await recorder.getByRole('button', { name: 'Record', exact: true }).click();
    const timer = () => recorder.getByRole('timer').textContent();
    await page.waitForFunction(() => /^0:0[3-9]/.test(document.querySelector('[role=timer]')?.textContent ?? ''));
    const question = page.getByRole('dialog', { name: 'Throw away' });
    for (const leave of [() => page.keyboard.press('Escape'), () => page.mouse.click(5, 5), () => recorder.getByRole('button', { name: 'Close' }).click()]) {
        await leave();
        await question.waitFor();
        assert.ok(await timer(), 'the recorder is gone');
        await question.getByRole('button', { name: 'Cancel' }).click();
        await question.waitFor({ state: 'detached' });
    }
    assert.deepEqual(await violations(page), []);
    const before = await timer();
    await page.waitForFunction((before) => document.querySelector('[role=timer]')?.textContent > before, before);
    await page.reload();
    await page.getByText(/^You recorded 0:\d\d that was not uploaded\.$/).waitFor();
    await page.locator('audio').evaluate((audio) => new Promise((resolve, reject) => Object.assign(audio, { oncanplay: resolve, onerror: () => reject(new Error('it cannot be heard')) }) && audio.load()));
    await page.screenshot({ path: `${OUT}/recorded.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Use this recording' }).click();
    // Who then says into which project after all not has lost nothing.
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Use this recording' }).click();
    await page.getByRole('button', { name: /^Upload/ }).click();
    await page.getByText('Checksum verified').waitFor();
    await page.goto(world.base);
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    await page.waitForTimeout(500);
    assert.equal(await page.getByText(/^You recorded/).count(), 0, 'it is offered once more');
    // Thrown away when one says so.
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await recorder.getByRole('button', { name: 'Record', exact: true }).click();
    await page.waitForFunction(() => /^0:0[2-9]/.test(document.querySelector('[role=timer]')?.textContent ?? ''));
    await page.keyboard.press('Escape');
    await question.getByRole('button', { name: 'Throw away' }).click();
    await recorder.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { name: 'Turn talk into diagrams' }).waitFor();
    await page.waitForTimeout(500);
    assert.equal(await page.getByText(/^You recorded/).count(), 0, 'what was thrown away is there');
    assert.deepEqual(own.wrong, []);
    await own.close();
}

async function an_upload_says_how_long_it_takes(world) {
    const own = await person(world);
    const { page } = own;
    await ask(world, own, 'POST', '/v1/session', { tenant: 'speakers', email: 'owner@speakers.example', password: PASSWORD });
    // A slow line.
    await page.route('**/v1/uploads/*', async (route) => {
        if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 900));
        await route.continue();
    });
    await page.goto(world.base);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles({ name: 'long.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(40_000_000) });
    await page.getByRole('button', { name: /^Upload/ }).click();
    await page.getByText(/about \d+ seconds? left/).waitFor();
    await page.screenshot({ path: `${OUT}/time-left.png` });
    assert.deepEqual(own.wrong, []);
    await own.close();
}

export default [a_recording_outlives_a_reload, an_upload_says_how_long_it_takes];
