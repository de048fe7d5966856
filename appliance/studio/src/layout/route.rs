//! Lines along horizontals and verticals from box to box: the cheapest way through the mesh, where bends, crossings
//! and running along another line cost more than length.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::geometry::{Point, Rect};

use super::fold::Flow;
use super::line::{own_loop, straight, straighten};
use super::mesh::{Body, Mesh, Port, Side};

/// A line to draw between two bodies, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    /// Source.
    pub(super) from: usize,
    /// Target.
    pub(super) to: usize,
    /// Against the main direction.
    pub(super) back: bool,
    /// Has a label: then it keeps apart from the other lines of its source, or the label could be theirs.
    pub(super) named: bool,
}

/// Costs, in pixels of length at 1080 lines.
mod cost {
    pub(super) const BEND: f32 = 105.0;
    pub(super) const CROSSING: f32 = 1200.0;
    /// Of a port on a side that does not face the other end.
    pub(super) const SIDE: f32 = 40.0;
    /// Of a port beside the middle.
    pub(super) const ASIDE: f32 = 22.0;
    /// Of a port that a line in the other direction uses.
    pub(super) const TAKEN: f32 = 260.0;
    /// Factor for running along a line that shares no end.
    pub(super) const ALONG: f32 = 14.0;
    /// Factor for running along a line that shares an end.
    pub(super) const JOINED: f32 = 0.8;
}

/// Points looked at for one line; beyond that it is drawn straight.
const MAX_VISITS: usize = 800_000;
/// Points looked at for all lines together.
const MAX_TOTAL: usize = 20_000_000;
/// With more lines than this each is searched once only.
const MAX_REROUTED: usize = 70;
const NONE: u16 = u16::MAX;

/// Draws all lines; every line begins and ends on the borders of its bodies.
pub(super) fn route(bodies: &[Body], jobs: &[Job], bounds: Rect, unit: f32, flow: Flow) -> Vec<Vec<Point>> {
    let mut degree = vec![0_usize; bodies.len()];
    for job in jobs {
        degree[job.from] += 1;
        degree[job.to] += 1;
    }
    let busy: Vec<bool> = degree.iter().map(|&d| d > 1).collect();
    let mut others = vec![Vec::new(); bodies.len()];
    for job in jobs.iter().filter(|job| job.from != job.to) {
        others[job.from].push(bodies[job.to].rect.center());
        others[job.to].push(bodies[job.from].rect.center());
    }
    let Some(mesh) = Mesh::new(bodies, &busy, &others, bounds, unit).filter(|_| bodies.len() < usize::from(NONE))
    else {
        return jobs.iter().map(|job| straight(bodies[job.from].rect, bodies[job.to].rect)).collect();
    };
    let ports = (0..bodies.len()).map(|i| mesh.ports(&bodies[i], busy[i], &others[i])).collect();
    let points = mesh.right.len();
    let mut search = Search {
        mesh,
        ports,
        bodies,
        unit,
        flow,
        level: vec![Use::default(); points],
        plumb: vec![Use::default(); points],
        used: [Vec::new(), Vec::new()],
        best: vec![Reached::default(); points * 4],
        away: [Vec::new(), Vec::new()],
        goals: vec![0; points],
        round: 0,
        left: MAX_TOTAL,
        prices: [Vec::new(), Vec::new()],
        crossing: [0; 3],
        heap: BinaryHeap::new(),
    };
    search.prices = [search.gaps(true), search.gaps(false)];
    search.crossing = [0.0, 1.0, 2.0].map(|lines| search.price(lines * cost::CROSSING * 0.5 * unit));
    let mut order: Vec<usize> = (0..jobs.len()).filter(|&i| jobs[i].from != jobs[i].to).collect();
    let distance = |i: &usize| {
        let (a, b) = (bodies[jobs[*i].from].rect.center(), bodies[jobs[*i].to].rect.center());
        (((a.x - b.x).abs() + (a.y - b.y).abs()) / unit) as u32
    };
    order.sort_by_key(|i| (jobs[*i].back, distance(i)));
    let mut paths: Vec<Option<Path>> = vec![None; jobs.len()];
    for &i in &order {
        paths[i] = search.find(jobs[i]);
        search.mark(jobs[i], paths[i].as_ref());
    }
    if order.len() <= MAX_REROUTED {
        // Once more where lines are in one another's way, each knowing all the others.
        for &i in &order {
            let is_clear = |search: &Search<'_>| paths[i].as_ref().is_some_and(|path| search.is_clear(jobs[i], path));
            // A line without a label joins itself: it may stay marked while it is asked whether it is clear.
            if !jobs[i].named && is_clear(&search) {
                continue;
            }
            search.clear();
            order.iter().filter(|&&j| j != i).for_each(|&j| search.mark(jobs[j], paths[j].as_ref()));
            if !jobs[i].named || !is_clear(&search) {
                paths[i] = search.find(jobs[i]).or(paths[i].take());
            }
            search.mark(jobs[i], paths[i].as_ref());
        }
    }
    let draw = |(job, path): (&Job, &Option<Path>)| match path {
        Some(path) => search.corners(path),
        None if job.from == job.to => own_loop(bodies[job.from].rect, search.mesh.clear),
        None => straight(bodies[job.from].rect, bodies[job.to].rect),
    };
    jobs.iter().zip(&paths).map(draw).collect()
}

