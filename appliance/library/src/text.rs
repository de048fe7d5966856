//! Rules for what people type.

use crate::error::LibraryError;

/// A line of text: trimmed, of one line, at most `most` characters, and not empty unless `may_be_empty`.
pub(crate) fn line(field: &'static str, text: &str, most: usize, may_be_empty: bool) -> Result<String, LibraryError> {
    let text = text.trim();
    let count = text.chars().count();
    if count > most {
        return Err(LibraryError::Field {
            field,
            fault: format!("has {count} characters, at most {most} are allowed"),
        });
    }
    if text.is_empty() && !may_be_empty {
        return Err(LibraryError::Field { field, fault: "must not be empty".into() });
    }
    if text.chars().any(|character| character.is_control()) {
        return Err(LibraryError::Field { field, fault: "must be one line without control characters".into() });
    }
    Ok(text.to_owned())
}

/// Text of several lines: at most `most` characters, no control characters but line ends and tabs.
pub(crate) fn lines(field: &'static str, text: &str, most: usize) -> Result<String, LibraryError> {
    let text = text.trim_end();
    let count = text.chars().count();
    if count > most {
        return Err(LibraryError::Field {
            field,
            fault: format!("has {count} characters, at most {most} are allowed"),
        });
    }
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')) {
        return Err(LibraryError::Field { field, fault: "must have no control characters".into() });
    }
    Ok(text.to_owned())
}
