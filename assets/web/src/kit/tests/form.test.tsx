// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { client } from '../../api/client';
import { Field, SendForm } from '../form';
import { appliance, furnished, show } from './room';

furnished('tenants', 'problems');

const refused = (errors: { at: string; detail: string }[], detail = 'The request is not valid') => ({ status: 400, body: { type: 'about:blank', title: 'Invalid', status: 400, code: 'invalid', detail, errors } });
const form = (
    <SendForm submit="Create" onSend={({ name = '', slug = '' }) => client.POST('/v1/tenants', { body: { name, slug } })}>
        <Field name="name" label="Name" />
        <Field name="slug" label="Short name" hint="In addresses" />
    </SendForm>
);
const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
/** What is read out with a field. */
const said = (name: string) => (field(name).getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent?.trim()).join(' ');

test('what the appliance finds wrong with a field stands at that field', async () => {
    appliance({ 'POST /v1/tenants': () => refused([{ at: '/slug', detail: 'is taken' }, { at: 'name', detail: 'must not be empty' }]) });
    const { user } = await show(form);
    await user.type(field('Short name'), 'acme');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(field('Short name').getAttribute('aria-invalid')).toBe('true'));
    expect(said('Short name')).toMatch(/already|taken/i);
    expect(said('Short name')).toContain('In addresses');
    expect(said('Name')).toMatch(/empty|fill/i);
    expect(screen.queryByRole('alert')).toBeNull();
    // What was typed is there still, and the first field that is wrong has the focus.
    expect(field('Short name').value).toBe('acme');
    // It goes as soon as one types, and only there.
    await user.type(field('Short name'), '-2');
    await waitFor(() => expect(field('Short name').getAttribute('aria-invalid')).toBeNull());
    expect(field('Name').getAttribute('aria-invalid')).toBe('true');
});

test('what is about no field of it stands above the form', async () => {
    appliance({ 'POST /v1/tenants': () => refused([{ at: '/slug', detail: 'is taken' }, { at: '/limits/seats', detail: 'must be 1 to 5' }], 'limits/seats: must be 1 to 5') });
    const { user } = await show(form);
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect((await screen.findByRole('alert')).textContent).toContain('must be 1 to 5');
    expect(field('Short name').getAttribute('aria-invalid')).toBe('true');
});

test('a problem without fields is said in its words, and goes with the next try', async () => {
    let tries = 0;
    appliance({ 'POST /v1/tenants': () => (tries++ ? { status: 201, body: {} } : { status: 409, body: { type: 'about:blank', title: 'Conflict', status: 409, code: 'conflict', detail: 'another one was faster' } }) });
    const { user } = await show(form);
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect((await screen.findByRole('alert')).textContent).toContain('another one was faster');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(tries).toBe(2);
});

test('what is on its way is not sent twice', async () => {
    let done: () => void = () => {};
    const onSend = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
    const { user } = await show(<SendForm submit="Create" onSend={onSend}><Field name="name" label="Name" /></SendForm>);
    await user.type(field('Name'), 'Mill{Enter}');
    await user.click(screen.getByRole('button', { name: /Create/ }));
    await user.type(field('Name'), '{Enter}');
    expect(onSend).toHaveBeenCalledTimes(1);
    expect(onSend).toHaveBeenCalledWith({ name: 'Mill' });
    done();
    await waitFor(() => expect(document.querySelector('[data-pending]')).toBeNull());
    await user.type(field('Name'), '{Enter}');
    expect(onSend).toHaveBeenCalledTimes(2);
    done();
});

test('no answer is no problem of a field', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
    const { user } = await show(form);
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect((await screen.findByRole('alert')).textContent).not.toBe('');
    expect(field('Name').getAttribute('aria-invalid')).toBeNull();
});
