//! Which boxes are joined, and in which direction.
//!
//! The rules draw arrows; beside them every ordered pair of boxes that stand near enough to one another is looked at. What
//! is seen of a pair is where its boxes are spoken of together: in one clause, as subject and object of a verb, or in two
//! clauses that follow one another.

use std::fmt;

use super::Weights;
use super::between::between;
use super::boxes::{FEWEST, bare, clause_of, shared, stems};
use super::linear::{Features, key, softmax, within};
use super::trees::{Seen, Trees};
use crate::outline::assemble::tells;
use crate::outline::chunk::Phrase;
use crate::outline::clause::Clause;
use crate::outline::draft::{Draft, DraftNode};
use crate::outline::view::View;
use crate::storyboard::{Kind, WordRange};

/// Pairs further apart than this in spoken order are looked at only when they are spoken of together.
const REACH: usize = 6;
/// Clauses back in which what a pronoun stands for is looked for.
const BACK: usize = 3;
/// Mentions on either side that are looked at for how fresh a box is.
const NEAR: usize = 60;

/// A pair of boxes.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    /// Index of the source.
    pub(crate) from: usize,
    /// Index of the target.
    pub(crate) to: usize,
    /// What is seen of it.
    pub(crate) features: Features,
    /// The words that speak of both.
    pub(crate) words: WordRange,
    /// Index of the clause that speaks of both, or first of the target.
    pub(crate) clause: usize,
    /// How fresh the box that is spoken of first still is when the other one comes: boxes spoken of since, clauses since,
    /// whether as a subject, subjects since, and after how many mentions it comes again.
    pub(crate) fresh: [f64; 5],
}

/// Where a box is spoken of.
#[derive(Debug, Clone, Copy)]
struct Mention<'v> {
    node: usize,
    /// Subject, object, the preposition, `clause` for a step.
    place: Place<'v>,
}

/// Subject, object, the preposition, `clause` for a step; in front of its clause or by a pronoun.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place<'v> {
    front: &'static str,
    word: &'v str,
    it: &'static str,
}

impl<'v> Place<'v> {
    fn of(word: &'v str) -> Self {
        Self { front: "", word, it: "" }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.front)?;
        out.write_str(self.word)?;
        out.write_str(self.it)
    }
}

struct Scene<'v, 'a> {
    view: &'v View<'a>,
    kind: Kind,
    /// By clause.
    mentions: Vec<Vec<Mention<'a>>>,
    /// First clause of each box.
    first: Vec<usize>,
    pairs: Vec<Pair>,
    /// Index into `pairs` by source and target.
    index: Vec<Option<usize>>,
    n: usize,
}

/// The pairs of a scene's boxes that may be joined.
pub(crate) fn pairs(view: &View<'_>, kind: Kind, draft: &Draft) -> Vec<Pair> {
    let n = draft.nodes.len();
    let mut scene = Scene {
        view,
        kind,
        mentions: mentions(view, &draft.nodes),
        first: draft.nodes.iter().map(|node| clause_of(view, node.evidence)).collect(),
        pairs: Vec::new(),
        index: vec![None; n * n],
        n,
    };
    scene.together();
    if kind == Kind::Sequence {
        // Messages repeat: each clause has its own.
        for edge in &draft.edges {
            let clause = clause_of(view, edge.evidence);
            let known = |p: &Pair| (p.clause, p.from, p.to) == (clause, edge.from, edge.to);
            if !scene.pairs.iter().any(known) {
                scene.pair(clause, edge.from, edge.to);
            }
        }
    } else {
        for from in 0..n {
            for to in 0..n {
                let drawn = draft.edges.iter().any(|e| (e.from, e.to) == (from, to) || (e.to, e.from) == (from, to));
                if from != to && (drawn || from == 0 || to == 0 || from.abs_diff(to) <= REACH) {
                    scene.pair(0, from, to);
                }
            }
        }
    }
    scene.place(draft);
    scene.freshen();
    scene.pairs
}

/// Whether the boxes of a kind mostly have one box before them, so that what may be that box competes.
pub(crate) fn contested(kind: Kind) -> bool {
    !matches!(kind, Kind::Architecture | Kind::Sequence)
}

