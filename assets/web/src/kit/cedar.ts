// The words of Cedar (docs.cedarpolicy.com), one after the other, for their colours.
import type { StreamParser } from '@codemirror/language';

const KEYWORDS = new Set(['permit', 'forbid', 'when', 'unless', 'in', 'has', 'like', 'is', 'if', 'then', 'else']);
const ATOMS = new Set(['true', 'false']);
/** What a statement is about. */
const SUBJECTS = new Set(['principal', 'action', 'resource', 'context']);

export const cedar: StreamParser<null> = {
    name: 'cedar',
    token(stream) {
        if (stream.eatSpace()) return null;
        if (stream.match('//')) {
            stream.skipToEnd();
            return 'comment';
        }
        if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
        if (stream.match(/^@\w+/)) return 'meta';
        if (stream.match(/^\d+/)) return 'number';
        const [word] = (stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null) ?? [];
        if (!word) {
            stream.next();
            return null;
        }
        if (KEYWORDS.has(word)) return 'keyword';
        if (ATOMS.has(word)) return 'bool';
        if (SUBJECTS.has(word)) return 'variableName.special';
        // The kind of an entity: `Action::"read"`.
        return stream.match('::', false) ? 'typeName' : null;
    },
    languageData: { commentTokens: { line: '//' } },
};
