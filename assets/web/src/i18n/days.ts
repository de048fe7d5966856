// Days as a person means them: from midnight to midnight of their clock, whatever the clock did that night.

const formats = new Map<string | undefined, Intl.DateTimeFormat>();
function formatOf(zone: string | undefined): Intl.DateTimeFormat {
    const found = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    formats.set(zone, found);
    return found;
}

/** How far the clock of a zone is ahead of UTC at a moment, in milliseconds. */
function ahead(at: number, zone: string | undefined): number {
    const parts = formatOf(zone).formatToParts(at);
    const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(at / 1000) * 1000;
}

/** The day, like `2027-01-31`, on which a moment lies in a zone. */
export const dayOf = (at: number, zone: string | undefined): string => new Date(at + ahead(at, zone)).toISOString().slice(0, 10);

/** The first moment of a day in a zone, in milliseconds since 1970; nothing for what is no day. */
export function beginOf(day: string, zone: string | undefined): number | undefined {
    const wall = Date.parse(`${day}T00:00:00Z`);
    if (Number.isNaN(wall)) return undefined;
    // By the clock of the day before and by that of the day after: where they differ, one of them misses midnight.
    const found = [wall - 86_400_000, wall + 86_400_000].map((near) => wall - ahead(near, zone)).sort((a, b) => a - b);
    return found.find((at) => dayOf(at, zone) === day) ?? found[1];
}
