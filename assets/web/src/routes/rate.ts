// How often something happens, from two looks at how often it has happened.

/** Requests a second between two looks; nothing before the second one. */
export function rate(before: [number, number] | undefined, now: [number, number]): number | null {
    if (!before || now[1] <= before[1] || now[0] < before[0]) return null;
    return (now[0] - before[0]) / ((now[1] - before[1]) / 1_000);
}
