//! What is seen of a candidate among the others: how it stands in its clause, its sentence and the scene, once each has
//! been looked at alone.

use super::boxes::{Candidate, HOPELESS, SAME, shared, stems};
use super::linear::Features;
use crate::outline::view::View;
use crate::storyboard::Kind;

/// Adds a feature for every bound that the value is above.
pub(crate) fn steps(out: &mut Features, name: &str, value: f64, bounds: &[f64]) {
    for bound in bounds.iter().take_while(|bound| value > **bound) {
        out.push((format!("{name} > {bound}"), 1.0));
    }
}

const SUMS: &[f64] = &[-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0];
const AHEAD: &[f64] = &[-4.0, -3.0, -2.0, -1.5, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0];
const COUNTS: &[f64] = &[0.0, 1.0, 2.0, 3.0, 5.0, 8.0];
const SHARES: &[f64] = &[0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/// What nothing is worth.
const NONE: f64 = -9.0;

/// For each candidate what is seen of it beside the others, whose `sums` say how much speaks for each alone.
pub(crate) fn rivals(view: &View<'_>, kind: Kind, candidates: &[Candidate], sums: &[f64]) -> Vec<Features> {
    let n = candidates.len();
    let labels: Vec<Vec<String>> = candidates.iter().map(|c| stems(&c.label)).collect();
    let sentence = |clause: usize| view.clauses.get(clause).map_or(0, |c| c.sentence);
    let share = |sum: f64| 1.0 / (1.0 + libm::exp(-sum));
    let clauses = view.clauses.len().max(1);
    // The best of each clause and how many of it are likely.
    let mut best = vec![NONE; clauses];
    let mut likely = vec![0.0; clauses];
    for (candidate, sum) in candidates.iter().zip(sums) {
        let at = candidate.clause.min(clauses - 1);
        best[at] = best[at].max(*sum);
        likely[at] += share(*sum);
    }
    let all: f64 = likely.iter().sum();
    let lived = best.iter().filter(|b| **b > 0.0).count() as f64 / clauses as f64;
    // Of what is hopeless nobody is a rival.
    let live: Vec<usize> = (0..n).filter(|k| sums[*k] > HOPELESS).collect();
    let mut out = Vec::with_capacity(n);
    for (i, candidate) in candidates.iter().enumerate() {
        if sums[i] <= HOPELESS {
            out.push(Features::new());
            continue;
        }
        let mut own: Features = Vec::with_capacity(96);
        own.push((format!("kind {kind}"), 1.0));
        let at = candidate.clause.min(clauses - 1);
        let near =
            |from: usize, to: usize| best[from.min(clauses)..to.min(clauses)].iter().copied().fold(NONE, f64::max);
        let others = |fits: &dyn Fn(usize) -> bool| {
            live.iter().filter(|k| **k != i && fits(**k)).map(|k| sums[*k]).fold(NONE, f64::max)
        };
        let in_clause = |k: usize| candidates[k].clause == candidate.clause;
        let in_sentence = |k: usize| sentence(candidates[k].clause) == sentence(candidate.clause);
        let alike = |k: usize| shared(&labels[k], &labels[i]) >= SAME;
        let touching = |k: usize| !alike(k) && labels[k].iter().any(|w| labels[i].contains(w));
        let covering = |k: usize| {
            let (a, b) = (candidates[k].words, candidate.words);
            a[0] <= b[0] && b[1] <= a[1] && a != b
        };
        let within = |k: usize| {
            let (a, b) = (candidates[k].words, candidate.words);
            b[0] <= a[0] && a[1] <= b[1] && a != b
        };
        let style = |k: usize| candidates[k].place == candidate.place;
        steps(&mut own, "sum", sums[i], SUMS);
        steps(&mut own, "ahead in clause", sums[i] - others(&in_clause), AHEAD);
        steps(&mut own, "ahead in sentence", sums[i] - others(&in_sentence), AHEAD);
        steps(&mut own, "ahead of alike", sums[i] - others(&alike), AHEAD);
        steps(&mut own, "ahead of touching", sums[i] - others(&touching), AHEAD);
        steps(&mut own, "ahead of covering", sums[i] - others(&covering), AHEAD);
        steps(&mut own, "ahead of within", sums[i] - others(&within), AHEAD);
        let better = live.iter().filter(|k| **k != i && in_clause(**k) && sums[**k] > sums[i]).count();
        steps(&mut own, "better in clause", better as f64, COUNTS);
        let better = live.iter().filter(|k| **k != i && in_sentence(**k) && sums[**k] > sums[i]).count();
        steps(&mut own, "better in sentence", better as f64, COUNTS);
        steps(&mut own, "likely in clause", likely[at], SHARES);
        steps(&mut own, "likely in clause", likely[at], COUNTS);
        steps(&mut own, "clause before", near(at.saturating_sub(1), at), SUMS);
        steps(&mut own, "clause after", near(at + 1, at + 2), SUMS);
        steps(&mut own, "clauses after", near(at + 1, at + 4), SUMS);
        let alike_style: f64 = live.iter().filter(|k| style(**k)).map(|k| share(sums[*k])).sum();
        let of_style = live.iter().filter(|k| style(**k)).count().max(1) as f64;
        steps(&mut own, "style", alike_style / all.max(0.1), SHARES);
        steps(&mut own, "style chosen", alike_style / of_style, SHARES);
        steps(&mut own, "clauses lived", lived, SHARES);
        steps(&mut own, "boxes", all, &[3.0, 5.0, 7.0, 9.0, 12.0, 15.0]);
        let rank = live.iter().filter(|k| sums[**k] > sums[i]).count() as f64;
        steps(&mut own, "rank", rank / all.max(1.0), &[0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0]);
        steps(&mut own, "place in scene", at as f64 / clauses as f64, SHARES);
        out.push(own);
    }
    out
}