/// What speaks for it that nothing leads to a box.
pub(crate) fn nothing(kind: Kind, to: usize) -> Features {
    let place = if to == 0 { "first" } else { "later" };
    let names = [
        key(format_args!("nothing")),
        key(format_args!("{kind} nothing")),
        key(format_args!("{kind} nothing {place}")),
    ];
    names.map(|name| (name, 1.0)).to_vec()
}

/// How likely each pair is an arrow.
pub(crate) fn shares(view: &View<'_>, kind: Kind, draft: &Draft, pairs: &[Pair]) -> Vec<f64> {
    let n = draft.nodes.len();
    let mut sums = alone(view.weights, kind, n, pairs);
    if view.clauses.len() >= FEWEST {
        for trees in [&view.weights.joints, &view.weights.knit].into_iter().filter(|trees| !trees.is_empty()) {
            look(trees, view, kind, draft, pairs, &mut sums);
        }
    }
    sums.iter().map(|sum| 1.0 / (1.0 + libm::exp(-sum))).collect()
}

/// Looks at each pair beside the others, for which so much speaks as `sums` say, and adds what trees make of it.
pub(crate) fn look(trees: &Trees, view: &View<'_>, kind: Kind, draft: &Draft, pairs: &[Pair], sums: &mut [f64]) {
    let seen = among(view, kind, draft, pairs, sums);
    for (sum, more) in sums.iter_mut().zip(trees.sums(&seen)) {
        *sum += more;
    }
}

/// What is seen of each pair, alone and among the others; nothing of one that is hopeless.
pub(crate) fn among(view: &View<'_>, kind: Kind, draft: &Draft, pairs: &[Pair], sums: &[f64]) -> Vec<Seen> {
    let mut out = between(view, kind, draft, pairs, sums);
    for (own, pair) in out.iter_mut().zip(pairs).filter(|(own, _)| !own.is_empty()) {
        own.marks.extend(bare(&pair.features));
    }
    out
}

/// How much speaks for each pair among `n` boxes, looked at alone or, where sources compete, beside the pairs with the
/// same target.
pub(crate) fn alone(weights: &Weights, kind: Kind, n: usize, pairs: &[Pair]) -> Vec<f64> {
    if !contested(kind) {
        return pairs.iter().map(|p| weights.arrows.odds(&p.features)).collect();
    }
    let mut out = vec![0.0; pairs.len()];
    for to in 0..n {
        let own: Vec<usize> = (0..pairs.len()).filter(|i| pairs[*i].to == to).collect();
        let mut sums: Vec<f64> = own.iter().map(|i| weights.sources.sum(&pairs[*i].features)).collect();
        sums.push(weights.sources.sum(&nothing(kind, to)));
        softmax(&mut sums);
        for (i, share) in own.iter().zip(&sums) {
            let share = share.clamp(SURE, 1.0 - SURE);
            out[*i] = libm::log(share / (1.0 - share));
        }
    }
    out
}

/// No share is nearer to nothing or all.
const SURE: f64 = 0.0005;

fn phrases(clause: &Clause) -> Vec<(Place<'_>, &Phrase)> {
    let mut out: Vec<(Place<'_>, &Phrase)> = Vec::new();
    let subject = Place::of(if clause.passive() { "passive" } else { "subject" });
    out.extend(clause.subjects.iter().map(|p| (subject, p)));
    let object = Place::of(if clause.verb.is_some() { "object" } else { "fragment" });
    out.extend(clause.objects.iter().map(|p| (object, p)));
    out.extend(clause.second.iter().map(|p| (Place::of("second"), p)));
    out.extend(clause.renames.iter().map(|p| (Place::of("rename"), p)));
    for prep in &clause.preps {
        let place = Place { front: if prep.fronted { "^" } else { "" }, ..Place::of(&prep.prep) };
        out.extend(prep.objects.iter().map(|p| (place, p)));
    }
    out
}

/// The box that a phrase names.
pub(super) fn named(names: &[Vec<Vec<u64>>], own: &[u64]) -> Option<usize> {
    let best = |names: &Vec<Vec<u64>>| names.iter().map(|name| shared(name, own)).fold(0.0, f64::max);
    let like = names.iter().enumerate().map(|(k, names)| (best(names), k)).filter(|(score, _)| *score >= 0.6);
    like.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, node)| node)
}

