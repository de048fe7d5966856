//! How a row stands in the index.

use model::AuditEvent;
use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer},
};

use super::Facet;

/// The analyzer's name in the index.
const ANALYZER: &str = "trail";

/// Longer words are not indexed, and cannot be searched for.
pub(super) const MAX_WORD: usize = 256;

/// No more of a value is indexed.
const MAX_VALUE: usize = 4 << 10;

/// The fields of the index. Nothing is stored: rows are read from the log.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// The row's number.
    pub(super) row: Field,
    /// Milliseconds since 1970.
    pub(super) at: Field,
    /// Everything in words.
    pub(super) text: Field,
    pub(super) action: Field,
    pub(super) actor: Field,
    pub(super) subject: Field,
    pub(super) kind: Field,
    pub(super) outcome: Field,
    pub(super) address: Field,
}

impl Fields {
    pub(super) fn new() -> Self {
        let mut schema = Schema::builder();
        let indexing = |tokenizer: &str, option| {
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option).set_fieldnorms(false)
        };
        let words = indexing(ANALYZER, IndexRecordOption::WithFreqsAndPositions);
        let exact = TextOptions::default().set_indexing_options(indexing("raw", IndexRecordOption::Basic));
        let counted = exact.clone().set_fast("raw");
        let row = schema.add_u64_field("row", FAST);
        let at = schema.add_u64_field("at", FAST);
        let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(words));
        let subject = schema.add_text_field("subject", exact);
        let [action, actor, kind, outcome, address] =
            [Facet::Action, Facet::Actor, Facet::Kind, Facet::Outcome, Facet::Address]
                .map(|facet| schema.add_text_field(column(facet), counted.clone()));
        Self { schema: schema.build(), row, at, text, action, actor, subject, kind, outcome, address }
    }

    /// A row as the index takes it.
    pub(super) fn document(&self, number: u64, event: &AuditEvent) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(self.row, number);
        document.add_u64(self.at, event.at.millis());
        document.add_text(self.action, event.action.code());
        document.add_text(self.subject, event.subject.to_string());
        document.add_text(self.kind, event.subject.kind.label());
        document.add_text(self.outcome, event.outcome.name());
        if let Some(actor) = event.actor {
            document.add_text(self.actor, actor.to_string());
        }
        if let Some(address) = &event.address {
            document.add_text(self.address, exact(address));
        }
        for value in values(event) {
            document.add_text(self.text, indexed(&value));
        }
        document
    }
}

/// Everything in a row that words are looked for in, value by value.
pub(super) fn values(event: &AuditEvent) -> Vec<String> {
    let mut values = vec![
        event.action.code().to_owned(),
        event.outcome.name().to_owned(),
        event.subject.kind.label().to_owned(),
        event.subject.to_string(),
        event.id.to_string(),
    ];
    values.extend(event.actor.map(|actor| actor.to_string()));
    values.extend(event.address.clone());
    values.extend(event.credential.map(|id| id.to_string()));
    values.extend(event.request.clone());
    values.extend(event.detail.iter().flat_map(|(name, value)| [name.clone(), value.clone()]));
    values
}

/// What of a value is looked through.
pub(super) fn indexed(value: &str) -> &str {
    shortened(value, MAX_VALUE)
}

/// The name of the column that holds a facet's values.
pub(super) const fn column(facet: Facet) -> &'static str {
    match facet {
        Facet::Action => "action",
        Facet::Actor => "actor",
        Facet::Kind => "kind",
        Facet::Outcome => "outcome",
        Facet::Address => "address",
    }
}

/// A value as it stands in the fields that are compared as a whole.
pub(super) fn exact(value: &str) -> &str {
    shortened(value, MAX_WORD)
}

fn shortened(value: &str, limit: usize) -> &str {
    &value[..value.floor_char_boundary(limit)]
}

/// Splits text into words, in lower case.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(MAX_WORD + 1))
        .filter(LowerCaser)
        .build()
}

/// The analyzers of an index.
pub(super) fn analyzers() -> tantivy::tokenizer::TokenizerManager {
    let analyzers = tantivy::tokenizer::TokenizerManager::default();
    analyzers.register(ANALYZER, analyzer());
    analyzers
}
