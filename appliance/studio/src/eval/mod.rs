//! How good the outlines are: annotated passages in, figures out.
//!
//! ```text
//! corpus text or gold JSON -> Passage -Outliner-> Outcome -> Report
//! ```
//!
//! A passage is a spoken text with the diagram that a careful illustrator would draw of it. The texts live outside the
//! program; nothing here reads files.

mod check;
mod corpus;
mod gold;
mod passage;
pub mod pet;
mod report;
pub(crate) mod score;
pub(crate) mod similar;
pub(crate) mod train;

pub use check::check;
pub use corpus::corpus;
pub use gold::gold;
pub use passage::{Diagram, Fault, GoldEdge, GoldNode, Passage, Problem};
pub use report::{Figures, Report};
pub use score::{Counts, Outcome, score};
pub use train::{cross_validate, train};

use crate::outline::{Options, Outliner};
use crate::storyboard::Canvas;
use crate::transcript::Transcript;

/// Most bytes of one corpus or gold file that are read.
pub const MAX_BYTES: usize = 4 << 20;

/// Outlines every passage and compares the result with what it should be.
pub fn run(passages: &[Passage], outliner: &impl Outliner) -> Report {
    let outcomes = passages.iter().map(|passage| {
        let options =
            Options { id: passage.id.clone(), theme: "light".to_owned(), canvas: Canvas::default(), kind: None };
        score(passage, &outliner.outline(&Transcript::from_text(&passage.text, "en"), &options))
    });
    Report::of(outcomes.collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::outline::CueOutliner;

    /// The own corpus, in order of the file names.
    fn passages() -> Vec<Passage> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/language/en/corpus");
        let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|e| e == "txt"));
        files.sort();
        files.iter().flat_map(|file| corpus(&std::fs::read_to_string(file).unwrap()).unwrap()).collect()
    }

    #[test]
    fn the_corpus_is_sound() {
        let mut all = passages();
        assert_eq!(check(&mut all), []);
        assert!(all.len() >= 400, "{} passages", all.len());
    }

    #[test]
    fn the_tracked_figures_are_those_of_now() {
        let tracked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/outline/corpus.txt");
        let now = run(&passages(), &CueOutliner).text(0);
        assert_eq!(std::fs::read_to_string(tracked).unwrap(), now, "benches/outline/README.md says how it is renewed");
    }
}
