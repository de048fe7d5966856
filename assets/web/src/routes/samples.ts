// The OpenMetrics text format, as far as the health page reads it.

export type Sample = { name: string; labels: string; value: number };

/** The samples of a page in the OpenMetrics text format. */
export function samples(page: string): Sample[] {
    const found: Sample[] = [];
    for (const line of page.split('\n')) {
        const parts = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
        if (parts?.[1] && !line.startsWith('#')) found.push({ name: parts[1], labels: parts[2] ?? '', value: Number(parts[3]) });
    }
    return found;
}
