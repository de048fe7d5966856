//! Several statements in one text, apart. A slip here changes where a text is cut, and never what a statement may do.

/// The statements of a text, without those that say nothing.
pub(super) fn statements(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut found, mut from, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        at = match bytes[at] {
            b';' => {
                found.push(&text[from..at]);
                from = at + 1;
                at + 1
            }
            b'\'' => {
                let escapes = at > 0 && matches!(bytes[at - 1], b'e' | b'E') && (at < 2 || !is_word(bytes[at - 2]));
                quoted(bytes, at, b'\'', escapes)
            }
            b'"' => quoted(bytes, at, b'"', false),
            b'-' if bytes.get(at + 1) == Some(&b'-') => find(bytes, at, b"\n"),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment(bytes, at),
            b'$' if at == 0 || !is_word(bytes[at - 1]) => dollars(bytes, at),
            _ => at + 1,
        };
    }
    found.push(&text[from..]);
    found.retain(|statement| !is_blank(statement));
    found
}

/// Whether a text holds nothing but blanks and comments.
pub(super) fn is_blank(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            byte if byte.is_ascii_whitespace() => at + 1,
            b'-' if bytes.get(at + 1) == Some(&b'-') => find(bytes, at, b"\n"),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment(bytes, at),
            _ => return false,
        };
    }
    true
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The place behind `what`, or the end.
fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let found = bytes[from..].windows(what.len()).position(|window| window == what);
    found.map_or(bytes.len(), |place| from + place + what.len())
}

/// The place behind a text in quotes. Two quotes are one; after a backslash comes what is no quote, where that counts.
fn quoted(bytes: &[u8], from: usize, quote: u8, escapes: bool) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if escapes && *byte == b'\\' {
            at += 1;
        } else if *byte == quote {
            if bytes.get(at) != Some(&quote) {
                return at;
            }
            at += 1;
        }
    }
    bytes.len()
}

/// The place behind a comment, which may hold others.
fn comment(bytes: &[u8], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < bytes.len() {
        match &bytes[at..bytes.len().min(at + 2)] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The place behind a text between `$tag$`; a lone `$` is a parameter.
fn dollars(bytes: &[u8], from: usize) -> usize {
    let tag = bytes[from + 1..].iter().take_while(|byte| is_word(**byte)).count();
    let end = from + 1 + tag;
    if bytes.get(end) != Some(&b'$') || bytes.get(from + 1).is_some_and(u8::is_ascii_digit) {
        return from + 1;
    }
    find(bytes, end + 1, &bytes[from..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_where_statements_end() {
        for (text, expected) in [
            ("", &[][..]),
            (" ; ;-- a; b\n;", &[]),
            ("a;b", &["a", "b"]),
            ("a;b;", &["a", "b"]),
            ("SELECT ';';x", &["SELECT ';'", "x"]),
            ("SELECT 'it''s;';x", &["SELECT 'it''s;'", "x"]),
            ("SELECT E'\\';';x", &["SELECT E'\\';'", "x"]),
            ("SELECT 'a\\';x", &["SELECT 'a\\'", "x"]),
            ("SELECT \"a;b\";x", &["SELECT \"a;b\"", "x"]),
            ("SELECT $$;$$;$a$;$$;$a$;$1;x", &["SELECT $$;$$", "$a$;$$;$a$", "$1", "x"]),
            ("a /* ; /* ; */ ; */;b", &["a /* ; /* ; */ ; */", "b"]),
            ("a -- ;\n;b", &["a -- ;\n", "b"]),
            ("'open;", &["'open;"]),
            ("/* open;", &[]),
            ("é;ü", &["é", "ü"]),
        ] {
            assert_eq!(statements(text), expected, "{text}");
        }
    }
}
