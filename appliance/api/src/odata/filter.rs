//! `$filter` as SQL.

use super::{
    fault::ODataError,
    lexer::{Token, is_name, tokens},
};
use crate::query::literal;

/// How deep brackets and operators may lie in each other.
const DEPTH: usize = 32;
/// The most values behind `in`.
const MAX_VALUES: usize = 200;

/// Comparisons. What is not equal to something may be nothing.
const COMPARISONS: &[(&str, &str)] =
    &[("eq", "="), ("ne", "IS DISTINCT FROM"), ("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<=")];
const SUMS: &[(&str, &str)] = &[("add", "+"), ("sub", "-")];
const PRODUCTS: &[(&str, &str)] = &[("mul", "*"), ("div", "/"), ("mod", "%")];

/// Functions: the name, how many values they take, and what they are in SQL.
const FUNCTIONS: &[(&str, usize, &str)] = &[
    ("contains", 2, "(strpos({0}, {1}) > 0)"),
    ("startswith", 2, "starts_with({0}, {1})"),
    ("endswith", 2, "ends_with({0}, {1})"),
    ("tolower", 1, "lower({0})"),
    ("toupper", 1, "upper({0})"),
    ("trim", 1, "trim({0})"),
    ("length", 1, "character_length({0})"),
    ("year", 1, "CAST(date_part('year', {0}) AS BIGINT)"),
    ("month", 1, "CAST(date_part('month', {0}) AS BIGINT)"),
    ("day", 1, "CAST(date_part('day', {0}) AS BIGINT)"),
    ("hour", 1, "CAST(date_part('hour', {0}) AS BIGINT)"),
    ("minute", 1, "CAST(date_part('minute', {0}) AS BIGINT)"),
    ("date", 1, "CAST({0} AS DATE)"),
    ("round", 1, "round({0})"),
    ("floor", 1, "floor({0})"),
    ("ceiling", 1, "ceil({0})"),
];

