//! What a statement is to the wire: a question for the engine, or a word between a client and its session.

use datafusion::sql::sqlparser::{
    dialect::PostgreSqlDialect,
    tokenizer::{Token, Tokenizer},
};

use super::split::is_blank;

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Nothing at all.
    Empty,
    /// For the engine.
    Question,
    /// For the engine, its answer as a copy.
    Copy {
        query: String,
        form: CopyForm,
    },
    /// A transaction begins, in which everything reads as always.
    Begin,
    Commit,
    Rollback,
    /// A place in a transaction: kept, let go of or gone back to, which is all the same where nothing changes.
    Place(&'static str),
    /// A setting gets a value, or the one it had at the start.
    Set {
        name: String,
        value: Option<String>,
    },
    Show(String),
    ShowAll,
    ResetAll,
    Discard(&'static str),
    /// A prepared statement goes, or all.
    Deallocate(Option<String>),
    /// A cursor goes, or all.
    CloseCursor(Option<String>),
    Declare {
        name: String,
        query: String,
    },
    /// So many rows of a cursor, or all that are left.
    Fetch {
        name: String,
        count: Option<usize>,
    },
    /// Nobody is told of anything here.
    Unlisten,
}

/// How a copy is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CopyForm {
    Text,
    Csv { header: bool },
    Binary,
}

impl Command {
    /// What a statement is.
    pub(super) fn of(sql: &str) -> Self {
        if is_blank(sql) {
            return Command::Empty;
        }
        // What cannot be taken apart is for the engine, which says what is wrong with it. So is what is too long.
        if sql.len() > LONGEST {
            return Command::Question;
        }
        let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize_with_location() else {
            return Command::Question;
        };
        let significant = |token: &Token| !matches!(token, Token::Whitespace(_) | Token::EOF);
        let words: Vec<Word> = tokens
            .into_iter()
            .filter(|token| significant(&token.token))
            .map(|token| Word {
                token: token.token,
                start: place(sql, token.span.start),
                end: place(sql, token.span.end),
            })
            .collect();
        read(sql, &words).unwrap_or(Command::Question)
    }
}

/// As long as a question may be.
const LONGEST: usize = 64 << 10;

/// A word or sign, and where it stands.
#[derive(Debug)]
struct Word {
    token: Token,
    start: usize,
    end: usize,
}

impl Word {
    fn is(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(own) if own.quote_style.is_none() && own.value.eq_ignore_ascii_case(word))
    }

    /// A name: lower-case where it is not in quotes.
    fn name(&self) -> Option<String> {
        match &self.token {
            Token::Word(word) if word.quote_style.is_some() => Some(word.value.clone()),
            Token::Word(word) => Some(word.value.to_lowercase()),
            _ => None,
        }
    }

    /// A value of a setting.
    fn value(&self) -> Option<String> {
        match &self.token {
            Token::SingleQuotedString(text) => Some(text.clone()),
            Token::Word(word) => Some(word.value.clone()),
            Token::Number(number, _) => Some(number.clone()),
            Token::Comma => Some(",".to_owned()),
            Token::Minus => Some("-".to_owned()),
            _ => None,
        }
    }
}

/// The byte at a line and column, which count from 1 and in characters.
fn place(sql: &str, at: datafusion::sql::sqlparser::tokenizer::Location) -> usize {
    let line = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
    let from = match line {
        0 => 0,
        line => sql.match_indices('\n').nth(line - 1).map_or(sql.len(), |(place, _)| place + 1),
    };
    sql[from..].char_indices().nth(column).map_or(sql.len(), |(place, _)| from + place)
}

fn read(sql: &str, words: &[Word]) -> Option<Command> {
    let first = words.first()?;
    let is = |at: usize, word: &str| words.get(at).is_some_and(|own| own.is(word));
    let name = |at: usize| words.get(at).and_then(Word::name);
    let known = |word: &str| first.is(word);
    if known("begin") || (known("start") && is(1, "transaction")) {
        return Some(Command::Begin);
    }
    if known("commit") || known("end") {
        return Some(Command::Commit);
    }
    if known("rollback") || known("abort") {
        let to = is(1, "to") || is(2, "to");
        return Some(if to { Command::Place("ROLLBACK") } else { Command::Rollback });
    }
    if known("savepoint") {
        return Some(Command::Place("SAVEPOINT"));
    }
    if known("release") {
        return Some(Command::Place("RELEASE"));
    }
    if known("set") {
        return set(words);
    }
    if known("reset") {
        return match name(1)? {
            all if all == "all" => Some(Command::ResetAll),
            session if session == "session" => {
                Some(Command::Set { name: "session_authorization".to_owned(), value: None })
            }
            name => Some(Command::Set { name: dotted(name, words, 2).0, value: None }),
        };
    }
    if known("show") {
        return show(words);
    }
    if known("discard") {
        let what = ["ALL", "PLANS", "SEQUENCES", "TEMP", "TEMPORARY"].into_iter().find(|what| is(1, what))?;
        return Some(Command::Discard(what));
    }
    if known("deallocate") {
        let at = if is(1, "prepare") { 2 } else { 1 };
        return Some(Command::Deallocate(if is(at, "all") { None } else { Some(name(at)?) }));
    }
    if known("close") {
        return Some(Command::CloseCursor(if is(1, "all") { None } else { Some(name(1)?) }));
    }
    if known("unlisten") {
        return Some(Command::Unlisten);
    }
    if known("declare") {
        let cursor = words.iter().position(|word| word.is("cursor"))?;
        let query = cursor + 1 + words[cursor + 1..].iter().position(|word| word.is("for"))? + 1;
        return Some(Command::Declare { name: name(1)?, query: sql[words.get(query)?.start..].to_owned() });
    }
    if known("fetch") {
        return fetch(words);
    }
    if known("copy") { copy(sql, words) } else { None }
}

