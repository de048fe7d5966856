// Workspaces that one task has for itself, and people in them, without the pages that other tasks look at.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { person } from './browser.mjs';
import { PASSWORD } from './tasks.mjs';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an app shows that was told this key, so many steps from now (RFC 6238). */
export function code(key, steps = 0) {
    const bits = [...key.replaceAll('=', '')].map((letter) => DIGITS.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
    const mac = createHmac('sha1', bytes).update(counter).digest();
    const at = mac[19] & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Asks the appliance as this person. */
export async function ask(world, one, method, path, data, headers) {
    const answer = await one.context.request.fetch(world.base + path, { method, data, ignoreHTTPSErrors: true, headers: { origin: world.base, 'idempotency-key': crypto.randomUUID(), ...headers } });
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return answer.status() === 204 ? null : answer.json();
}

const signIn = (world, one, tenant, email) => ask(world, one, 'POST', '/v1/session', { tenant, email, password: PASSWORD });

/** Somebody with an account in the workspace, signed in. */
async function member(world, tenant, invitation, email, name, options) {
    const one = await person(world, options);
    await ask(world, one, 'POST', '/v1/invitations/accept', { tenant, code: invitation, name, password: PASSWORD });
    await signIn(world, one, tenant, email);
    return { ...one, tenant, email, name };
}

/** The first operator, where the task of the first video has not been run before. */
async function founded(world, one) {
    if (world.states.ada || world.founded) return;
    await ask(world, one, 'POST', '/v1/setup', { code: world.code, name: 'Ada Lovelace', email: 'ada@example.org', password: PASSWORD });
    world.founded = true;
}

/** A new workspace; answers with its owner, signed in. */
export async function workspace(world, slug, name, { plan, ...options } = {}) {
    const operator = await person(world);
    await founded(world, operator);
    await signIn(world, operator, 'appliance', 'ada@example.org');
    const email = `owner@${slug}.example`;
    const made = await ask(world, operator, 'POST', '/v1/tenants', { slug, name, owner: email, plan });
    await operator.close();
    return member(world, slug, made.invitation.code, email, 'Olive Owner', options);
}

/** Somebody else in the workspace of `owner`. */
export async function colleague(world, owner, name, role = 'editor', options) {
    const email = `${name.toLowerCase().replaceAll(' ', '.')}@${owner.tenant}.example`;
    const { code } = await ask(world, owner, 'POST', '/v1/invitations', { email, role });
    return member(world, owner.tenant, code, email, name, options);
}

/** Sets up a second factor; answers with its key. */
export async function factor(world, one) {
    const { key } = await ask(world, one, 'POST', '/v1/me/second-factor', { password: PASSWORD });
    // Of the step before: the one that counts now is left for what asks next.
    await ask(world, one, 'POST', '/v1/me/second-factor/confirm', { code: code(key, -1) });
    return key;
}

/** A recording with these bytes, by the API: how files come in is another task's. Answers with the upload. */
export async function upload(world, one, project, facts, bytes) {
    const made = await ask(world, one, 'POST', `/v1/projects/${project}/uploads`, { media_type: 'audio/ogg', size: bytes.length, ...facts });
    const sent = await one.context.request.patch(`${world.base}/v1/uploads/${made.id}`, { data: bytes, ignoreHTTPSErrors: true, headers: { origin: world.base, 'content-type': 'application/partial-upload', 'upload-offset': '0' } });
    assert.ok(sent.ok(), await sent.text());
    return made;
}
