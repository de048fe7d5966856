//! What the corpus teaches about boxes.

use std::collections::BTreeSet;

use super::{PARTS, part, sentences};
use crate::eval::passage::{Diagram, Passage};
use crate::eval::similar::{SAME, similarity, stems};
use crate::outline::Weights;
use crate::outline::assemble::assemble;
use crate::outline::learn::boxes::{Candidate, alone, among, candidates};
use crate::outline::learn::grow::{Ground, Growing, grow};
use crate::outline::learn::linear::{Example, Linear, Training, train as fit};
use crate::outline::learn::trees::Trees;
use crate::outline::reading::Reading;
use crate::storyboard::Kind;
use crate::transcript::Transcript;

/// How boxes looked at alone are trained.
const ALONE: Training = Training { rounds: 8, decay: 0.004, groups: 12, balance: 0.0 };

/// How boxes looked at beside the others are trained.
const BESIDE: Growing = Growing { trees: 300, depth: 5, rate: 0.06, least: 6.0, pull: 4.0, groups: 5 };

/// A scene's candidates, each with whether it is a box. What only says the same as a better candidate is neither right
/// nor wrong.
pub(super) struct Page {
    domain: String,
    kind: Kind,
    /// Index of the reading, first and after the last sentence.
    place: (usize, usize, usize),
    candidates: Vec<Candidate>,
    right: Vec<Option<bool>>,
}

/// All candidates of a corpus.
pub(super) struct Pages<'w> {
    readings: Vec<Reading<'w>>,
    list: Vec<Page>,
}

impl<'w> Pages<'w> {
    /// Those of the passages; `nothing` are weights of nothing.
    pub(super) fn of(passages: &[Passage], nothing: &'w Weights) -> Self {
        let mut out = Self { readings: Vec::new(), list: Vec::new() };
        for passage in passages {
            let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), nothing);
            for (i, scene) in passage.scenes.iter().enumerate() {
                let (from, to) = sentences(&reading, passage, i);
                if from < to {
                    let view = reading.view(from, to);
                    let list = candidates(&view, scene.kind, &assemble(&view, scene.kind));
                    let right = right(scene, &list);
                    let place = (out.readings.len(), from, to);
                    out.list.push(Page {
                        domain: passage.domain.clone(),
                        kind: scene.kind,
                        place,
                        candidates: list,
                        right,
                    });
                }
            }
            out.readings.push(reading);
        }
        out
    }

    /// The domains, in order.
    pub(super) fn domains(&self) -> Vec<&str> {
        self.list.iter().map(|p| p.domain.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The weights that the pages of some domains teach.
    pub(super) fn teach(&self, domains: &[&str]) -> (Linear, Trees) {
        let pages: Vec<&Page> = self.list.iter().filter(|p| domains.contains(&p.domain.as_str())).collect();
        let mut ground = Ground::default();
        // How each candidate looks alone is told by weights that have not seen its domain, as it is later.
        for held in 0..PARTS {
            let unseen = lone(pages.iter().copied().filter(|p| part(domains, &p.domain) != held));
            for page in pages.iter().filter(|p| part(domains, &p.domain) == held) {
                let (reading, from, to) = page.place;
                let sums = alone(&unseen, &page.candidates);
                let beside = among(&self.readings[reading].view(from, to), page.kind, &page.candidates, &sums);
                for ((seen, sum), is) in beside.into_iter().zip(sums).zip(&page.right) {
                    if let Some(is) = is.filter(|_| !seen.is_empty()) {
                        ground.seen.push(seen);
                        ground.groups.push(page.domain.clone());
                        ground.offsets.push(sum);
                        ground.right.push(is);
                    }
                }
            }
        }
        (lone(pages.iter().copied()), grow(&ground, BESIDE))
    }
}

fn lone<'p>(pages: impl Iterator<Item = &'p Page>) -> Linear {
    let mut examples = Vec::new();
    for page in pages {
        for (candidate, right) in page.candidates.iter().zip(&page.right) {
            if let Some(right) = right {
                let features = candidate.features.clone();
                examples.push(Example { features, class: usize::from(*right), group: page.domain.clone() });
            }
        }
    }
    fit(&["no", "yes"], &examples, ALONE)
}

/// Which candidates are boxes of the annotation.
fn right(scene: &Diagram, candidates: &[Candidate]) -> Vec<Option<bool>> {
    let labels: Vec<Vec<String>> = candidates.iter().map(|c| stems(&c.label)).collect();
    let mut right: Vec<Option<bool>> = vec![Some(false); candidates.len()];
    // Who acts is found otherwise, and stands in no box.
    let lane = |id: &str| scene.kind == Kind::Swimlane && scene.nodes.iter().any(|n| n.group.as_deref() == Some(id));
    for node in scene.nodes.iter().filter(|n| !lane(&n.id)) {
        let names: Vec<Vec<String>> =
            std::iter::once(&node.label).chain(&node.aliases).map(|name| stems(name)).collect();
        let scores: Vec<f64> =
            labels.iter().map(|label| names.iter().map(|name| similarity(name, label)).fold(0.0, f64::max)).collect();
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
    right
}
