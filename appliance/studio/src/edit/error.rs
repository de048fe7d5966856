//! Why an edit is refused.

use crate::storyboard::{JsonError, Problem};

/// Why an edit cannot be applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// No scene of that name.
    #[error("no scene has the id `{id}`{hint}")]
    NoScene {
        /// The id.
        id: String,
        /// A near id, as the end of the sentence.
        hint: String,
    },
    /// No such element in the scene.
    #[error("scene `{scene}` has no {what} with the id `{id}`{hint}")]
    NoElement {
        /// Scene id.
        scene: String,
        /// Node, edge or element.
        what: &'static str,
        /// The id.
        id: String,
        /// A near id, as the end of the sentence.
        hint: String,
    },
    /// The id of an added element is in use.
    #[error("the id `{0}` is taken; leave it empty to get a fresh one")]
    Taken(String),
    /// A node cannot be merged into itself, nor nothing into a node.
    #[error("name at least one node to merge into `{0}`, and not `{0}` itself")]
    NothingToMerge(String),
    /// The second scene does not follow the first.
    #[error("scene `{second}` does not follow scene `{first}`; only neighbours can be merged")]
    NotNeighbours {
        /// Id of the first.
        first: String,
        /// Id of the second.
        second: String,
    },
    /// The second scene is not played after the first.
    #[error("scene `{second}` is not played right after scene `{first}`; move it there before they are merged")]
    NotPlayedTogether {
        /// Id of the first.
        first: String,
        /// Id of the second.
        second: String,
    },
    /// The sound would be put together of too many stretches.
    #[error(
        "the sound would be put together of {0} stretches of the recording, and at most {1} are; bring scenes back to where they are spoken"
    )]
    TooManyStretches(usize, usize),
    /// A split that would leave one half empty.
    #[error("scene `{scene}` cannot be split at word {word}; choose one of {first} to {last}")]
    SplitOutside {
        /// Scene id.
        scene: String,
        /// The word.
        word: u32,
        /// Least word that does.
        first: u64,
        /// Greatest word that does.
        last: u32,
    },
    /// The scene has a single word.
    #[error("scene `{0}` has a single word and cannot be split")]
    SingleWord(String),
    /// A word id beyond the transcript, or a range in the wrong order.
    #[error("words {first} to {last} are not in the transcript, which has {words} words")]
    NoWords {
        /// First word.
        first: u32,
        /// Last word.
        last: u32,
        /// Number of words.
        words: usize,
    },
    /// The word was redacted and has no text to correct.
    #[error("word {0} is redacted; undo the redaction before it is corrected")]
    Redacted(u32),
    /// Not one word.
    #[error("`{0}` is not one word; write it without spaces, for word ids must stay as they are")]
    NotOneWord(String),
    /// A batch is too long.
    #[error("more than {0} edits in one batch; send several")]
    TooMany(usize),
    /// Pieces that do not fit the document: other edits came in between.
    #[error("the pieces do not fit the document; undo later edits first")]
    Stale,
    /// An edit of a batch is refused, so all of it is.
    #[error("edit {index} of the batch: {error}")]
    InBatch {
        /// Its index, from 0.
        index: usize,
        /// Why.
        error: Box<EditError>,
    },
    /// The result would not be a sound storyboard.
    #[error("the edit would leave an unsound document: {}", listed(.0))]
    Unsound(Vec<Problem>),
}

/// Why bytes are not an operation.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OpError {
    /// Not JSON.
    #[error("the edit is not sound JSON: {0}")]
    Json(#[from] JsonError),
    /// JSON, but not an operation.
    #[error("the edit is not sound: {}", listed(.0))]
    Invalid(Vec<Problem>),
}

fn listed(problems: &[Problem]) -> String {
    let mut text = problems.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if problems.len() > 5 {
        text.push_str(&format!("; and {} more", problems.len() - 5));
    }
    text
}
