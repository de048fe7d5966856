//! A search without an index: row by row, by the same words. For exports, which reach further back than any index.

use model::AuditEvent;
use tantivy::tokenizer::TextAnalyzer;

use super::{Search, SearchError, query, schema};

/// The words of a piece of text with their places, in lower case.
type Words = Vec<(usize, String)>;

/// Lets the rows pass that a search would find.
pub struct Sieve {
    search: Search,
    analyzer: TextAnalyzer,
    /// What must occur, and what must not.
    clauses: Vec<(bool, Words)>,
    /// A text without a single letter or digit is in no row.
    nothing: bool,
}

impl std::fmt::Debug for Sieve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sieve").field("search", &self.search).finish_non_exhaustive()
    }
}

impl Sieve {
    /// For the filters of a search; its paging and counts say nothing here.
    ///
    /// # Errors
    /// When the text is too long, or a filter has too many values.
    pub fn new(search: Search) -> Result<Self, SearchError> {
        query::check_values(&search)?;
        let mut analyzer = schema::analyzer();
        let (clauses, nothing) = query::clauses(&search.text, &mut analyzer)?;
        Ok(Sieve { search, analyzer, clauses, nothing })
    }

    /// Lets all rows pass.
    pub fn open() -> Self {
        Sieve { search: Search::default(), analyzer: schema::analyzer(), clauses: Vec::new(), nothing: false }
    }

    /// Whether it lets all rows pass, whatever they are.
    pub fn is_open(&self) -> bool {
        let Search { text, actions, actors, subjects, kinds, outcomes, addresses, from, to, .. } = &self.search;
        text.trim().is_empty()
            && actions.is_empty()
            && actors.is_empty()
            && subjects.is_empty()
            && kinds.is_empty()
            && outcomes.is_empty()
            && addresses.is_empty()
            && from.is_none()
            && to.is_none()
    }

    /// Whether a search would find this row.
    pub fn lets(&mut self, event: &AuditEvent) -> bool {
        let Search { actions, actors, subjects, kinds, outcomes, addresses, from, to, .. } = &self.search;
        let exact = |address: &String| {
            let of = |own: &String| schema::exact(own) == schema::exact(address);
            event.address.as_ref().is_some_and(of)
        };
        let fits = !self.nothing
            && from.is_none_or(|from| event.at >= from)
            && to.is_none_or(|to| event.at < to)
            && (actions.is_empty() || actions.contains(&event.action))
            && (actors.is_empty() || event.actor.is_some_and(|actor| actors.contains(&actor)))
            && (subjects.is_empty() || subjects.contains(&event.subject))
            && (kinds.is_empty() || kinds.contains(&event.subject.kind))
            && (outcomes.is_empty() || outcomes.contains(&event.outcome))
            && (addresses.is_empty() || addresses.iter().any(exact));
        if !fits || self.clauses.is_empty() {
            return fits;
        }
        // A phrase stands in one value and not across two, as in the index.
        let values: Vec<Words> = schema::values(event)
            .iter()
            .map(|value| query::words(schema::indexed(value), &mut self.analyzer))
            .collect();
        self.clauses.iter().all(|(must, phrase)| values.iter().any(|value| stands(phrase, value)) == *must)
    }
}

/// Whether the words of a phrase stand in a value as far from one another as in the phrase.
fn stands(phrase: &Words, value: &Words) -> bool {
    let Some((first, word)) = phrase.first() else { return false };
    let has = |at: usize, word: &String| value.iter().any(|(place, other)| *place == at && other == word);
    let mut starts = value.iter().filter(|(_, other)| other == word).map(|(place, _)| *place);
    starts.any(|start| phrase.iter().all(|(place, word)| has(start + place - first, word)))
}
