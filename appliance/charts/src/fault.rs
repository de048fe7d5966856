//! What can be wrong with what people write: charts, dashboards, reports.

/// What is wrong with a chart or dashboard, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {detail}")]
pub struct Fault {
    /// JSON pointer into it.
    pub at: String,
    /// What is wrong there.
    pub detail: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(at: impl Into<String>, detail: impl Into<String>) -> Self {
        Fault { at: at.into(), detail: detail.into() }
    }

    /// The same, `inside` of something larger.
    #[must_use]
    pub fn inside(mut self, place: &str) -> Self {
        self.at.insert_str(0, place);
        self
    }
}

/// A line that people read: of at most `most` characters, without control characters, not empty unless `may_be_empty`.
///
/// # Errors
/// What is wrong with it.
pub fn line(at: &str, text: &str, most: usize, may_be_empty: bool) -> Result<(), Fault> {
    let count = text.chars().take(most + 1).count();
    if count > most {
        return Err(Fault::new(at, format!("has more than {most} characters")));
    }
    if text.trim().is_empty() && !may_be_empty {
        return Err(Fault::new(at, "must not be empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::new(at, "must be one line without control characters"));
    }
    Ok(())
}

/// A name that machines read: letters, digits and `_`, beginning with a letter.
///
/// # Errors
/// What is wrong with it.
pub fn name(at: &str, text: &str) -> Result<(), Fault> {
    let plain = text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if plain { Ok(()) } else { Err(Fault::new(at, "must be 1 to 40 of a-z, 0-9 and _, beginning with a letter")) }
}
