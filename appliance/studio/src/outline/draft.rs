//! A diagram in the making: nodes and edges by index, with the words behind them.

use std::collections::HashMap;

use super::coref::Entity;
use super::view::{LABEL_WORDS, within};
use crate::storyboard::{Actor, Edge, EdgeType, Extra, Group, Node, Origin, Role, Scene, WordRange};

/// Most nodes of a scene; one with more is cut in two.
pub(crate) const MOST_NODES: usize = 24;

/// Most further places that a box cites: attention returns to it at each.
pub(crate) const MOST_AGAIN: usize = 12;
/// Most arrows that are kept when boxes go.
const MOST_EDGES: usize = 400;

/// A box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftNode {
    pub(crate) label: String,
    /// Other names by which the talk speaks of it.
    pub(crate) also: Vec<String>,
    pub(crate) role: Role,
    /// The words it was drawn from: there is no box without.
    pub(crate) evidence: WordRange,
    /// Where the talk speaks of it again, in spoken order and apart.
    again: Vec<WordRange>,
    pub(crate) confidence: f64,
    pub(crate) value: Option<f64>,
    pub(crate) time: Option<String>,
    /// Index of the container among [`Draft::groups`].
    pub(crate) group: Option<usize>,
    /// Index of who does it among [`Draft::actors`].
    pub(crate) actor: Option<usize>,
}

impl DraftNode {
    /// A box that cites the words it was drawn from.
    pub(crate) fn new(label: &str, role: Role, evidence: WordRange) -> Self {
        Self {
            label: label.to_owned(),
            also: Vec::new(),
            role,
            evidence,
            again: Vec::new(),
            confidence: 0.7,
            value: None,
            time: None,
            group: None,
            actor: None,
        }
    }

    /// Remembers where else the talk speaks of it: behind the words it was drawn from, and nowhere twice.
    pub(crate) fn said_again(&mut self, words: &[WordRange]) {
        for range in words {
            let apart = self.again.iter().all(|known| range[1] < known[0] || known[1] < range[0]);
            if apart && range[0] > self.evidence[1] && self.again.len() < MOST_AGAIN {
                let at = self.again.partition_point(|known| known[0] < range[0]);
                self.again.insert(at, *range);
            }
        }
    }

    /// The words it was drawn from, then those that speak of it again.
    fn cited(&self) -> Vec<WordRange> {
        [&[self.evidence][..], &self.again].concat()
    }
}

/// An arrow between two boxes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftEdge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: EdgeType,
    pub(crate) label: String,
    pub(crate) directed: bool,
    /// The words it was drawn from: there is no arrow without.
    pub(crate) evidence: WordRange,
    pub(crate) confidence: f64,
}

/// A diagram in the making.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Draft {
    pub(crate) nodes: Vec<DraftNode>,
    pub(crate) edges: Vec<DraftEdge>,
    pub(crate) groups: Vec<(String, WordRange)>,
    /// The lanes of a swimlane.
    pub(crate) actors: Vec<(String, WordRange)>,
    /// Counted up in one breath: the boxes and what they say stand together or not at all.
    pub(crate) settled: bool,
    by_label: HashMap<String, usize>,
}

