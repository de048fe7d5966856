//! PromQL as words and signs.

use super::fault::PromError;

/// The longest question, in bytes.
const MAX_QUERY: usize = 8_192;

/// A word or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Word(String),
    /// A number.
    Number(f64),
    /// A duration in milliseconds.
    Duration(i64),
    /// What stands in quotes.
    Text(String),
    /// An operator or bracket.
    Sign(&'static str),
}

impl Token {
    /// As an error names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Duration(millis) => format!("the duration of {millis} ms"),
            Token::Text(_) => "a text in quotes".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
        }
    }
}

/// Those of two characters first.
const SIGNS: &[&str] = &[
    "=~", "!~", "==", "!=", ">=", "<=", "=", ">", "<", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", "[", "]", ",",
    ":", "@",
];

/// Takes a question apart.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, PromError> {
    if query.len() > MAX_QUERY {
        return Err(PromError::bad(format!("the query has more than {MAX_QUERY} bytes")));
    }
    let (mut rest, mut found) = (query, Vec::new());
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if first == '#' {
            rest = rest.split_once('\n').map_or("", |(_, behind)| behind);
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|sign: char| !(sign.is_ascii_alphanumeric() || "_:".contains(sign)));
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            found.push(Token::Word(word.to_owned()));
            rest = behind;
        } else if first.is_ascii_digit() || first == '.' {
            let (number, behind) = rest.split_at(number_end(rest));
            found.push(number_or_duration(number)?);
            rest = behind;
        } else if "\"'`".contains(first) {
            let (text, behind) = quoted(&rest[1..], first)?;
            found.push(Token::Text(text));
            rest = behind;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign =
                sign.ok_or_else(|| PromError::bad(format!("`{}` has no meaning here", first.escape_default())))?;
            found.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
    }
    Ok(found)
}

fn number_end(text: &str) -> usize {
    let mut before = ' ';
    let end = text.find(|sign: char| {
        let goes_on = sign.is_ascii_alphanumeric() || sign == '.' || ("+-".contains(sign) && "eE".contains(before));
        before = sign;
        !goes_on
    });
    end.unwrap_or(text.len())
}

fn number_or_duration(text: &str) -> Result<Token, PromError> {
    if let Ok(number) = text.parse() {
        return Ok(Token::Number(number));
    }
    duration(text).map(Token::Duration).ok_or_else(|| PromError::bad(format!("`{text}` is no number and no duration")))
}

/// The longest duration: a hundred years.
const MAX_DURATION: i64 = 100 * 31_536_000_000;

/// A duration like `1h30m`, in milliseconds; units stand from the largest to the smallest, each once.
pub(super) fn duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("y", 31_536_000_000),
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    let (mut rest, mut total, mut from) = (text, 0i64, 0);
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at(rest.find(|sign: char| !sign.is_ascii_digit())?);
        let (unit, behind) = behind.split_at(behind.find(|sign: char| sign.is_ascii_digit()).unwrap_or(behind.len()));
        let place = UNITS.iter().position(|(name, _)| *name == unit).filter(|place| *place >= from)?;
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(UNITS[place].1)?)?;
        (rest, from) = (behind, place + 1);
    }
    (1..=MAX_DURATION).contains(&total).then_some(total)
}

/// What stands before the closing quote, and what comes behind it.
fn quoted(text: &str, quote: char) -> Result<(String, &str), PromError> {
    let mut found = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            sign if sign == quote => return Ok((found, &text[at + 1..])),
            '\\' if quote != '`' => {
                let escaped = match signs.next().map(|(_, sign)| sign) {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some(sign @ ('\\' | '"' | '\'')) => sign,
                    _ => {
                        return Err(PromError::bad(
                            "of escapes in quotes \\\\, \\\", \\', \\n, \\r and \\t are understood",
                        ));
                    }
                };
                found.push(escaped);
            }
            sign => found.push(sign),
        }
    }
    Err(PromError::bad("a text in quotes has no end"))
}
