//! What the corpus teaches about things with two names.

use super::boxes::Pages;
use super::{PARTS, part, sentences};
use crate::eval::passage::{Diagram, Passage};
use crate::eval::score::{Flat, matches};
use crate::eval::similar::{SAME, similarity, stems};
use crate::outline::Weights;
use crate::outline::assemble::assemble;
use crate::outline::learn::boxes::candidates;
use crate::outline::learn::choice::choose;
use crate::outline::learn::grow::{Ground, Growing, grow};
use crate::outline::learn::same::{comparable, seen};
use crate::outline::learn::trees::Trees;
use crate::outline::learn::{LIKELY, same};
use crate::outline::reading::Reading;
use crate::outline::view::View;
use crate::transcript::Transcript;

/// How the trees are grown.
const PAIRS: Growing = Growing { trees: 200, depth: 5, rate: 0.06, least: 6.0, pull: 4.0, groups: 6 };

/// Teaches which boxes are one thing, and for each part of the corpus the weights that have not seen it: those of boxes,
/// and of what is one thing.
pub(super) fn teach(passages: &[Passage], pages: &Pages<'_>) -> (Trees, Vec<Weights>) {
    let domains = pages.domains();
    let mut parts: Vec<Weights> = Vec::new();
    let mut grounds: Vec<Ground> = Vec::new();
    for held in 0..PARTS {
        let rest: Vec<&str> = domains.iter().copied().filter(|d| part(&domains, d) != held).collect();
        let (boxes, choice) = pages.teach(&rest);
        let weights = Weights { boxes, choice, ..Weights::default() };
        let mut ground = Ground::default();
        for passage in passages.iter().filter(|p| part(&domains, &p.domain) == held) {
            let reading = Reading::of(&Transcript::from_text(&passage.text, "en"), &weights);
            for (i, scene) in passage.scenes.iter().enumerate() {
                let (from, to) = sentences(&reading, passage, i);
                if from < to {
                    compare(&reading.view(from, to), scene, &passage.domain, &mut ground);
                }
            }
        }
        parts.push(weights);
        grounds.push(ground);
    }
    for (held, weights) in parts.iter_mut().enumerate() {
        let others = grounds.iter().enumerate().filter(|(k, _)| *k != held).map(|(_, ground)| ground);
        weights.same = grow(&joined(others), PAIRS);
    }
    (grow(&joined(grounds.iter()), PAIRS), parts)
}

/// The boxes of a scene as they are drawn when the talk is new: those that the annotation takes for one thing, and those
/// that it takes for two.
fn compare(view: &View<'_>, scene: &Diagram, domain: &str, ground: &mut Ground) {
    let candidates = candidates(view, scene.kind, &assemble(view, scene.kind));
    let chosen = choose(view, scene.kind, &candidates, LIKELY);
    let labels: Vec<Vec<Vec<String>>> = chosen.iter().map(|c| vec![stems(&candidates[c.at].label)]).collect();
    let gold = Flat::of(std::slice::from_ref(scene), "en");
    let matched = matches(&gold.names, &labels);
    // Which box of the annotation each drawn one is, or says again.
    let is: Vec<Option<usize>> = (0..chosen.len())
        .map(|own| {
            matched.iter().position(|m| *m == Some(own)).or_else(|| {
                let like = |names: &Vec<Vec<String>>| {
                    names.iter().map(|name| similarity(name, &labels[own][0])).fold(0.0, f64::max)
                };
                let best = gold.names.iter().map(like).enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
                best.filter(|(_, like)| *like >= SAME).map(|(at, _)| at)
            })
        })
        .collect();
    for (a, first) in chosen.iter().enumerate() {
        for (b, second) in chosen.iter().enumerate().skip(a + 1) {
            let (x, y) = (&candidates[first.at], &candidates[second.at]);
            if let (Some(left), Some(right)) = (is[a], is[b])
                && comparable(x, y)
            {
                ground.seen.push(seen(view, scene.kind, (x, first.share), (y, second.share)));
                ground.groups.push(domain.to_owned());
                ground.offsets.push(same::BEFORE);
                ground.right.push(left == right);
            }
        }
    }
}

fn joined<'g>(grounds: impl Iterator<Item = &'g Ground>) -> Ground {
    let mut out = Ground::default();
    for ground in grounds {
        out.seen.extend(ground.seen.iter().cloned());
        out.groups.extend(ground.groups.iter().cloned());
        out.offsets.extend(&ground.offsets);
        out.right.extend(&ground.right);
    }
    out
}
