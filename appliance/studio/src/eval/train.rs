//! Weights from annotated passages, and what they are worth on domains that they have not seen.

use std::collections::BTreeSet;

use super::passage::Passage;
use super::report::{FOLDS, Report};
use super::run;
use super::score::{Flat, matches};
use super::similar::{SAME, similarity, stems};
use crate::outline::assemble::assemble;
use crate::outline::learn::linear::{Contest, Example, Training, train as fit, train_contests};
use crate::outline::reading::Reading;
use crate::outline::{WeightedOutliner, Weights, kind, learn};
use crate::storyboard::Kind;
use crate::transcript::Transcript;

/// How the kinds are trained.
const KINDS: Training = Training { rounds: 20, decay: 0.002, groups: 5, balance: 0.6 };

/// How the boxes are trained.
const BOXES: Training = Training { rounds: 8, decay: 0.004, groups: 4, balance: 0.0 };

/// How the arrows are trained.
const ARROWS: Training = Training { rounds: 5, decay: 0.008, groups: 12, balance: 0.0 };
/// Parts of the corpus of which each is read with what the others teach.
const PARTS: usize = 3;

/// Trains all weights on the passages.
pub fn train(passages: &[Passage]) -> Weights {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kinds: Vec<Example> = passages.iter().flat_map(kinds).collect();
    let boxes: Vec<Example> = passages.iter().flat_map(boxes).collect();
    let mut weights = Weights { boxes: fit(&["no", "yes"], &boxes, BOXES), ..Weights::default() };
    let joints = unseen_joints(passages);
    weights.kinds = fit(&names, &kinds, KINDS);
    weights.arrows = fit(&["no", "yes"], &joints.arrows, ARROWS);
    weights.sources = train_contests(&joints.sources, ARROWS);
    weights
}

/// The pairs of boxes of all passages. The boxes of a passage are chosen by weights that have not seen its domain, as they
/// are when a new talk is drawn.
fn unseen_joints(passages: &[Passage]) -> Joints {
    let domains: BTreeSet<&str> = passages.iter().map(|p| p.domain.as_str()).collect();
    let part = |p: &Passage| domains.iter().position(|d| *d == p.domain).unwrap_or(0) % PARTS;
    let mut out = Joints::default();
    for held in 0..PARTS {
        let rest: Vec<Example> = passages.iter().filter(|p| part(p) != held).flat_map(boxes).collect();
        let weights = Weights { boxes: fit(&["no", "yes"], &rest, BOXES), ..Weights::default() };
        for passage in passages.iter().filter(|p| part(p) == held) {
            joints(passage, &weights, &mut out);
        }
    }
    out
}

/// Each fold of domains outlined with the weights that the other folds give.
pub fn cross_validate(passages: &[Passage]) -> Report {
    let domains: BTreeSet<&str> = passages.iter().map(|p| p.domain.as_str()).collect();
    let fold = |p: &Passage| domains.iter().position(|d| *d == p.domain).unwrap_or(0) % FOLDS;
    let mut outcomes = Vec::new();
    for held in 0..FOLDS {
        let (test, rest): (Vec<Passage>, Vec<Passage>) = passages.iter().cloned().partition(|p| fold(p) == held);
        if !test.is_empty() {
            outcomes.extend(run(&test, &WeightedOutliner(&train(&rest))).passages);
        }
    }
    Report::of(outcomes)
}

