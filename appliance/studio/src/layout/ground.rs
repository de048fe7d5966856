//! What lines cost: length, bends, crossings, running along another line, and where they meet a box.

use crate::geometry::Rect;

use super::ahead::Scale;
use super::fold::Flow;
use super::mesh::{Body, Mesh, Port, Side};
use super::route::{Job, Path};
use super::traffic::Traffic;

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

/// A mesh with its prices, in eighths of a pixel at 1080 lines.
pub(super) struct Ground<'a> {
    /// Where lines may run.
    pub(super) mesh: Mesh,
    /// Ports by body.
    pub(super) ports: Vec<Vec<Port>>,
    /// Of the way to each line of the mesh, across and down.
    pub(super) scales: [Scale; 2],
    /// Of a bend.
    pub(super) bend: u32,
    /// Of the step after each line, across and down: on free ground, along a line that shares an end, along others.
    prices: [Vec<[u32; 3]>; 2],
    /// Of entering a point that a line crosses on neither side, on one, on both.
    crossing: [u32; 3],
    bodies: &'a [Body],
    flow: Flow,
}

impl<'a> Ground<'a> {
    /// The ground for `jobs` between `bodies`; `None` when there is too much for a search.
    pub(super) fn new(bodies: &'a [Body], jobs: &[Job], bounds: Rect, unit: f32, flow: Flow) -> Option<Self> {
        let mut degree = vec![0_usize; bodies.len()];
        let mut others = vec![Vec::new(); bodies.len()];
        for job in jobs {
            degree[job.from] += 1;
            degree[job.to] += 1;
            if job.from != job.to {
                others[job.from].push(bodies[job.to].rect.center());
                others[job.to].push(bodies[job.from].rect.center());
            }
        }
        let busy: Vec<bool> = degree.iter().map(|&d| d > 1).collect();
        let mesh = Mesh::new(bodies, &busy, &others, bounds, unit)?;
        let ports = (0..bodies.len()).map(|i| mesh.ports(&bodies[i], busy[i], &others[i])).collect();
        let steps = |lines: &[f32]| -> Vec<[u32; 3]> {
            let of =
                |pair: &[f32]| [1.0, cost::JOINED, cost::ALONG].map(|f| price((pair[0] - pair[1]).abs() * f / unit));
            lines.windows(2).map(of).collect()
        };
        let prices = [steps(&mesh.xs), steps(&mesh.ys)];
        let scales = [Scale::new(&prices[0]), Scale::new(&prices[1])];
        let crossing = [0.0, 1.0, 2.0].map(|sides| price(sides * cost::CROSSING * 0.5));
        Some(Self { mesh, ports, scales, bend: price(cost::BEND), prices, crossing, bodies, flow })
    }

    /// Cost of a step from a point in the direction of `side`; it lies after the line `after` of the mesh.
    pub(super) fn step(&self, traffic: &Traffic, job: Job, at: usize, next: usize, side: Side, after: usize) -> u32 {
        let level = side.is_level();
        let prices = self.prices[usize::from(!level)][after];
        let used = traffic.along(level, at.min(next));
        let way = match used.count {
            0 => prices[0],
            _ if used.joins(job) => prices[1],
            _ => prices[2],
        };
        way.saturating_add(self.crossing[traffic.across(level, next, job)])
    }

    /// Cost of leaving by `port`, or of arriving when `arriving`.
    pub(super) fn toll(&self, traffic: &Traffic, port: Port, job: Job, arriving: bool) -> u32 {
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
        let used = traffic.at(port);
        let same = if arriving { used.reaches(job.to) } else { used.leaves(job.from) };
        let taken = match (used.count, same) {
            (0, _) => 0.0,
            (_, true) if job.named && used.leaves(job.from) => 90.0,
            (_, true) => 6.0,
            _ => cost::TAKEN,
        };
        let aside = if port.aside { cost::ASIDE } else { 0.0 };
        price(side + taken + aside)
    }

    /// Cost of `path` beside the lines of `traffic`.
    pub(super) fn cost(&self, traffic: &Traffic, job: Job, path: &Path) -> u32 {
        let width = self.mesh.xs.len();
        let mut total = self.toll(traffic, path.start, job, false) + self.toll(traffic, path.end, job, true);
        let mut heading = path.start.side;
        for pair in path.points.windows(2) {
            let (at, next) = (pair[0], pair[1]);
            let side = match (at.abs_diff(next) == 1, at < next) {
                (true, true) => Side::Right,
                (true, false) => Side::Left,
                (false, true) => Side::Down,
                (false, false) => Side::Up,
            };
            let first = at.min(next);
            let after = if side.is_level() { first % width } else { first / width };
            let turn = if side == heading { 0 } else { self.bend };
            total = total.saturating_add(turn).saturating_add(self.step(traffic, job, at, next, side, after));
            heading = side;
        }
        total.saturating_add(if heading == path.end.side.opposite() { 0 } else { self.bend })
    }

    /// What others that share an end may save at most by running along `path`, across and down.
    pub(super) fn savings(&self, path: &Path) -> [u32; 2] {
        let width = self.mesh.xs.len();
        let mut saved = [0_u32; 2];
        for (level, at) in path.steps(width) {
            let (axis, after) = if level { (0, at % width) } else { (1, at / width) };
            if let Some([free, joined, _]) = self.prices[axis].get(after) {
                saved[axis] = saved[axis].saturating_add(free - joined);
            }
        }
        saved
    }
}

/// A cost of so many pixels at 1080 lines.
fn price(px: f32) -> u32 {
    (px * 8.0).clamp(0.0, 1e8) as u32
}
