// How the page looks to this person on this browser.
import { inZone, language, speak, type Language } from '../i18n';

export type Theme = 'system' | 'light' | 'dark';
type Look = { theme: Theme; contrast: 'system' | 'more'; density: 'comfortable' | 'compact'; singleKeys: boolean; zone?: string; language: Language };

const dark = matchMedia('(prefers-color-scheme: dark)');
const contrast = matchMedia('(prefers-contrast: more)');
const kept = (): Partial<Look> => {
    try {
        return JSON.parse(localStorage.getItem('look') ?? '{}') as Partial<Look>;
    } catch {
        return {};
    }
};
/** Those that the browser knows: another browser may have kept one that this one does not. */
export const zones = (): string[] => Intl.supportedValuesOf('timeZone');
let look: Look = { theme: 'system', contrast: 'system', density: 'comfortable', singleKeys: true, ...kept(), language: 'en' };
const listeners = new Set<() => void>();

function apply(): void {
    look = { ...look, language: language() };
    inZone(look.zone);
    const { dataset } = document.documentElement;
    dataset.theme = look.theme === 'system' ? (dark.matches ? 'dark' : 'light') : look.theme;
    dataset.contrast = look.contrast === 'more' || contrast.matches ? 'more' : 'normal';
    dataset.density = look.density;
    for (const listener of listeners) listener();
}
dark.addEventListener('change', apply);
contrast.addEventListener('change', apply);

export const appearance = {
    subscribe: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)),
    now: () => look,
    apply,
    change(change: Partial<Omit<Look, 'language'>>): void {
        look = { ...look, ...change };
        localStorage.setItem('look', JSON.stringify({ ...look, language: undefined }));
        apply();
    },
    async speak(next: Language): Promise<void> {
        localStorage.setItem('language', next);
        await speak(next);
        apply();
    },
};
