/** A place of this app, as browsers read the text, or nothing: whoever made a link does not choose where one lands. */
export function inside(text: unknown, origin = location.origin): string | undefined {
    if (typeof text !== 'string' || !text.startsWith('/')) return undefined;
    // Browsers leave tabs and line breaks out and take a backslash for a slash.
    const url = URL.canParse(text, origin) ? new URL(text, origin) : undefined;
    if (url?.origin !== origin) return undefined;
    const place = url.pathname + url.search + url.hash;
    return place.startsWith('//') || url.pathname === '/sign-in' ? undefined : place;
}