/// An expression as SQL.
///
/// # Errors
/// What is not understood, by name.
pub(super) fn sql(text: &str) -> Result<String, ODataError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let found = parser.any(DEPTH)?;
    match parser.peek() {
        None => Ok(found),
        Some(_) => Err(parser.unexpected("an operator like eq, and, or the end")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn must(&mut self, sign: char) -> Result<(), ODataError> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.at += usize::from(found);
        found
    }

    fn operator(&mut self, of: &[(&str, &'static str)]) -> Option<&'static str> {
        let Some(Token::Word(word)) = self.peek() else { return None };
        let (_, sign) = of.iter().find(|(name, _)| name == word)?;
        self.at += 1;
        Some(sign)
    }

    fn unexpected(&self, wanted: &str) -> ODataError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Word(word)) => format!("`{}`", word.chars().take(40).collect::<String>()),
            Some(Token::Literal(_)) => "a value".to_owned(),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
        };
        ODataError::invalid(format!("in the expression {found} stands where {wanted} should"))
    }

    fn any(&mut self, depth: usize) -> Result<String, ODataError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| ODataError::invalid(format!("an expression is nested deeper than {DEPTH} levels")))?;
        self.chain("or", " OR ", |parser| parser.all(depth))
    }

    fn all(&mut self, depth: usize) -> Result<String, ODataError> {
        self.chain("and", " AND ", |parser| parser.comparison(depth))
    }

    /// Parts side by side in one pair of brackets: the engine follows nested ones by recursion, and spreadsheets write long chains.
    fn chain(
        &mut self,
        word: &str,
        sign: &str,
        part: impl Fn(&mut Self) -> Result<String, ODataError>,
    ) -> Result<String, ODataError> {
        let mut parts = vec![part(self)?];
        while self.takes_word(word) {
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(sign)) })
    }

    fn comparison(&mut self, depth: usize) -> Result<String, ODataError> {
        if self.takes_word("not") {
            let depth = depth
                .checked_sub(1)
                .ok_or_else(|| ODataError::invalid(format!("an expression is nested deeper than {DEPTH} levels")))?;
            return Ok(format!("(NOT {})", self.comparison(depth)?));
        }
        let left = self.sum(depth)?;
        if let Some(sign) = self.operator(COMPARISONS) {
            let right = self.sum(depth)?;
            return Ok(match (sign, right.as_str()) {
                ("=", "NULL") => format!("({left} IS NULL)"),
                ("IS DISTINCT FROM", "NULL") => format!("({left} IS NOT NULL)"),
                _ => format!("({left} {sign} {right})"),
            });
        }
        if self.takes_word("in") {
            self.must('(')?;
            let mut values = vec![self.value(depth)?];
            while self.takes(',') {
                values.push(self.value(depth)?);
                if values.len() > MAX_VALUES {
                    return Err(ODataError::invalid(format!("behind `in` stand more than {MAX_VALUES} values")));
                }
            }
            self.must(')')?;
            return Ok(format!("({left} IN ({}))", values.join(", ")));
        }
        Ok(left)
    }

    fn sum(&mut self, depth: usize) -> Result<String, ODataError> {
        let mut left = self.product(depth)?;
        while let Some(sign) = self.operator(SUMS) {
            left = format!("({left} {sign} {})", self.product(depth)?);
        }
        Ok(left)
    }

    fn product(&mut self, depth: usize) -> Result<String, ODataError> {
        let mut left = self.value(depth)?;
        while let Some(sign) = self.operator(PRODUCTS) {
            left = format!("({left} {sign} {})", self.value(depth)?);
        }
        Ok(left)
    }

    fn value(&mut self, depth: usize) -> Result<String, ODataError> {
        match self.peek().cloned() {
            Some(Token::Literal(literal)) => {
                self.at += 1;
                Ok(literal)
            }
            Some(Token::Sign('(')) => {
                self.at += 1;
                let inner = self.any(depth)?;
                self.must(')')?;
                Ok(inner)
            }
            Some(Token::Word(word)) => self.word(&word, depth),
            _ => Err(self.unexpected("a column, a value or a function")),
        }
    }

    fn word(&mut self, word: &str, depth: usize) -> Result<String, ODataError> {
        self.at += 1;
        if let Some((_, constant)) =
            [("null", "NULL"), ("true", "TRUE"), ("false", "FALSE")].iter().find(|(name, _)| *name == word)
        {
            return Ok((*constant).to_owned());
        }
        if self.takes('(') {
            let function = FUNCTIONS.iter().find(|(name, ..)| *name == word);
            let Some((name, count, form)) = function else {
                let known: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
                let word: String = word.chars().take(40).collect();
                return Err(ODataError::invalid(format!(
                    "the function `{word}` is not understood; known are {}",
                    known.join(", ")
                )));
            };
            let mut values = vec![self.any(depth)?];
            while self.takes(',') {
                values.push(self.any(depth)?);
            }
            self.must(')')?;
            if values.len() != *count {
                return Err(ODataError::invalid(format!("the function `{name}` takes {count} values")));
            }
            return Ok(filled(form, &values));
        }
        if !is_name(word) {
            return Err(ODataError::invalid("a name that begins with `$` has no meaning in an expression"));
        }
        if self.takes('/') {
            let Some(Token::Word(key)) = self.peek().cloned() else {
                return Err(self.unexpected("the name of a dimension"));
            };
            self.at += 1;
            return Ok(format!("\"{word}\"[{}]", literal(&key)));
        }
        Ok(format!("\"{word}\""))
    }
}

/// A form with values in the places of their numbers. What stands in a value is never taken for a place.
fn filled(form: &str, values: &[String]) -> String {
    let mut out = String::new();
    for (at, part) in form.split('{').enumerate() {
        match part.split_once('}') {
            Some((place, behind)) if at > 0 => {
                let value = place.parse().ok().and_then(|place: usize| values.get(place));
                out += value.map_or("", |value| value);
                out += behind;
            }
            _ => out += part,
        }
    }
    out
}
