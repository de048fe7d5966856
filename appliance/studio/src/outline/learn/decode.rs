//! From likely pairs to the arrows of a diagram that holds together.

use std::collections::BTreeMap;

use super::arrows::{Pair, named, names};
use super::boxes::{clause_of, stems};
use crate::outline::assemble::{chain, message, wording};
use crate::outline::draft::{Draft, DraftEdge, DraftNode};
use crate::outline::view::View;
use crate::storyboard::{EdgeType, Kind};

/// An arrow at least this likely is drawn.
const LIKELY: f64 = 0.3;
/// A message at least this likely is drawn.
const LIKELY_MESSAGE: f64 = 0.15;
/// A second message of one clause that is at least this likely is drawn.
const SECOND: f64 = 0.5;
/// How much more an arrow of the rules is believed: they are more often right on talks that are told more plainly.
const DRAWN: f64 = 0.1;
/// As how likely, beside the likeliest, an arrow of one of several things is taken that are named in one breath.
const ALIKE: f64 = 0.9;
/// What must have an arrow gets its likeliest one when it is at least this likely.
const LEAST: f64 = 0.04;

/// Joins the boxes of a draft: `shares` holds how likely each pair is.
pub(crate) fn join(view: &View<'_>, kind: Kind, draft: &mut Draft, pairs: &[Pair], shares: &[f64]) {
    match kind {
        Kind::Quantities => return draft.edges.clear(),
        Kind::Steps | Kind::Timeline => {
            draft.edges.clear();
            if kind == Kind::Timeline {
                draft.in_order_of_years();
            }
            return chain(draft);
        }
        _ => {}
    }
    let mut shares = shares.to_vec();
    // A message is drawn already when it is of the same clause.
    let same = |edge: &DraftEdge, pair: &Pair| {
        (edge.from, edge.to) == (pair.from, pair.to)
            && (kind != Kind::Sequence || clause_of(view, edge.evidence) == pair.clause)
    };
    for (share, pair) in shares.iter_mut().zip(pairs) {
        if draft.edges.iter().any(|e| same(e, pair)) {
            *share += DRAWN;
        }
    }
    if matches!(kind, Kind::Architecture | Kind::Causes | Kind::Hierarchy | Kind::Mindmap) {
        share_alike(&mates(view, &draft.nodes), pairs, &mut shares);
    }
    let chosen = match kind {
        Kind::Hierarchy | Kind::Mindmap => tree(draft.nodes.len(), pairs, &shares),
        Kind::Flow | Kind::Swimlane | Kind::Cycle | Kind::Causes | Kind::State | Kind::Comparison => {
            reached(draft.nodes.len(), kind, pairs, &shares)
        }
        Kind::Sequence => messages(pairs, &shares),
        _ => (0..pairs.len()).filter(|i| shares[*i] >= LIKELY).collect(),
    };
    let old = std::mem::take(&mut draft.edges);
    for at in chosen {
        let pair = &pairs[at];
        let mut known: Vec<DraftEdge> = old.iter().filter(|e| same(e, pair)).cloned().collect();
        known.truncate(1);
        if known.is_empty() {
            draft.edges.push(DraftEdge {
                from: pair.from,
                to: pair.to,
                kind: edge_type(kind),
                label: label(view, kind, draft, pair),
                directed: true,
                evidence: pair.words,
                confidence: 0.6,
            });
        }
        let sure = (shares[at].clamp(0.3, 0.95) * 100.0).round() / 100.0;
        draft.edges.extend(known.into_iter().map(|edge| DraftEdge { confidence: sure, ..edge }));
    }
    draft.edges.sort_by_key(|e| (e.evidence, e.from, e.to));
}

/// Boxes that a clause names in one breath, with the clause: `the mast and the sensor report to ...`.
fn mates(view: &View<'_>, nodes: &[DraftNode]) -> Vec<(usize, Vec<usize>)> {
    let labels = names(nodes);
    let mut out = Vec::new();
    for (i, clause) in view.clauses.iter().enumerate() {
        let lists = [&clause.subjects, &clause.objects].into_iter().chain(clause.preps.iter().map(|p| &p.objects));
        for list in lists.filter(|list| list.len() > 1) {
            let mut named: Vec<usize> = list.iter().filter_map(|p| named(&labels, &stems(&view.label(p)))).collect();
            named.dedup();
            if named.len() > 1 {
                out.push((i, named));
            }
        }
    }
    out
}

