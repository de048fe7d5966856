//! The cheapest way through the mesh for one line (A*, Hart, Nilsson and Raphael 1968).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ahead::Ahead;
use super::ground::Ground;
use super::mesh::{MAX_POINTS, Side};
use super::route::{Job, Path};
use super::traffic::Traffic;

/// Points looked at for one line; beyond that it is drawn straight.
const MAX_VISITS: usize = 800_000;
/// Points looked at for all lines together.
const MAX_TOTAL: usize = 20_000_000;
/// Bits of a point with a direction: there are no more of them in a mesh.
const STATE_BITS: u32 = 22;
/// Bits of what is left of the way, as far as it decides between ways of one cost.
const LEFT_BITS: u32 = 10;
/// Cost that is not told apart by them, as a power of two.
const LEFT_SHIFT: u32 = 5;

const _: () = assert!(MAX_POINTS * 4 <= 1 << STATE_BITS);

/// How a point was reached.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    /// The search, and one more when the line went on from here at this cost.
    round: u32,
    cost: u32,
    from: u32,
}

/// A point to go on from: the least that the whole line costs, and of equal ones the one with less to come; the point
/// and its direction. One number, since queues compare such without a branch.
type Next = Reverse<u64>;

fn next(estimate: u32, so_far: u32, state: usize) -> Next {
    let left = ((estimate - so_far) >> LEFT_SHIFT).min((1 << LEFT_BITS) - 1);
    Reverse(u64::from(estimate) << (LEFT_BITS + STATE_BITS) | u64::from(left) << STATE_BITS | state as u64)
}

/// Room for searches on one mesh.
pub(super) struct Search {
    /// By point: in which round a line could last end there.
    goals: Vec<u32>,
    /// By point and direction: in which round it was reached, at what cost, and where from.
    best: Vec<Reached>,
    /// Even; goes up by two with each search.
    round: u32,
    /// Points that may still be looked at.
    left: usize,
    /// Points to go on from; each search begins with none, and keeps the room.
    heap: BinaryHeap<Next>,
    /// The next of them, when it is known without asking.
    hand: Option<Next>,
}

impl Search {
    /// For a mesh of `points` points.
    pub(super) fn new(points: usize) -> Self {
        let (goals, best) = (vec![0; points], vec![Reached::default(); points * 4]);
        Self { goals, best, round: 0, left: MAX_TOTAL, heap: BinaryHeap::new(), hand: None }
    }

