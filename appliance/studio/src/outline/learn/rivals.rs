//! What is seen of a candidate among the others: how it stands in its clause, its sentence and the scene, once each has
//! been looked at alone.

use super::boxes::{Candidate, HOPELESS, SAME, shared};
use super::linear::{key, key_of};
use super::trees::Seen;
use crate::outline::view::View;
use crate::storyboard::Kind;

/// What nothing is worth.
const NONE: f64 = -9.0;
/// What a candidate is said to be ahead by when there is nobody to be ahead of.
const ALONE: f64 = 9.0;

/// The best and the sum of shares of some candidates.
#[derive(Clone, Copy)]
struct Lot {
    best: [f64; 2],
    likely: f64,
    count: f64,
}

const EMPTY: Lot = Lot { best: [NONE; 2], likely: 0.0, count: 0.0 };

impl Lot {
    fn add(&mut self, sum: f64) {
        if sum > self.best[0] {
            self.best = [sum, self.best[0]];
        } else {
            self.best[1] = self.best[1].max(sum);
        }
        self.likely += share(sum);
        self.count += 1.0;
    }

    /// The best of the others, for one of the lot.
    fn other(&self, own: f64) -> f64 {
        if own >= self.best[0] { self.best[1] } else { self.best[0] }
    }
}

fn share(sum: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-sum))
}

fn ahead(own: f64, other: f64) -> f64 {
    if other <= NONE { ALONE } else { (own - other).clamp(-ALONE, ALONE) }
}

/// For each candidate what is seen of it beside the others, whose `sums` say how much speaks for each alone; nothing of
/// one that is hopeless.
pub(crate) fn rivals(view: &View<'_>, kind: Kind, candidates: &[Candidate], sums: &[f64]) -> Vec<Seen> {
    let clauses = view.clauses.len().max(1);
    let first = view.clauses.first().map_or(0, |c| c.sentence);
    let sentences = view.clauses.last().map_or(0, |c| c.sentence) - first + 1;
    let clause = |i: usize| candidates[i].clause.min(clauses - 1);
    let sentence = |i: usize| view.clauses.get(clause(i)).map_or(0, |c| c.sentence - first);
    let mut by_clause = vec![EMPTY; clauses];
    let mut by_sentence = vec![EMPTY; sentences];
    let mut by_place: Vec<(&'static str, Lot)> = Vec::new();
    let mut all = EMPTY;
    // Of what is hopeless nobody is a rival.
    let live: Vec<usize> = (0..candidates.len()).filter(|k| sums[*k] > HOPELESS).collect();
    for k in &live {
        let sum = sums[*k];
        by_clause[clause(*k)].add(sum);
        by_sentence[sentence(*k)].add(sum);
        all.add(sum);
        let place = candidates[*k].place;
        match by_place.iter_mut().find(|lot| lot.0 == place) {
            Some(lot) => lot.1.add(sum),
            None => {
                by_place.push((place, EMPTY));
                if let Some(lot) = by_place.last_mut() {
                    lot.1.add(sum);
                }
            }
        }
    }
    let lived = by_clause.iter().filter(|lot| lot.best[0] > 0.0).count() as f64 / clauses as f64;
    let mut ranked: Vec<f64> = live.iter().map(|k| sums[*k]).collect();
    ranked.sort_by(f64::total_cmp);
    let kind_mark = key(format_args!("kind {kind}"));
    let mut out = vec![Seen::default(); candidates.len()];
    for (rank, i) in live.iter().copied().enumerate() {
        let own = sums[i];
        let candidate = &candidates[i];
        let (mut alike, mut touching, mut covering, mut inner) = (NONE, NONE, NONE, NONE);
        for k in live.iter().copied().filter(|k| *k != i) {
            let (a, b) = (candidates[k].words, candidate.words);
            let common = shared(&candidates[k].stems, &candidate.stems);
            if common >= SAME {
                alike = f64::max(alike, sums[k]);
            } else if common > 0.0 {
                touching = f64::max(touching, sums[k]);
            }
            if a != b && a[0] <= b[0] && b[1] <= a[1] {
                covering = f64::max(covering, sums[k]);
            }
            if a != b && b[0] <= a[0] && a[1] <= b[1] {
                inner = f64::max(inner, sums[k]);
            }
        }
        let at = clause(i);
        let best = |from: usize, to: usize| {
            by_clause[from.min(clauses)..to.min(clauses)].iter().map(|lot| lot.best[0]).fold(NONE, f64::max)
        };
        let near = |step: isize| {
            let k = rank.checked_add_signed(step).and_then(|k| live.get(k));
            k.map_or(NONE, |k| sums[*k])
        };
        let place = by_place.iter().find(|lot| lot.0 == candidate.place).map_or(EMPTY, |lot| lot.1);
        let better = (live.len() - ranked.partition_point(|sum| *sum <= own)) as f64;
        // Whether the clause before has a likely box in the same place of its own: talks go on as they began.
        let same_place = |from: usize, to: usize| {
            let of = |k: &&usize| (from..to).contains(&clause(**k)) && candidates[**k].place == candidate.place;
            live.iter().filter(of).map(|k| sums[*k]).fold(NONE, f64::max)
        };
        let sentence_lot = by_sentence[sentence(i)];
        let marks = vec![kind_mark, key_of(candidate.place)];
        let measures = [
            own,
            ahead(own, by_clause[at].other(own)),
            ahead(own, sentence_lot.other(own)),
            ahead(own, alike),
            ahead(own, touching),
            ahead(own, covering),
            ahead(own, inner),
            by_clause[at].likely,
            by_clause[at].count,
            sentence_lot.likely,
            best(at.saturating_sub(1), at),
            best(at + 1, at + 2),
            best(at + 1, at + 4),
            best(at.saturating_sub(3), at),
            same_place(at.saturating_sub(2), at),
            same_place(at + 1, at + 3),
            near(-1),
            near(1),
            place.likely / all.likely.max(0.1),
            place.likely / place.count.max(1.0),
            lived,
            all.likely,
            all.likely / clauses as f64,
            better,
            better / all.likely.max(1.0),
            at as f64 / clauses as f64,
            clauses as f64,
            candidate.mentions as f64,
            candidate.stems.len() as f64,
            f64::from(candidate.words[1] - candidate.words[0]),
            candidate.ties[0],
            candidate.ties[1],
            candidate.ties[2],
        ];
        out[i] = Seen { marks, measures: measures.iter().map(|m| *m as f32).collect() };
    }
    out
}
