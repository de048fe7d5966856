//! The annotated texts, as PET publishes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a span of words is. The order is that of the labels of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Type {
    /// What is done.
    #[serde(rename = "Activity")]
    Activity,
    /// What it is done with.
    #[serde(rename = "Activity Data")]
    Data,
    /// Who does it or gets it.
    #[serde(rename = "Actor")]
    Actor,
    /// How it is done.
    #[serde(rename = "Further Specification")]
    Specification,
    /// Where ways part: `if`.
    #[serde(rename = "XOR Gateway")]
    Xor,
    /// Where several ways are gone at once.
    #[serde(rename = "AND Gateway")]
    And,
    /// What must hold for a way.
    #[serde(rename = "Condition Specification")]
    Condition,
}

impl Type {
    /// All of them.
    pub(super) const ALL: [Self; 7] =
        [Self::Activity, Self::Data, Self::Actor, Self::Specification, Self::Xor, Self::And, Self::Condition];

    /// Whether it is a station of the flow.
    pub(super) fn station(self) -> bool {
        matches!(self, Self::Activity | Self::Xor | Self::And | Self::Condition)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Data => "activity data",
            Self::Actor => "actor",
            Self::Specification => "further specification",
            Self::Xor => "xor gateway",
            Self::And => "and gateway",
            Self::Condition => "condition specification",
        }
    }
}

/// How two spans belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// What comes after what.
    Flow,
    /// An activity and its data.
    Uses,
    /// Who does it.
    #[serde(rename = "actor performer")]
    Performer,
    /// Who gets it.
    #[serde(rename = "actor recipient")]
    Recipient,
    /// How it is done.
    #[serde(rename = "further specification")]
    Specification,
    /// Two marks of one gateway.
    #[serde(rename = "same gateway")]
    Same,
}

impl Link {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Uses => "uses",
            Self::Performer => "actor performer",
            Self::Recipient => "actor recipient",
            Self::Specification => "further specification",
            Self::Same => "same gateway",
        }
    }
}

/// A span of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Indices of its tokens in the document.
    pub tokens: Vec<usize>,
}

/// Two ends that belong together; an end is all tokens of its entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// How.
    #[serde(rename = "type")]
    pub kind: Link,
    /// From.
    pub head: Vec<usize>,
    /// To.
    pub tail: Vec<usize>,
}

/// What is annotated, or predicted, of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Annotation {
    /// The document.
    pub id: String,
    /// Its spans.
    pub mentions: Vec<Mention>,
    /// What joins them.
    pub relations: Vec<Relation>,
}

/// A text with its annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The words and marks.
    pub tokens: Vec<String>,
    /// First and after the last token of each sentence.
    pub sentences: Vec<(usize, usize)>,
    /// The mentions of each end of the relations, by index.
    pub(super) ends: Vec<(Link, Vec<usize>, Vec<usize>)>,
    /// What is to be found.
    pub gold: Annotation,
}

/// Why a file is no set of annotated texts.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not of the published shape.
    #[error("line {line} is no document of PET")]
    Shape {
        /// Line, from 1.
        line: usize,
        /// What the reader says.
        #[source]
        source: serde_json::Error,
    },
    /// An index points to nothing.
    #[error("line {line} names a token, sentence or mention that it has not")]
    Index {
        /// Line, from 1.
        line: usize,
    },
    /// The folds are of another shape.
    #[error("the folds are no list of `train` and `test`")]
    Folds(#[source] serde_json::Error),
    /// The folds do not fit the documents.
    #[error("each document stands in the test part of one fold, `{0}` does not")]
    Unfolded(String),
}

#[derive(Deserialize)]
struct Row {
    id: String,
    tokens: Vec<Word>,
    mentions: Vec<Span>,
    relations: Vec<Joint>,
}

#[derive(Deserialize)]
struct Word {
    text: String,
    sentence_id: usize,
}

#[derive(Deserialize)]
struct Span {
    ner: Type,
    sentence_id: usize,
    token_indices: Vec<usize>,
}

#[derive(Deserialize)]
struct Joint {
    #[serde(rename = "type")]
    kind: Link,
    head_entity: End,
    tail_entity: End,
}

#[derive(Deserialize)]
struct End {
    mention_indices: Vec<usize>,
}

/// Reads the documents, one JSON object a line. Parts of speech and dependencies of the file are not looked at: a talk has
/// none.
pub fn documents(text: &str) -> Result<Vec<Document>, ReadError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| {
            let row = serde_json::from_str::<Row>(line).map_err(|source| ReadError::Shape { line: i + 1, source })?;
            document(row).ok_or(ReadError::Index { line: i + 1 })
        })
        .collect()
}

fn document(row: Row) -> Option<Document> {
    let mut sentences: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (i, word) in row.tokens.iter().enumerate() {
        let range = sentences.entry(word.sentence_id).or_insert((i, i));
        // A sentence is one stretch.
        if range.1 != i {
            return None;
        }
        range.1 = i + 1;
    }
    let mut mentions = Vec::with_capacity(row.mentions.len());
    for span in row.mentions {
        let (first, end) = *sentences.get(&span.sentence_id)?;
        let tokens: Option<Vec<usize>> =
            span.token_indices.iter().map(|k| first.checked_add(*k).filter(|at| *at < end)).collect();
        mentions.push(Mention { kind: span.ner, tokens: tokens.filter(|t| !t.is_empty())? });
    }
    let tokens_of = |end: &[usize]| -> Option<Vec<usize>> {
        let mut out = Vec::new();
        for i in end {
            out.extend(&mentions.get(*i)?.tokens);
        }
        out.sort_unstable();
        out.dedup();
        Some(out)
    };
    let mut relations = Vec::with_capacity(row.relations.len());
    let mut ends = Vec::with_capacity(row.relations.len());
    for joint in row.relations {
        let (head, tail) = (joint.head_entity.mention_indices, joint.tail_entity.mention_indices);
        relations.push(Relation { kind: joint.kind, head: tokens_of(&head)?, tail: tokens_of(&tail)? });
        ends.push((joint.kind, head, tail));
    }
    Some(Document {
        tokens: row.tokens.into_iter().map(|w| w.text).collect(),
        sentences: sentences.into_values().collect(),
        ends,
        gold: Annotation { id: row.id, mentions, relations },
    })
}

#[derive(Deserialize)]
struct Fold {
    test: Vec<String>,
}

/// The folds: for each the indices of the documents that are held back.
pub fn folds(text: &str, documents: &[Document]) -> Result<Vec<Vec<usize>>, ReadError> {
    let folds: Vec<Fold> = serde_json::from_str(text).map_err(ReadError::Folds)?;
    let out: Vec<Vec<usize>> = folds
        .iter()
        .map(|fold| (0..documents.len()).filter(|i| fold.test.contains(&documents[*i].gold.id)).collect())
        .collect();
    for (i, document) in documents.iter().enumerate() {
        if out.iter().filter(|fold: &&Vec<usize>| fold.contains(&i)).count() != 1 {
            return Err(ReadError::Unfolded(document.gold.id.clone()));
        }
    }
    Ok(out)
}
