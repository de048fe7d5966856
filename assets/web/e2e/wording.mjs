// What goes wrong is told in the language of whoever reads it.
import assert from 'node:assert/strict';
import { OUT, person, settled } from './browser.mjs';
import { ask, workspace } from './workspaces.mjs';

async function problems_are_told_in_the_readers_language(world) {
    const one = await workspace(world, 'worte', 'Worte', { locale: 'de-DE' });
    const { page } = one;
    await one.context.addInitScript(() => localStorage.setItem('language', 'de'));
    const { id } = await ask(world, one, 'POST', '/v1/projects', { title: 'Reden' });
    await ask(world, one, 'POST', `/v1/projects/${id}/folders`, { title: 'Notizen' });
    await page.goto(`${world.base}/projects/${id}`);
    // At the field.
    await page.getByRole('button', { name: 'Neuer Ordner' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('Notizen');
    await page.keyboard.press('Enter');
    await page.locator('.error').filter({ hasText: 'ist schon vergeben' }).waitFor();
    await page.screenshot({ path: `${OUT}/problem-de.png` });
    await page.keyboard.press('Escape');
    // In a form, for what is of no one field; the language can be changed while it stands there.
    const guest = await person(world, { locale: 'de-DE' });
    await guest.page.goto(`${world.base}/sign-in`);
    await guest.page.getByLabel('E-Mail').fill('nobody@worte.example');
    await guest.page.getByLabel('Arbeitsbereich').fill('worte');
    await guest.page.getByLabel('Passwort').fill('nothing that is right');
    await guest.page.keyboard.press('Enter');
    await guest.page.getByRole('alert').filter({ hasText: 'Arbeitsbereich, E-Mail oder Passwort ist falsch' }).waitFor();
    await settled(guest.page);
    await guest.page.screenshot({ path: `${OUT}/problem-sign-in-de.png` });
    // In a notice: somebody else was faster.
    const { version } = await ask(world, one, 'GET', `/v1/projects/${id}`);
    await page.route(`**/v1/projects/${id}`, (route) => (route.request().method() === 'PATCH' ? route.continue({ headers: { ...route.request().headers(), 'if-match': '"99"' } }) : route.continue()));
    assert.ok(version);
    await page.getByRole('button', { name: 'Mehr', exact: true }).last().click();
    await page.getByRole('menuitem', { name: 'Umbenennen' }).click();
    await page.getByRole('dialog').getByRole('textbox').first().fill('Ansprachen');
    await page.keyboard.press('Enter');
    await page.getByText('Jemand anders hat es inzwischen geändert').waitFor();
    assert.deepEqual([...one.wrong, ...guest.wrong], []);
    for (const each of [guest, one]) await each.close();
}

export default [problems_are_told_in_the_readers_language];
