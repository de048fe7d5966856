//! Expressions of OData as words, signs and literals.

use super::fault::ODataError;
use crate::query::literal;

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 4_096;

/// A part of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a function or an operator.
    Word(String),
    /// A literal, as it stands in SQL.
    Literal(String),
    /// A bracket, a comma or a slash.
    Sign(char),
}

/// Takes an expression apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ODataError> {
    if text.len() > MAX_EXPRESSION {
        return Err(ODataError::invalid(format!("an expression has more than {MAX_EXPRESSION} bytes")));
    }
    let (mut rest, mut found) = (text, Vec::new());
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if "(),/".contains(first) {
            found.push(Token::Sign(first));
            rest = &rest[1..];
        } else if first == '\'' {
            let (text, behind) = quoted(&rest[1..])?;
            found.push(Token::Literal(literal(&text)));
            rest = behind;
        } else {
            let end = rest.find(|sign: char| sign.is_whitespace() || "(),/'".contains(sign)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            found.push(plain(word)?);
            rest = behind;
        }
    }
    Ok(found)
}

/// The text before the closing quote, in which a quote stands twice, and what comes behind it.
fn quoted(text: &str) -> Result<(String, &str), ODataError> {
    let mut from = 0;
    while let Some(at) = text[from..].find('\'').map(|at| from + at) {
        if text[at + 1..].starts_with('\'') {
            from = at + 2;
        } else {
            return Ok((text[..at].replace("''", "'"), &text[at + 1..]));
        }
    }
    Err(ODataError::invalid("a text in quotes has no end"))
}

fn plain(word: &str) -> Result<Token, ODataError> {
    if is_name(word.strip_prefix('$').unwrap_or(word)) {
        return Ok(Token::Word(word.to_owned()));
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_number = digits.starts_with(|sign: char| sign.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
        && word.parse::<f64>().is_ok_and(f64::is_finite);
    if is_number {
        return Ok(Token::Literal(word.to_owned()));
    }
    if let Ok(moment) = word.parse::<jiff::Timestamp>() {
        return Ok(Token::Literal(crate::query::moment_literal(moment.as_millisecond())));
    }
    if let Ok(date) = word.parse::<jiff::civil::Date>() {
        return Ok(Token::Literal(format!("DATE '{date}'")));
    }
    let shown: String = word.chars().take(40).collect();
    Err(ODataError::invalid(format!(
        "`{shown}` is no name, number, text in quotes, date or moment like 2027-01-15T08:00:00Z"
    )))
}

/// Whether a text can be the name of a column.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
