//! Terms as a table (RFC 4180): `spelling,aliases,language,case`, spoken forms divided by `|`.

use std::fmt::Write;

use super::term::{Case, MAX_ALIASES, MAX_TERMS, Term};
use crate::error::LibraryError;

/// The longest table that is read, in bytes.
const MAX_TABLE: usize = 512 << 10;
/// The most cells of a line.
const MAX_CELLS: usize = 16;
const COLUMNS: [&str; 4] = ["spelling", "aliases", "language", "case"];
/// What makes a spreadsheet take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The terms as a table.
pub fn write(terms: &[Term]) -> String {
    let mut table = COLUMNS.join(",") + "\r\n";
    for term in terms {
        let case = match term.case {
            Case::Exact => "exact",
            Case::Free => "free",
        };
        let cells = [&term.spelling, &term.aliases.join("|"), term.language.as_deref().unwrap_or_default()];
        for cell in cells {
            write!(table, "{},", quoted(cell)).expect("strings take all that is written");
        }
        table.push_str(case);
        table.push_str("\r\n");
    }
    table
}

/// A cell in quotes. What a spreadsheet would take for a formula gets an apostrophe in front, which [`parse`] takes off again.
fn quoted(text: &str) -> String {
    let mark = if text.trim_start_matches('\'').starts_with(FORMULA) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// The terms of a table with commas or semicolons. Its first line may name the columns, in any order and with others between
/// them, which are passed over; else they come as [`write()`] writes them.
///
/// # Errors
/// Where it is no table or a cell makes no sense, with the number of the line. That terms are within bounds is not looked at here.
pub fn parse(table: &str) -> Result<Vec<Term>, LibraryError> {
    if table.len() > MAX_TABLE {
        return Err(at(0, format!("has {} bytes, at most {MAX_TABLE} are allowed", table.len())));
    }
    let mut lines = Lines::new(table.strip_prefix('\u{FEFF}').unwrap_or(table));
    let mut columns: [Option<usize>; 4] = [Some(0), Some(1), Some(2), Some(3)];
    let mut terms = Vec::new();
    let mut first = true;
    while let Some((number, cells)) = lines.next()? {
        if std::mem::take(&mut first) && cells.iter().any(|cell| cell.trim().eq_ignore_ascii_case(COLUMNS[0])) {
            columns = COLUMNS.map(|name| cells.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name)));
            continue;
        }
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if terms.len() == MAX_TERMS {
            return Err(at(number, format!("is one term too many, at most {MAX_TERMS} are allowed")));
        }
        let cell =
            |column: usize| columns[column].and_then(|at| cells.get(at)).map_or("", |cell| unmarked(cell.trim()));
        let aliases: Vec<String> =
            cell(1).split('|').map(str::trim).filter(|alias| !alias.is_empty()).map(str::to_owned).collect();
        if aliases.len() > MAX_ALIASES {
            return Err(at(number, format!("has more than {MAX_ALIASES} spoken forms")));
        }
        let case = match cell(3) {
            "" | "exact" => Case::Exact,
            "free" => Case::Free,
            _ => return Err(at(number, "the case must be `exact` or `free`".into())),
        };
        let language = Some(cell(2)).filter(|tag| !tag.is_empty()).map(str::to_owned);
        terms.push(Term { spelling: cell(0).to_owned(), aliases, language, case });
    }
    Ok(terms)
}

