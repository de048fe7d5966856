//! How much of an annotation is hit: same type and at least one shared word, one to one; a relation needs both ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::document::{Annotation, Link, Mention, Relation};

/// Right, predicted, annotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Found and right.
    pub right: usize,
    /// Found.
    pub found: usize,
    /// To be found.
    pub gold: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.found += other.found;
        self.gold += other.gold;
    }

    /// Twice the right over all, 0 to 1.
    pub fn f1(self) -> f64 {
        let all = self.found + self.gold;
        if all == 0 { 0.0 } else { 2.0 * self.right as f64 / all as f64 }
    }

    fn text(self) -> String {
        let share = |n: usize| if n == 0 { 0.0 } else { self.right as f64 / n as f64 };
        format!("P {:.3}  R {:.3}  F1 {:.3}  (of {})", share(self.found), share(self.gold), self.f1(), self.gold)
    }
}

/// Figures over all documents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Figures {
    /// Documents.
    pub documents: usize,
    /// Spans by type, one shared word is enough.
    pub mentions: BTreeMap<&'static str, Tally>,
    /// Spans, all words the same.
    pub strict: Tally,
    /// Relations by type.
    pub relations: BTreeMap<&'static str, Tally>,
}

impl Figures {
    /// Compares predictions with what is annotated, document by document.
    pub fn of<'a>(pairs: impl Iterator<Item = (&'a Annotation, &'a Annotation)>) -> Self {
        let mut out = Self::default();
        for (found, gold) in pairs {
            out.documents += 1;
            let near = |a: &Mention, b: &Mention| a.kind == b.kind && shared(&a.tokens, &b.tokens);
            let same = |a: &Mention, b: &Mention| a == b;
            tally(&found.mentions, &gold.mentions, near, |m| m.kind.name(), &mut out.mentions);
            let mut strict = BTreeMap::new();
            tally(&found.mentions, &gold.mentions, same, |_| "", &mut strict);
            out.strict.add(strict.remove("").unwrap_or_default());
            let joined =
                |a: &Relation, b: &Relation| a.kind == b.kind && shared(&a.head, &b.head) && shared(&a.tail, &b.tail);
            tally(&found.relations, &gold.relations, joined, |r| r.kind.name(), &mut out.relations);
        }
        out
    }

    /// All spans together.
    pub fn mention(&self) -> Tally {
        total(&self.mentions)
    }

    /// All relations together.
    pub fn relation(&self) -> Tally {
        total(&self.relations)
    }

    /// What comes after what.
    pub fn flow(&self) -> Tally {
        self.relations.get(Link::Flow.name()).copied().unwrap_or_default()
    }

    /// The figures as lines.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (name, tally) in &self.mentions {
            let _ = writeln!(out, "mention   {name:24} {}", tally.text());
        }
        for (name, tally) in &self.relations {
            let _ = writeln!(out, "relation  {name:24} {}", tally.text());
        }
        let _ = writeln!(out, "mentions  {:24} {}", "all words the same", self.strict.text());
        let _ = writeln!(out, "mentions  {:24} {}", "all", self.mention().text());
        let _ = writeln!(out, "relations {:24} {}", "all", self.relation().text());
        out
    }
}

fn total(tallies: &BTreeMap<&'static str, Tally>) -> Tally {
    let mut out = Tally::default();
    tallies.values().for_each(|t| out.add(*t));
    out
}

fn shared(a: &[usize], b: &[usize]) -> bool {
    a.iter().any(|x| b.contains(x))
}

fn tally<T>(
    found: &[T],
    gold: &[T],
    fits: impl Fn(&T, &T) -> bool,
    name: impl Fn(&T) -> &'static str,
    out: &mut BTreeMap<&'static str, Tally>,
) {
    let mut left: Vec<&T> = gold.iter().collect();
    for item in found {
        let tally = out.entry(name(item)).or_default();
        tally.found += 1;
        if let Some(at) = left.iter().position(|g| fits(item, g)) {
            left.remove(at);
            tally.right += 1;
        }
    }
    for item in gold {
        out.entry(name(item)).or_default().gold += 1;
    }
}