/// The scenes of a passage, each with its kind.
fn kinds(passage: &Passage) -> Vec<Example> {
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
fn sentences(reading: &Reading<'_>, passage: &Passage, i: usize) -> (usize, usize) {
    let all = &reading.text.sentences;
    let at = |scene: usize| {
        let word = passage.scenes.get(scene).and_then(|s| s.first_word);
        word.map_or(all.len(), |word| all.partition_point(|s| (s.words[1] as usize) < word))
    };
    (if i == 0 { 0 } else { at(i) }, at(i + 1))
}

/// The candidates for boxes of a passage's scenes, each with whether it is one. What only says the same as a better
/// candidate is left out: it is neither right nor wrong.
fn boxes(passage: &Passage) -> Vec<Example> {
    let weights = Weights::default();
    let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), &weights);
    let mut out = Vec::new();
    for (i, scene) in passage.scenes.iter().enumerate() {
        let (from, to) = sentences(&reading, passage, i);
        if from >= to {
            continue;
        }
        let view = reading.view(from, to);
        let draft = assemble(&view, scene.kind);
        let candidates = learn::boxes::candidates(&view, scene.kind, &draft);
        let labels: Vec<Vec<String>> = candidates.iter().map(|c| stems(&c.label)).collect();
        let mut right: Vec<Option<bool>> = vec![Some(false); candidates.len()];
        // Who acts is found otherwise, and stands in no box.
        let lane =
            |id: &str| scene.kind == Kind::Swimlane && scene.nodes.iter().any(|n| n.group.as_deref() == Some(id));
        for node in scene.nodes.iter().filter(|n| !lane(&n.id)) {
            let names: Vec<Vec<String>> =
                std::iter::once(&node.label).chain(&node.aliases).map(|name| stems(name)).collect();
            let scores: Vec<f64> = labels
                .iter()
                .map(|label| names.iter().map(|name| similarity(name, label)).fold(0.0, f64::max))
                .collect();
            // What the rules drew is preferred when it is as good.
            let rank = |at: &usize| (scores[*at] * 8.0) as usize * 2 + usize::from(candidates[*at].drawn.is_some());
            let best = (0..labels.len()).filter(|at| scores[*at] >= SAME).rev().max_by_key(rank);
            let Some(best) = best else { continue };
            for (at, score) in scores.iter().enumerate() {
                if at == best {
                    right[at] = Some(true);
                } else if *score >= SAME && right[at] == Some(false) {
                    right[at] = None;
                }
            }
        }
        for (candidate, right) in candidates.into_iter().zip(right) {
            if let Some(right) = right {
                out.push(Example {
                    features: candidate.features,
                    class: usize::from(right),
                    group: passage.domain.clone(),
                });
            }
        }
    }
    out
}

/// The pairs of boxes of a passage's scenes, each with whether the annotation joins them. The boxes are those that
/// `weights` choose.
fn joints(passage: &Passage, weights: &Weights, out: &mut Joints) {
    let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), weights);
    for (i, scene) in passage.scenes.iter().enumerate() {
        let (from, to) = sentences(&reading, passage, i);
        if from >= to || matches!(scene.kind, Kind::Steps | Kind::Timeline | Kind::Quantities) {
            continue;
        }
        let view = reading.view(from, to);
        let draft = learn::pick(&view, scene.kind, assemble(&view, scene.kind));
        let drawn: Vec<Vec<Vec<String>>> = draft.nodes.iter().map(|n| vec![stems(&n.label)]).collect();
        let gold = Flat::of(std::slice::from_ref(scene));
        let matched = matches(&gold.names, &drawn);
        let joined = |pair: &learn::arrows::Pair| {
            gold.edges.iter().any(|(a, b, either)| {
                let (a, b) = (matched[*a], matched[*b]);
                (a, b) == (Some(pair.from), Some(pair.to))
                    || (*either && scene.kind != Kind::Comparison && (b, a) == (Some(pair.from), Some(pair.to)))
            })
        };
        let pairs = learn::arrows::pairs(&view, scene.kind, &draft);
        let group = || passage.domain.clone();
        if !learn::arrows::contested(scene.kind) {
            out.arrows.extend(pairs.into_iter().map(|pair| {
                let class = usize::from(joined(&pair));
                Example { features: pair.features, class, group: group() }
            }));
            continue;
        }
        for to in 0..draft.nodes.len() {
            if !matched.contains(&Some(to)) {
                // What a box that should not be there hangs on is nobody's business.
                continue;
            }
            let own: Vec<&learn::arrows::Pair> = pairs.iter().filter(|p| p.to == to).collect();
            let mut right: Vec<usize> = (0..own.len()).filter(|i| joined(own[*i])).collect();
            let wanted = gold.edges.iter().any(|(_, b, _)| matched[*b] == Some(to));
            if right.is_empty() {
                if wanted {
                    // The box it hangs on was not found: nothing to learn here.
                    continue;
                }
                right.push(own.len());
            }
            let mut things: Vec<_> = own.iter().map(|p| p.features.clone()).collect();
            things.push(learn::arrows::nothing(scene.kind, to));
            out.sources.push(Contest { things, right, group: group() });
        }
    }
}

/// What there is to learn about arrows.
#[derive(Default)]
struct Joints {
    /// Pairs, each with whether it is joined.
    arrows: Vec<Example>,
    /// For each box what may lead to it.
    sources: Vec<Contest>,
}
