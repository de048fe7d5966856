// The language of a recording, before it is heard: found out without a choice. Englishes with a region are written as it spells them.
import { locale, t } from '../i18n';
import { Pick } from '../kit/choose';
import { ANY } from './order';

const TAGS = [
    'en', 'en-AU', 'en-GB', 'en-IE', 'en-IN', 'en-NZ', 'en-SG', 'en-US', 'en-ZA', 'ar', 'cs', 'da', 'de', 'el', 'es', 'fi', 'fr', 'he', 'hi', 'hu', 'id', 'it', 'ja', 'ko', 'nl', 'no', 'pl',
    'pt', 'pt-BR', 'ro', 'ru', 'sv', 'th', 'tr', 'uk', 'vi', 'zh',
];

/** Each by its name in the language of the page. */
export function spokenChoices(): { id: string; name: string }[] {
    const names = new Intl.DisplayNames([locale()], { type: 'language', languageDisplay: 'standard' });
    const named = TAGS.map((id) => ({ id, name: names.of(id) ?? id }));
    return [{ id: ANY, name: t('language_found') }, ...named.sort((one, other) => one.name.localeCompare(other.name, locale()))];
}

export const Spoken = ({ value, onChange }: { value: string; onChange: (tag: string) => void }) => <Pick label={t('language_spoken')} value={value} onChange={onChange} choices={spokenChoices()} />;
