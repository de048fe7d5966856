/** The link of an invitation. The code stands behind the `#`, so that no server's log gets to see it. */
export const joinLink = (slug: string, code: string): string => `${location.origin}/join?tenant=${encodeURIComponent(slug)}#${code}`;
