//! The vocabulary: from the printable text of a package to the raw bytes that ggml wants.
//!
//! GPT-2's tokenizer writes every byte as one printable character, so that tokens (which may be parts of a UTF-8
//! sequence) fit into a text file. This undoes it.

use super::ConvertError;

/// Tokens that ggml stores; the special and timestamp tokens above are added by its reader.
pub(super) const STORED: usize = 50_257;
/// Longer than any token (the longest of Whisper's is 128 spaces).
const MAX_TOKEN: usize = 1024;

/// The first [`STORED`] tokens of a `vocabulary.txt` (one a line, split at line feeds only) or `vocabulary.json` (an
/// array of strings), as raw bytes.
pub(super) fn tokens(vocabulary: &[u8]) -> Result<Vec<Vec<u8>>, ConvertError> {
    let text = std::str::from_utf8(vocabulary).map_err(|_| bad("it is not UTF-8"))?;
    // Line 1 of a vocabulary.txt is `!`, and no token starts with `[`, a newline and a quote.
    if text.trim_start().starts_with('[') {
        let list: Vec<String> = serde_json::from_str(text).map_err(|e| bad(&format!("it is not a list: {e}")))?;
        collect(list.iter().map(String::as_str))
    } else {
        collect(text.split('\n'))
    }
}

fn collect<'a>(tokens: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<u8>>, ConvertError> {
    let tokens: Vec<Vec<u8>> = tokens.take(STORED).enumerate().map(|(id, t)| raw(id, t)).collect::<Result<_, _>>()?;
    if tokens.len() < STORED {
        return Err(bad(&format!("it has {} tokens instead of at least {STORED}", tokens.len())));
    }
    Ok(tokens)
}

fn raw(id: usize, token: &str) -> Result<Vec<u8>, ConvertError> {
    if token.len() > MAX_TOKEN {
        return Err(bad(&format!("token {id} is longer than {MAX_TOKEN} bytes")));
    }
    let byte = |c| byte_of(c).ok_or_else(|| bad(&format!("token {id} holds `{c}`, which stands for no byte")));
    token.chars().map(byte).collect()
}

/// Whether GPT-2 writes `byte` as itself.
fn is_printable(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// The byte that `c` stands for. Bytes that are not printable are written, in order, as the characters from U+0100 on.
fn byte_of(c: char) -> Option<u8> {
    match u8::try_from(c) {
        Ok(byte) => is_printable(byte).then_some(byte),
        Err(_) => {
            let nth = usize::try_from(u32::from(c)).ok()?.checked_sub(256)?;
            (0..=255u8).filter(|&byte| !is_printable(byte)).nth(nth)
        }
    }
}

fn bad(reason: &str) -> ConvertError {
    ConvertError::Vocabulary(reason.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn list() -> Vec<String> {
        (0..STORED + 3).map(|i| format!("t{i}")).collect()
    }

    #[test]
    fn every_byte_has_one_character() {
        let all: BTreeSet<u8> = (0..0x200).filter_map(char::from_u32).filter_map(byte_of).collect();
        assert_eq!(all.len(), 256);
        assert_eq!((0..0x200).filter_map(char::from_u32).filter_map(byte_of).count(), 256);
    }

    #[test]
    fn known_characters() {
        for (c, byte) in [('!', b'!'), ('~', b'~'), ('Ġ', b' '), ('Ċ', b'\n'), ('Ā', 0), ('Ń', 0xad), ('ÿ', 0xff)]
        {
            assert_eq!(byte_of(c), Some(byte), "{c}");
        }
        for c in [' ', '\n', '\u{ad}', '\u{144}', '漢'] {
            assert_eq!(byte_of(c), None, "{c:?}");
        }
    }

    #[test]
    fn text_and_json_say_the_same() {
        let list = list();
        let text = tokens(list.join("\n").as_bytes()).unwrap();
        let json = tokens(&serde_json::to_vec(&list).unwrap()).unwrap();
        assert_eq!(text, json);
        assert_eq!((text.len(), text[7].as_slice()), (STORED, b"t7".as_slice()));
    }

    #[test]
    fn broken_vocabularies_are_told() {
        for (bytes, expected) in
            [(&b"a\nb"[..], "2 tokens"), (b"\xff", "UTF-8"), (b"[1, 2]", "not a list"), (b"a b", "token 0")]
        {
            let error = tokens(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
