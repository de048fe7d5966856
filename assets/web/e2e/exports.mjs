// Tables written to places of the workspace, from the form to the files.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OUT, settled, violations } from './browser.mjs';
import { factor, workspace } from './workspaces.mjs';

const told = (page, text) => page.locator('.toast').filter({ hasText: text }).last().waitFor();

async function a_table_is_exported_to_its_files(world) {
    const owner = await workspace(world, 'data-works', 'Data Works');
    const { page } = owner;
    await page.goto(`${world.base}/admin/connectors`);
    // Whoever has no second factor is told where to set one up.
    await page.getByText('Set up codes of an app in your settings').waitFor();
    await factor(world, owner);
    await page.reload();
    await page.getByRole('heading', { name: 'No connectors yet' }).waitFor();
    await page.getByRole('button', { name: 'New connector' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Lake');
    await page.getByLabel('Folder', { exact: true }).last().fill('bi/usage');
    await page.screenshot({ path: `${OUT}/connector-folder.png` });
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: 'Lake', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Export a table' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /Table/ }).click();
    await page.getByRole('option', { name: /^Audit trail/ }).click();
    await page.screenshot({ path: `${OUT}/export-table.png` });
    assert.deepEqual(await violations(page), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('row').filter({ hasText: 'Audit trail' }).getByText('Done').waitFor({ timeout: 60_000 });
    await settled(page);
    await page.screenshot({ path: `${OUT}/exports.png` });
    await page.getByRole('button', { name: /^Details: Audit trail/ }).click();
    await page.getByRole('dialog').getByText('Manifest').first().waitFor();
    await page.screenshot({ path: `${OUT}/export-details.png` });
    assert.deepEqual(await violations(page), []);
    const files = readdirSync(join(world.appliance.data, 'exports'), { recursive: true }).map(String);
    assert.ok(files.some((name) => name.includes('bi/usage') && name.endsWith('.parquet')), files.join(' '));
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

async function a_bucket_is_kept_without_showing_its_key(world) {
    const owner = await workspace(world, 'bucket-works', 'Bucket Works');
    const { page } = owner;
    await page.goto(`${world.base}/admin/connectors`);
    await page.getByRole('button', { name: 'New connector' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Archive');
    await dialog.getByRole('radio', { name: /S3/ }).click();
    await dialog.getByLabel('Address').fill('http://s3.example.org');
    await dialog.getByLabel('Region').fill('eu-central-1');
    await dialog.getByLabel('Bucket').fill('audiagram-archive');
    await dialog.getByLabel('Key ID').fill('AKIAEXAMPLE');
    await dialog.getByLabel('Secret key').fill('not-a-real-secret');
    await page.screenshot({ path: `${OUT}/connector-s3.png` });
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByText('must begin with https://').waitFor();
    await page.screenshot({ path: `${OUT}/connector-s3-fault.png` });
    // A press beside the dialog does not throw away what was typed in.
    await page.mouse.click(4, 4);
    assert.equal(await dialog.getByLabel('Bucket').inputValue(), 'audiagram-archive');
    await dialog.getByLabel('Address').fill('https://s3.example.org');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: 'Archive', exact: true }).waitFor();
    await page.getByRole('button', { name: 'More: Archive' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel('Secret key').inputValue(), '');
    await page.screenshot({ path: `${OUT}/connector-s3-edit.png` });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Try it: Archive' }).click();
    await page.getByText('Nothing can be put into Archive').waitFor({ timeout: 30_000 });
    await page.screenshot({ path: `${OUT}/connector-s3-tried.png` });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

async function a_server_is_kept_with_its_fingerprint(world) {
    const owner = await workspace(world, 'server-works', 'Server Works');
    const { page } = owner;
    await page.goto(`${world.base}/admin/connectors`);
    await page.getByRole('button', { name: 'New connector' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Partner');
    await dialog.getByRole('radio', { name: /SFTP/ }).click();
    await dialog.getByLabel('Server', { exact: true }).fill('elsewhere.example.org');
    await dialog.getByLabel('User', { exact: true }).fill('audiagram');
    await dialog.getByRole('radio', { name: 'Password' }).click();
    await dialog.getByLabel('Password', { exact: true }).fill('not-a-real-secret');
    await page.screenshot({ path: `${OUT}/connector-sftp.png` });
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByText('exports.sftp_hosts').waitFor();
    await dialog.getByLabel('Server', { exact: true }).fill('files.example.org');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('cell', { name: 'Partner', exact: true }).waitFor();
    await page.getByRole('cell', { name: 'audiagram@files.example.org', exact: true }).waitFor();
    // The password stays while the fingerprint is written down.
    await page.getByRole('button', { name: 'More: Partner' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel('Password', { exact: true }).inputValue(), '');
    await dialog.getByLabel('Fingerprint').fill('not a fingerprint');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('ssh-keygen -l').waitFor();
    await dialog.getByLabel('Fingerprint').fill(`SHA256:${'A'.repeat(43)}`);
    await page.screenshot({ path: `${OUT}/connector-sftp-edit.png` });
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.deepEqual(owner.wrong, []);
    await owner.close();
}

export default [a_table_is_exported_to_its_files, a_bucket_is_kept_without_showing_its_key, a_server_is_kept_with_its_fingerprint];
