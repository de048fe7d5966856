// What went wrong, in the language of the page: by the code of a problem, with the values of its document. What only the appliance's own
// text says, like which of many rules a field breaks, is added as it is where there is no message for it.
import { language, lasting, number, t, tOr } from '../i18n';
import type { ProblemDocument } from './client';

/** Codes that say nothing without the appliance's own words. */
const VAGUE = new Set(['bad_request', 'invalid', 'read_only', 'conflict', 'quota_exceeded', 'unavailable', 'query_too_large', 'busy', 'denied']);

type Said = (parts: string[]) => string;
/** What the appliance says of fields in so many words. */
const FAULTS: [RegExp, Said][] = [
    [/^must not be empty$/, () => t('fault_empty')],
    [/^has (\d+) characters, at most (\d+) are allowed$/, ([count = '', most = '']) => t('fault_long', { count: number(Number(count)), most: number(Number(most)) })],
    [/^must be one line without control characters$/, () => t('fault_line')],
    [/^must have no control characters$/, () => t('fault_control')],
    [/^(?:is the name of another .*|there is such an? .* already(?:; choose another name)?|is taken)$/, () => t('fault_taken')],
    [/^must be (\d+) to (\d+)$/, ([from = '', to = '']) => t('fault_range', { from: number(Number(from)), to: number(Number(to)) })],
    [/^must begin with https:\/\//, () => t('fault_https')],
    [/^must be an IANA name like `Europe\/Berlin`$/, () => t('fault_zone')],
    [/^the code is wrong or was used already; wait for the next one$/, () => t('fault_code')],
    [/^this password was used before; choose another$/, () => t('fault_used_password')],
];

/** What is wrong with a part of a request. */
export function fault(detail: string): string {
    for (const [pattern, said] of FAULTS) {
        const found = pattern.exec(detail);
        if (found) return said(found.slice(1));
    }
    return detail;
}

export function problem({ code, title, detail = '', limit, retry_after_s: seconds }: ProblemDocument): string {
    // The appliance writes English, and more closely than its codes tell.
    if (language() === 'en' && detail) return detail;
    const said = limit ? t('problem_limit_reached', { what: tOr(`limit_${limit.name}`, limit.name), allowed: number(limit.allowed), used: number(limit.used) }) : tOr(`problem_${code}`, detail || title);
    if (seconds) return t('problem_again_in', { problem: said, time: lasting(seconds) });
    if (!VAGUE.has(code) || !detail || detail === title) return said;
    // Of a field, after its name.
    const [, rest = detail] = /^\w+: (.*)$/s.exec(detail) ?? [];
    const why = fault(rest);
    return t('problem_because', { problem: said, detail: why === rest ? detail : why });
}