    /// The cheapest way for `job` beside the lines of `traffic`, if one costs less than `limit`; `spare` is what it may
    /// save at most by running along others, across and down.
    pub(super) fn find(
        &mut self,
        ground: &Ground<'_>,
        traffic: &Traffic,
        job: Job,
        spare: [u32; 2],
        limit: u32,
    ) -> Option<Path> {
        self.round += 2;
        self.heap.clear();
        self.hand = None;
        let mesh = &ground.mesh;
        let (width, height) = (mesh.xs.len(), mesh.ys.len());
        let (starts, ends) = (&ground.ports[job.from], &ground.ports[job.to]);
        let tolls: Vec<u32> = ends.iter().map(|&port| ground.toll(traffic, port, job, true)).collect();
        ends.iter().for_each(|port| self.goals[port.outside] = self.round);
        let ahead = Ahead::new(&ground.scales, ends, &tolls, width, spare, ground.bend);
        // The least that a way costs, and its last point and its end.
        let (mut least, mut done): (u32, Option<(usize, usize)>) = (limit, None);
        for port in starts {
            let state = port.outside * 4 + port.side as usize;
            let toll = ground.toll(traffic, *port, job, false);
            if self.improves(state, toll, u32::MAX, ground.bend) {
                let left = ahead.least(port.outside % width, port.outside / width, port.side);
                self.put(toll.saturating_add(left), toll, state, least);
            }
        }
        let mut visits = 0;
        let most = MAX_VISITS.min(self.left);
        while let Some(Reverse(order)) = self.take() {
            let (estimate, state) =
                ((order >> (LEFT_BITS + STATE_BITS)) as u32, (order & ((1 << STATE_BITS) - 1)) as usize);
            if estimate >= least || visits == most {
                break;
            }
            let reached = &mut self.best[state];
            if reached.round != self.round {
                continue;
            }
            visits += 1;
            reached.round += 1;
            let so_far = reached.cost;
            let (at, heading) = (state / 4, Side::ALL[state % 4]);
            let (column, row) = (at % width, at / width);
            if self.goals[at] == self.round {
                for (end, (port, toll)) in ends.iter().zip(&tolls).enumerate() {
                    if port.outside != at || heading == port.side {
                        continue;
                    }
                    let total = so_far + toll + if heading == port.side.opposite() { 0 } else { ground.bend };
                    if total < least {
                        (least, done) = (total, Some((state, end)));
                    }
                }
            }
            for side in Side::ALL {
                if side == heading.opposite() {
                    continue;
                }
                // The point there, and the line of the mesh after which the step lies.
                let (there, to, after) = match side {
                    Side::Right if column + 1 < width && mesh.right[at] => (at + 1, (column + 1, row), column),
                    Side::Left if column > 0 && mesh.right[at - 1] => (at - 1, (column - 1, row), column - 1),
                    Side::Down if row + 1 < height && mesh.down[at] => (at + width, (column, row + 1), row),
                    Side::Up if row > 0 && mesh.down[at - width] => (at - width, (column, row - 1), row - 1),
                    _ => continue,
                };
                let turn = if side == heading { 0 } else { ground.bend };
                let step = ground.step(traffic, job, at, there, side, after);
                let total = so_far.saturating_add(turn).saturating_add(step);
                let next = there * 4 + side as usize;
                if self.improves(next, total, state as u32, ground.bend) {
                    let estimate = total.saturating_add(ahead.least(to.0, to.1, side));
                    // The search ends before it comes to what is no better than the way that is found.
                    self.put(estimate, total, next, least);
                }
            }
        }
        self.left -= visits;
        let (mut state, end) = done?;
        let mut points = vec![state / 4];
        while self.best[state].from != u32::MAX {
            state = self.best[state].from as usize;
            points.push(state / 4);
        }
        points.reverse();
        let heading = Side::ALL[state % 4];
        let start = *starts.iter().find(|p| p.outside == state / 4 && p.side == heading)?;
        Some(Path { start, end: ends[end], points })
    }

    /// Puts a state among those to go on from, unless the line would cost `least` or more.
    fn put(&mut self, estimate: u32, so_far: u32, state: usize, least: u32) {
        if estimate >= least {
            return;
        }
        let new = next(estimate, so_far, state);
        match self.hand {
            Some(hand) if hand >= new => self.heap.push(new),
            hand => {
                self.heap.extend(hand);
                self.hand = Some(new);
            }
        }
    }

    /// Takes the best state to go on from.
    fn take(&mut self) -> Option<Next> {
        let Some(hand) = self.hand.take() else { return self.heap.pop() };
        match self.heap.peek_mut() {
            Some(mut top) if *top > hand => Some(std::mem::replace(&mut top, hand)),
            _ => Some(hand),
        }
    }

