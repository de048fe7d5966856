//! Which fresh element is which old one.

use std::collections::BTreeSet;

use super::super::{Actor, Edge, Extra, Group, Node, Note, Origin, Removed, WordRange};
use super::shared;

/// What the lists of a scene have in common.
pub(super) trait Element: Clone {
    /// Letter of new ids.
    const PREFIX: &'static str;
    fn id(&self) -> &str;
    fn id_mut(&mut self) -> &mut String;
    fn label(&self) -> &str;
    fn evidence(&self) -> &[WordRange];
    fn evidence_mut(&mut self) -> &mut Vec<WordRange>;
    fn by(&self) -> Origin;
    fn by_mut(&mut self) -> &mut Origin;
    fn extra_mut(&mut self) -> &mut Extra;
    /// Ids of both ends, for an edge.
    fn ends(&self) -> Option<[&str; 2]> {
        None
    }
}

macro_rules! element {
    ($type:ident, $prefix:literal, $label:ident $(, $ends:item)?) => {
        impl Element for $type {
            const PREFIX: &'static str = $prefix;
            fn id(&self) -> &str { &self.id }
            fn id_mut(&mut self) -> &mut String { &mut self.id }
            fn label(&self) -> &str { &self.$label }
            fn evidence(&self) -> &[WordRange] { &self.evidence }
            fn evidence_mut(&mut self) -> &mut Vec<WordRange> { &mut self.evidence }
            fn by(&self) -> Origin { self.by }
            fn by_mut(&mut self) -> &mut Origin { &mut self.by }
            fn extra_mut(&mut self) -> &mut Extra { &mut self.extra }
            $($ends)?
        }
    };
}

element!(Node, "n", label);
element!(Actor, "a", label);
element!(Group, "g", label);
element!(Note, "t", text);
element!(
    Edge,
    "e",
    label,
    fn ends(&self) -> Option<[&str; 2]> {
        Some([&self.from, &self.to])
    }
);

/// What a fresh element stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// The old element of this index.
    Old(usize),
    /// The removed element of this index.
    Removed(usize),
    /// Nothing that was there.
    New,
}

/// What matching looks at.
struct Traits<'a> {
    label: BTreeSet<String>,
    evidence: &'a [WordRange],
    ends: Option<[&'a str; 2]>,
}

impl<'a> Traits<'a> {
    fn new(label: &str, evidence: &'a [WordRange], ends: Option<[&'a str; 2]>) -> Self {
        let words = label.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        Self { label: words.map(str::to_lowercase).collect(), evidence, ends }
    }

    fn length(&self) -> u64 {
        self.evidence.iter().map(|range| shared(*range, *range)).sum()
    }

    /// How alike two elements are, in thousandths, or none where they are strangers. Half of the shorter evidence in
    /// common or the same label will do; so will a little of both. Edges must have the same ends.
    fn likeness(&self, other: &Self) -> Option<u64> {
        if self.ends != other.ends {
            return None;
        }
        let common: u64 = self.evidence.iter().flat_map(|a| other.evidence.iter().map(|b| shared(*a, *b))).sum();
        let evidence = (1000 * common).checked_div(self.length().min(other.length())).unwrap_or(0).min(1000);
        let same = self.label.intersection(&other.label).count() as u64;
        let all = self.label.union(&other.label).count() as u64;
        let label = (1000 * same).checked_div(all).unwrap_or(1000);
        let alike = evidence >= 500 || label == 1000 || (evidence > 0 && label >= 500) || self.ends.is_some();
        // Equal evidence on both sides is worth more than a part of it.
        let exact = u64::from(self.evidence == other.evidence);
        alike.then_some(2 * evidence + label + exact)
    }
}

/// Matches fresh elements with old and removed ones, one to one, the likest first.
pub(super) fn match_up<E: Element>(old: &[E], removed: &[Removed], fresh: &[E]) -> Vec<Match> {
    let known: Vec<Traits<'_>> = old
        .iter()
        .map(|e| Traits::new(e.label(), e.evidence(), e.ends()))
        .chain(removed.iter().map(|r| {
            Traits::new(&r.label, &r.evidence, r.ends.as_ref().map(|[from, to]| [from.as_str(), to.as_str()]))
        }))
        .collect();
    let mut candidates = Vec::new();
    for (f, element) in fresh.iter().enumerate() {
        let element = Traits::new(element.label(), element.evidence(), element.ends());
        for (k, other) in known.iter().enumerate() {
            if let Some(likeness) = other.likeness(&element) {
                candidates.push((std::cmp::Reverse(likeness), f, k));
            }
        }
    }
    candidates.sort_unstable();
    let mut out = vec![Match::New; fresh.len()];
    let mut used = BTreeSet::new();
    for (_, f, k) in candidates {
        if out[f] == Match::New && used.insert(k) {
            out[f] = if k < old.len() { Match::Old(k) } else { Match::Removed(k - old.len()) };
        }
    }
    out
}