/// The names of each box, as stems: its label first.
pub(super) fn names(nodes: &[DraftNode]) -> Vec<Vec<Vec<u64>>> {
    let of = |node: &DraftNode| std::iter::once(&node.label).chain(&node.also).map(|name| stems(name)).collect();
    nodes.iter().map(of).collect()
}

/// For each clause the boxes it speaks of; pronouns stand for what the clause before them was about that named any.
fn mentions<'v>(view: &View<'v>, nodes: &[DraftNode]) -> Vec<Vec<Mention<'v>>> {
    let labels = names(nodes);
    let homes: Vec<usize> = nodes.iter().map(|n| clause_of(view, n.evidence)).collect();
    let mut out: Vec<Vec<Mention<'v>>> = Vec::with_capacity(view.clauses.len());
    for (i, clause) in view.clauses.iter().enumerate() {
        let mut here: Vec<Mention<'v>> = Vec::new();
        let mut add = |node: usize, place: Place<'v>| {
            if !here.iter().any(|m| m.node == node && m.place == place) {
                here.push(Mention { node, place });
            }
        };
        for (place, phrase) in phrases(clause) {
            if let Some(node) = view.party(phrase).and_then(|party| named(&labels, &stems(party))) {
                add(node, place);
                continue;
            }
            if view.pronoun(phrase) {
                let before = out.iter().rev().take(BACK).find(|m| !m.is_empty()).map_or(&[][..], Vec::as_slice);
                if let Some(first) = before.first() {
                    add(first.node, Place { it: " it", ..place });
                }
                if let Some(last) = before.last().filter(|_| before.len() > 1) {
                    add(last.node, Place { it: " it last", ..place });
                }
                continue;
            }
            if let Some(node) = named(&labels, &stems(&view.label(phrase))) {
                add(node, place);
            }
        }
        for (node, _) in homes.iter().enumerate().filter(|(_, home)| **home == i) {
            if !here.iter().any(|m| m.node == node) {
                here.push(Mention { node, place: Place::of("clause") });
            }
        }
        out.push(here);
    }
    out
}

impl Scene<'_, '_> {
    /// The pair, made when there is none; where messages repeat, that of the clause.
    fn pair(&mut self, clause: usize, from: usize, to: usize) -> usize {
        let repeats = self.kind == Kind::Sequence;
        let known = self.index[from * self.n + to].filter(|at| !repeats || self.pairs[*at].clause == clause);
        if let Some(at) = known {
            return at;
        }
        let clause = if repeats { clause } else { self.first[to] };
        let words = self.view.clauses.get(clause).map_or([0, 0], |c| self.view.words(c.a, c.b));
        self.pairs.push(Pair { from, to, features: Vec::new(), words, clause, fresh: [0.0; 5] });
        self.index[from * self.n + to] = Some(self.pairs.len() - 1);
        self.pairs.len() - 1
    }

    fn say(&mut self, at: usize, what: fmt::Arguments<'_>) {
        let bare = key(what);
        let own = within(self.kind as usize, bare);
        let features = &mut self.pairs[at].features;
        if !features.iter().any(|(known, _)| *known == own) {
            features.push((bare, 1.0));
            features.push((own, 1.0));
        }
    }

    /// Boxes in one clause, and in two clauses that follow one another.
    fn together(&mut self) {
        let view = self.view;
        for (i, clause) in view.clauses.iter().enumerate() {
            if self.kind == Kind::Sequence && !tells(clause) {
                continue;
            }
            let here = std::mem::take(&mut self.mentions[i]);
            let lemma = clause.lemma();
            for (x, a) in here.iter().enumerate().take(12) {
                for (y, b) in here.iter().enumerate().take(12) {
                    if a.node == b.node {
                        continue;
                    }
                    let at = self.pair(i, a.node, b.node);
                    let order = if x < y { "" } else { " back" };
                    if self.pairs[at].features.is_empty() {
                        self.pairs[at].words = view.words(clause.a, clause.b);
                        self.pairs[at].clause = i;
                    }
                    self.say(at, format_args!("clause {} > {}{order}", a.place, b.place));
                    self.say(at, format_args!("clause {lemma}: {} > {}{order}", a.place, b.place));
                    self.say(at, format_args!("clause {lemma}{order}"));
                    if clause.negated() {
                        self.say(at, format_args!("clause negated"));
                    }
                    if let Some(lead) = clause.lead.first() {
                        self.say(at, format_args!("clause after {lead}{order}"));
                    }
                }
            }
            self.mentions[i] = here;
            if i > 0 {
                self.neighbours(i);
            }
        }
    }

