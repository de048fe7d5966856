//! Weights from annotated passages, and what they are worth on domains that they have not seen.

mod arrows;
mod boxes;
mod same;
mod titles;

use std::{collections::BTreeSet, panic::resume_unwind, thread};

use super::passage::Passage;
use super::report::{FOLDS, Report};
use super::run;
use crate::outline::learn::linear::{Example, Training, train as fit};
use crate::outline::reading::Reading;
use crate::outline::{WeightedOutliner, Weights, kind, learn, scenes};
use crate::storyboard::Kind;
use crate::transcript::Transcript;

/// How the kinds are trained.
const KINDS: Training = Training { rounds: 20, decay: 0.002, groups: 12, balance: 0.9 };

/// How the beginnings of scenes are trained.
pub(crate) const CUTS: Training = Training { rounds: 12, decay: 0.002, groups: 5, balance: 0.3 };

/// Parts of the corpus of which each is read with what the others teach.
const PARTS: usize = 3;

/// Trains all weights on the passages.
pub fn train(passages: &[Passage]) -> Weights {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kinds: Vec<Example> = passages.iter().flat_map(kinds).collect();
    let cuts: Vec<Example> = passages.iter().flat_map(cuts).collect();
    let nothing = Weights::default();
    let pages = boxes::Pages::of(passages, &nothing);
    let (boxes, choice) = pages.teach(&pages.domains());
    let (same, parts) = same::teach(passages, &pages);
    let (arrows, sources, joints, knit) = arrows::teach(passages, &pages.domains(), &parts);
    Weights {
        cuts: fit(&["no", "yes"], &cuts, CUTS),
        kinds: fit(&names, &kinds, KINDS),
        boxes,
        choice,
        same,
        arrows,
        sources,
        joints,
        knit,
        titles: titles::teach(passages),
    }
}

/// The part of the corpus to which a domain belongs.
fn part(domains: &[&str], domain: &str) -> usize {
    domains.iter().position(|d| *d == domain).unwrap_or(0) % PARTS
}

/// Each fold of domains outlined with the weights that the other folds give.
pub fn cross_validate(passages: &[Passage]) -> Report {
    let domains: BTreeSet<&str> = passages.iter().map(|p| p.domain.as_str()).collect();
    let fold = |p: &Passage| domains.iter().position(|d| *d == p.domain).unwrap_or(0) % FOLDS;
    let outlined = |held: usize| {
        let (test, rest): (Vec<Passage>, Vec<Passage>) = passages.iter().cloned().partition(|p| fold(p) == held);
        if test.is_empty() { Vec::new() } else { run(&test, &WeightedOutliner(&train(&rest))).passages }
    };
    // One fold takes minutes, and none knows of the others.
    let outcomes = thread::scope(|scope| {
        let folds: Vec<_> = (0..FOLDS).map(|held| scope.spawn(move || outlined(held))).collect();
        folds.into_iter().flat_map(|fold| fold.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    Report::of(outcomes)
}

/// The sentences of a passage but the first, each with whether it begins a scene.
pub(crate) fn cuts(passage: &Passage) -> Vec<Example> {
    let weights = Weights::default();
    let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), &weights);
    let begins: Vec<usize> = (1..passage.scenes.len()).map(|i| sentences(&reading, passage, i).0).collect();
    let features = learn::cuts::features(&reading, &scenes::marks(&reading.text));
    let examples = features.into_iter().enumerate().skip(1).map(|(i, features)| Example {
        features,
        class: usize::from(begins.contains(&i)),
        group: passage.domain.clone(),
    });
    examples.collect()
}

/// The scenes of a passage, each with its kind.
pub(crate) fn kinds(passage: &Passage) -> Vec<Example> {
    let weights = Weights::default();
    let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), &weights);
    let mut out = Vec::new();
    for (i, scene) in passage.scenes.iter().enumerate() {
        let (from, to) = sentences(&reading, passage, i);
        if from < to {
            let view = reading.view(from, to);
            out.push(Example {
                features: learn::kinds::features(&view, &kind::cued(&view)),
                class: Kind::ALL.iter().position(|k| *k == scene.kind).unwrap_or(0),
                group: passage.domain.clone(),
            });
        }
    }
    out
}

/// The sentences of the annotated scene `i`.
pub(crate) fn sentences(reading: &Reading<'_>, passage: &Passage, i: usize) -> (usize, usize) {
    let all = &reading.text.sentences;
    let at = |scene: usize| {
        let word = passage.scenes.get(scene).and_then(|s| s.first_word);
        word.map_or(all.len(), |word| all.partition_point(|s| (s.words[1] as usize) < word))
    };
    (if i == 0 { 0 } else { at(i) }, at(i + 1))
}
