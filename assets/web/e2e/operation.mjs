// What operators look at without a shell: diagnosis, capacity, certificates, settings, the log, the support bundle, licences.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OUT, person, settled, violations } from './browser.mjs';

const PARTS = ['health', 'doctor', 'capacity', 'jobs', 'certificates', 'configuration', 'log', 'bundle', 'about'];

async function operator(world) {
    const one = await person(world, { as: 'operator' });
    await one.context.addInitScript(() => localStorage.setItem('language', 'en'));
    await one.page.goto(`${world.base}/system/health`);
    return one;
}
const tab = (page, name) => page.locator('.tab-list.many .tab').getByText(name, { exact: true }).or(page.locator('.tab-list.many .tab').filter({ hasText: new RegExp(`^${name}$`) })).first().click();

async function the_doctor_is_asked_again(world) {
    const one = await operator(world);
    const { page } = one;
    await tab(page, 'Doctor');
    await page.getByText('key file', { exact: true }).waitFor();
    await page.getByText('outside the data folder').first().waitFor();
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/v1/appliance/doctor?anew=true'));
    await page.getByRole('button', { name: 'Look again' }).click();
    assert.equal((await answered).status(), 200);
    await page.getByRole('radio', { name: 'All checks' }).click();
    await page.getByText('runs and is ready').waitFor();
    // The part that one looks at stands in the address.
    await page.reload();
    await page.getByText('key file', { exact: true }).waitFor();
    assert.ok(page.url().endsWith('#doctor'));
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function settings_are_held_against_their_defaults(world) {
    const one = await operator(world);
    const { page } = one;
    await tab(page, 'Configuration');
    await page.getByRole('row', { name: /^exports\.folder .* file$/ }).waitFor();
    await page.getByRole('row', { name: /^listen\.address .* command line$/ }).waitFor();
    assert.equal(await page.getByRole('row', { name: /^http\.idle_s/ }).count(), 0);
    await page.getByText('Only what differs').click();
    await page.getByLabel('Find a setting').fill('idle_s');
    await page.getByRole('row', { name: /^http\.idle_s .*120 120 built in$/ }).waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function certificate_capacity_and_licences_are_seen(world) {
    const one = await operator(world);
    const { page } = one;
    await tab(page, 'Certificates');
    await page.getByText('CN=Audiagram appliance').first().waitFor();
    await page.getByText(/^\d+ days left$/).first().waitFor();
    await tab(page, 'Capacity');
    await page.getByRole('row', { name: /Acme Logistics/ }).waitFor();
    await page.getByText('Memory of the machine').waitFor();
    await tab(page, 'About');
    await page.getByRole('row', { name: /^libavcodec .* GPL/ }).waitFor();
    await page.getByLabel('Find a package or licence').fill('rustls-webpki');
    await page.getByRole('row', { name: /^rustls-webpki .* ISC crates\.io$/ }).waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function the_last_hours_and_the_jobs_of_all_workspaces_are_seen(world) {
    const one = await operator(world);
    const { page } = one;
    await page.getByRole('img', { name: /^Memory in use\./ }).waitFor();
    await page.getByRole('radio', { name: '15 minutes' }).click();
    await page.getByRole('radio', { name: 'Table', exact: true }).click();
    await page.getByRole('columnheader', { name: 'Memory in use' }).waitFor();
    await tab(page, 'Jobs');
    await page.getByRole('heading', { name: 'Turns of the workspaces' }).waitFor();
    await page.getByRole('radio', { name: 'Done', exact: true }).click();
    await page.getByRole('row', { name: /video\.make acme/ }).first().waitFor();
    // What the jobs are about is not for those who run the appliance.
    assert.equal(await page.getByText('order', { exact: true }).count(), 0);
    await settled(page);
    await page.screenshot({ path: `${OUT}/fleet.png`, fullPage: true });
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function a_restore_is_rehearsed(world) {
    const one = await operator(world);
    const { page } = one;
    await page.goto(`${world.base}/system/backups`);
    await page.getByRole('button', { name: 'Back up now' }).first().click();
    await page.getByRole('button', { name: 'Try the newest backup' }).and(page.locator(':not([disabled])')).click({ timeout: 60_000 });
    await page.getByText('The last drill succeeded').waitFor({ timeout: 60_000 });
    await page.getByRole('cell', { name: 'Came back' }).first().waitFor();
    await settled(page);
    await page.screenshot({ path: `${OUT}/drills.png`, fullPage: true });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function the_log_is_read_and_the_bundle_saved(world) {
    const one = await operator(world);
    const { page } = one;
    await tab(page, 'Log');
    await page.getByText(/lines since the start are kept/).waitFor();
    await page.getByLabel('Find in lines').fill('nothing says this');
    await page.getByText('No lines').waitFor();
    await tab(page, 'Support bundle');
    await page.getByText('manifest.json').waitFor();
    const promised = await page.locator('.known dt').allTextContents();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Make and save' }).click();
    const download = await saved;
    assert.match(download.suggestedFilename(), /^audiagram-support-\d{8}-\d{6}\.zip$/);
    const archive = readFileSync(await download.path());
    assert.equal(archive.subarray(0, 2).toString(), 'PK');
    for (const name of promised.filter((name) => name !== 'log.json')) assert.ok(archive.includes(name), name);
    await page.getByText('The support bundle is made').waitFor();
    assert.deepEqual(one.wrong, []);
    await one.close();
}

async function every_part_of_operation_is_accessible(world) {
    for (const [name, language, options] of [['light', 'en', {}], ['dark', 'en', { colorScheme: 'dark' }], ['rtl', 'ar', {}], ['phone', 'de', { viewport: { width: 390, height: 844 } }]]) {
        const one = await person(world, { as: 'operator', reducedMotion: 'reduce', ...options });
        await one.context.addInitScript((code) => localStorage.setItem('language', code), language);
        for (const part of PARTS) {
            await one.page.goto(`${world.base}/system/health#${part}`);
            await one.page.reload();
            await settled(one.page);
            await one.page.screenshot({ path: `${OUT}/operation-${part}-${name}.png`, fullPage: true });
            const found = await violations(one.page);
            world.checks.check(`axe operation ${part} ${name}`, found.length === 0, found.join('\n'));
            const wide = await one.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            world.checks.check(`operation ${part} ${name} fits the window`, wide <= 0, `${wide} px too wide`);
        }
        assert.deepEqual(one.wrong, []);
        await one.close();
    }
}

export default [the_doctor_is_asked_again, settings_are_held_against_their_defaults, certificate_capacity_and_licences_are_seen, the_last_hours_and_the_jobs_of_all_workspaces_are_seen, a_restore_is_rehearsed, the_log_is_read_and_the_bundle_saved, every_part_of_operation_is_accessible];
