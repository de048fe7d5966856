// A person without a pointer: everything is reached by keys, and whatever was pressed with a pointer all the same is noted.
import assert from 'node:assert/strict';
import { person } from './browser.mjs';

/** What a screen reader calls what has the focus, nearly. */
const called = () => {
    const { activeElement: at } = document;
    if (!at) return '';
    const words = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    const by = at.getAttribute('aria-labelledby');
    return (at.getAttribute('aria-label') || (by && words(by)) || at.labels?.[0]?.textContent || at.textContent || '').trim().replace(/\s+/g, ' ');
};
const fits = (name, here) => (typeof name === 'string' ? here === name : name.test(here));

/** A person at a browser who has only a keyboard; `made` is somebody who is there already. */
export async function keyboardist(world, made) {
    const one = made ?? (await person(world, { as: 'ada' }));
    const { page } = one;
    // Keys press what has the focus too: those events have no pointer.
    await page.addInitScript(() => window.addEventListener('pointerdown', ({ isTrusted, pointerType }) => isTrusted && pointerType && (window.pointed = true), true));
    const press = async (...keys) => {
        for (const key of keys) await page.keyboard.press(key);
    };
    const by = (key, most) => async (name, times = most) => {
        const seen = [];
        for (let i = 0; i < times; i++) {
            await page.keyboard.press(key);
            const here = await page.evaluate(called);
            if (fits(name, here)) return;
            seen.push(here.slice(0, 40));
        }
        throw new Error(`${key} does not lead to ${name}, only to: ${seen.join(' | ')}`);
    };
    const [tab, down] = [by('Tab', 120), by('ArrowDown', 40)];
    /** Goes on by a key until something has the focus that has no name of its own. */
    const reach = async (locator, key = 'Tab') => {
        for (let i = 0; i < 120; i++) {
            if (await locator.evaluate((node) => node === document.activeElement)) return;
            await page.keyboard.press(key);
        }
        throw new Error(`${key} does not lead to ${locator}`);
    };
    return {
        ...one, press, tab, down, reach,
        back: by('Shift+Tab', 120),
        type: (text) => page.keyboard.type(text),
        /** Goes to a button or link and presses it. */
        use: async (name, times) => (await tab(name, times), press('Enter')),
        /** Goes to a field and writes there. */
        write: async (name, text) => (await tab(name), page.keyboard.type(text)),
        /** Chooses from a list or menu that is open. */
        pick: async (name) => (await down(name), press('Enter')),
        async close() {
            assert.equal(await page.evaluate(() => window.pointed), undefined, 'a pointer was used');
            assert.deepEqual(one.wrong, []);
            await one.close();
        },
    };
}
