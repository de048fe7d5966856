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

/// Most bytes of one corpus or gold file that are read.
pub const MAX_BYTES: usize = 4 << 20;

/// Outlines every passage and compares the result with what it should be.
pub fn run(passages: &[Passage], outliner: &impl Outliner) -> Report {
    let outcomes = passages.iter().map(|passage| {
        let options =
            Options { id: passage.id.clone(), theme: "light".to_owned(), canvas: Canvas::default(), kind: None };
        let transcript = passage.transcript();
        score(passage, &transcript, &outliner.outline(&transcript, &options))
    });
    Report::of(outcomes.collect())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::outline::CueOutliner;

    /// The annotated files of a folder of the repository, in order of their names.
    fn files(folder: &str) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
        let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|e| e == "txt"));
        files.sort();
        files
    }

    fn read(file: &Path) -> Vec<Passage> {
        corpus(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn passages(folder: &str) -> Vec<Passage> {
        files(folder).iter().flat_map(|file| read(file)).collect()
    }

    const HELD_OUT: &str = "benches/outline/wordy";
    const ENGLISH: &str = "assets/language/en/corpus";

    #[test]
    fn the_corpus_is_sound() {
        let mut all = passages(ENGLISH);
        assert_eq!(check(&mut all), []);
        assert!(all.len() >= 400, "{} passages", all.len());
    }

    #[track_caller]
    fn check_tracked(passages: &[Passage], tracked: &str) {
        let now = run(passages, &CueOutliner).text(0);
        let tracked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/outline").join(tracked);
        assert_eq!(std::fs::read_to_string(tracked).unwrap(), now, "benches/outline/README.md says how it is renewed");
    }

    #[test]
    fn the_tracked_figures_are_those_of_now() {
        check_tracked(&passages(ENGLISH), "corpus.txt");
    }

    /// Passages that no weights are trained on: every third domain, for all of them take half a minute.
    #[test]
    fn the_tracked_figures_of_the_held_out_passages_are_those_of_now() {
        let held_out: Vec<Passage> = files(HELD_OUT).iter().step_by(3).flat_map(|file| read(file)).collect();
        check_tracked(&held_out, "wordy.txt");
    }

    /// Boxes, arrows and kinds of a language, in percent, are at least these.
    #[track_caller]
    fn check_language(lang: &str, least: [f64; 3]) {
        let mut all = passages(&format!("assets/language/{lang}/corpus"));
        assert!(all.len() >= 12 && all.iter().all(|p| p.lang == lang), "{lang}: {} passages", all.len());
        assert_eq!(check(&mut all), []);
        let report = run(&all, &CueOutliner);
        let now = [report.all.node_f1, report.all.edge_f1, report.all.kind];
        assert!(now.iter().zip(least).all(|(now, least)| *now >= least), "{lang}: {now:?} is less than {least:?}");
        assert_eq!(report.claims(), "ungrounded elements: 0\n", "{lang}");
    }

    #[test]
    fn other_languages_are_drawn_as_well_as_they_were() {
        check_language("de", [84.0, 75.0, 100.0]);
        check_language("ja", [91.0, 86.0, 100.0]);
        check_language("zh", [93.0, 89.0, 100.0]);
    }
}