/// What holds of one of the things that a clause names in one breath holds of the others nearly as well.
fn share_alike(mates: &[(usize, Vec<usize>)], pairs: &[Pair], shares: &mut [f64]) {
    for (clause, list) in mates {
        // What the things in one breath are joined to, and whether they stand before the arrow or behind it.
        let beyond = |pair: &Pair| match (list.contains(&pair.from), list.contains(&pair.to)) {
            (true, false) => Some((pair.to, true)),
            (false, true) => Some((pair.from, false)),
            _ => None,
        };
        let own = pairs.iter().enumerate().filter(|(_, pair)| pair.clause == *clause);
        let here: Vec<(usize, (usize, bool))> = own.filter_map(|(i, pair)| Some((i, beyond(pair)?))).collect();
        let mut best: BTreeMap<(usize, bool), f64> = BTreeMap::new();
        for (i, end) in &here {
            let share = best.entry(*end).or_default();
            *share = share.max(shares[*i]);
        }
        for (i, end) in &here {
            shares[*i] = shares[*i].max(ALIKE * best[end]);
        }
    }
}

/// The likely messages: of two senders in one clause the likelier one, and of two messages between the same parties in
/// clauses that follow one another.
fn messages(pairs: &[Pair], shares: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).filter(|i| shares[*i] >= LIKELY_MESSAGE).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]).then(a.cmp(b)));
    let mut out: Vec<usize> = Vec::new();
    for at in order {
        let own = &pairs[at];
        let taken = out.iter().map(|k| &pairs[*k]).any(|other| {
            let same = (own.from, own.to) == (other.from, other.to);
            // Whoever does what a clause says is one; whom it reaches may be several, if that is likely.
            own.clause == other.clause && (same || own.from != other.from || shares[at] < SECOND)
                || same && own.clause.abs_diff(other.clause) == 1
        });
        if !taken {
            out.push(at);
        }
    }
    out
}

/// The likeliest parent of every box but the first, without circles.
fn tree(n: usize, pairs: &[Pair], shares: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).filter(|i| shares[*i] >= LEAST).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]).then(a.cmp(b)));
    let mut parent: Vec<Option<usize>> = vec![None; n];
    let mut out = Vec::new();
    for at in order {
        let (from, to) = (pairs[at].from, pairs[at].to);
        let mut above = Some(from);
        let mut steps = 0;
        while let Some(k) = above.filter(|k| *k != to && steps <= n) {
            above = parent[k];
            steps += 1;
        }
        if parent[to].is_none() && above.is_none() {
            parent[to] = Some(from);
            out.push(at);
        }
    }
    out
}

/// The likely pairs, and for every box without an arrow to it the likeliest one.
fn reached(n: usize, kind: Kind, pairs: &[Pair], shares: &[f64]) -> Vec<usize> {
    let mut out: Vec<usize> = (0..pairs.len()).filter(|i| shares[*i] >= LIKELY).collect();
    let sources = matches!(kind, Kind::Causes | Kind::Comparison);
    for to in 0..n {
        let touches = |i: &usize| pairs[*i].to == to || (sources && pairs[*i].from == to);
        if (to == 0 && kind != Kind::Cycle) || out.iter().any(touches) {
            continue;
        }
        let best = (0..pairs.len()).filter(touches).max_by(|a, b| shares[*a].total_cmp(&shares[*b]).then(b.cmp(a)));
        out.extend(best.filter(|i| shares[*i] >= LEAST));
    }
    out
}

fn edge_type(kind: Kind) -> EdgeType {
    match kind {
        Kind::Hierarchy => EdgeType::PartOf,
        Kind::Causes => EdgeType::Causes,
        Kind::Architecture | Kind::Sequence => EdgeType::Message,
        Kind::Mindmap | Kind::Comparison => EdgeType::Relates,
        _ => EdgeType::Then,
    }
}

/// The condition in front of the clause in its sentence; between parties, what goes from one to the other.
fn label(view: &View<'_>, kind: Kind, draft: &Draft, pair: &Pair) -> String {
    let Some(clause) = view.clauses.get(pair.clause) else { return String::new() };
    match kind {
        Kind::Architecture | Kind::Sequence => {
            message(view, clause, [&draft.nodes[pair.from].label, &draft.nodes[pair.to].label])
        }
        Kind::Flow | Kind::Swimlane | Kind::State => view.clauses[..pair.clause]
            .iter()
            .rev()
            .take(2)
            .find(|c| c.sentence == clause.sentence && c.led_by(&["if", "when", "once", "unless"]))
            .map_or_else(String::new, |c| wording(view, c)),
        _ => String::new(),
    }
}