/// A way through the mesh.
#[derive(Debug, Clone)]
struct Path {
    start: Port,
    end: Port,
    points: Vec<usize>,
}

/// Who runs along a step of the mesh: the common source and target of all of them.
#[derive(Debug, Clone, Copy, Default)]
struct Use {
    count: u16,
    from: u16,
    to: u16,
}

impl Use {
    fn joins(self, job: Job) -> bool {
        let (from, to) = (self.from == job.from as u16, self.to == job.to as u16);
        if job.named { to && !from } else { to || from }
    }

    fn add(&mut self, job: Job) {
        let (from, to) = (job.from as u16, job.to as u16);
        if self.count == 0 {
            *self = Self { count: 1, from, to };
        } else {
            let same = |a: u16, b: u16| if a == b { a } else { NONE };
            *self = Self { count: self.count.saturating_add(1), from: same(self.from, from), to: same(self.to, to) };
        }
    }
}

/// How a point was reached.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    round: u32,
    cost: u32,
    from: u32,
}

/// A point to go on from: the least that the whole line costs, and of equal ones the one that has come further; the point.
/// One number, since queues compare such without a branch.
type Next = Reverse<u128>;

fn next(estimate: u32, so_far: u32, state: usize) -> Next {
    Reverse(u128::from(estimate) << 64 | u128::from(u32::MAX - so_far) << 32 | u128::from(state as u32))
}

struct Search<'a> {
    mesh: Mesh,
    ports: Vec<Vec<Port>>,
    bodies: &'a [Body],
    unit: f32,
    flow: Flow,
    /// Use of the step to the right of each point.
    level: Vec<Use>,
    /// Use of the step down from each point.
    plumb: Vec<Use>,
    /// Points whose steps to the right, and down, somebody uses: few of all.
    used: [Vec<usize>; 2],
    /// How far each column, and each row, is from where the line that is searched must end.
    away: [Vec<f32>; 2],
    /// By point: in which round a line could last end there.
    goals: Vec<u32>,
    /// By point and direction: in which round it was reached, at what cost, and where from.
    best: Vec<Reached>,
    round: u32,
    /// Points that may still be looked at.
    left: usize,
    /// Cost of the step after each line, across and down: on free ground, along a line that shares an end, along others.
    prices: [Vec<[u32; 3]>; 2],
    /// Cost of entering a point that a line crosses on neither side, on one, on both.
    crossing: [u32; 3],
    /// Points to go on from; each search begins with none, and keeps the room.
    heap: BinaryHeap<Next>,
}

