//! Which of the things that would become boxes are one thing by two names: `the register` and `the locked database`,
//! `compare the chart` and `source data check`.
//!
//! What shares most of its words is one thing by rule, see [`super::boxes::SAME`]. Of the rest a model tells that has seen
//! which names annotators gave to one box.

use super::boxes::{Candidate, shared};
use super::linear::{key, key_of};
use super::trees::Seen;
use crate::outline::view::View;
use crate::storyboard::Kind;

/// What speaks for it beforehand that two boxes are one thing: little.
pub(crate) const BEFORE: f64 = -3.0;
/// Two names are one thing when at least this much speaks for it.
const LEAST: f64 = -0.4;
/// Names that share no word are looked at only when no more clauses stand between them.
const NEAR: usize = 1;

/// Whether two candidates, which are as likely boxes as `shares` say, may be one thing at all.
pub(crate) fn comparable(a: &Candidate, b: &Candidate) -> bool {
    a.clause.abs_diff(b.clause) <= NEAR || a.stems.iter().any(|stem| b.stems.contains(stem))
}

/// What is seen of two candidates, each with how likely a box it is.
pub(crate) fn seen(view: &View<'_>, kind: Kind, a: (&Candidate, f64), b: (&Candidate, f64)) -> Seen {
    // In spoken order, whichever is likelier.
    let (first, second) = if (a.0.words, a.0.clause) <= (b.0.words, b.0.clause) { (a, b) } else { (b, a) };
    let ((x, x_share), (y, y_share)) = (first, second);
    let common: Vec<u64> = x.stems.iter().copied().filter(|stem| y.stems.contains(stem)).collect();
    let within = |inner: &Candidate, outer: &Candidate| {
        f64::from(u8::from(outer.words[0] <= inner.words[0] && inner.words[1] <= outer.words[1]))
    };
    let part = |own: &Candidate| common.len() as f64 / own.stems.len().max(1) as f64;
    let sentence = |c: &Candidate| view.clauses.get(c.clause).map_or(0, |c| c.sentence);
    let equal = |a: Option<&u64>, b: Option<&u64>| f64::from(u8::from(a.is_some() && a == b));
    let mut marks = vec![
        key(format_args!("kind {kind}")),
        key(format_args!("places {} {}", x.place, y.place)),
        key(format_args!("{kind} places {} {}", x.place, y.place)),
        key(format_args!("drawn {} {}", x.drawn.is_some(), y.drawn.is_some())),
    ];
    let word = |label: &str, last: bool| {
        let mut words = label.split(' ');
        key_of(&if last { words.next_back() } else { words.next() }.unwrap_or_default().to_lowercase())
    };
    for (which, candidate) in [("first", x), ("second", y)] {
        marks.push(key(format_args!("{which} begins {}", word(&candidate.label, false))));
        marks.push(key(format_args!("{which} ends {}", word(&candidate.label, true))));
    }
    if let Some(before) = token_before(view, y) {
        marks.push(key(format_args!("second after {before}")));
    }
    for (which, candidate) in [("first", x), ("second", y)] {
        if let Some(clause) = view.clauses.get(candidate.clause) {
            marks.push(key(format_args!("{which} verb {}", clause.lemma())));
            if let Some(lead) = clause.lead.first() {
                marks.push(key(format_args!("{which} led by {lead}")));
            }
            if clause.negated() {
                marks.push(key(format_args!("{which} negated")));
            }
        }
    }
    let measures = [
        shared(&x.stems, &y.stems),
        part(x),
        part(y),
        common.len() as f64,
        x.stems.len() as f64,
        y.stems.len() as f64,
        equal(x.stems.first(), y.stems.first()),
        equal(x.stems.last(), y.stems.last()),
        equal(x.stems.last(), y.stems.first()),
        equal(x.stems.first(), y.stems.last()),
        within(x, y),
        within(y, x),
        (y.clause as f64 - x.clause as f64).abs(),
        sentence(y) as f64 - sentence(x) as f64,
        f64::from(y.words[0]) - f64::from(x.words[1]),
        x_share,
        y_share,
        x.mentions as f64,
        y.mentions as f64,
        x.ties[2],
        y.ties[2],
        view.clauses.len() as f64,
    ];
    Seen { marks, measures: measures.iter().map(|m| *m as f32).collect() }
}

/// The token before a candidate: an article, a preposition, a conjunction.
fn token_before<'v>(view: &View<'v>, candidate: &Candidate) -> Option<&'v str> {
    let clause = view.clauses.get(candidate.clause)?;
    let at = (clause.a..clause.b).find(|at| view.text.tokens[*at].words[0] >= candidate.words[0])?;
    at.checked_sub(1).map(|at| view.text.tokens[at].low.as_str())
}

/// Whether the model of the view takes two candidates for one thing.
pub(super) fn one(view: &View<'_>, kind: Kind, a: (&Candidate, f64), b: (&Candidate, f64)) -> bool {
    !view.weights.same.is_empty()
        && comparable(a.0, b.0)
        && view.weights.same.sums(&[seen(view, kind, a, b)])[0] + BEFORE >= LEAST
}
