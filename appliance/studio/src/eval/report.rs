//! Figures over many passages, and how they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::score::{Counts, Outcome};
use crate::outline::Ungrounded;
use crate::storyboard::Kind;

/// Passages are spread over this many folds by domain.
pub(super) const FOLDS: usize = 5;
/// Ungrounded elements that are named.
const NAMED: usize = 20;

/// Shares in percent, micro-averaged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Number of passages.
    pub passages: usize,
    /// F1 of the boxes.
    pub node_f1: f64,
    /// Precision of the boxes.
    pub node_precision: f64,
    /// Recall of the boxes.
    pub node_recall: f64,
    /// F1 of the arrows.
    pub edge_f1: f64,
    /// Precision of the arrows.
    pub edge_precision: f64,
    /// Recall of the arrows.
    pub edge_recall: f64,
    /// Share of passages drawn as the right kind.
    pub kind: f64,
    /// F1 of the scene starts.
    pub scenes_f1: f64,
    /// F1 of the words of the headings.
    pub titles_f1: f64,
}

impl Figures {
    /// The shares of a count.
    pub fn of(counts: &Counts) -> Self {
        let [node_precision, node_recall, node_f1] = shares(counts.nodes);
        let [edge_precision, edge_recall, edge_f1] = shares(counts.edges);
        Self {
            passages: counts.passages,
            node_f1,
            node_precision,
            node_recall,
            edge_f1,
            edge_precision,
            edge_recall,
            kind: share(counts.kinds, counts.passages),
            scenes_f1: shares(counts.starts)[2],
            titles_f1: share(counts.titles[0], 1000 * counts.titles[1]),
        }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// Precision, recall and F1.
fn shares([hit, drawn, gold]: [usize; 3]) -> [f64; 3] {
    [share(hit, drawn), share(hit, gold), share(2 * hit, drawn + gold)]
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "n={:<4} node F1 {:5.1} (P {:5.1} R {:5.1})  edge F1 {:5.1} (P {:5.1} R {:5.1})  kind {:5.1}  scenes F1 {:5.1}  titles F1 {:5.1}",
            self.passages,
            self.node_f1,
            self.node_precision,
            self.node_recall,
            self.edge_f1,
            self.edge_precision,
            self.edge_recall,
            self.kind,
            self.scenes_f1,
            self.titles_f1
        )
    }
}

/// All figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Over all passages.
    pub all: Figures,
    /// By kind.
    pub kinds: BTreeMap<&'static str, Figures>,
    /// By language, where there are several.
    pub languages: BTreeMap<String, Figures>,
    /// Things that were drawn and never said.
    pub ungrounded: usize,
    /// By fold: the domains in order of their names, dealt out one by one.
    pub folds: Vec<Figures>,
    /// How often a kind was drawn as another: kind, drawn as, times; most frequent first.
    pub confusion: Vec<(Kind, Kind, usize)>,
    /// Every passage, worst first.
    pub passages: Vec<Outcome>,
}

impl Report {
    /// Sums up.
    pub fn of(mut passages: Vec<Outcome>) -> Self {
        let domains: BTreeSet<&str> = passages.iter().map(|p| p.domain.as_str()).collect();
        let fold = |domain: &str| domains.iter().position(|d| *d == domain).unwrap_or(0) % FOLDS;
        let mut all = Counts::default();
        let mut kinds: BTreeMap<&'static str, Counts> = BTreeMap::new();
        let mut languages: BTreeMap<String, Counts> = BTreeMap::new();
        let mut folds = [Counts::default(); FOLDS];
        let mut confusion: BTreeMap<(Kind, Kind), usize> = BTreeMap::new();
        for passage in &passages {
            all.add(&passage.counts);
            kinds.entry(passage.kind.as_str()).or_default().add(&passage.counts);
            languages.entry(passage.lang.clone()).or_default().add(&passage.counts);
            folds[fold(&passage.domain)].add(&passage.counts);
            if passage.drawn != passage.kind {
                *confusion.entry((passage.kind, passage.drawn)).or_default() += 1;
            }
        }
        let mut confusion: Vec<_> = confusion.into_iter().map(|((kind, drawn), n)| (kind, drawn, n)).collect();
        confusion.sort_by_key(|(kind, drawn, n)| (std::cmp::Reverse(*n), *kind, *drawn));
        let quality = |p: &Outcome| shares(p.counts.nodes)[2] + shares(p.counts.edges)[2];
        passages.sort_by(|a, b| quality(a).total_cmp(&quality(b)).then_with(|| a.id.cmp(&b.id)));
        Self {
            all: Figures::of(&all),
            kinds: kinds.into_iter().map(|(kind, counts)| (kind, Figures::of(&counts))).collect(),
            languages: languages.into_iter().map(|(lang, counts)| (lang, Figures::of(&counts))).collect(),
            ungrounded: passages.iter().map(|p| p.ungrounded.len()).sum(),
            folds: folds.iter().filter(|f| f.passages > 0).map(Figures::of).collect(),
            confusion,
            passages,
        }
    }

