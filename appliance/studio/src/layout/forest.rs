//! Trees tidily: parents over the middle of their children, subtrees as close as their outlines allow
//! (Reingold and Tilford 1981).

use super::graph::{acyclic, successors};

/// A graph taken as trees: every node has at most one parent.
#[derive(Debug, Clone)]
pub(super) struct Forest {
    /// Parent by node.
    pub(super) parent: Vec<Option<usize>>,
    /// Children by node, in order.
    pub(super) children: Vec<Vec<usize>>,
    /// Distance from the root by node.
    pub(super) depth: Vec<usize>,
    /// Nodes, parents before children, each tree in order.
    pub(super) order: Vec<usize>,
    /// Nodes without a parent.
    pub(super) roots: Vec<usize>,
}

impl Forest {
    /// The first arc into a node makes its parent; arcs that close cycles count backwards.
    pub(super) fn new(count: usize, arcs: &[(usize, usize)]) -> Self {
        let mut parent = vec![None; count];
        for (from, to) in acyclic(count, arcs) {
            if parent[to].is_none() {
                parent[to] = Some(from);
            }
        }
        let tree: Vec<_> = (0..count).filter_map(|v| Some((parent[v]?, v))).collect();
        let children = successors(count, &tree);
        let roots: Vec<usize> = (0..count).filter(|&v| parent[v].is_none()).collect();
        let mut depth = vec![0; count];
        let mut order = Vec::with_capacity(count);
        let mut stack: Vec<usize> = roots.iter().rev().copied().collect();
        while let Some(v) = stack.pop() {
            order.push(v);
            for &child in children[v].iter().rev() {
                depth[child] = depth[v] + 1;
                stack.push(child);
            }
        }
        Self { parent, children, depth, order, roots }
    }

    /// Whether the arc from `from` to `to` is a branch.
    pub(super) fn is_branch(&self, from: usize, to: usize) -> bool {
        self.parent[to] == Some(from)
    }

    /// Whether the children of `v` are two or more leaves.
    pub(super) fn is_list(&self, v: usize) -> bool {
        self.children[v].len() > 1 && self.children[v].iter().all(|&c| self.children[c].is_empty())
    }

    /// Places by node: across, in units of a node from 0, and level. With `lists` given, children that are all leaves
    /// hang under their parent, indented by so much.
    pub(super) fn tidy(&self, lists: Option<f32>) -> Vec<(f32, usize)> {
        let count = self.parent.len();
        let mut outline: Vec<Outline> = vec![Outline::default(); count];
        // Offset of each node against its parent.
        let mut offset = vec![0.0_f32; count];
        let mut level = self.depth.clone();
        for &v in self.order.iter().rev() {
            let children = &self.children[v];
            if let Some(indent) = lists.filter(|_| self.is_list(v)) {
                for &child in children {
                    offset[child] = indent;
                }
                outline[v] = Outline { left: vec![0.0], right: vec![0.0] };
                outline[v].left.extend(vec![indent; children.len()]);
                outline[v].right.extend(vec![indent; children.len()]);
                continue;
            }
            let mut merged = Outline::default();
            for &child in children {
                let shift = merged.beside(&outline[child]);
                offset[child] = shift;
                let taken = std::mem::take(&mut outline[child]);
                merged.add(&taken, shift);
            }
            let middle = match (children.first(), children.last()) {
                (Some(&a), Some(&b)) => (offset[a] + offset[b]) / 2.0,
                _ => 0.0,
            };
            children.iter().for_each(|&c| offset[c] -= middle);
            merged.shift(-middle);
            merged.left.insert(0, 0.0);
            merged.right.insert(0, 0.0);
            outline[v] = merged;
        }
        let mut all = Outline::default();
        for &root in &self.roots {
            let shift = all.beside(&outline[root]);
            offset[root] = shift;
            all.add(&outline[root], shift);
        }
        let mut at = vec![0.0_f32; count];
        for &v in &self.order {
            at[v] = offset[v] + self.parent[v].map_or(0.0, |p| at[p]);
        }
        if lists.is_some() {
            for &v in &self.order {
                if self.is_list(v) {
                    self.children[v].iter().enumerate().for_each(|(i, &c)| level[c] = self.depth[c] + i);
                }
            }
        }
        let low = at.iter().copied().fold(f32::INFINITY, f32::min);
        at.into_iter().map(|x| x - low).zip(level).collect()
    }

    /// Number of leaves under each node, itself when it is one.
    pub(super) fn leaves(&self) -> Vec<usize> {
        let mut leaves = vec![0; self.parent.len()];
        for &v in self.order.iter().rev() {
            leaves[v] = self.children[v].iter().map(|&c| leaves[c]).sum::<usize>().max(1);
        }
        leaves
    }
}

/// Leftmost and rightmost centres of a subtree by level.
#[derive(Debug, Clone, Default)]
struct Outline {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Outline {
    /// How far `other` has to move to stand to the right of this one.
    fn beside(&self, other: &Self) -> f32 {
        let apart = self.right.iter().zip(&other.left).map(|(r, l)| r + 1.0 - l);
        apart.reduce(f32::max).unwrap_or(0.0)
    }

    fn add(&mut self, other: &Self, shift: f32) {
        for (i, (l, r)) in other.left.iter().zip(&other.right).enumerate() {
            if i < self.left.len() {
                self.left[i] = self.left[i].min(l + shift);
                self.right[i] = self.right[i].max(r + shift);
            } else {
                self.left.push(l + shift);
                self.right.push(r + shift);
            }
        }
    }

    fn shift(&mut self, by: f32) {
        self.left.iter_mut().chain(&mut self.right).for_each(|x| *x += by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arcs: &[(usize, usize)], count: usize, lists: Option<f32>, expected: &[(f32, usize)]) {
        assert_eq!(Forest::new(count, arcs).tidy(lists), expected);
    }

    #[test]
    fn parents_stand_over_their_children() {
        check(&[(0, 1), (0, 2)], 3, None, &[(0.5, 0), (0.0, 1), (1.0, 1)]);
        check(&[(0, 1), (0, 2), (2, 3), (2, 4)], 5, None, &[(0.5, 0), (0.0, 1), (1.0, 1), (0.5, 2), (1.5, 2)]);
        check(&[], 2, None, &[(0.0, 0), (1.0, 0)]);
    }

    #[test]
    fn leaves_hang_in_lists() {
        check(&[(0, 1), (0, 2)], 3, Some(0.25), &[(0.0, 0), (0.25, 1), (0.25, 2)]);
    }

    #[test]
    fn cycles_and_second_parents_are_taken_apart() {
        check(&[(0, 1), (1, 0)], 2, None, &[(0.0, 0), (0.0, 1)]);
        check(&[(0, 2), (1, 2)], 3, None, &[(0.0, 0), (1.0, 0), (0.0, 1)]);
    }
}
