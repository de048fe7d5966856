//! The shell of `audiagram sql`: statements over several lines, kept from one time to the next, and names completed by Tab.

use std::{os::unix::fs::OpenOptionsExt as _, path::PathBuf};

use rustyline::{
    CompletionType, Config, Context, Editor, Helper,
    completion::Completer,
    error::ReadlineError,
    highlight::Highlighter,
    hint::Hinter,
    history::FileHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};

use crate::{
    failure::{Failure, Kind},
    files,
};

/// Statements that are kept.
const KEPT: usize = 1_000;
/// Words of SQL that are completed beside the names of tables and columns.
const WORDS: [&str; 30] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "DISTINCT",
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "JOIN",
    "LEFT JOIN",
    "USING",
    "UNION ALL",
    "WITH",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "BETWEEN",
    "IS NOT NULL",
    "INTERVAL",
    "DATE_TRUNC",
    "DESCRIBE",
    "EXPLAIN",
    "DESC",
];

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The answer to a statement.
    Statement(String),
    /// The names of the tables.
    Tables,
    /// The columns of a table.
    Columns(String),
    /// To leave.
    End,
}

/// A terminal at which statements are typed.
pub(super) struct Shell {
    editor: Editor<Names, FileHistory>,
    /// Where statements are kept, where there is such a place.
    kept: Option<PathBuf>,
}

impl Shell {
    /// A shell that completes `names`.
    ///
    /// # Errors
    /// When the terminal is none that lines can be edited on.
    pub(super) fn open(names: Vec<String>) -> Result<Self, Failure> {
        // As far as it is clear what is meant, then all that it may be.
        let config = Config::builder().history_ignore_space(true).completion_type(CompletionType::List);
        let config = config.max_history_size(KEPT).map(|config| config.build()).map_err(|e| unusable(&e))?;
        let mut editor = Editor::with_config(config).map_err(|e| unusable(&e))?;
        editor.set_helper(Some(Names(names)));
        let kept = files::state().ok().map(|folder| folder.join("sql_history"));
        if let Some(path) = &kept {
            // None there yet is no fault.
            let _ = editor.load_history(path);
        }
        Ok(Shell { editor, kept })
    }

    /// What is typed next. Ctrl-C takes back what is half typed, Ctrl-D ends.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn next(&mut self) -> Result<Asked, Failure> {
        loop {
            match self.editor.readline("sql> ") {
                Ok(text) => {
                    let Some(asked) = asked(&text) else { continue };
                    if asked != Asked::End {
                        self.keep(text.trim());
                    }
                    return Ok(asked);
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(Asked::End),
                Err(e) => return Err(unusable(&e)),
            }
        }
    }

    /// Keeps a statement for the next time, where only who runs the program can read it. Where it cannot be kept, the shell goes on.
    fn keep(&mut self, text: &str) {
        let _ = self.editor.add_history_entry(text);
        let Some(path) = &self.kept else { return };
        let private = path.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok())
            && std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).is_ok();
        if private {
            let _ = self.editor.append_history(path);
        }
    }
}

fn unusable(error: &ReadlineError) -> Failure {
    Failure::new(Kind::Failed, "cannot read from the terminal").because(error).remedy("audiagram sql STATEMENT")
}

/// What a typed text asks for; nothing where it is empty.
fn asked(text: &str) -> Option<Asked> {
    match text.trim() {
        "" | ";" => None,
        "\\q" | "exit" | "quit" => Some(Asked::End),
        "\\dt" | "\\d" => Some(Asked::Tables),
        text => Some(match text.strip_prefix("\\d ") {
            Some(table) => Asked::Columns(table.trim().trim_end_matches(';').to_owned()),
            None => Asked::Statement(text.trim_end_matches(';').to_owned()),
        }),
    }
}

/// Names that are completed.
struct Names(Vec<String>);

impl Helper for Names {}
impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}

impl Validator for Names {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_whole(context.input()) { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

/// Whether Enter ends it: a command does with its line, a statement with a semicolon outside of quotes.
fn is_whole(text: &str) -> bool {
    let text = text.trim();
    let quotes = |quote: char| text.matches(quote).count() % 2 == 1;
    let is_open = quotes('\'') || quotes('"');
    text.is_empty() || text.starts_with('\\') || text == "exit" || text == "quit" || (text.ends_with(';') && !is_open)
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(&self.0, &line[..at]))
    }
}

/// Where the word at the end of `text` begins, and the names and words of SQL that it may become, in its letters' size.
fn complete(names: &[String], text: &str) -> (usize, Vec<String>) {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '\\';
    let start = text.char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map_or(text.len(), |(at, _)| at);
    let begun = &text[start..];
    if begun.is_empty() {
        return (start, Vec::new());
    }
    let lower = begun.to_lowercase();
    let small = begun == lower;
    let named = names.iter().filter(|name| name.to_lowercase().starts_with(&lower)).cloned();
    let words = WORDS.iter().filter(|word| word.to_lowercase().starts_with(&lower));
    let words = words.map(|word| if small { word.to_lowercase() } else { (*word).to_owned() });
    let mut found: Vec<String> = named.chain(words).collect();
    found.sort();
    found.dedup();
    (start, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_are_completed_where_they_begin() {
        let names = ["usage", "usage_by_day", "used_by", "jobs"].map(str::to_owned);
        let check = |text: &str, start: usize, expected: &[&str]| {
            assert_eq!(
                complete(&names, text),
                (start, expected.iter().map(|one| (*one).to_owned()).collect()),
                "{text}"
            );
        };
        check("SELECT * FROM us", 14, &["usage", "usage_by_day", "used_by", "using"]);
        check("sel", 0, &["select"]);
        check("SEL", 0, &["SELECT"]);
        check("select sum(U", 11, &["UNION ALL", "USING", "usage", "usage_by_day", "used_by"]);
        check("select jobs.", 12, &[]);
        check("größe us", 8, &["usage", "usage_by_day", "used_by", "using"]);
    }

    #[test]
    fn a_statement_ends_with_a_semicolon_and_a_command_with_its_line() {
        for whole in ["", "  ", "select 1;", "select ';';", "\\dt", "\\d usage", "exit"] {
            assert!(is_whole(whole), "{whole}");
        }
        for open in ["select 1", "select ';", "select \"a;", "select 1; --"] {
            assert!(!is_whole(open), "{open}");
        }
        assert_eq!(asked(" select 1 ; "), Some(Asked::Statement("select 1 ".to_owned())));
        assert_eq!(asked("\\d  usage;"), Some(Asked::Columns("usage".to_owned())));
        assert_eq!((asked("\\dt"), asked("\\q"), asked("  ")), (Some(Asked::Tables), Some(Asked::End), None));
    }
}
