// How much one colour stands out from another (WCAG 2.2, relative luminance).

export const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);

function luminance(colour: string): number {
    const part = (at: number) => {
        const share = parseInt(colour.slice(at, at + 2), 16) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

/** From 1, alike, to 21, black and white. */
export function contrast(one: string, other: string): number {
    const [a, b] = [luminance(one), luminance(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
