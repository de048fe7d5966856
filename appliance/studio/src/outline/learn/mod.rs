//! What the outliner learned from the own corpus: small linear models, their features, and nothing else.
//!
//! The weights are text files beside the word lists. `audiagram eval --train` makes them anew from
//! `assets/language/en/corpus` and reports how they do on domains that they have not seen; see [`crate::eval`].

pub(crate) mod arrows;
mod between;
pub(crate) mod boxes;
pub(crate) mod choice;
pub(crate) mod cuts;
mod decode;
pub(crate) mod grow;
pub(crate) mod kinds;
pub(crate) mod linear;
mod rivals;
pub(crate) mod same;
mod segments;
mod threads;
pub(crate) mod titles;
pub(crate) mod trees;

use std::sync::OnceLock;

use linear::Linear;
use trees::Trees;

use super::assemble::time;
use super::draft::{Draft, DraftNode};
use super::lanes;
use super::token::{NumberStyle, Token};
use super::view::View;
use crate::storyboard::{EdgeType, Kind, WordRange};

const ARROWS: &str = include_str!("../../../../../assets/language/en/weights/arrows.txt");
const BOXES: &str = include_str!("../../../../../assets/language/en/weights/boxes.txt");
const SAME: &str = include_str!("../../../../../assets/language/en/weights/same.txt");
const SOURCES: &str = include_str!("../../../../../assets/language/en/weights/sources.txt");
const CHOICE: &str = include_str!("../../../../../assets/language/en/weights/choice.txt");
const CUTS: &str = include_str!("../../../../../assets/language/en/weights/cuts.txt");
const JOINTS: &str = include_str!("../../../../../assets/language/en/weights/joints.txt");
const KNIT: &str = include_str!("../../../../../assets/language/en/weights/knit.txt");
const KINDS: &str = include_str!("../../../../../assets/language/en/weights/kinds.txt");
const TITLES: &str = include_str!("../../../../../assets/language/en/weights/titles.txt");

/// The trained weights.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights {
    /// Where a scene begins.
    pub(crate) cuts: Linear,
    /// Which kind a scene is of.
    pub(crate) kinds: Linear,
    /// What becomes a box.
    pub(crate) boxes: Linear,
    /// What becomes a box, seen beside the others.
    pub(crate) choice: Trees,
    /// Which boxes are one thing by two names.
    pub(crate) same: Trees,
    /// Which boxes are joined, where any may be.
    pub(crate) arrows: Linear,
    /// From which box another is reached, where each has mostly one before it.
    pub(crate) sources: Linear,
    /// Which boxes are joined, seen beside the other pairs.
    pub(crate) joints: Trees,
    /// Which boxes are joined, seen beside the other pairs as the second look left them.
    pub(crate) knit: Trees,
    /// What a scene is headed with.
    pub(crate) titles: Linear,
}

impl Weights {
    /// Those that are part of the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Weights> = OnceLock::new();
        BUILT_IN.get_or_init(|| Self {
            cuts: Linear::parse(CUTS),
            kinds: Linear::parse(KINDS),
            boxes: Linear::parse(BOXES),
            choice: Trees::parse(CHOICE),
            same: Trees::parse(SAME),
            arrows: Linear::parse(ARROWS),
            sources: Linear::parse(SOURCES),
            joints: Trees::parse(JOINTS),
            knit: Trees::parse(KNIT),
            titles: Linear::parse(TITLES),
        })
    }

    /// Those of other files, as [`Weights::files`] names and writes them; what does not fit is left out.
    ///
    /// # Errors
    /// When `text` has no file of a name.
    pub fn read<E>(text: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let linear = |name| Ok(Linear::parse(&text(name)?));
        let trees = |name| Ok(Trees::parse(&text(name)?));
        Ok(Self {
            cuts: linear("cuts.txt")?,
            kinds: linear("kinds.txt")?,
            boxes: linear("boxes.txt")?,
            choice: trees("choice.txt")?,
            same: trees("same.txt")?,
            arrows: linear("arrows.txt")?,
            sources: linear("sources.txt")?,
            joints: trees("joints.txt")?,
            knit: trees("knit.txt")?,
            titles: linear("titles.txt")?,
        })
    }

    /// The files that hold them: name and text.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        vec![
            ("cuts.txt", self.cuts.text()),
            ("kinds.txt", self.kinds.text()),
            ("boxes.txt", self.boxes.text()),
            ("choice.txt", self.choice.text()),
            ("same.txt", self.same.text()),
            ("arrows.txt", self.arrows.text()),
            ("sources.txt", self.sources.text()),
            ("joints.txt", self.joints.text()),
            ("knit.txt", self.knit.text()),
            ("titles.txt", self.titles.text()),
        ]
    }
}

