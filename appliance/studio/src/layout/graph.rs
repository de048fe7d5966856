//! A scene's nodes and edges by index, and its edges without cycles.

use std::collections::{BTreeMap, BTreeSet};

use crate::storyboard::Scene;

/// Where an edge begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// Index of a node.
    Node(usize),
    /// Index of a group: the edge ends at its container.
    Group(usize),
}

/// An edge whose ends exist.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Index of the edge in the scene.
    pub(super) edge: usize,
    /// Source.
    pub(super) from: End,
    /// Target.
    pub(super) to: End,
}

/// The edges of `scene` whose ends exist, in order.
pub(super) fn links(scene: &Scene) -> Vec<Link> {
    let groups = scene.groups.iter().enumerate().map(|(i, g)| (g.id.as_str(), End::Group(i)));
    let nodes = scene.nodes.iter().enumerate().map(|(i, n)| (n.id.as_str(), End::Node(i)));
    let by_id: BTreeMap<&str, End> = groups.chain(nodes).collect();
    let link = |(edge, e): (usize, &crate::storyboard::Edge)| {
        let (from, to) = (*by_id.get(e.from.as_str())?, *by_id.get(e.to.as_str())?);
        Some(Link { edge, from, to })
    };
    scene.edges.iter().enumerate().filter_map(link).collect()
}

/// Pairs of node indices of the links between two different nodes, each pair once, in order.
pub(super) fn arcs(links: &[Link]) -> Vec<(usize, usize)> {
    let mut seen = BTreeSet::new();
    let pair = |link: &Link| match (link.from, link.to) {
        (End::Node(a), End::Node(b)) if a != b => Some((a, b)),
        _ => None,
    };
    links.iter().filter_map(pair).filter(|&pair| seen.insert(pair)).collect()
}

/// Targets by source, for `count` nodes.
pub(super) fn successors(count: usize, arcs: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut next = vec![Vec::new(); count];
    for &(from, to) in arcs {
        next[from].push(to);
    }
    next
}

/// The arcs with those turned round that close a cycle on a walk in depth from the sources, in the order in which
/// nodes are spoken of: the way back of a loop is the arc that leads to an earlier word.
pub(super) fn acyclic(count: usize, arcs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let next = successors(count, arcs);
    let mut entered = vec![0_usize; count];
    for &(_, to) in arcs {
        entered[to] += 1;
    }
    let (sources, others): (Vec<_>, Vec<_>) = (0..count).partition(|&v| entered[v] == 0);
    let mut state = vec![State::New; count];
    let mut turned = BTreeSet::new();
    for start in sources.into_iter().chain(others) {
        if state[start] != State::New {
            continue;
        }
        state[start] = State::Open;
        let mut path = vec![(start, 0)];
        while let Some((v, i)) = path.last_mut() {
            let Some(&w) = next[*v].get(*i) else {
                state[*v] = State::Done;
                path.pop();
                continue;
            };
            *i += 1;
            match state[w] {
                State::New => {
                    state[w] = State::Open;
                    path.push((w, 0));
                }
                State::Open => drop(turned.insert((*v, w))),
                State::Done => {}
            }
        }
    }
    let mut seen = BTreeSet::new();
    let flip = |&(a, b): &(usize, usize)| if turned.contains(&(a, b)) { (b, a) } else { (a, b) };
    arcs.iter().map(flip).filter(|&arc| seen.insert(arc)).collect()
}

/// Nodes in an order in which every arc leads forwards; `arcs` has no cycle.
pub(super) fn topological(count: usize, arcs: &[(usize, usize)]) -> Vec<usize> {
    let next = successors(count, arcs);
    let mut entered = vec![0_usize; count];
    for &(_, to) in arcs {
        entered[to] += 1;
    }
    let mut ready: BTreeSet<usize> = (0..count).filter(|&v| entered[v] == 0).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(v) = ready.pop_first() {
        order.push(v);
        for &w in &next[v] {
            entered[w] -= 1;
            if entered[w] == 0 {
                ready.insert(w);
            }
        }
    }
    order
}

/// Indices of connected parts, numbered by their first node.
pub(super) fn components(count: usize, arcs: &[(usize, usize)]) -> Vec<usize> {
    let mut of: Vec<usize> = (0..count).collect();
    fn root(of: &mut [usize], mut v: usize) -> usize {
        while of[v] != v {
            of[v] = of[of[v]];
            v = of[v];
        }
        v
    }
    for &(a, b) in arcs {
        let (a, b) = (root(&mut of, a), root(&mut of, b));
        of[a.max(b)] = a.min(b);
    }
    (0..count).map(|v| root(&mut of, v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: usize, arcs: &[(usize, usize)], expected: &[(usize, usize)]) {
        let straight = acyclic(count, arcs);
        assert_eq!(straight, expected);
        assert_eq!(topological(count, &straight).len(), count, "no cycle is left");
    }

    #[test]
    fn the_way_back_of_a_loop_is_turned() {
        check(3, &[(0, 1), (1, 2), (2, 1)], &[(0, 1), (1, 2)]);
        check(3, &[(0, 1), (1, 2), (2, 0)], &[(0, 1), (1, 2), (0, 2)]);
        check(4, &[(3, 0), (0, 1), (1, 0)], &[(3, 0), (0, 1)]);
        check(2, &[(0, 1), (1, 0)], &[(0, 1)]);
        check(0, &[], &[]);
    }

    #[test]
    fn parts_are_numbered_by_their_first_node() {
        assert_eq!(components(5, &[(1, 3), (4, 1)]), [0, 1, 2, 1, 1]);
    }
}