/// A name with parts behind it, and how many words there were.
fn dotted(first: String, words: &[Word], mut at: usize) -> (String, usize) {
    let mut whole = first;
    while let [point, part, ..] = &words[at.min(words.len())..]
        && point.token == Token::Period
        && let Some(part) = part.name()
    {
        whole = format!("{whole}.{part}");
        at += 2;
    }
    (whole, at)
}

fn set(words: &[Word]) -> Option<Command> {
    let mut at = 1;
    if words.get(at)?.is("session") && words.get(at + 1).is_some_and(|next| next.is("characteristics")) {
        return Some(Command::Place("SET"));
    }
    if words.get(at)?.is("transaction") {
        return Some(Command::Place("SET"));
    }
    // It holds for the session either way: who sets it for a transaction sets it again for the next one.
    if words.get(at)?.is("session") && words.get(at + 1).is_some_and(|next| next.is("authorization")) {
        let value = words.get(at + 2)?.value()?;
        let value = Some(value).filter(|value| !value.eq_ignore_ascii_case("default"));
        return Some(Command::Set { name: "session_authorization".to_owned(), value });
    }
    if words.get(at)?.is("session") || words.get(at)?.is("local") {
        at += 1;
    }
    let name = words.get(at)?.name()?;
    if name == "time" && words.get(at + 1).is_some_and(|next| next.is("zone")) {
        return Some(Command::Set { name: "timezone".to_owned(), value: words.get(at + 2)?.value() });
    }
    let (name, next) = dotted(name, words, at + 1);
    at = next;
    // `SET NAMES 'utf8'` and `SET ROLE x` have nothing between.
    if words.get(at)?.token == Token::Eq || words.get(at)?.is("to") {
        at += 1;
    }
    let parts: Option<Vec<String>> = words.get(at..)?.iter().map(Word::value).collect();
    let value = parts?.join("").replace(',', ", ");
    let value = Some(value).filter(|value| !value.eq_ignore_ascii_case("default"));
    Some(Command::Set { name, value })
}

fn show(words: &[Word]) -> Option<Command> {
    let name = words.get(1)?.name()?;
    let next = words.get(2).and_then(Word::name);
    match (name.as_str(), next.as_deref()) {
        ("all", None) => Some(Command::ShowAll),
        ("time", Some("zone")) => Some(Command::Show("TimeZone".to_owned())),
        ("transaction", Some("isolation")) => Some(Command::Show("transaction_isolation".to_owned())),
        ("session", Some("authorization")) => Some(Command::Show("session_authorization".to_owned())),
        // The engine's own, which lists what there is.
        ("tables" | "columns" | "functions", _) => None,
        _ => {
            let (name, end) = dotted(name, words, 2);
            (end == words.len()).then_some(Command::Show(name))
        }
    }
}

fn fetch(words: &[Word]) -> Option<Command> {
    let mut at = 1;
    let mut count = Some(1);
    loop {
        let word = words.get(at)?;
        match &word.token {
            Token::Number(number, _) => count = Some(number.parse().ok()?),
            _ if word.is("all") => count = None,
            _ if word.is("next") || word.is("forward") || word.is("from") || word.is("in") => {}
            _ if at + 1 == words.len() => return Some(Command::Fetch { name: word.name()?, count }),
            // Back, or somewhere: cursors go forward only.
            _ => return None,
        }
        at += 1;
    }
}