    /// How fresh the first box of each pair is when the second one is spoken of.
    fn freshen(&mut self) {
        // Every mention in order: clause, box, as the subject.
        let all: Vec<(usize, usize, bool)> = self
            .mentions
            .iter()
            .enumerate()
            .flat_map(|(i, here)| here.iter().map(move |m| (i, m.node, m.place.word == "subject")))
            .collect();
        let mut firsts = vec![all.len(); self.n];
        for (at, (clause, node, _)) in all.iter().enumerate().rev() {
            if *clause >= self.first[*node] {
                firsts[*node] = at;
            }
        }
        let mut seen = vec![usize::MAX; self.n];
        for at in 0..self.pairs.len() {
            let (a, b) = (self.pairs[at].from, self.pairs[at].to);
            let (early, late) = if firsts[a] <= firsts[b] { (a, b) } else { (b, a) };
            let end = firsts[late].min(all.len());
            let here = all.get(end).map_or(self.first[late], |m| m.0);
            let (mut others, mut subjects) = (0.0, 0.0);
            let mut last = None;
            for mention in all[..end].iter().rev().take(NEAR) {
                if mention.1 == early {
                    last = Some(mention);
                    break;
                }
                if seen[mention.1] != at {
                    seen[mention.1] = at;
                    others += 1.0;
                }
                subjects += f64::from(u8::from(mention.2));
            }
            let since = last.map_or(30.0, |m| here.saturating_sub(m.0) as f64);
            let as_subject = last.map_or(-1.0, |m| f64::from(u8::from(m.2)));
            let again = all[end.min(all.len())..].iter().skip(1).take(NEAR).position(|m| m.1 == early);
            let again = again.map_or(NEAR as f64, |k| k as f64);
            self.pairs[at].fresh = [others, since, as_subject, subjects, again];
            let way = if a == early { "on" } else { "back" };
            let step = if last.is_none() { 9 } else { others.min(5.0) as usize };
            self.say(at, format_args!("fresh {way} {step}"));
            self.say(at, format_args!("fresh {way} {step} {as_subject}"));
            self.say(at, format_args!("since {way} {}", since.min(6.0)));
        }
    }

    fn neighbours(&mut self, i: usize) {
        let view = self.view;
        let (before, clause) = (&view.clauses[i - 1], &view.clauses[i]);
        let joint = if before.sentence == clause.sentence { "then" } else { "." };
        let lead = clause.lead.first().map_or("", String::as_str);
        let back = before.lead.first().map_or("", String::as_str);
        let (left, here) = (self.mentions[i - 1].clone(), self.mentions[i].clone());
        for a in left.iter().take(8) {
            for b in here.iter().take(8).filter(|b| b.node != a.node) {
                for (from, to, way) in [(a.node, b.node, "on"), (b.node, a.node, "back")] {
                    let at = self.pair(i, from, to);
                    self.say(at, format_args!("{joint} {way} {} > {}", a.place, b.place));
                    self.say(at, format_args!("{joint} {way} lead {lead}"));
                    self.say(at, format_args!("{joint} {way} lead {back} {lead}"));
                    self.say(at, format_args!("{joint} {way} {}", clause.lemma()));
                }
            }
        }
    }

    /// What is seen of a message beside those that the rules drew, each with its clause.
    fn message(&mut self, at: usize, messages: &[(usize, usize, usize)]) {
        let Pair { from, to, clause, .. } = self.pairs[at];
        let here: Vec<_> = messages.iter().filter(|m| m.0 == clause).collect();
        let what = if here.iter().any(|m| (m.1, m.2) == (from, to)) {
            "message drawn"
        } else if here.iter().any(|m| (m.1, m.2) == (to, from)) {
            "message back"
        } else if here.is_empty() {
            "message none"
        } else {
            "message other"
        };
        self.say(at, format_args!("{what}"));
        let before = messages.iter().filter(|m| m.0 < clause).max_by_key(|m| m.0);
        let way = match before {
            None => "begins",
            Some((_, a, b)) if (*b, *a) == (from, to) => "replies",
            Some((_, a, b)) if (*a, *b) == (from, to) => "repeats",
            Some((_, _, b)) if *b == from => "goes on",
            Some((_, a, _)) if *a == from => "says more",
            Some(_) => "turns",
        };
        self.say(at, format_args!("{way}"));
        self.say(at, format_args!("{what} {way}"));
    }

