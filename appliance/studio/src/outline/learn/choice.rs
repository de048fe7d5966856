//! From likely candidates to the boxes of a diagram.

use super::boxes::{Candidate, SAME, shared, shares};
use super::said_with;
use crate::outline::assemble::time;
use crate::outline::view::View;
use crate::storyboard::Kind;

/// How much more a box of the rules is believed: its arrows hold it in its place.
const DRAWN: f64 = 0.05;
/// The same for an event with its date, which is what a timeline is told for.
const DATED: f64 = 0.3;

/// What is chosen, in spoken order, and how likely each is: candidates above `least`, the likeliest first, none that says the same as another.
/// What the rules drew is not held against one another.
pub(crate) fn choose(view: &View<'_>, kind: Kind, candidates: &[Candidate], least: f64) -> Vec<(usize, f64)> {
    let shares = shares(view, kind, candidates);
    let more = |candidate: &Candidate| match candidate.drawn {
        Some(_) if kind == Kind::Timeline && said_with(view, candidate.words, time).is_some() => DATED,
        Some(_) => DRAWN,
        None => 0.0,
    };
    let mut ranked: Vec<(f64, usize)> = shares
        .iter()
        .enumerate()
        .map(|(i, share)| (share + more(&candidates[i]), i))
        .filter(|(share, _)| *share >= least)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut kept: Vec<(usize, &[u64])> = Vec::new();
    for (_, i) in ranked {
        let own = candidates[i].stems.as_slice();
        let same = |(k, other): &(usize, &[u64])| {
            let (a, b) = (candidates[*k].words, candidates[i].words);
            // "lights" in "switch off lights"
            let within = own.iter().all(|w| other.contains(w)) && a[0] <= b[0] && b[1] <= a[1];
            (shared(other, own) >= SAME || within) && !(candidates[*k].drawn.is_some() && candidates[i].drawn.is_some())
        };
        if !own.is_empty() && !kept.iter().any(same) {
            kept.push((i, own));
        }
    }
    let mut out: Vec<(usize, f64)> = kept.into_iter().map(|(i, _)| (i, shares[i])).collect();
    // In the order of what is said, once what was moved by a correction stands in its place.
    out.sort_by_key(|(i, _)| (candidates[*i].clause, candidates[*i].words, *i));
    out
}
