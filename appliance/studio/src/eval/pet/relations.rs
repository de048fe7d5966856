//! Which spans belong together.

use std::fmt;

use super::document::{Document, Link, Mention, Relation, Type};
use super::page::Page;
use crate::outline::learn::linear::{
    Contest, Example, Features, Linear, Training, key, key_of, softmax, train, train_contests,
};

const CONTESTS: Training = Training { rounds: 12, decay: 0.004, groups: 2, balance: 0.0 };
const PAIRS: Training = Training { rounds: 5, decay: 0.004, groups: 4, balance: 0.0 };
/// Stations further apart in spoken order are not joined.
const REACH: usize = 7;
/// A pair of stations at least this likely is joined.
const LIKELY: f64 = 0.42;

/// Joins spans.
#[derive(Debug, Clone, Default)]
pub(super) struct Joiner {
    performer: Linear,
    recipient: Linear,
    uses: Linear,
    specification: Linear,
    same: Linear,
    flow: Linear,
}

/// Spans of a page, in order, with what joins them where that is known.
pub(super) struct Spans<'p, 'd> {
    pub(super) page: &'p Page<'d>,
    pub(super) list: Vec<Mention>,
}

impl<'p, 'd> Spans<'p, 'd> {
    pub(super) fn new(page: &'p Page<'d>, mut list: Vec<Mention>) -> Self {
        list.sort_by_key(|m| m.tokens[0]);
        Self { page, list }
    }

    fn of(&self, kinds: &[Type]) -> Vec<usize> {
        (0..self.list.len()).filter(|i| kinds.contains(&self.list[*i].kind)).collect()
    }

    fn sentence(&self, i: usize) -> usize {
        self.page.sentence(self.list[i].tokens[0])
    }

    fn first(&self, i: usize) -> usize {
        self.list[i].tokens[0]
    }

    fn last(&self, i: usize) -> usize {
        self.list[i].tokens[self.list[i].tokens.len() - 1]
    }

    fn low(&self, at: usize) -> String {
        self.page.document.tokens.get(at).map_or_else(String::new, |t| t.to_lowercase())
    }

    fn words(&self, i: usize) -> String {
        let words: Vec<String> = self.list[i].tokens.iter().take(3).map(|t| self.low(*t)).collect();
        words.join(" ")
    }

    /// The word that stands for a span: its head where the clause reader found one.
    fn head(&self, i: usize) -> usize {
        let tokens = &self.list[i].tokens;
        tokens.iter().copied().find(|t| self.page.places[*t].is_head).unwrap_or(tokens[0])
    }

    fn lemma(&self, i: usize) -> String {
        let at = self.head(i);
        self.page.word(at).map_or_else(|| self.low(at), |t| t.lemma.clone())
    }

    /// Which predicted span each annotated one is.
    fn matched(&self, document: &Document) -> Vec<Option<usize>> {
        let gold = &document.gold.mentions;
        gold.iter()
            .map(|g| {
                (0..self.list.len())
                    .find(|i| self.list[*i].kind == g.kind && self.list[*i].tokens.iter().any(|t| g.tokens.contains(t)))
            })
            .collect()
    }

    /// The pairs of spans that the annotation joins.
    fn joined(&self) -> Vec<(Link, usize, usize)> {
        let document = self.page.document;
        let matched = self.matched(document);
        let mut out = Vec::new();
        for (link, heads, tails) in &document.ends {
            for a in heads.iter().filter_map(|h| matched[*h]) {
                for b in tails.iter().filter_map(|t| matched[*t]) {
                    out.push((*link, a, b));
                }
            }
        }
        out
    }
}

