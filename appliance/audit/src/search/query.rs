//! A search as tantivy takes it.
//!
//! The text is taken apart here, not by tantivy's query parser: people paste ids, actions and addresses, whose colons and
//! brackets would be syntax there, and nobody needs to name fields.

use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
    tokenizer::TextAnalyzer,
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
    check_values(search)?;
    for (field, values) in filters {
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

/// Refuses filters with too many values.
pub(super) fn check_values(search: &Search) -> Result<(), SearchError> {
    let Search { actions, actors, subjects, kinds, outcomes, addresses, .. } = search;
    let counts = [actions.len(), actors.len(), subjects.len(), kinds.len(), outcomes.len(), addresses.len()];
    if counts.iter().any(|count| *count > MAX_VALUES) { Err(SearchError::Filter(MAX_VALUES)) } else { Ok(()) }
}

/// The clauses of a text as tantivy takes them.
fn text(text: &str, field: Field) -> Result<Vec<Clause>, SearchError> {
    let (found, nothing) = clauses(text, &mut schema::analyzer())?;
    if nothing {
        return Ok(vec![(Occur::Must, Box::new(EmptyQuery))]);
    }
    let clause = |(must, words): (bool, Vec<(usize, String)>)| -> Clause {
        let mut terms: Vec<_> =
            words.into_iter().map(|(place, word)| (place, Term::from_field_text(field, &word))).collect();
        // `project:read` and `10.0.0.1` are several words that must stand side by side.
        let query: Box<dyn Query> = match terms.len() {
            1 => Box::new(TermQuery::new(terms.remove(0).1, IndexRecordOption::Basic)),
            _ => Box::new(PhraseQuery::new_with_offset(terms)),
        };
        (if must { Occur::Must } else { Occur::MustNot }, query)
    };
    Ok(found.into_iter().map(clause).collect())
}

/// The words of a text with their places.
pub(super) fn words(text: &str, analyzer: &mut TextAnalyzer) -> Vec<(usize, String)> {
    let (mut words, mut stream) = (Vec::new(), analyzer.token_stream(text));
    while stream.advance() {
        let token = stream.token();
        words.push((token.position, token.text.clone()));
    }
    words
}

/// What must occur (`true`) and what must not, piece by piece; and whether the text asks for something that is in no row.
#[allow(clippy::type_complexity, reason = "it is named at both places where it is taken apart")]
pub(super) fn clauses(
    text: &str,
    analyzer: &mut TextAnalyzer,
) -> Result<(Vec<(bool, Vec<(usize, String)>)>, bool), SearchError> {
    let too_long = SearchError::Text { bytes: MAX_TEXT, words: MAX_WORDS };
    if text.len() > MAX_TEXT {
        return Err(too_long);
    }
    let pieces = pieces(text);
    let long = |piece: &str| piece.split_whitespace().any(|word| word.len() > MAX_WORD);
    if pieces.len() > MAX_WORDS || pieces.iter().any(|(_, piece)| long(piece)) {
        return Err(too_long);
    }
    let empty = pieces.is_empty();
    let found = pieces.into_iter().map(|(occur, piece)| (occur == Occur::Must, words(piece, analyzer)));
    let found: Vec<_> = found.filter(|(_, words)| !words.is_empty()).collect();
    // A text without a single letter or digit is in no row; it does not mean "everything".
    let nothing = found.is_empty() && !empty;
    Ok((found, nothing))
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
