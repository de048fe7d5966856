//! Errors as clients of PostgreSQL know them: a SQLSTATE and a sentence.

use metering::QuestionError;

use super::message::Malformed;

/// An error on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The SQLSTATE.
    pub code: &'static str,
    /// What went wrong and what to do about it.
    pub message: String,
    /// Whether the connection ends with it.
    pub(super) is_last: bool,
}

impl Fault {
    /// An error after which the connection goes on.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Fault { code, message: message.into(), is_last: false }
    }

    /// An error that ends the connection.
    pub(super) fn last(code: &'static str, message: impl Into<String>) -> Self {
        Fault { is_last: true, ..Fault::new(code, message) }
    }

    pub(super) fn cancelled() -> Self {
        Fault::new("57014", "canceling statement due to user request")
    }

    pub(super) fn unknown(what: &str, name: &str) -> Self {
        let code = if what == "portal" || what == "cursor" { "34000" } else { "26000" };
        Fault::new(code, format!("{what} \"{name}\" does not exist"))
    }
}

impl From<Malformed> for Fault {
    fn from(error: Malformed) -> Self {
        Fault::last("08P01", error.to_string())
    }
}

impl From<QuestionError> for Fault {
    fn from(error: QuestionError) -> Self {
        let code = match &error {
            QuestionError::Invalid(text) => invalid(text),
            // A change in a session that only reads.
            QuestionError::ReadOnly(_) => "25006",
            QuestionError::TimedOut(_) => "57014",
            QuestionError::Memory => "53200",
            QuestionError::Spill(_) => "53100",
            QuestionError::TooLarge(_) => "54000",
            QuestionError::Busy => "53300",
            QuestionError::Stored => "58030",
            QuestionError::Engine => "XX000",
        };
        Fault::new(code, error.to_string())
    }
}

/// What is wrong with a statement, as far as the engine's words tell.
fn invalid(text: &str) -> &'static str {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["parser error", "parsererror", "tokenizererror", "expected:", "there is no statement"]) {
        "42601"
    } else if says(&["table '", "table not found"]) && says(&["not found"]) {
        "42P01"
    } else if says(&["no field named", "schema error: no field", "column '"]) {
        "42703"
    } else if says(&["invalid function", "no function matches", "function '"]) {
        "42883"
    } else if says(&["divide by zero"]) {
        "22012"
    } else if says(&["cannot cast string", "error parsing", "parse '"]) {
        "22P02"
    } else if says(&["overflow", "out of range"]) {
        "22003"
    } else if says(&["not supported", "not implemented"]) {
        "0A000"
    } else if says(&["ambiguous"]) {
        "42702"
    } else if says(&["must be in group by", "must appear in the group by", "not in group by"]) {
        "42803"
    } else if says(&["cannot coerce", "type mismatch", "to be boolean", "comparison operation"]) {
        "42804"
    } else {
        "42000"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_codes() {
        for (text, code) in [
            ("sql parser error: Expected: an expression, found: EOF", "42601"),
            ("table 'audiagram.public.x' not found", "42P01"),
            ("Schema error: No field named y.", "42703"),
            ("Invalid function 'nope'.", "42883"),
            ("Divide by zero error", "22012"),
            ("this is not supported: x", "0A000"),
            ("something", "42000"),
        ] {
            assert_eq!(Fault::from(QuestionError::Invalid(text.to_owned())).code, code, "{text}");
        }
        assert_eq!(Fault::from(QuestionError::TimedOut(1)).code, "57014");
    }
}