impl Search<'_> {
    fn clear(&mut self) {
        self.used[0].drain(..).for_each(|at| self.level[at] = Use::default());
        self.used[1].drain(..).for_each(|at| self.plumb[at] = Use::default());
    }

    /// Takes the step to the right of a point, or down from it.
    fn take(&mut self, level: bool, at: usize, job: Job) {
        let step = if level { &mut self.level[at] } else { &mut self.plumb[at] };
        if step.count == 0 {
            self.used[usize::from(!level)].push(at);
        }
        step.add(job);
    }

    /// Takes the steps of `path` for `job`, the stubs at its ports included.
    fn mark(&mut self, job: Job, path: Option<&Path>) {
        let Some(path) = path else { return };
        for pair in path.points.windows(2) {
            let (a, b) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            self.take(b - a == 1, a, job);
        }
        for port in [path.start, path.end] {
            let (level, at) = self.stub(port);
            self.take(level, at, job);
        }
    }

    /// Whether `path` neither crosses nor runs along lines that do not share an end with it.
    fn is_clear(&self, job: Job, path: &Path) -> bool {
        let width = self.mesh.xs.len();
        let foreign = |u: Use| u.count > 0 && !u.joins(job);
        let step = |pair: &[usize]| {
            let (a, b) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            let (own, other, stride) =
                if b - a == 1 { (self.level[a], &self.plumb, width) } else { (self.plumb[a], &self.level, 1) };
            let next = pair[1];
            foreign(own) || foreign(other[next]) || (next >= stride && foreign(other[next - stride]))
        };
        let clear = !path.points.windows(2).any(step);
        clear && !foreign(self.use_at(path.start)) && !foreign(self.use_at(path.end))
    }

    /// The step from the outside of a port to the box: whether it is level, and its point.
    fn stub(&self, port: Port) -> (bool, usize) {
        match port.side {
            Side::Right => (true, port.outside.saturating_sub(1)),
            Side::Left => (true, port.outside),
            Side::Down => (false, port.outside.saturating_sub(self.mesh.xs.len())),
            Side::Up => (false, port.outside),
        }
    }

    /// Who uses the step from the outside of a port to the box.
    fn use_at(&self, port: Port) -> Use {
        let (level, at) = self.stub(port);
        if level { self.level[at] } else { self.plumb[at] }
    }

    /// Cost of length, in the unit of the search.
    fn price(&self, px: f32) -> u32 {
        (px / self.unit * 8.0).clamp(0.0, 1e8) as u32
    }

    /// Costs of the steps between neighbouring lines.
    fn gaps(&self, level: bool) -> Vec<[u32; 3]> {
        let lines = if level { &self.mesh.xs } else { &self.mesh.ys };
        let price = |pair: &[f32]| [1.0, cost::JOINED, cost::ALONG].map(|f| self.price((pair[0] - pair[1]).abs() * f));
        lines.windows(2).map(price).collect()
    }

    /// Cost of leaving by `port`, or of arriving when `arriving`.
    fn toll(&self, port: Port, job: Job, arriving: bool) -> u32 {
        let (a, b) = (self.bodies[job.from].rect, self.bodies[job.to].rect);
        let (own, other) = if arriving { (b, a) } else { (a, b) };
        let (dx, dy) = (other.center().x - own.center().x, other.center().y - own.center().y);
        let level = match self.flow {
            Flow::Across => dx.abs() > own.w.min(other.w) * 0.5,
            Flow::Down => dy.abs() <= own.h.min(other.h) * 0.5,
        };
        let faces = match port.side {
            Side::Right => dx > 0.0,
            Side::Left => dx < 0.0,
            Side::Down => dy > 0.0,
            Side::Up => dy < 0.0,
        };
        let sideways = port.side.is_level() == (self.flow == Flow::Across);
        let side = match (job.back && dx.abs() + dy.abs() > 0.0, port.side.is_level() == level) {
            (true, _) => {
                if sideways {
                    cost::SIDE
                } else {
                    0.0
                }
            }
            (false, true) if faces => 0.0,
            (false, false) if faces => cost::SIDE * 0.9,
            _ => cost::SIDE * 1.4,
        };
        let used = self.use_at(port);
        let same = if arriving { used.to == job.to as u16 } else { used.from == job.from as u16 };
        let taken = match (used.count, same) {
            (0, _) => 0.0,
            (_, true) if job.named && used.from == job.from as u16 => 90.0,
            (_, true) => 6.0,
            _ => cost::TAKEN,
        };
        let aside = if port.aside { cost::ASIDE } else { 0.0 };
        self.price((side + taken + aside) * self.unit)
    }

    /// The cheapest way for `job`.
    fn find(&mut self, job: Job) -> Option<Path> {
        self.round += 1;
        let (width, height) = (self.mesh.xs.len(), self.mesh.ys.len());
        let goal = self.bodies[job.to].rect.grown(self.mesh.clear);
        let off = |at: f32, from: f32, to: f32| (from - at).max(at - to).max(0.0);
        let [across, down] = &mut self.away;
        across.clear();
        across.extend(self.mesh.xs.iter().map(|&x| off(x, goal.x, goal.right())));
        down.clear();
        down.extend(self.mesh.ys.iter().map(|&y| off(y, goal.y, goal.bottom())));
        let (starts, ends) = (self.ports[job.from].clone(), self.ports[job.to].clone());
        let tolls: Vec<u32> = ends.iter().map(|&port| self.toll(port, job, true)).collect();
        ends.iter().for_each(|port| self.goals[port.outside] = self.round);
        let bend = self.price(cost::BEND * self.unit);
        let mut heap = std::mem::take(&mut self.heap);
        heap.clear();
        for port in &starts {
            let state = port.outside * 4 + port.side as usize;
            let toll = self.toll(*port, job, false);
            if self.improves(state, toll, u32::MAX) {
                let (column, row) = (port.outside % width, port.outside / width);
                heap.push(next(toll.saturating_add(self.ahead(column, row, port.side, bend)), toll, state));
            }
        }
        let mut done: Option<(u32, usize, usize)> = None;
        let mut visits = 0;
        let most = MAX_VISITS.min(self.left);
        while let Some(Reverse(order)) = heap.pop() {
            let (estimate, so_far, state) =
                ((order >> 64) as u32, u32::MAX - (order >> 32) as u32, order as u32 as usize);
            if done.is_some_and(|(total, ..)| estimate >= total) {
                break;
            }
            if so_far > self.best[state].cost {
                continue;
            }
            visits += 1;
            if visits > most {
                break;
            }
            let (at, heading) = (state / 4, Side::ALL[state % 4]);
            let (column, row) = (at % width, at / width);
            let here = if self.goals[at] == self.round { ends.len() } else { 0 };
            for (end, toll) in ends
                .iter()
                .zip(&tolls)
                .take(here)
                .enumerate()
                .filter(|(_, (port, _))| port.outside == at)
                .map(|(i, (_, t))| (i, *t))
            {
                let inward = ends[end].side.opposite();
                if heading == inward.opposite() {
                    continue;
                }
                let total = so_far + toll + if heading == inward { 0 } else { bend };
                if done.is_none_or(|(best, ..)| total < best) {
                    done = Some((total, state, end));
                }
            }
            for side in Side::ALL {
                if side == heading.opposite() {
                    continue;
                }
                // The point there, and the line of the mesh after which the step lies.
                let (there, to, after) = match side {
                    Side::Right if column + 1 < width && self.mesh.right[at] => (at + 1, (column + 1, row), column),
                    Side::Left if column > 0 && self.mesh.right[at - 1] => (at - 1, (column - 1, row), column - 1),
                    Side::Down if row + 1 < height && self.mesh.down[at] => (at + width, (column, row + 1), row),
                    Side::Up if row > 0 && self.mesh.down[at - width] => (at - width, (column, row - 1), row - 1),
                    _ => continue,
                };
                let turn = if side == heading { 0 } else { bend };
                let total =
                    so_far.saturating_add(turn).saturating_add(self.step_cost(at, there, after, side, job, width));
                let state_next = there * 4 + side as usize;
                if self.improves(state_next, total, state as u32) {
                    let estimate = total.saturating_add(self.ahead(to.0, to.1, side, bend));
                    // The search ends before it comes to what is no better than the way that is found.
                    if done.is_none_or(|(least, ..)| estimate < least) {
                        heap.push(next(estimate, total, state_next));
                    }
                }
            }
        }
        self.heap = heap;
        self.left -= visits.min(self.left);
        let (_, mut state, end) = done?;
        let mut points = vec![state / 4];
        while self.best[state].from != u32::MAX {
            state = self.best[state].from as usize;
            points.push(state / 4);
        }
        points.reverse();
        let heading = Side::ALL[state % 4];
        let start = starts.into_iter().find(|p| p.outside == state / 4 && p.side == heading)?;
        Some(Path { start, end: ends[end], points })
    }

    /// Records that `state` is reached at `total`, if that is better than before.
    fn improves(&mut self, state: usize, total: u32, from: u32) -> bool {
        let best = &mut self.best[state];
        if best.round == self.round && best.cost <= total {
            return false;
        }
        *best = Reached { round: self.round, cost: total, from };
        true
    }

    /// The least that is left for a line on its way to `heading`. Joined stretches cost less than their length, so this
    /// does too.
    fn ahead(&self, column: usize, row: usize, heading: Side, bend: u32) -> u32 {
        let (dx, dy) = (self.away[0][column], self.away[1][row]);
        let across = if heading.is_level() { dy } else { dx };
        let turns = if across > 0.5 { bend } else { 0 };
        self.price((dx + dy) * cost::JOINED) + turns
    }

    /// Cost of the step from a point to the next one; it lies after the line `after` of the mesh.
    fn step_cost(&self, at: usize, next: usize, after: usize, side: Side, job: Job, width: usize) -> u32 {
        let first = at.min(next);
        let (own, other, stride, prices) = if side.is_level() {
            (&self.level, &self.plumb, width, self.prices[0][after])
        } else {
            (&self.plumb, &self.level, 1, self.prices[1][after])
        };
        let used = own[first];
        let way = match used.count {
            0 => prices[0],
            _ if used.joins(job) => prices[1],
            _ => prices[2],
        };
        // Lines across the point that is entered.
        let foreign = |u: Use| u.count > 0 && !u.joins(job);
        let across = usize::from(foreign(other[next])) + usize::from(next >= stride && foreign(other[next - stride]));
        way.saturating_add(self.crossing[across])
    }

    /// The corners of a path, from border to border.
    fn corners(&self, path: &Path) -> Vec<Point> {
        let mut corners = vec![path.start.at];
        corners.extend(path.points.iter().map(|&i| self.mesh.point(i)));
        corners.push(path.end.at);
        straighten(corners)
    }
}
