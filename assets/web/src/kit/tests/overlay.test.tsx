// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Field, SendForm } from '../form';
import { Ask, Cancel } from '../overlay';
import { useConfirm } from '../confirm';
import { Action } from '../bits';
import { furnished, show } from './room';

furnished('tenants');

const asked = (
    <>
        <Ask button={{ children: 'New thing' }} title="A new thing">
            {(close) => <SendForm submit="Create" also={<Cancel />} onSend={async () => close()}><Field name="name" label="Name" autoFocus /></SendForm>}
        </Ask>
        <Action>Other</Action>
    </>
);
const opener = () => screen.getByRole('button', { name: 'New thing', hidden: true });

test('a dialog has the focus while it is open and gives it back', async () => {
    const { user } = await show(asked);
    await user.click(opener());
    expect(screen.getByRole('dialog', { name: 'A new thing' })).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    // Round and round, and never out of it.
    for (let n = 0; n < 9; n++) {
        await user.tab();
        expect(screen.getByRole('dialog').contains(document.activeElement)).toBe(true);
    }
    // What lies under it is not there for who does not see it.
    expect(screen.queryByRole('button', { name: 'Other' })).toBeNull();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(opener()));
});

test('it gives the focus back however one leaves it', async () => {
    const { user } = await show(asked);
    for (const way of ['Cancel', 'Close', 'Create']) {
        opener().focus();
        await user.keyboard('{Enter}');
        await user.click(await screen.findByRole('button', { name: way }));
        await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
        await waitFor(() => expect(document.activeElement, way).toBe(opener()));
    }
});

test('what was typed in is not thrown away by a press beside it', async () => {
    const { user } = await show(asked);
    await user.click(opener());
    await screen.findByRole('button', { name: 'Cancel' });
    const scrim = document.querySelector('.scrim')!;
    // The form is guarded once its guard is there.
    await waitFor(() => expect(document.querySelector('.dialog form > * span[hidden], .dialog form span[hidden]')).toBeTruthy());
    await user.type(screen.getByLabelText('Name'), 'Mill');
    await user.click(scrim);
    expect(screen.getByRole('dialog')).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Mill');
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await user.click(opener());
    await user.click(document.querySelector('.scrim')!);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

const erase = vi.fn();
function Erasing() {
    const [ask, dialog] = useConfirm();
    return <><Action onPress={() => ask({ title: 'Erase', text: 'It is gone for good.', action: 'Erase it', run: erase })}>Erase</Action>{dialog}</>;
}

test('before what cannot be undone one is asked, and Enter alone does nothing', async () => {
    const { user } = await show(<Erasing />);
    const press = screen.getByRole('button', { name: 'Erase' });
    await user.click(press);
    expect(screen.getByRole('dialog', { name: 'Erase' }).textContent).toContain('It is gone for good.');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Cancel' }));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(erase).not.toHaveBeenCalled();
    await user.click(press);
    await user.click(screen.getByRole('button', { name: 'Erase it' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(erase).toHaveBeenCalledTimes(1);
});