    /// What is seen of a pair by the places of its boxes in the talk and by what the rules drew.
    fn place(&mut self, draft: &Draft) {
        let n = self.n;
        let mut drawn = vec![0_u8; n * n];
        for edge in &draft.edges {
            drawn[edge.from * n + edge.to] = drawn[edge.from * n + edge.to].saturating_add(1);
        }
        let touched: Vec<bool> = (0..n).map(|i| draft.edges.iter().any(|e| e.from == i || e.to == i)).collect();
        let parents: Vec<Option<usize>> =
            (0..n).map(|i| draft.edges.iter().find(|e| e.to == i).map(|e| e.from)).collect();
        let often: Vec<usize> =
            (0..n).map(|i| self.mentions.iter().filter(|m| m.iter().any(|m| m.node == i)).count()).collect();
        let firsts: Vec<Place<'_>> = (0..n)
            .map(|i| {
                let here = self.mentions.get(self.first[i]);
                here.and_then(|m| m.iter().find(|m| m.node == i)).map_or(Place::of(""), |m| m.place)
            })
            .collect();
        let messages: Vec<(usize, usize, usize)> =
            draft.edges.iter().map(|e| (clause_of(self.view, e.evidence), e.from, e.to)).collect();
        for at in 0..self.pairs.len() {
            let (a, b) = (self.pairs[at].from, self.pairs[at].to);
            if self.kind == Kind::Sequence {
                self.message(at, &messages);
            }
            let rule = match (drawn[a * n + b], drawn[b * n + a]) {
                (0, 0) if touched[a] && touched[b] => "rule none",
                (0, 0) if touched[a] => "rule from drawn",
                (0, 0) if touched[b] => "rule to drawn",
                (0, 0) => "rule silent",
                (0, _) => "rule back",
                (_, 0) => "rule yes",
                _ => "rule both",
            };
            let gap = (b as i64 - a as i64).clamp(-4, 6);
            let (ca, cb) = (self.first[a], self.first[b]);
            let sentence = |c: usize| self.view.clauses.get(c).map_or(0, |c| c.sentence) as i64;
            let far = (sentence(cb) - sentence(ca)).clamp(-3, 3);
            let same_parent = b > 0 && parents[b].is_none() && parents[b - 1] == Some(a);
            let before = (0..b).rev().find(|k| self.first[*k] < cb).is_some_and(|k| k == a);
            let said_near = (cb.saturating_sub(2)..=cb)
                .any(|c| self.mentions.get(c).is_some_and(|m| m.iter().any(|m| m.node == a)));
            let lead = self.view.clauses.get(cb).and_then(|c| c.lead.first()).map_or("", String::as_str);
            let conditional = self.view.clauses[..cb.min(self.view.clauses.len())]
                .iter()
                .rev()
                .take(2)
                .any(|c| c.conditional() && sentence(cb) == c.sentence as i64);
            self.say(at, format_args!("{rule}"));
            self.say(at, format_args!("gap {gap}"));
            self.say(at, format_args!("gap {gap} {rule}"));
            self.say(at, format_args!("far {far}"));
            self.say(at, format_args!("gap {gap} far {far}"));
            self.say(at, format_args!("first {} > {}", firsts[a], firsts[b]));
            self.say(at, format_args!("gap {gap} lead {lead}"));
            self.say(at, format_args!("often {} > {}", often[a].min(4), often[b].min(4)));
            let marks = [
                ("from first", a == 0),
                ("to first", b == 0),
                ("last to first", b == 0 && a + 1 == n),
                ("sibling", same_parent),
                ("just before", before),
                ("said near", said_near),
                ("to conditional", conditional),
                ("to conditional next", conditional && gap == 1),
                ("same clause", ca == cb),
            ];
            for (mark, _) in marks.iter().filter(|(_, holds)| *holds) {
                self.say(at, format_args!("{mark}"));
                self.say(at, format_args!("{mark} gap {gap}"));
            }
            self.say(at, format_args!("one"));
        }
    }
}
