// How much one colour stands out from another (WCAG 2.2, relative luminance).

export const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);

function luminance(colour: string): number {
    const part = (at: number) => {
        const share = parseInt(colour.slice(at, at + 2), 16) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

/** How much of what steps back while something else is spoken of is seen (`DIMMED` of the film). */
const DIMMED = 0.75;
const over = (one: string, page: string) => {
    const part = (at: number) => Math.round(parseInt(one.slice(at, at + 2), 16) * DIMMED + parseInt(page.slice(at, at + 2), 16) * (1 - DIMMED));
    return `#${[1, 3, 5].map((at) => part(at).toString(16).padStart(2, '0')).join('')}`;
};

/** The contrast by which the appliance judges: that of the two, or of both stepped back over the page, whichever is less. */
export const standsOut = (one: string, below: string, page: string): number => Math.min(contrast(one, below), contrast(over(one, page), over(below, page)));

/** A share of another colour, from 0 to 1. */
export function mixed(one: string, other: string, share: number): string {
    const part = (at: number) => Math.round(parseInt(one.slice(at, at + 2), 16) * (1 - share) + parseInt(other.slice(at, at + 2), 16) * share);
    return `#${[1, 3, 5].map((at) => part(at).toString(16).padStart(2, '0')).join('')}`;
}

/** From 1, alike, to 21, black and white. */
export function contrast(one: string, other: string): number {
    const [a, b] = [luminance(one), luminance(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
