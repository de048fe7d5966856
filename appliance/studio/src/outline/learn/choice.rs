//! From likely candidates to the boxes of a diagram.

use super::boxes::{Candidate, SAME, shared, shares};
use super::{said_with, same};
use crate::outline::assemble::time;
use crate::outline::view::View;
use crate::storyboard::Kind;

/// How much more a box of the rules is believed: its arrows hold it in its place.
const DRAWN: f64 = 0.05;
/// The same for an event with its date, which is what a timeline is told for.
const DATED: f64 = 0.3;

/// A candidate that becomes a box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chosen {
    /// Its index.
    pub(crate) at: usize,
    /// How likely it is a box, 0 to 1.
    pub(crate) share: f64,
    /// Indices of the others that are taken for the same thing.
    pub(crate) also: Vec<usize>,
}

/// What is chosen, in spoken order: candidates above `least`, the likeliest first, none that says the same as another.
/// Words of what the rules drew are not held against one another.
pub(crate) fn choose(view: &View<'_>, kind: Kind, candidates: &[Candidate], least: f64) -> Vec<Chosen> {
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
    let mut kept: Vec<Chosen> = Vec::new();
    for (_, i) in ranked {
        let own = candidates[i].stems.as_slice();
        let same = |chosen: &Chosen| {
            let (k, other) = (&chosen.at, &candidates[chosen.at].stems);
            let (a, b) = (candidates[*k].words, candidates[i].words);
            // "lights" in "switch off lights"
            let within = own.iter().all(|w| other.contains(w)) && a[0] <= b[0] && b[1] <= a[1];
            (shared(other, own) >= SAME || within) && !(candidates[*k].drawn.is_some() && candidates[i].drawn.is_some())
        };
        if own.is_empty() || kept.iter().any(same) {
            continue;
        }
        let thing = |at: usize| (&candidates[at], shares[at]);
        let one = |chosen: &&mut Chosen| same::one(view, kind, thing(chosen.at), thing(i));
        match kept.iter_mut().find(one) {
            Some(known) => known.also.push(i),
            None => kept.push(Chosen { at: i, share: shares[i], also: Vec::new() }),
        }
    }
    // In the order of what is said, once what was moved by a correction stands in its place.
    kept.sort_by_key(|chosen| (candidates[chosen.at].clause, candidates[chosen.at].words, chosen.at));
    kept
}
