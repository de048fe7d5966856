// Tables as text (RFC 4180): read from what spreadsheets save, written for them; files that the browser saves.

/** The rows of a table. Commas, semicolons or tabs divide; the first line decides which. */
export function readTable(text: string): string[][] {
    const plain = text.replace(/^\ufeff/, '');
    const first = plain.split(/\r?\n/, 1)[0] ?? '';
    const count = (mark: string) => first.split(mark).length;
    const divider = [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
    const rows: string[][] = [];
    let [row, cell, quoted] = [[] as string[], '', false];
    const endCell = () => (row.push(cell.trim()), (cell = ''));
    const endRow = () => {
        endCell();
        if (row.some(Boolean)) rows.push(row);
        row = [];
    };
    for (let i = 0; i < plain.length; i++) {
        const at = plain[i]!;
        if (quoted) {
            if (at !== '"') cell += at;
            else if (plain[i + 1] === '"') (cell += '"'), i++;
            else quoted = false;
        } else if (at === '"' && !cell.trim()) (quoted = true), (cell = '');
        else if (at === divider) endCell();
        else if (at === '\n') endRow();
        else if (at !== '\r') cell += at;
    }
    endRow();
    return rows;
}

/** A table to save. A cell that a spreadsheet would take for a formula is kept from being one. */
export function writeTable(rows: string[][]): string {
    const cell = (text: string) => {
        const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
        return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return rows.map((row) => row.map(cell).join(',') + '\r\n').join('');
}

/** Has the browser save a text as a file. */
export function saveText(name: string, text: string, type = 'text/csv'): void {
    saveFile(name, new Blob([text], { type }));
}

/** Has the browser save a file. */
export function saveFile(name: string, content: Blob): void {
    const link = document.createElement('a');
    Object.assign(link, { href: URL.createObjectURL(content), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The name in a `Content-Disposition` (RFC 6266), in its true letters. */
export function fileName(disposition: string | null): string | undefined {
    const found = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
    try {
        return found && decodeURIComponent(found);
    } catch {
        return undefined;
    }
}