fn unmarked(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

fn at(line: usize, fault: String) -> LibraryError {
    let fault = if line == 0 { fault } else { format!("line {line}: {fault}") };
    LibraryError::Field { field: "csv", fault }
}

/// A table, line by line.
struct Lines<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    comma: char,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(table: &'a str) -> Self {
        let head = table.lines().next().unwrap_or_default();
        let comma = head.chars().find(|letter| matches!(letter, ',' | ';' | '\t')).unwrap_or(',');
        Self { rest: table.chars().peekable(), comma, number: 1 }
    }

    /// The next line with its number.
    fn next(&mut self) -> Result<Option<(usize, Vec<String>)>, LibraryError> {
        if self.rest.peek().is_none() {
            return Ok(None);
        }
        let number = self.number;
        let mut cells = Vec::new();
        loop {
            let (cell, ends) = self.cell(number)?;
            if cells.len() == MAX_CELLS {
                return Err(at(number, format!("has more than {MAX_CELLS} cells")));
            }
            cells.push(cell);
            if ends {
                self.number += 1;
                return Ok(Some((number, cells)));
            }
        }
    }

    /// The next cell, and whether it is the last one of its line.
    fn cell(&mut self, number: usize) -> Result<(String, bool), LibraryError> {
        let mut cell = String::new();
        if self.rest.next_if_eq(&'"').is_some() {
            loop {
                match self.rest.next() {
                    None => return Err(at(number, "a quote is not closed".into())),
                    Some('"') if self.rest.next_if_eq(&'"').is_some() => cell.push('"'),
                    Some('"') => break,
                    Some(letter) => {
                        self.number += usize::from(letter == '\n');
                        cell.push(letter);
                    }
                }
            }
            return match self.rest.next() {
                None => Ok((cell, true)),
                Some('\n') => Ok((cell, true)),
                Some('\r') if self.rest.next_if_eq(&'\n').is_some() => Ok((cell, true)),
                Some(letter) if letter == self.comma => Ok((cell, false)),
                Some(_) => Err(at(number, "there is text behind a closing quote".into())),
            };
        }
        loop {
            match self.rest.next() {
                None | Some('\n') => return Ok((cell, true)),
                Some('\r') if self.rest.next_if_eq(&'\n').is_some() => return Ok((cell, true)),
                Some(letter) if letter == self.comma => return Ok((cell, false)),
                Some(letter) => cell.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn term(spelling: &str, aliases: &[&str]) -> Term {
        let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        Term { spelling: spelling.into(), aliases, language: None, case: Case::Exact }
    }

    #[test]
    fn tables_of_spreadsheets() {
        let check = |table: &str, expected: &[Term]| assert_eq!(parse(table).unwrap(), expected, "{table}");
        let kube =
            Term { language: Some("en".into()), case: Case::Free, ..term("Kubernetes", &["cooper netties", "k8s"]) };
        check("", &[]);
        check("redb", &[term("redb", &[])]);
        check("Kubernetes,cooper netties|k8s,en,free\r\n\r\nredb\r\n", &[kube.clone(), term("redb", &[])]);
        check("\u{FEFF}case;note;spelling;aliases;language\nfree;x;Kubernetes;cooper netties | k8s;en\n", &[kube]);
        check("\"a \"\"b\"\", c\",\"d\ne\"\n", &[term("a \"b\", c", &["d\ne"])]);
    }

    #[test]
    fn what_is_no_table() {
        let check = |table: &str, expected: &str| {
            let error = parse(table).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("a\n\"b", "line 2: a quote is not closed");
        check("\"a\"b", "line 1: there is text behind");
        check("a,,,loud", "line 1: the case");
        check(&",".repeat(20), "cells");
        check(&"a\n".repeat(MAX_TERMS + 1), "line 1001");
        check("a,b|c|d|e|f|g|h|i|j\n", "spoken forms");
        check(&"a".repeat(MAX_TABLE + 1), "bytes");
    }

    #[test]
    fn no_cell_is_a_formula() {
        let terms = [term("=HYPERLINK(\"x\")", &["+1", "b"]), term("'@x", &["-2"]), term("'tis", &[])];
        let table = write(&terms);
        assert!(
            table.contains("\"'=HYPERLINK") && table.contains("\"'+1|b\"") && table.contains("\"''@x\""),
            "{table}"
        );
        assert!(table.contains("\"'tis\""));
        assert_eq!(parse(&table).unwrap(), terms);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(spelling in "[a-z='\",;@+|\\-\u{e9}]{1,12}", alias in "[a-z='\",;@+ ]{0,12}") {
            let alias = alias.trim().to_owned();
            let one = Term { aliases: vec![alias].into_iter().filter(|alias| !alias.is_empty()).collect(), ..term(&spelling, &[]) };
            prop_assert_eq!(parse(&write(std::slice::from_ref(&one))).unwrap(), vec![one]);
        }

        #[test]
        fn anything_is_read_without_harm(table in "[ab\"',;\r\n=|]{0,60}") {
            let _ = parse(&table);
        }
    }
}