impl Joiner {
    /// Learns from pages with the spans that were found there, or are annotated.
    pub(super) fn train(pages: &[Spans<'_, '_>]) -> Self {
        let mut contests: [Vec<Contest>; 4] = Default::default();
        let (mut same, mut flow) = (Vec::new(), Vec::new());
        for spans in pages {
            let joined = spans.joined();
            let group = spans.page.document.gold.id.clone();
            let is = |link: Link, a: usize, b: usize| joined.contains(&(link, a, b));
            for (k, (link, contest)) in LINKS.into_iter().zip(&mut contests).enumerate() {
                for seat in seats(spans, k) {
                    let mut right: Vec<usize> =
                        (0..seat.pairs.len()).filter(|i| is(link, seat.pairs[*i].0, seat.pairs[*i].1)).collect();
                    if right.is_empty() {
                        right.push(seat.pairs.len());
                    }
                    contest.push(Contest { things: seat.things, right, group: group.clone() });
                }
            }
            for (a, b, features) in gateways(spans) {
                let class = usize::from(is(Link::Same, a, b) || is(Link::Same, b, a));
                same.push(Example { features, class, group: group.clone() });
            }
            for (a, b, features) in stations(spans) {
                flow.push(Example { features, class: usize::from(is(Link::Flow, a, b)), group: group.clone() });
            }
        }
        let fit = |contests: &[Contest]| train_contests(contests, CONTESTS);
        Self {
            performer: fit(&contests[0]),
            recipient: fit(&contests[1]),
            uses: fit(&contests[2]),
            specification: fit(&contests[3]),
            same: train(&["no", "yes"], &same, PAIRS),
            flow: train(&["no", "yes"], &flow, PAIRS),
        }
    }

    /// What joins the spans.
    pub(super) fn join(&self, spans: &Spans<'_, '_>) -> Vec<Relation> {
        let mut out: Vec<(Link, usize, usize)> = Vec::new();
        let models = [&self.performer, &self.recipient, &self.uses, &self.specification];
        for (k, (link, model)) in LINKS.into_iter().zip(models).enumerate() {
            for seat in seats(spans, k) {
                let mut sums: Vec<f64> = seat.things.iter().map(|t| model.sum(t)).collect();
                softmax(&mut sums);
                let best = (0..sums.len()).max_by(|a, b| sums[*a].total_cmp(&sums[*b]).then(b.cmp(a)));
                if let Some((a, b)) = best.and_then(|i| seat.pairs.get(i)) {
                    out.push((link, *a, *b));
                }
            }
        }
        for (a, b, features) in gateways(spans) {
            if self.same.shares(&features)[1] >= 0.5 {
                out.push((Link::Same, a, b));
            }
        }
        let pairs = stations(spans);
        let shares: Vec<f64> = pairs.iter().map(|(_, _, f)| self.flow.shares(f)[1]).collect();
        for ((a, b, _), share) in pairs.iter().zip(&shares) {
            if *share >= LIKELY {
                out.push((Link::Flow, *a, *b));
            }
        }
        out.into_iter()
            .map(|(kind, a, b)| Relation {
                kind,
                head: spans.list[a].tokens.clone(),
                tail: spans.list[b].tokens.clone(),
            })
            .collect()
    }
}

const LINKS: [Link; 4] = [Link::Performer, Link::Recipient, Link::Uses, Link::Specification];

/// Who may take a place, each seen with it, and at last that nobody does.
struct Seat {
    pairs: Vec<(usize, usize)>,
    things: Vec<Features>,
}

/// The places of a kind of relation: performers are looked for by activity, what is used by the thing used.
fn seats(spans: &Spans<'_, '_>, k: usize) -> Vec<Seat> {
    let tail = match k {
        0 | 1 => Type::Actor,
        2 => Type::Data,
        _ => Type::Specification,
    };
    let activities = spans.of(&[Type::Activity]);
    let tails = spans.of(&[tail]);
    let by_activity = k == 0;
    let anchors = if by_activity { &activities } else { &tails };
    let others = if by_activity { &tails } else { &activities };
    let mut out = Vec::new();
    for anchor in anchors {
        let sentence = spans.sentence(*anchor);
        let mut seat = Seat { pairs: Vec::new(), things: Vec::new() };
        for other in others.iter().filter(|o| spans.sentence(**o) == sentence) {
            let (a, b) = if by_activity { (*anchor, *other) } else { (*other, *anchor) };
            seat.pairs.push((a, b));
            seat.things.push(pair(spans, a, b, &activities));
        }
        if seat.pairs.is_empty() {
            continue;
        }
        let mut nobody: Features = Vec::new();
        let at = spans.head(*anchor);
        let place = &spans.page.places[at];
        for name in [
            "nobody".to_owned(),
            format!("nobody part {}", place.part),
            format!("nobody word {}", spans.lemma(*anchor)),
            format!("nobody of {}", seat.pairs.len().min(4)),
            format!("nobody before {}", spans.low(spans.first(*anchor).wrapping_sub(1))),
        ] {
            nobody.push((key_of(&name), 1.0));
        }
        seat.things.push(nobody);
        out.push(seat);
    }
    out
}