fn copy(sql: &str, words: &[Word]) -> Option<Command> {
    let query = match &words.get(1)?.token {
        Token::LParen => {
            let mut depth = 0;
            let end = words.iter().position(|word| {
                depth += match word.token {
                    Token::LParen => 1,
                    Token::RParen => -1,
                    _ => 0,
                };
                depth == 0 && word.token == Token::RParen
            })?;
            (sql[words[1].end..words[end].start].to_owned(), end + 1)
        }
        _ => {
            let to = words.iter().position(|word| word.is("to"))?;
            let (table, end) = (&sql[words[1].start..words[to - 1].end], to);
            // A list of columns behind the table's name.
            match table.split_once('(') {
                Some((table, columns)) => {
                    (format!("SELECT {} FROM {table}", columns.trim_end().strip_suffix(')')?), end)
                }
                None => (format!("SELECT * FROM {table}"), end),
            }
        }
    };
    let (query, at) = query;
    if !words.get(at)?.is("to") || !words.get(at + 1)?.is("stdout") {
        return None;
    }
    let options = &words[at + 2..];
    let says = |word: &str| options.iter().any(|own| own.is(word));
    let form = if says("binary") {
        CopyForm::Binary
    } else if says("csv") {
        CopyForm::Csv { header: says("header") }
    } else {
        CopyForm::Text
    };
    let plain = |word: &Word| {
        matches!(word.token, Token::LParen | Token::RParen | Token::Comma)
            || ["with", "format", "binary", "csv", "text", "header", "true", "on"].iter().any(|known| word.is(known))
    };
    options.iter().all(plain).then_some(Command::Copy { query, form })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_statements_are() {
        let set =
            |name: &str, value: Option<&str>| Command::Set { name: name.to_owned(), value: value.map(str::to_owned) };
        let text = |text: &str| text.to_owned();
        for (sql, expected) in [
            ("", Command::Empty),
            (" /* x */ -- y", Command::Empty),
            ("SELECT 1", Command::Question),
            ("/* x */ begin", Command::Begin),
            ("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", Command::Begin),
            ("START TRANSACTION READ ONLY", Command::Begin),
            ("END", Command::Commit),
            ("ROLLBACK TO SAVEPOINT a", Command::Place("ROLLBACK")),
            ("ABORT", Command::Rollback),
            ("SET extra_float_digits = 3", set("extra_float_digits", Some("3"))),
            ("SET SESSION statement_timeout TO '5s'", set("statement_timeout", Some("5s"))),
            ("SET DateStyle TO ISO, MDY", set("datestyle", Some("ISO, MDY"))),
            ("SET search_path TO DEFAULT", set("search_path", None)),
            ("SET my.own = -1", set("my.own", Some("-1"))),
            ("SET TIME ZONE 'UTC'", set("timezone", Some("UTC"))),
            ("SET NAMES 'UTF8'", set("names", Some("UTF8"))),
            ("SET SESSION AUTHORIZATION DEFAULT", set("session_authorization", None)),
            ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", Command::Place("SET")),
            ("RESET ALL", Command::ResetAll),
            ("SHOW transaction_isolation", Command::Show(text("transaction_isolation"))),
            ("SHOW TRANSACTION ISOLATION LEVEL", Command::Show(text("transaction_isolation"))),
            ("SHOW TABLES", Command::Question),
            ("DISCARD ALL", Command::Discard("ALL")),
            ("DEALLOCATE ALL", Command::Deallocate(None)),
            ("DEALLOCATE \"S_1\"", Command::Deallocate(Some(text("S_1")))),
            ("CLOSE ALL", Command::CloseCursor(None)),
            ("UNLISTEN *", Command::Unlisten),
            (
                "DECLARE \"C 1\" NO SCROLL CURSOR WITH HOLD FOR SELECT é, 1\nFROM t",
                Command::Declare { name: text("C 1"), query: text("SELECT é, 1\nFROM t") },
            ),
            ("FETCH FORWARD 100 FROM c", Command::Fetch { name: text("c"), count: Some(100) }),
            ("FETCH ALL IN c", Command::Fetch { name: text("c"), count: None }),
            ("FETCH BACKWARD 1 FROM c", Command::Question),
            (
                "COPY (SELECT (1)) TO STDOUT (FORMAT binary)",
                Command::Copy { query: text("SELECT (1)"), form: CopyForm::Binary },
            ),
            ("COPY usage TO STDOUT", Command::Copy { query: text("SELECT * FROM usage"), form: CopyForm::Text }),
            (
                "COPY public.usage (at, meter) TO STDOUT WITH (FORMAT csv, HEADER)",
                Command::Copy {
                    query: text("SELECT at, meter FROM public.usage "),
                    form: CopyForm::Csv { header: true },
                },
            ),
            ("COPY usage TO '/tmp/x'", Command::Question),
            ("COPY usage FROM STDIN", Command::Question),
            ("COPY (SELECT 1) TO PROGRAM 'id'", Command::Question),
            ("INSERT INTO t VALUES (1)", Command::Question),
        ] {
            let found = Command::of(sql);
            let same = match (&found, &expected) {
                (Command::Copy { query: a, form: f }, Command::Copy { query: b, form: g }) => {
                    a.trim() == b.trim() && f == g
                }
                _ => found == expected,
            };
            assert!(same, "{sql}: {found:?}");
        }
    }
}
