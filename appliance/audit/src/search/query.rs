//! A search as tantivy takes it.
//!
//! The text is taken apart here, not by tantivy's query parser: people paste ids, actions and addresses, whose colons and
//! brackets would be syntax there, and nobody needs to name fields.

use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    Search, SearchError,
    schema::{self, Fields, MAX_WORD},
};

const MAX_TEXT: usize = 1 << 10;
const MAX_WORDS: usize = 32;
const MAX_VALUES: usize = 64;

/// A part of a query, and whether it must or must not hold.
type Clause = (Occur, Box<dyn Query>);

/// The query of a search, without times and paging.
pub(super) fn build(search: &Search, fields: &Fields) -> Result<Box<dyn Query>, SearchError> {
    let mut clauses = text(&search.text, fields.text)?;
    let ids = |ids: &[model::AnyId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let filters = [
        (fields.action, search.actions.iter().map(|action| action.code().to_owned()).collect()),
        (fields.actor, ids(&search.actors)),
        (fields.subject, ids(&search.subjects)),
        (fields.kind, search.kinds.iter().map(|kind| kind.label().to_owned()).collect()),
        (fields.outcome, search.outcomes.iter().map(|outcome| outcome.name().to_owned()).collect()),
        (fields.address, search.addresses.iter().map(|address| schema::exact(address).to_owned()).collect()),
    ];
    for (field, values) in filters {
        if values.len() > MAX_VALUES {
            return Err(SearchError::Filter(MAX_VALUES));
        }
        if !values.is_empty() {
            let any = values.iter().map(|value| term(field, value)).collect();
            clauses.push((Occur::Must, Box::new(BooleanQuery::union(any))));
        }
    }
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        clauses.push((Occur::Must, Box::new(AllQuery)));
    }
    Ok(Box::new(BooleanQuery::new(clauses)))
}

fn term(field: Field, value: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}

/// The clauses of a text.
fn text(text: &str, field: Field) -> Result<Vec<Clause>, SearchError> {
    let too_long = SearchError::Text { bytes: MAX_TEXT, words: MAX_WORDS };
    if text.len() > MAX_TEXT {
        return Err(too_long);
    }
    let pieces = pieces(text);
    let long = |piece: &str| piece.split_whitespace().any(|word| word.len() > MAX_WORD);
    if pieces.len() > MAX_WORDS || pieces.iter().any(|(_, piece)| long(piece)) {
        return Err(too_long);
    }
    let mut clauses: Vec<Clause> = Vec::new();
    let (mut analyzer, empty) = (schema::analyzer(), pieces.is_empty());
    for (occur, piece) in pieces {
        let mut terms = Vec::new();
        let mut stream = analyzer.token_stream(piece);
        while stream.advance() {
            let token = stream.token();
            terms.push((token.position, Term::from_field_text(field, &token.text)));
        }
        match terms.len() {
            0 => continue,
            // `project:read` and `10.0.0.1` are several words that must stand side by side.
            2.. => clauses.push((occur, Box::new(PhraseQuery::new_with_offset(terms)))),
            1 => clauses.push((occur, Box::new(TermQuery::new(terms.remove(0).1, IndexRecordOption::Basic)))),
        }
    }
    // A text without a single letter or digit is in no row; it does not mean "everything".
    if clauses.is_empty() && !empty {
        clauses.push((Occur::Must, Box::new(EmptyQuery)));
    }
    Ok(clauses)
}

/// The words and quoted phrases of a text, and whether they must or must not occur.
fn pieces(text: &str) -> Vec<(Occur, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let occur = match rest.strip_prefix('-') {
            Some(after) => {
                rest = after;
                Occur::MustNot
            }
            None => Occur::Must,
        };
        let (piece, after) = match rest.strip_prefix('"') {
            // A quote that is never closed runs to the end.
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_at(rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len())),
        };
        if !piece.trim().is_empty() {
            pieces.push((occur, piece));
        }
        rest = after.trim_start();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_taken_apart() {
        let check = |text: &str, expected: &[&str]| {
            let shown: Vec<_> = pieces(text)
                .into_iter()
                .map(|(occur, piece)| format!("{}{piece}", if occur == Occur::MustNot { "-" } else { "+" }))
                .collect();
            assert_eq!(shown, expected, "{text:?}");
        };
        check("", &[]);
        check("  \t\n ", &[]);
        check("one two", &["+one", "+two"]);
        check("-one \"two three\"", &["-one", "+two three"]);
        check("-\"two three\"four", &["-two three", "+four"]);
        check("a\"b c\"d", &["+a", "+b c", "+d"]);
        check("\"never closed", &["+never closed"]);
        check("\"\" \" \" - --a", &["--a"]);
        check(
            "action:project AND (x OR [y TO z])^2~",
            &["+action:project", "+AND", "+(x", "+OR", "+[y", "+TO", "+z])^2~"],
        );
    }
}