    /// How much was drawn that was never said, and the first of it.
    pub fn claims(&self) -> String {
        use fmt::Write as _;
        let mut out = format!("ungrounded elements: {}\n", self.ungrounded);
        let claims = self.passages.iter().flat_map(|p| p.ungrounded.iter().map(move |u| (p, u)));
        for (passage, Ungrounded { target, label }) in claims.take(NAMED) {
            let _ = writeln!(out, "ungrounded: {} {target} `{label}`", passage.id);
        }
        out
    }

    /// The report as text, with the `worst` worst passages.
    pub fn text(&self, worst: usize) -> String {
        use fmt::Write as _;
        let mut out = String::new();
        for (kind, figures) in &self.kinds {
            let _ = writeln!(out, "{kind:13} {figures}");
        }
        for (lang, figures) in self.languages.iter().filter(|_| self.languages.len() > 1) {
            let _ = writeln!(out, "in {lang:<10} {figures}");
        }
        for (i, figures) in self.folds.iter().enumerate().filter(|_| self.folds.len() > 1) {
            let _ = writeln!(out, "fold {i:<8} {figures}");
        }
        let _ = writeln!(out, "{:13} {}", "all", self.all);
        for (kind, drawn, times) in &self.confusion {
            let _ = writeln!(out, "{kind} drawn as {drawn}: {times}");
        }
        for passage in self.passages.iter().take(worst) {
            let (nodes, edges) = (shares(passage.counts.nodes)[2], shares(passage.counts.edges)[2]);
            let _ = writeln!(
                out,
                "worst: {:32} node F1 {nodes:5.1}  edge F1 {edges:5.1}  drawn as {}",
                passage.id, passage.drawn
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(id: &str, domain: &str, drawn: Kind, nodes: [usize; 3]) -> Outcome {
        let kinds = usize::from(drawn == Kind::Flow);
        let counts = Counts { nodes, kinds, passages: 1, ..Counts::default() };
        let (lang, ungrounded) = ("en".to_owned(), Vec::new());
        Outcome { id: id.to_owned(), domain: domain.to_owned(), kind: Kind::Flow, drawn, lang, ungrounded, counts }
    }

    #[test]
    fn figures_are_micro_averaged_and_worst_first() {
        let report = Report::of(vec![
            outcome("good", "a", Kind::Flow, [3, 3, 3]),
            outcome("bad", "b", Kind::State, [1, 3, 7]),
            outcome("empty", "a", Kind::State, [0, 0, 0]),
        ]);
        assert!(report.claims() == "ungrounded elements: 0\n" && !report.text(0).contains("in en"));
        let claim = Ungrounded { target: "s1/n1".to_owned(), label: "Rocket".to_owned() };
        let german = Outcome { lang: "de".to_owned(), ungrounded: vec![claim], ..report.passages[0].clone() };
        let mixed = Report::of([report.passages.clone(), vec![german]].concat());
        assert_eq!(mixed.claims(), "ungrounded elements: 1\nungrounded: empty s1/n1 `Rocket`\n");
        let mixed = mixed.text(0);
        assert!(mixed.contains("in de ") && mixed.contains("in en "), "{mixed}");
        assert!((report.all.node_f1 - 50.0).abs() < 1e-9);
        assert_eq!(report.confusion, [(Kind::Flow, Kind::State, 2)]);
        assert_eq!(report.passages.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["empty", "bad", "good"]);
        assert_eq!(report.folds.iter().map(|f| f.passages).collect::<Vec<_>>(), [2, 1]);
        assert!(report.text(1).contains("worst: empty") && !report.text(1).contains("worst: bad"));
    }
}
