//! Nodes of a directed graph in ranks, ordered so that few arcs cross, with lanes so that long arcs run straight.
//!
//! The method of Sugiyama, Tagawa and Toda (1981): cycles are broken, ranks follow the longest path and are tightened,
//! arcs over several ranks get a dummy in each, orders follow medians of neighbours with transpositions (Gansner et al.
//! 1993), and lanes are a least-squares fit to the neighbours under the order (isotonic regression).

use std::collections::BTreeSet;

use super::graph::{acyclic, components, successors, topological};
use super::order;

/// Space of a dummy beside its neighbours, in lanes: a line runs in the gap between two nodes.
const DUMMY: f32 = 0.0;
/// Dummies in all; arcs beyond that do not take part in the ordering.
const MAX_DUMMIES: usize = 3_000;
/// Rounds of the lane fit.
const ROUNDS: usize = 12;

/// Ranks and lanes of the nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Layered {
    /// Rank by node, from 0.
    pub(super) rank: Vec<usize>,
    /// Centre across the ranks by node, in units of one node; the smallest upper edge is at 0.
    pub(super) lane: Vec<f32>,
    /// Number of ranks.
    pub(super) ranks: usize,
    /// Rank and lane of lines where they pass between nodes.
    pub(super) passing: Vec<(usize, f32)>,
    /// Arcs with all of them leading to a higher rank.
    pub(super) arcs: Vec<(usize, usize)>,
}

/// Lays `sizes.len()` nodes out, `sizes` being their extents across the ranks.
pub(super) fn layered(sizes: &[f32], arcs: &[(usize, usize)]) -> Layered {
    let count = sizes.len();
    if count == 0 {
        return Layered::default();
    }
    let said = arcs;
    let arcs = acyclic(count, arcs);
    let rank = ranks(count, &arcs);
    let ranks = rank.iter().max().map_or(0, |r| r + 1);
    let mut mesh = Mesh::new(sizes, &rank, &arcs, said);
    order::reduce_crossings(&mut mesh.layers, &mesh.up, &mesh.down);
    let lane = mesh.lanes();
    let low = (0..count).map(|v| lane[v] - sizes[v] / 2.0).fold(f32::INFINITY, f32::min);
    let rank_of = |v: usize| mesh.layers.iter().position(|layer| layer.contains(&v)).unwrap_or(0);
    let passing = (count..lane.len()).map(|v| (rank_of(v), lane[v] - low)).collect();
    Layered { lane: lane[..count].iter().map(|l| l - low).collect(), passing, rank, ranks, arcs }
}

/// Ranks by the longest path, then nodes with more ways out than in pulled towards their targets.
fn ranks(count: usize, arcs: &[(usize, usize)]) -> Vec<usize> {
    let next = successors(count, arcs);
    let order = topological(count, arcs);
    let mut rank = vec![0_usize; count];
    for &v in &order {
        for &w in &next[v] {
            rank[w] = rank[w].max(rank[v] + 1);
        }
    }
    let mut entered = vec![0_usize; count];
    for &(_, to) in arcs {
        entered[to] += 1;
    }
    for &v in order.iter().rev() {
        if let Some(nearest) = next[v].iter().map(|&w| rank[w]).min()
            && next[v].len() > entered[v]
        {
            rank[v] = nearest - 1;
        }
    }
    // A part whose first nodes were all pulled along begins at 0 again; nodes alone are spread over the ranks.
    let part = components(count, arcs);
    let total = rank.iter().max().map_or(1, |r| r + 1);
    let mut low = vec![usize::MAX; count];
    let mut size = vec![0_usize; count];
    for v in 0..count {
        low[part[v]] = low[part[v]].min(rank[v]);
        size[part[v]] += 1;
    }
    let mut alone = 0;
    for v in 0..count {
        rank[v] -= low[part[v]];
        if size[part[v]] == 1 && total > 1 {
            rank[v] = alone % total;
            alone += 1;
        }
    }
    rank
}

/// Nodes and dummies in layers, arcs between neighbouring layers only.
struct Mesh {
    /// Extent across by vertex; vertices from `sizes.len()` on are dummies.
    size: Vec<f32>,
    /// Vertices by rank, in order.
    layers: Vec<Vec<usize>>,
    /// Neighbours in the layer before.
    up: Vec<Vec<usize>>,
    /// Neighbours in the layer after.
    down: Vec<Vec<usize>>,
    /// Arcs of ways back: nodes do not move for them.
    soft: BTreeSet<(usize, usize)>,
    /// Number of vertices that are nodes.
    nodes: usize,
}