/// So few sentences give no ground to judge their boxes by.
const FEW_SENTENCES: usize = 2;
/// A candidate at least this likely becomes a box.
pub(crate) const LIKELY: f64 = 0.45;

/// The diagram of the rules, as the models would have it.
pub(crate) fn refine(view: &View<'_>, kind: Kind, draft: Draft) -> Draft {
    let mut draft = pick(view, kind, draft, LIKELY);
    if !view.weights.arrows.classes().is_empty() {
        let pairs = arrows::pairs(view, kind, &draft);
        let shares = arrows::shares(view, kind, &draft, &pairs);
        decode::join(view, kind, &mut draft, &pairs, &shares);
    }
    if kind == Kind::Swimlane {
        lanes::assign(view, &mut draft);
    }
    draft
}

/// The boxes that the models would have, those at least as likely as `least`, and what the rules drew between them.
pub(crate) fn pick(view: &View<'_>, kind: Kind, draft: Draft, least: f64) -> Draft {
    // In a few words there is nothing to choose from: what the rules find stands.
    let few = view.clauses.len() < boxes::FEWEST || view.sentences.1 - view.sentences.0 <= FEW_SENTENCES;
    if view.weights.boxes.classes().is_empty() || few || draft.settled {
        return draft;
    }
    let candidates = boxes::candidates(view, kind, &draft);
    let mut chosen = choice::choose(view, kind, &candidates, least);
    if kind == Kind::Quantities {
        // A quantity without a number is none.
        chosen.retain(|chosen| {
            let candidate = &candidates[chosen.at];
            candidate.drawn.is_some() || said_with(view, candidate.words, cardinal).is_some()
        });
    }
    let boxes = chosen.iter().map(|chosen| {
        let candidate = &candidates[chosen.at];
        let mut node = DraftNode::new(&candidate.label, candidate.role, candidate.words);
        match kind {
            Kind::Quantities => node.value = said_with(view, candidate.words, cardinal),
            Kind::Timeline => node.time = said_with(view, candidate.words, time),
            _ => {}
        }
        (candidate.drawn, node)
    });
    let through = !matches!(kind, Kind::Sequence | Kind::Architecture | Kind::Comparison | Kind::Causes);
    let mut draft = draft.with(boxes.collect(), through);
    for (node, chosen) in draft.nodes.iter_mut().zip(&chosen) {
        node.confidence = (chosen.share.clamp(0.3, 0.95) * 100.0).round() / 100.0;
        node.also = chosen.also.iter().map(|at| candidates[*at].label.clone()).collect();
        for candidate in [chosen.at].iter().chain(&chosen.also).map(|at| &candidates[*at]) {
            node.said_again(&[candidate.words]);
            node.said_again(&candidate.again);
        }
    }
    if matches!(kind, Kind::Flow | Kind::Swimlane | Kind::Cycle) {
        for (at, chosen) in chosen.iter().enumerate() {
            if candidates[chosen.at].drawn.is_none() {
                draft.thread(at, EdgeType::Then);
            }
        }
    }
    draft
}

/// What the clause of the words says besides: a number, a time.
fn said_with<T>(view: &View<'_>, words: WordRange, find: impl Fn(&[Token]) -> Option<T>) -> Option<T> {
    view.clauses.get(view.clause_at(words)).and_then(|clause| find(view.tokens(clause.a, clause.b)))
}

fn cardinal(tokens: &[Token]) -> Option<f64> {
    let numbers = tokens.iter().filter_map(|t| t.number);
    numbers.filter(|n| n.style == NumberStyle::Cardinal).map(|n| n.value).next()
}