impl Draft {
    /// The node of that label, made when there is none.
    pub(crate) fn node(&mut self, label: &str, role: Role, evidence: WordRange) -> usize {
        if let Some(at) = self.by_label.get(&label.to_lowercase()) {
            return *at;
        }
        self.nodes.push(DraftNode::new(label, role, evidence));
        self.by_label.insert(label.to_lowercase(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// The node of a thing that the talk names, with all places where it does.
    pub(crate) fn thing(&mut self, entity: &Entity, role: Role) -> usize {
        let at = self.node(&entity.label, role, entity.words);
        self.nodes[at].said_again(&[&[entity.words][..], &entity.again].concat());
        at
    }

    /// An edge, unless the pair has one already or it is a loop on one node.
    pub(crate) fn edge(&mut self, from: usize, to: usize, kind: EdgeType, label: &str, evidence: WordRange) {
        if from != to && !self.edges.iter().rev().take(64).any(|e| e.from == from && e.to == to) {
            self.message(from, to, kind, label, evidence);
        }
    }

    /// An edge, even where the pair has one.
    pub(crate) fn message(&mut self, from: usize, to: usize, kind: EdgeType, label: &str, evidence: WordRange) {
        if from != to {
            let label = label.to_owned();
            self.edges.push(DraftEdge { from, to, kind, label, directed: true, evidence, confidence: 0.6 });
        }
    }

    /// The diagram with other boxes: each names its old index, or is new. Arrows and containers stay with their boxes.
    /// With `through`, what led to a box that goes leads on to what came after it.
    pub(crate) fn with(mut self, boxes: Vec<(Option<usize>, DraftNode)>, through: bool) -> Self {
        if through {
            let stays: Vec<bool> = (0..self.nodes.len()).map(|i| boxes.iter().any(|b| b.0 == Some(i))).collect();
            for gone in (0..stays.len()).filter(|i| !stays[*i]) {
                self.bridge(gone);
            }
        }
        let mut index = vec![None; self.nodes.len()];
        let mut out = Self { groups: self.groups, actors: self.actors, ..Self::default() };
        for (old, mut node) in boxes {
            if let Some(old) = old {
                index[old] = Some(out.nodes.len());
                node = self.nodes[old].clone();
            }
            out.by_label.insert(node.label.to_lowercase(), out.nodes.len());
            out.nodes.push(node);
        }
        let ends = |edge: DraftEdge| Some(DraftEdge { from: index[edge.from]?, to: index[edge.to]?, ..edge });
        out.edges = self.edges.into_iter().filter_map(ends).collect();
        out
    }

    /// Leads the arrows to a box on to where its own arrows go.
    fn bridge(&mut self, gone: usize) {
        let (touching, mut kept): (Vec<DraftEdge>, Vec<DraftEdge>) =
            self.edges.drain(..).partition(|e| e.from == gone || e.to == gone);
        for before in touching.iter().filter(|e| e.to == gone) {
            for after in touching.iter().filter(|e| e.from == gone) {
                let known = kept.iter().any(|e| (e.from, e.to) == (before.from, after.to));
                if before.from != after.to && !known && kept.len() < MOST_EDGES {
                    let label = if before.label.is_empty() { &after.label } else { &before.label };
                    kept.push(DraftEdge { from: before.from, to: after.to, label: label.clone(), ..before.clone() });
                }
            }
        }
        self.edges = kept;
    }

    /// Puts a new box into the order of the boxes: what led from the box before it to the one after it goes through it.
    pub(crate) fn thread(&mut self, at: usize, kind: EdgeType) {
        let (Some(before), after) = (at.checked_sub(1), at + 1) else { return };
        let evidence = self.nodes[at].evidence;
        match self.edges.iter().position(|e| (e.from, e.to) == (before, after)) {
            Some(edge) => {
                self.edges[edge].to = at;
                let next = DraftEdge {
                    from: at,
                    to: after,
                    label: String::new(),
                    evidence: self.nodes[after].evidence,
                    ..self.edges[edge].clone()
                };
                self.edges.push(next);
            }
            None => self.edge(before, at, kind, "", evidence),
        }
    }

    /// Puts events that were told out of turn where their years belong, as long as no edges are drawn; an event without
    /// a year stays behind the one before it.
    pub(crate) fn in_order_of_years(&mut self) {
        let mut year = i64::MIN;
        let mut keyed: Vec<(i64, DraftNode)> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes.drain(..) {
            year = node.time.as_deref().and_then(year_of).unwrap_or(year);
            keyed.push((year, node));
        }
        keyed.sort_by_key(|(year, _)| *year);
        self.nodes.extend(keyed.into_iter().map(|(_, node)| node));
        self.by_label = self.nodes.iter().enumerate().map(|(i, n)| (n.label.to_lowercase(), i)).collect();
    }

    /// Removes nodes that no edge touches.
    pub(crate) fn drop_loose(&mut self) {
        let mut used = vec![false; self.nodes.len()];
        for edge in &self.edges {
            used[edge.from] = true;
            used[edge.to] = true;
        }
        self.keep(|i, node| used[i] || node.group.is_some());
    }

    /// Keeps the nodes that `wanted` names, and the edges between them.
    pub(crate) fn keep(&mut self, wanted: impl Fn(usize, &DraftNode) -> bool) {
        let mut index = vec![None; self.nodes.len()];
        let mut kept = Vec::new();
        for (i, node) in self.nodes.drain(..).enumerate() {
            if wanted(i, &node) {
                index[i] = Some(kept.len());
                kept.push(node);
            }
        }
        self.nodes = kept;
        self.by_label = self.nodes.iter().enumerate().map(|(i, n)| (n.label.to_lowercase(), i)).collect();
        self.edges = self
            .edges
            .drain(..)
            .filter_map(|edge| Some(DraftEdge { from: index[edge.from]?, to: index[edge.to]?, ..edge }))
            .collect();
    }

    /// What is drawn, regardless of wording: labels in order, the ends of the arrows, lanes and containers.
    pub(crate) fn shape(&self) -> (Vec<String>, Vec<(usize, usize)>, usize) {
        let labels = self.nodes.iter().map(|n| n.label.to_lowercase()).collect();
        let edges = self.edges.iter().map(|e| (e.from, e.to)).collect();
        (labels, edges, self.actors.len() + self.groups.len())
    }

    /// Writes the diagram into a scene; ids are `n1`, `e1`, `g1` and so on.
    pub(crate) fn write(self, scene: &mut Scene) {
        let used: Vec<bool> = (0..self.groups.len()).map(|g| self.nodes.iter().any(|n| n.group == Some(g))).collect();
        let ids: Vec<String> =
            (0..self.groups.len()).map(|g| format!("g{}", 1 + used[..g].iter().filter(|u| **u).count())).collect();
        for (g, (label, words)) in self.groups.into_iter().enumerate().filter(|(g, _)| used[*g]) {
            scene.groups.push(Group {
                id: ids[g].clone(),
                label: sentence_case(label),
                evidence: vec![words],
                by: Origin::Auto,
                extra: Extra::default(),
            });
        }
        for (i, (label, words)) in self.actors.into_iter().enumerate() {
            scene.actors.push(Actor {
                id: format!("a{}", i + 1),
                label: sentence_case(label),
                evidence: vec![words],
                by: Origin::Auto,
                extra: Extra::default(),
            });
        }
        for (i, node) in self.nodes.into_iter().enumerate() {
            let evidence = node.cited();
            scene.nodes.push(Node {
                id: format!("n{}", i + 1),
                role: node.role,
                label: sentence_case(within(&node.label, LABEL_WORDS)),
                actor: node.actor.map(|a| format!("a{}", a + 1)),
                group: node.group.map(|g| ids[g].clone()),
                shape: None,
                time: node.time,
                value: node.value,
                evidence,
                confidence: node.confidence,
                by: Origin::Auto,
                icon: None,
                alt: None,
                extra: Extra::default(),
            });
        }
        for (i, edge) in self.edges.into_iter().enumerate() {
            scene.edges.push(Edge {
                id: format!("e{}", i + 1),
                from: format!("n{}", edge.from + 1),
                to: format!("n{}", edge.to + 1),
                kind: edge.kind,
                label: edge.label,
                directed: edge.directed,
                evidence: vec![edge.evidence],
                confidence: edge.confidence,
                by: Origin::Auto,
                extra: Extra::default(),
            });
        }
    }
}

/// The label with a capital first letter, as boxes are lettered. A word with a capital inside (`iPhone`) stays.
fn sentence_case(label: String) -> String {
    let first_word = label.split_whitespace().next().unwrap_or_default();
    let Some(first) = label.chars().next().filter(|_| !first_word.chars().any(char::is_uppercase)) else {
        return label;
    };
    first.to_uppercase().chain(label.chars().skip(1)).collect()
}

/// The year in the words of a time.
fn year_of(time: &str) -> Option<i64> {
    let mut years = time.split(' ').filter(|w| w.len() == 4).filter_map(|w| w.parse::<i64>().ok());
    years.find(|year| (1000..2200).contains(year))
}

#[cfg(test)]
mod tests {
    use super::{Draft, DraftNode};
    use crate::storyboard::Role;

    #[test]
    fn events_go_by_their_years() {
        let mut draft = Draft::default();
        for (i, (label, time)) in
            [("a", Some("1926")), ("b", Some("1987")), ("c", None), ("d", Some("May 1971"))].into_iter().enumerate()
        {
            let mut node = DraftNode::new(label, Role::Event, [i as u32, i as u32]);
            node.time = time.map(str::to_owned);
            draft.nodes.push(node);
        }
        draft.in_order_of_years();
        let order: String = draft.nodes.iter().map(|n| n.label.to_lowercase()).collect();
        assert_eq!(order, "adbc");
    }

    #[test]
    fn what_is_said_again_is_cited_behind_and_once() {
        let mut node = DraftNode::new("a", Role::Object, [4, 6]);
        node.said_again(&[[4, 6], [1, 2], [6, 8], [20, 21], [9, 10], [21, 22], [10, 10]]);
        assert_eq!(node.cited(), [[4, 6], [9, 10], [20, 21]]);
        node.said_again(&(30..99).map(|at| [at, at]).collect::<Vec<_>>());
        assert_eq!(node.cited().len(), 1 + super::MOST_AGAIN);
    }

    #[test]
    fn labels_begin_with_a_capital() {
        let check = |label: &str, expected| assert_eq!(super::sentence_case(label.to_owned()), expected);
        check("check stock", "Check stock");
        check("iPhone app", "iPhone app");
        check("2 mechanics", "2 mechanics");
        check("öffnen", "Öffnen");
        check("", "");
    }
}