impl Mesh {
    fn new(sizes: &[f32], rank: &[usize], arcs: &[(usize, usize)], said: &[(usize, usize)]) -> Self {
        let forward: BTreeSet<_> = said.iter().copied().collect();
        let nodes = sizes.len();
        let mut mesh = Self {
            size: sizes.to_vec(),
            layers: vec![Vec::new(); rank.iter().max().map_or(0, |r| r + 1)],
            up: vec![Vec::new(); nodes],
            down: vec![Vec::new(); nodes],
            soft: BTreeSet::new(),
            nodes,
        };
        let mut chains = Vec::new();
        for &(from, to) in arcs {
            let between = rank[to] - rank[from] - 1;
            if mesh.size.len() + between > nodes + MAX_DUMMIES {
                continue;
            }
            let soft = !forward.contains(&(from, to));
            let mut last = from;
            for r in rank[from] + 1..rank[to] {
                let dummy = mesh.size.len();
                mesh.size.push(DUMMY);
                mesh.up.push(Vec::new());
                mesh.down.push(Vec::new());
                mesh.connect(last, dummy, soft);
                chains.push((dummy, r));
                last = dummy;
            }
            mesh.connect(last, to, soft);
        }
        let mut place = vec![usize::MAX; mesh.size.len()];
        place[..nodes].copy_from_slice(rank);
        for (dummy, r) in chains {
            place[dummy] = r;
        }
        for v in mesh.walk() {
            mesh.layers[place[v]].push(v);
        }
        mesh
    }

    fn connect(&mut self, from: usize, to: usize, soft: bool) {
        if soft {
            self.soft.insert((from, to));
        }
        self.down[from].push(to);
        self.up[to].push(from);
    }

    /// All vertices, part by part, each part in depth from its first nodes: an order with few crossings to begin with.
    fn walk(&self) -> Vec<usize> {
        let mut seen = vec![false; self.size.len()];
        let mut order = Vec::with_capacity(self.size.len());
        for start in 0..self.nodes {
            let mut stack = vec![start];
            while let Some(v) = stack.pop() {
                if !std::mem::replace(&mut seen[v], true) {
                    order.push(v);
                    stack.extend(self.up[v].iter().chain(&self.down[v]).rev().filter(|&&w| !seen[w]));
                }
            }
        }
        order
    }

    /// Centres of all vertices across the ranks.
    fn lanes(&self) -> Vec<f32> {
        let mut lane = vec![0.0_f32; self.size.len()];
        for layer in &self.layers {
            let mut at = 0.0;
            for &v in layer {
                lane[v] = at + self.size[v] / 2.0;
                at += self.size[v];
            }
        }
        // Nodes of one size stand on half lanes, or a line would have a kink no one sees the reason of.
        let whole = self.size.iter().all(|s| *s == 1.0 || *s == 0.0);
        for round in 0..ROUNDS {
            let last = round + 2 >= ROUNDS;
            for i in 0..self.layers.len() {
                let i = if round % 2 == 0 { i } else { self.layers.len() - 1 - i };
                let wish = |&v: &usize| {
                    let hard =
                        |&&w: &&usize| v >= self.nodes || !(self.soft.contains(&(w, v)) || self.soft.contains(&(v, w)));
                    let up: Vec<usize> = self.up[v].iter().filter(hard).copied().collect();
                    let down: Vec<usize> = self.down[v].iter().filter(hard).copied().collect();
                    let mut near: Vec<f32> = match (last, round % 2 == 0) {
                        (false, _) => up.iter().chain(&down).map(|&w| lane[w]).collect(),
                        (true, true) => up.iter().map(|&w| lane[w]).collect(),
                        (true, false) => down.iter().map(|&w| lane[w]).collect(),
                    };
                    near.sort_by(f32::total_cmp);
                    // The main line is straight: the first of several children follows its parent, the others make room.
                    let sibling = |w: usize| if round % 2 == 0 { &self.down[w] } else { &self.up[w] };
                    let near_one = if round % 2 == 0 { up.first() } else { down.first() };
                    let first = near_one.is_some_and(|&w| sibling(w).iter().all(|&s| lane[s] >= lane[v]));
                    let weight = match (v < self.nodes, last) {
                        (false, _) => 8.0,
                        (true, false) => near.len() as f32,
                        (true, true) => {
                            if first {
                                4.0
                            } else {
                                0.6
                            }
                        }
                    };
                    match near.len() {
                        0 => (lane[v], 0.2),
                        n if n % 2 == 1 => (near[n / 2], weight),
                        // Of two ways on, the main line goes straight into the first.
                        2 => (near[0], weight),
                        n => ((near[n / 2 - 1] + near[n / 2]) / 2.0, weight),
                    }
                };
                let wishes: Vec<_> = self.layers[i].iter().map(wish).collect();
                let sizes: Vec<_> = self.layers[i].iter().map(|&v| self.size[v]).collect();
                let snap = if round >= 4 && whole { 0.5 } else { 0.0 };
                for (&v, at) in self.layers[i].iter().zip(fit(&wishes, &sizes, snap)) {
                    lane[v] = at;
                }
            }
        }
        self.close(&mut lane);
        lane
    }