/// What is seen of an activity and what may belong to it.
fn pair(spans: &Spans<'_, '_>, a: usize, b: usize, activities: &[usize]) -> Features {
    let mut out: Features = Vec::new();
    let mut say = |what: fmt::Arguments<'_>| out.push((key(what), 1.0));
    let (va, nb) = (spans.head(a), spans.head(b));
    let (pa, pb) = (&spans.page.places[va], &spans.page.places[nb]);
    let before = spans.first(b) < spans.first(a);
    let side = if before { "before" } else { "after" };
    let (from, to) = if before { (spans.last(b), spans.first(a)) } else { (spans.last(a), spans.first(b)) };
    let between = activities.iter().filter(|k| (from + 1..to).contains(&spans.first(**k))).count();
    let same_kind = (0..spans.list.len())
        .filter(|k| spans.list[*k].kind == spans.list[b].kind && (from + 1..to).contains(&spans.first(*k)))
        .count();
    let distance = to.saturating_sub(from).min(12) / 2;
    let same = pa.clause.is_some() && pa.clause == pb.clause;
    let clause = spans.page.clause(va);
    let passive = clause.is_some_and(crate::outline::clause::Clause::passive);
    let apart = match (pa.clause, pb.clause) {
        (Some(x), Some(y)) => (y as i64 - x as i64).clamp(-3, 3),
        _ => 9,
    };
    let own = clause
        .is_some_and(|c| c.subjects.iter().any(|s| spans.page.token[nb].is_some_and(|t| (s.a..s.b).contains(&t))));
    let prep = spans.low(spans.first(b).wrapping_sub(1));
    say(format_args!("{side} {between}"));
    say(format_args!("{side} {between} {same_kind}"));
    say(format_args!("{side} {same_kind}"));
    say(format_args!("{side} distance {distance}"));
    say(format_args!("{side} same {same}"));
    say(format_args!("{side} apart {apart}"));
    say(format_args!("{side} part {} > {}", pa.part, pb.part));
    say(format_args!("{side} part {} {passive} {between}", pb.part));
    say(format_args!("{side} same {same} {passive} {}", pb.part));
    say(format_args!("{side} prep {prep}"));
    say(format_args!("{side} prep {prep} {passive} {between}"));
    say(format_args!("{side} verb {} {prep}", spans.lemma(a)));
    say(format_args!("{side} verb {}", spans.lemma(a)));
    say(format_args!("{side} word {}", spans.lemma(b)));
    say(format_args!("{side} person {} {passive} {between}", pb.person));
    say(format_args!("subject {own} {passive}"));
    say(format_args!("subject {own} {side} {between}"));
    // The words right after the activity and between the two.
    if to.saturating_sub(from) <= 5 {
        let words: Vec<String> = (from + 1..to).map(|k| spans.low(k)).collect();
        say(format_args!("{side} between {}", words.join(" ")));
    }
    let commas = (from + 1..to).filter(|k| matches!(spans.low(*k).as_str(), "," | ";" | "and" | "or")).count();
    say(format_args!("{side} commas {} {between}", commas.min(3)));
    out
}

/// Pairs of exclusive gateways that may be one.
fn gateways(spans: &Spans<'_, '_>) -> Vec<(usize, usize, Features)> {
    let list = spans.of(&[Type::Xor]);
    let mut out = Vec::new();
    for (i, a) in list.iter().enumerate() {
        for (gap, b) in list.iter().skip(i + 1).take(3).enumerate() {
            let far = (spans.sentence(*b) - spans.sentence(*a)).min(4);
            let (wa, wb) = (spans.words(*a), spans.words(*b));
            let inside = spans
                .of(&[Type::Activity])
                .into_iter()
                .filter(|k| (spans.first(*a)..spans.first(*b)).contains(&spans.first(*k)))
                .count();
            let names = [
                "one".to_owned(),
                format!("gap {gap}"),
                format!("far {far}"),
                format!("gap {gap} far {far}"),
                format!("gap {gap} inside {}", inside.min(4)),
                format!("first {wa} {gap}"),
                format!("second {wb} {gap}"),
                format!("both {wa} > {wb} {gap}"),
                format!("same {} {gap}", wa == wb),
            ];
            out.push((*a, *b, names.iter().map(|n| (key_of(n), 1.0)).collect()));
        }
    }
    out
}

