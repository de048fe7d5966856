//! Bytes to text: UTF-8 with or without a byte order mark, UTF-16 with one.

use super::ReadError;

/// The text of a file, with line ends as `\n` and without a byte order mark. Control characters that are no white space
/// become U+FFFD: no word may hold them, and taken away they could take a word with them.
///
/// # Errors
/// When the bytes are neither UTF-8 nor marked UTF-16; the error names the first wrong byte.
pub(super) fn decode(bytes: &[u8]) -> Result<String, ReadError> {
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        plain => utf8(plain, 0)?,
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    let strange = |c: char| c.is_control() && !c.is_whitespace();
    Ok(if text.contains(strange) { text.replace(strange, "\u{fffd}") } else { text })
}

fn utf8(bytes: &[u8], skipped: usize) -> Result<String, ReadError> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| ReadError::Utf8(skipped + e.valid_up_to()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ReadError> {
    let mut at = 2;
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let c = c.map_err(|_| ReadError::Utf16(at))?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    if odd.is_empty() { Ok(text) } else { Err(ReadError::Utf16(at)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes).unwrap_or_else(|e| e.to_string()), expected);
    }

    #[test]
    fn encodings() {
        check("grüße\r\nend\r".as_bytes(), "grüße\nend\n");
        check(b"\xEF\xBB\xBFhi", "hi");
        check(b"\xFF\xFEh\0\xE9\0", "hé");
        check(b"\xFE\xFF\0h\xD8\x3D\xDE\x00", "h😀");
        check(b"", "");
        check(b"a\0b \x1b[2J\t\x0c.", "a\u{fffd}b \u{fffd}[2J\t\x0c.");
        check(b"ab\xFFc", "byte 2 is not valid UTF-8; save the file as UTF-8");
        check(b"\xEF\xBB\xBFab\xC3", "byte 5 is not valid UTF-8; save the file as UTF-8");
        check(b"\xFF\xFEh\0\x00\xD8h\0", "byte 4 is not valid UTF-16; save the file as UTF-8");
        check(b"\xFF\xFEh\0h", "byte 4 is not valid UTF-16; save the file as UTF-8");
    }
}