    /// Records that `state` is reached at `total`, if that is better than before, and than to turn there on the way in
    /// another direction.
    fn improves(&mut self, state: usize, total: u32, from: u32, bend: u32) -> bool {
        let better = |other: usize, turns: u32| {
            let known = self.best[other];
            known.round & !1 == self.round && known.cost.saturating_add(turns * bend) <= total
        };
        if better(state, 0) {
            return false;
        }
        // At an end the direction counts.
        if (better(state ^ 1, 1) || better(state ^ 3, 1) || better(state ^ 2, 2)) && self.goals[state / 4] != self.round
        {
            return false;
        }
        self.best[state] = Reached { round: self.round, cost: total, from };
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::geometry::Rect;
    use crate::layout::fold::Flow;
    use crate::layout::mesh::Body;

    /// The least cost of all ways: goes on from every point until none can be reached for less.
    fn cheapest(ground: &Ground<'_>, traffic: &Traffic, job: Job) -> Option<u32> {
        let mesh = &ground.mesh;
        let width = mesh.xs.len();
        let mut cost = vec![u32::MAX; mesh.right.len() * 4];
        let mut open: VecDeque<(usize, u32)> = VecDeque::new();
        for port in &ground.ports[job.from] {
            open.push_back((port.outside * 4 + port.side as usize, ground.toll(traffic, *port, job, false)));
        }
        while let Some((state, total)) = open.pop_front() {
            if total >= cost[state] {
                continue;
            }
            cost[state] = total;
            let (at, heading) = (state / 4, Side::ALL[state % 4]);
            for side in Side::ALL.into_iter().filter(|side| *side != heading.opposite()) {
                let (free, there, after) = match side {
                    Side::Right => (at % width + 1 < width && mesh.right[at], at + 1, at % width),
                    Side::Left => {
                        (at % width > 0 && mesh.right[at - 1], at.wrapping_sub(1), (at % width).wrapping_sub(1))
                    }
                    Side::Down => (at + width < mesh.down.len() && mesh.down[at], at + width, at / width),
                    Side::Up => {
                        (at >= width && mesh.down[at - width], at.wrapping_sub(width), (at / width).wrapping_sub(1))
                    }
                };
                if free {
                    let turn = if side == heading { 0 } else { ground.bend };
                    let step = ground.step(traffic, job, at, there, side, after);
                    open.push_back((there * 4 + side as usize, total + turn + step));
                }
            }
        }
        let ends = ground.ports[job.to].iter().flat_map(|port| {
            let inward = port.side.opposite();
            let headings = Side::ALL.into_iter().filter(|heading| *heading != port.side);
            let toll = ground.toll(traffic, *port, job, true);
            let cost = &cost;
            headings.map(move |heading| {
                let turn = if heading == inward { 0 } else { ground.bend };
                cost[port.outside * 4 + heading as usize].saturating_add(toll + turn)
            })
        });
        ends.min().filter(|&least| least < u32::MAX)
    }

    /// What leads the search to its end never makes it miss the cheapest way.
    #[test]
    fn the_way_found_is_the_cheapest() {
        for seed in 0..12 {
            let roll = |at: usize, sides: usize| {
                let mixed = (seed * 97 + at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) as usize % sides
            };
            let body = |i: usize| Body {
                rect: Rect::new(
                    (i % 4) as f32 * 240.0 + 40.0,
                    (i / 4) as f32 * 150.0 + 40.0,
                    150.0,
                    60.0 + roll(i, 40) as f32,
                ),
                solid: true,
                flat: (!i.is_multiple_of(3), true),
            };
            let bodies: Vec<Body> = (0..12).map(body).collect();
            let job = |i: usize| {
                let (from, to) = (roll(100 + i, 12), roll(200 + i, 11));
                Job { from, to: (from + 1 + to) % 12, back: i.is_multiple_of(5), named: i.is_multiple_of(3) }
            };
            let jobs: Vec<Job> = (0..14).map(job).collect();
            let bounds = Rect::new(0.0, 0.0, 1000.0, 520.0);
            let ground = Ground::new(&bodies, &jobs, bounds, 1.0, Flow::Across).expect("a small mesh");
            let points = ground.mesh.right.len();
            let (mut traffic, mut search) = (Traffic::new(points, ground.mesh.xs.len()), Search::new(points));
            let mut saved: Vec<(Job, [u32; 2])> = Vec::new();
            for &job in &jobs {
                let kin = saved.iter().filter(|(other, _)| other.to == job.to || other.from == job.from);
                let spare = kin.fold([0, 0], |sum, (_, s)| [sum[0] + s[0], sum[1] + s[1]]);
                let path = search.find(&ground, &traffic, job, spare, u32::MAX).expect("a way");
                let cost = ground.cost(&traffic, job, &path);
                assert_eq!(Some(cost), cheapest(&ground, &traffic, job), "seed {seed}, {job:?}");
                assert!(search.find(&ground, &traffic, job, spare, cost).is_none(), "seed {seed}, {job:?}");
                saved.push((job, ground.savings(&path)));
                traffic.mark(job, Some(&path));
            }
        }
    }
}