/// Pairs of stations of the flow, with what is seen of them.
fn stations(spans: &Spans<'_, '_>) -> Vec<(usize, usize, Features)> {
    let list: Vec<usize> = (0..spans.list.len()).filter(|i| spans.list[*i].kind.station()).collect();
    let mut out = Vec::new();
    for (i, a) in list.iter().enumerate() {
        for (j, b) in list.iter().enumerate() {
            let near = if j > i { j - i <= REACH } else { i - j == 1 };
            if near {
                out.push((*a, *b, station_pair(spans, &list, i, j)));
            }
        }
    }
    out
}

fn station_pair(spans: &Spans<'_, '_>, list: &[usize], i: usize, j: usize) -> Features {
    let mut out: Features = Vec::new();
    let mut say = |what: fmt::Arguments<'_>| out.push((key(what), 1.0));
    let kind = |k: usize| list.get(k).map_or("|", |m| spans.list[*m].kind.name());
    let (a, b) = (list[i], list[j]);
    let (lo, hi) = (i.min(j), i.max(j));
    let gap = j as i64 - i as i64;
    let (ka, kb) = (kind(i), kind(j));
    let far = spans.sentence(list[hi]) - spans.sentence(list[lo]);
    let path: Vec<&str> = (lo + 1..hi).map(kind).collect();
    let lead = |m: usize| {
        let clause = spans.page.clause(spans.head(m));
        clause.and_then(|c| c.lead.first()).cloned().unwrap_or_default()
    };
    let opening = |m: usize| {
        let range = spans.page.document.sentences[spans.sentence(m)];
        spans.low(range.0)
    };
    let (la, lb) = (lead(a), lead(b));
    say(format_args!("one"));
    say(format_args!("gap {gap}"));
    say(format_args!("kinds {ka} > {kb} gap {gap}"));
    say(format_args!("kinds {ka} > {kb} gap {gap} far {}", far.min(3)));
    say(format_args!("gap {gap} far {}", far.min(3)));
    if hi - lo <= 4 {
        say(format_args!("path {ka} > {} > {kb} {}", path.join(","), gap > 0));
        say(format_args!("path {ka} > {} > {kb} {} far {}", path.join(","), gap > 0, far.min(2)));
    }
    say(format_args!("around {} {ka} > {kb} {} gap {gap}", if lo == 0 { "|" } else { kind(lo - 1) }, kind(hi + 1)));
    say(format_args!("lead {la} > {lb} gap {gap}"));
    say(format_args!("to lead {lb} gap {gap}"));
    say(format_args!("from lead {la} gap {gap}"));
    say(format_args!("to opening {} gap {gap} far {}", opening(b), far.min(2)));
    say(format_args!("words {} gap {gap}", spans.words(a)));
    say(format_args!("to words {} gap {gap}", spans.words(b)));
    if ka != "activity" {
        say(format_args!("from {ka} {} > {kb} gap {gap}", spans.words(a)));
    }
    if kb != "activity" {
        say(format_args!("to {kb} {} < {ka} gap {gap}", spans.words(b)));
    }
    // Gateways before: in which way of it the pair stands.
    let gate = (0..lo).rev().find(|k| matches!(spans.list[list[*k]].kind, Type::Xor | Type::And));
    say(format_args!("gate {} gap {gap}", gate.map_or("|".to_owned(), |g| format!("{} {}", kind(g), (lo - g).min(4)))));
    if let Some(g) = gate {
        say(format_args!("gate words {} gap {gap} {}", spans.words(list[g]), (lo - g).min(4)));
    }
    let inner: Vec<String> = (lo + 1..hi)
        .filter(|k| !matches!(spans.list[list[*k]].kind, Type::Activity))
        .map(|k| spans.words(list[k]))
        .collect();
    if !inner.is_empty() {
        say(format_args!("past {} gap {gap}", inner.join(",")));
        say(format_args!("past {} {ka} > {kb}", inner.join(",")));
    }
    if hi - lo == 1 {
        let (from, to) = (spans.last(list[lo]), spans.first(list[hi]));
        for k in (from + 1..to).filter(|k| k + 14 > to) {
            say(format_args!("between {} {ka} > {kb} {gap}", spans.low(k)));
        }
        for k in 1..=2 {
            say(format_args!("just before{k} {} {gap}", spans.low(to.wrapping_sub(k))));
        }
    }
    let end = hi + 1 == list.len();
    say(format_args!("end {end} gap {gap}"));
    out
}
