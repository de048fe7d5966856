//! What the corpus teaches about headings.

use super::sentences;
use crate::eval::passage::Passage;
use crate::eval::similar::{similarity, stems};
use crate::outline::Weights;
use crate::outline::assemble::assemble;
use crate::outline::learn::linear::{Contest, Linear, Training, train_contests};
use crate::outline::learn::titles::headings;
use crate::outline::reading::Reading;
use crate::transcript::Transcript;

/// How headings are trained.
const TITLES: Training = Training { rounds: 10, decay: 0.004, groups: 10, balance: 0.0 };
/// A candidate that shares less with the heading of the annotation than this is not right.
const LIKE: f64 = 0.4;

/// Teaches what a scene is headed with: of its candidates those win that are most like the heading of the annotation.
pub(super) fn teach(passages: &[Passage]) -> Linear {
    let nothing = Weights::default();
    let mut contests = Vec::new();
    for passage in passages {
        let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), &nothing);
        for (i, scene) in passage.scenes.iter().enumerate() {
            let (from, to) = sentences(&reading, passage, i);
            if from >= to {
                continue;
            }
            let view = reading.view(from, to);
            let all = headings(&view, scene.kind, &assemble(&view, scene.kind));
            let wanted = stems(&scene.title);
            let like: Vec<f64> = all.iter().map(|h| similarity(&stems(&h.label), &wanted)).collect();
            let most = like.iter().copied().fold(LIKE, f64::max);
            let right: Vec<usize> = (0..all.len()).filter(|at| like[*at] >= most).collect();
            if !right.is_empty() {
                let things = all.into_iter().map(|h| h.features).collect();
                contests.push(Contest { things, right, group: passage.domain.clone() });
            }
        }
    }
    train_contests(&contests, TITLES)
}