    /// Moves each part that nothing joins to the others up to what stands before it: parts drift away from one another.
    fn close(&self, lane: &mut [f32]) {
        let arcs: Vec<(usize, usize)> =
            self.down.iter().enumerate().flat_map(|(v, next)| next.iter().map(move |&w| (v, w))).collect();
        let part = components(lane.len(), &arcs);
        let mut before = vec![None; lane.len()];
        for pair in self.layers.iter().flat_map(|layer| layer.windows(2)) {
            before[pair[1]] = Some(pair[0]);
        }
        let low = |v: usize, lane: &[f32]| lane[v] - self.size[v] / 2.0;
        let mut order: Vec<usize> = (0..lane.len()).collect();
        order.sort_by(|&a, &b| low(a, lane).total_cmp(&low(b, lane)));
        let Some(top) = order.first().map(|&v| low(v, lane)) else { return };
        // By where they begin.
        let mut moved = vec![false; lane.len()];
        for first in order {
            if std::mem::replace(&mut moved[part[first]], true) {
                continue;
            }
            let room = |v: usize| match before[v] {
                Some(u) if part[u] == part[v] => f32::INFINITY,
                Some(u) => low(v, lane) - lane[u] - self.size[u] / 2.0,
                None => low(v, lane) - top,
            };
            let members = || (0..lane.len()).filter(|&v| part[v] == part[first]);
            let shift = members().map(room).fold(f32::INFINITY, f32::min).max(0.0);
            members().collect::<Vec<_>>().into_iter().for_each(|v| lane[v] -= shift);
        }
    }
}

/// Centres nearest to the wishes (place and weight) in the least-squares sense, in order and without overlap: pools
/// of adjacent violators (Ayer et al. 1955). With `snap` above 0, places are multiples of it.
fn fit(wishes: &[(f32, f32)], sizes: &[f32], snap: f32) -> Vec<f32> {
    struct Pool {
        sum: f32,
        weight: f32,
        count: usize,
    }
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(wishes.len());
    let mut pools: Vec<Pool> = Vec::new();
    for (i, &(wish, weight)) in wishes.iter().enumerate() {
        if i > 0 {
            offset += (sizes[i - 1] + sizes[i]) / 2.0;
        }
        offsets.push(offset);
        pools.push(Pool { sum: (wish - offset) * weight, weight, count: 1 });
        while let [.., a, b] = pools.as_slice()
            && a.sum / a.weight > b.sum / b.weight
        {
            let pool = Pool { sum: a.sum + b.sum, weight: a.weight + b.weight, count: a.count + b.count };
            pools.truncate(pools.len() - 2);
            pools.push(pool);
        }
    }
    let near = |at: f32| if snap > 0.0 { libm::floorf(at / snap + 0.5) * snap } else { at };
    // Offsets are multiples of half a node, so that places snapped alike keep their order.
    let places = pools.iter().flat_map(|p| std::iter::repeat_n(near(p.sum / p.weight), p.count));
    places.zip(offsets).map(|(place, offset)| place + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: usize, arcs: &[(usize, usize)], ranks: &[usize], lanes: &[f32]) {
        let laid = layered(&vec![1.0; count], arcs);
        assert_eq!(laid.rank, ranks);
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 0.02;
        assert!(laid.lane.iter().zip(lanes).all(near), "{:?} is not {lanes:?}", laid.lane);
    }

    #[test]
    fn a_chain_is_straight() {
        check(3, &[(0, 1), (1, 2)], &[0, 1, 2], &[0.5, 0.5, 0.5]);
    }

    #[test]
    fn the_first_branch_of_a_fork_goes_straight_on() {
        check(4, &[(0, 1), (0, 2), (1, 3), (2, 3)], &[0, 1, 1, 2], &[0.5, 0.5, 1.5, 0.5]);
    }

    #[test]
    fn late_sources_stand_next_to_their_target() {
        check(4, &[(0, 1), (1, 2), (3, 2)], &[0, 1, 2, 1], &[0.5, 0.5, 0.5, 1.5]);
    }

    #[test]
    fn what_nothing_joins_stands_near() {
        // Large blocks that move for one another, and two nodes beside them.
        let sizes = [1.75, 1.0, 1.75, 1.0, 1.0, 1.0];
        let laid = layered(&sizes, &[(0, 1), (1, 2), (0, 2), (2, 3)]);
        let bottom = laid.lane.iter().zip(sizes).map(|(lane, size)| lane + size / 2.0).fold(0.0, f32::max);
        assert!(bottom <= 2.8, "{:?}", laid.lane);
    }

    #[test]
    fn wishes_are_met_without_overlap() {
        assert_eq!(fit(&[(0.0, 1.0), (0.0, 1.0)], &[1.0, 1.0], 0.0), [-0.5, 0.5]);
        assert_eq!(fit(&[(0.0, 1.0), (5.0, 1.0)], &[1.0, 1.0], 0.0), [0.0, 5.0]);
        assert_eq!(fit(&[], &[], 0.5), [0.0; 0]);
    }
}
