// Cues of a WebVTT file, as plain text: what a link shows of the words and chapters.
export type Cue = { start: number; end: number; text: string };

const STAMP = /^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})$/;
function stamp(text: string | undefined): number | undefined {
    const found = STAMP.exec(text ?? '');
    return found ? ((Number(found[1] ?? 0) * 60 + Number(found[2])) * 60 + Number(found[3])) * 1_000 + Number(found[4]) : undefined;
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': ' ', '&lrm;': '', '&rlm;': '' };
const plain = (text: string) => text.replace(/<[^>]*>/g, '').replace(/&\w+;/g, (one) => ENTITIES[one] ?? one).trim();

export function readCues(file: string): Cue[] {
    return file.replace(/\r\n?/g, '\n').split(/\n{2,}/).flatMap((block) => {
        const lines = block.split('\n');
        const at = lines.findIndex((line) => line.includes('-->'));
        if (at < 0) return [];
        const [from, to] = lines[at]!.split('-->').map((part) => stamp(part.trim().split(/\s+/)[0]));
        const text = plain(lines.slice(at + 1).join(' '));
        return from === undefined || to === undefined || !text ? [] : [{ start: from, end: to, text }];
    });
}

/** The last cue that has begun; -1 before the first. */
export const cueAt = (cues: Cue[], ms: number): number => cues.findLastIndex(({ start }) => start <= ms + 20);
