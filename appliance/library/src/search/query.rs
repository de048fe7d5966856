//! What is typed, as the index is asked.

use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, BoostQuery, EmptyQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    SearchError,
    words::{Kind, Word, words},
};

/// The longest text, in bytes.
const MAX_TEXT: usize = 512;
/// The most words and phrases.
const MAX_PIECES: usize = 16;
/// The most words that a beginning of a word may stand for.
const MAX_ENDINGS: u32 = 512;

/// A word or phrase that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// It must not occur.
    not: bool,
    words: Vec<Word>,
    /// The last word may go on.
    open: bool,
}

/// Takes a text apart: all words must occur, `"phrases"` too, and with a `-` in front they must not. The last word may go on, and any
/// with a `*` behind it.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, SearchError> {
    if text.len() > MAX_TEXT {
        return Err(SearchError::Text { bytes: MAX_TEXT, words: MAX_PIECES });
    }
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let not = rest.starts_with('-');
        rest = rest.strip_prefix('-').unwrap_or(rest);
        let (piece, after, quoted) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (piece, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                (piece, after, true)
            }
            None => {
                let end = rest.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(rest.len());
                let (piece, after) = rest.split_at(end);
                (piece, after, false)
            }
        };
        let is_last = after.trim().is_empty() && !text.ends_with(char::is_whitespace);
        rest = after.trim_start();
        let mut found: Vec<Word> = words(piece).collect();
        // A run of letters is looked for by its pairs; one letter alone by all that begins with it.
        let paired = |at: usize, found: &[Word]| at > 0 && found[at - 1].kind == Kind::Pair;
        let keep: Vec<bool> = (0..found.len()).map(|at| found[at].kind != Kind::Last || !paired(at, &found)).collect();
        let mut keep = keep.into_iter();
        found.retain(|_| keep.next().unwrap_or(true));
        let Some(last) = found.last() else { continue };
        let open = match last.kind {
            Kind::Last => true,
            Kind::Pair => false,
            Kind::Plain => !quoted && (is_last && !not || piece.ends_with('*')),
        };
        pieces.push(Piece { not, words: found, open });
    }
    if pieces.len() > MAX_PIECES {
        return Err(SearchError::Text { bytes: MAX_TEXT, words: MAX_PIECES });
    }
    Ok(pieces)
}

impl Piece {
    /// Whether `word` of a text is one of those looked for, for showing where it was found.
    pub(super) fn shows(&self, word: &Word) -> bool {
        let last = self.words.len() - 1;
        !self.not
            && self.words.iter().enumerate().any(|(at, wanted)| {
                wanted.text == word.text || at == last && self.open && word.text.starts_with(&wanted.text)
            })
    }

    fn query(&self, field: Field) -> Box<dyn Query> {
        let first = self.words[0].position;
        let term = |word: &Word| Term::from_field_text(field, &word.text);
        let terms: Vec<(usize, Term)> = self.words.iter().map(|word| (word.position - first, term(word))).collect();
        match (terms.as_slice(), self.open) {
            ([(_, whole)], false) => Box::new(TermQuery::new(whole.clone(), IndexRecordOption::WithFreqs)),
            ([(_, begun)], true) => {
                // What is just this word goes before what begins with it.
                let whole = TermQuery::new(begun.clone(), IndexRecordOption::WithFreqs);
                Box::new(BooleanQuery::union(vec![Box::new(whole), open(terms)]))
            }
            (_, false) => Box::new(PhraseQuery::new_with_offset(terms)),
            (_, true) => open(terms),
        }
    }
}

fn open(terms: Vec<(usize, Term)>) -> Box<dyn Query> {
    let mut query = PhrasePrefixQuery::new_with_offset(terms);
    query.set_max_expansions(MAX_ENDINGS);
    Box::new(query)
}

/// The query over `fields`, each with its weight.
pub(super) fn build(pieces: &[Piece], fields: &[(Field, f32)]) -> Box<dyn Query> {
    if pieces.is_empty() {
        return Box::new(EmptyQuery);
    }
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for piece in pieces {
        let of = |(field, weight): &(Field, f32)| -> Box<dyn Query> {
            Box::new(BoostQuery::new(piece.query(*field), *weight))
        };
        let any = BooleanQuery::union(fields.iter().map(of).collect());
        clauses.push((if piece.not { Occur::MustNot } else { Occur::Must }, Box::new(any)));
    }
    if pieces.iter().all(|piece| piece.not) {
        clauses.push((Occur::Must, Box::new(AllQuery)));
    }
    Box::new(BooleanQuery::new(clauses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_taken_apart() {
        let check = |text: &str, expected: &[&str]| {
            let show = |piece: Piece| {
                let words: Vec<_> = piece.words.iter().map(|word| word.text.as_str()).collect();
                let (not, open) = (if piece.not { "-" } else { "" }, if piece.open { "*" } else { "" });
                format!("{not}{}{open}", words.join(" "))
            };
            let found: Vec<_> = pieces(text).unwrap().into_iter().map(show).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check(" ! \"\" - ", &[]);
        check("one Two", &["one", "two*"]);
        check("one two ", &["one", "two"]);
        check("on* -two", &["on*", "-two"]);
        check("-tw* \"Three Four\"", &["-tw*", "three four"]);
        check("v2.0", &["v2 0*"]);
        check("東京タワー", &["東京 京タ タワ ワー"]);
        check("東", &["東*"]);
        check("第3章", &["第 3 章*"]);
        check("\"never closed", &["never closed"]);
        assert!(pieces(&"x ".repeat(17)).is_err() && pieces(&"x".repeat(513)).is_err());
    }
}
