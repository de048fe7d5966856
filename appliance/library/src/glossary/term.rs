//! Terms and their rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{error::LibraryError, text::line};

/// The most terms of a glossary.
pub const MAX_TERMS: usize = 1_000;
/// The longest spelling or spoken form, in characters.
pub const MAX_TERM: usize = 100;
/// The most spoken forms of a term.
pub const MAX_ALIASES: usize = 8;
/// The most bytes of all terms of a glossary together.
const MAX_BYTES: usize = 256 << 10;
/// The longest language tag (RFC 5646, 4.4.1).
const MAX_LANGUAGE: usize = 35;

/// A name or term with its spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// How it is written.
    pub spelling: String,
    /// How it is said or often misheard.
    pub aliases: Vec<String>,
    /// The language in which it is said (BCP 47); in any without one.
    pub language: Option<String>,
    /// Whether its capitals count.
    pub case: Case,
}

/// Whether the capitals of a term count. The order is part of stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Case {
    /// It is always written as it is spelled, like `redb` or `AMEX`.
    #[default]
    Exact,
    /// It takes the case of its place, like any word.
    Free,
}

impl Term {
    /// What no two terms of a glossary share.
    pub(super) fn key(&self) -> (String, Option<&str>) {
        (self.spelling.to_lowercase(), self.language.as_deref())
    }

    /// Whether it may be said in a recording of `language`.
    pub(super) fn is_of(&self, language: Option<&str>) -> bool {
        match (self.language.as_deref(), language) {
            (Some(own), Some(other)) => primary(own).eq_ignore_ascii_case(primary(other)),
            _ => true,
        }
    }
}

/// The language of a tag without script and region.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// The terms, trimmed, if they are within all bounds and no two are the same.
pub(super) fn checked(terms: Vec<Term>) -> Result<Vec<Term>, LibraryError> {
    let fault = |at: usize, fault: String| LibraryError::Field { field: "terms", fault: format!("term {at}: {fault}") };
    if terms.len() > MAX_TERMS {
        let fault = format!("has {} terms, at most {MAX_TERMS} are allowed", terms.len());
        return Err(LibraryError::Field { field: "terms", fault });
    }
    let (mut checked, mut bytes) = (Vec::with_capacity(terms.len()), 0);
    for (at, term) in terms.into_iter().enumerate() {
        let at = at + 1;
        let text = |text: &str| match line("terms", text, MAX_TERM, false) {
            Err(LibraryError::Field { fault: what, .. }) => Err(fault(at, what)),
            other => other,
        };
        if term.aliases.len() > MAX_ALIASES {
            return Err(fault(at, format!("has more than {MAX_ALIASES} spoken forms")));
        }
        let mut aliases: Vec<String> = Vec::with_capacity(term.aliases.len());
        for alias in &term.aliases {
            let alias = text(alias)?;
            if !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        let language = term.language.as_deref().map(str::trim).filter(|tag| !tag.is_empty());
        if language.is_some_and(|tag| !is_language(tag)) {
            return Err(fault(at, "has a language that is no tag like `en` or `pt-BR`".into()));
        }
        let language = language.map(str::to_owned);
        let term = Term { spelling: text(&term.spelling)?, aliases, language, case: term.case };
        bytes += term.spelling.len() + term.aliases.iter().map(String::len).sum::<usize>();
        checked.push(term);
    }
    if bytes > MAX_BYTES {
        let fault = format!("have {bytes} bytes together, at most {MAX_BYTES} are allowed");
        return Err(LibraryError::Field { field: "terms", fault });
    }
    let mut known = BTreeSet::new();
    for (at, term) in checked.iter().enumerate() {
        if !known.insert(term.key()) {
            return Err(fault(at + 1, "comes twice for the same language".into()));
        }
    }
    Ok(checked)
}

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    tag.len() <= MAX_LANGUAGE
        && (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(spelling: &str) -> Term {
        Term { spelling: spelling.into(), aliases: Vec::new(), language: None, case: Case::Exact }
    }

    #[test]
    fn bounds() {
        let check = |terms: Vec<Term>, expected: &str| {
            let error = checked(terms).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        let many = |count: usize| (0..count).map(|at| term(&format!("t{at}"))).collect::<Vec<_>>();
        assert_eq!(checked(many(MAX_TERMS)).unwrap().len(), MAX_TERMS);
        check(many(MAX_TERMS + 1), "at most 1000");
        check(vec![term(" ")], "term 1: must not be empty");
        check(vec![term("a"), term(&"x".repeat(101))], "term 2: has 101 characters");
        check(vec![term("a\u{7}")], "control");
        check(vec![term("redb"), term("Redb")], "term 2: comes twice");
        check(vec![Term { language: Some("english please".into()), ..term("a") }], "no tag");
        check(vec![Term { aliases: vec!["a".into(); 9], ..term("a") }], "spoken forms");
        let huge =
            |at: usize| Term { aliases: vec!["語".repeat(100); 1], ..term(&format!("{at}{}", "語".repeat(90))) };
        check((0..600).map(huge).collect(), "bytes together");
        let fine = vec![Term { language: Some(" de ".into()), ..term(" redb ") }, term("redb")];
        let fine = checked(fine).unwrap();
        assert_eq!((fine[0].spelling.as_str(), fine[0].language.as_deref()), ("redb", Some("de")));
    }

    #[test]
    fn languages() {
        let english = Term { language: Some("en-GB".into()), ..term("colour") };
        assert!(english.is_of(Some("en")) && english.is_of(Some("EN-US")) && english.is_of(None));
        assert!(!english.is_of(Some("de")) && term("redb").is_of(Some("de")));
    }
}
