//! Who runs where: the lines that are drawn already, by the steps of the mesh that they take.

use super::mesh::{Port, Side};
use super::route::{Job, Path};

const NONE: u16 = u16::MAX;
/// Most bodies whose lines can be told apart.
pub(super) const MOST: usize = NONE as usize - 1;

/// Who runs along a step of the mesh: the common source and target of all of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use {
    /// Lines.
    pub(super) count: u16,
    from: u16,
    to: u16,
}

impl Use {
    /// Whether a line of `job` may run along with these: it shares an end with all of them.
    pub(super) fn joins(self, job: Job) -> bool {
        let (from, to) = (self.leaves(job.from), self.reaches(job.to));
        if job.named { to && !from } else { to || from }
    }

    /// Whether lines run here that a line of `job` may not run along with.
    pub(super) fn is_foreign(self, job: Job) -> bool {
        self.count > 0 && !self.joins(job)
    }

    /// Whether all come from `body`.
    pub(super) fn leaves(self, body: usize) -> bool {
        self.from == body as u16
    }

    /// Whether all lead to `body`.
    pub(super) fn reaches(self, body: usize) -> bool {
        self.to == body as u16
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

/// Lines on a mesh.
#[derive(Debug)]
pub(super) struct Traffic {
    /// Points in a row of the mesh.
    width: usize,
    /// Use of the step to the right of each point.
    level: Vec<Use>,
    /// Use of the step down from each point.
    plumb: Vec<Use>,
    /// Points whose steps to the right, and down, somebody uses: few of all.
    used: [Vec<usize>; 2],
}

impl Traffic {
    /// No lines on `points` points in rows of `width`.
    pub(super) fn new(points: usize, width: usize) -> Self {
        let free = vec![Use::default(); points];
        Self { width, level: free.clone(), plumb: free, used: [Vec::new(), Vec::new()] }
    }

    /// Forgets all lines.
    pub(super) fn clear(&mut self) {
        self.used[0].drain(..).for_each(|at| self.level[at] = Use::default());
        self.used[1].drain(..).for_each(|at| self.plumb[at] = Use::default());
    }

    /// Takes the steps of `path` for `job`.
    pub(super) fn mark(&mut self, job: Job, path: Option<&Path>) {
        let Some(path) = path else { return };
        for (level, at) in path.steps(self.width) {
            let step = if level { &mut self.level[at] } else { &mut self.plumb[at] };
            if step.count == 0 {
                self.used[usize::from(!level)].push(at);
            }
            step.add(job);
        }
    }

    /// Whether `path` neither crosses nor runs along lines that do not share an end with it.
    pub(super) fn is_clear(&self, job: Job, path: &Path) -> bool {
        let step = |pair: &[usize]| {
            let level = is_level(pair[0], pair[1]);
            self.along(level, pair[0].min(pair[1])).is_foreign(job) || self.across(level, pair[1], job) > 0
        };
        let clear = !path.points.windows(2).any(step);
        clear && [path.start, path.end].iter().all(|&port| !self.at(port).is_foreign(job))
    }

    /// Who uses the step to the right of a point, or down from it.
    pub(super) fn along(&self, level: bool, at: usize) -> Use {
        if level { self.level[at] } else { self.plumb[at] }
    }

    /// On how many sides lines that share no end with `job` cross a point that is entered along a level, or from above
    /// or below.
    pub(super) fn across(&self, level: bool, at: usize, job: Job) -> usize {
        let (other, stride) = if level { (&self.plumb, self.width) } else { (&self.level, 1) };
        usize::from(other[at].is_foreign(job)) + usize::from(at >= stride && other[at - stride].is_foreign(job))
    }

    /// Who uses the step from the outside of a port to the box.
    pub(super) fn at(&self, port: Port) -> Use {
        let (level, at) = stub(port, self.width);
        self.along(level, at)
    }
}

/// Whether two neighbouring points of a mesh stand side by side.
fn is_level(a: usize, b: usize) -> bool {
    a.abs_diff(b) == 1
}

/// The step from the outside of a port to the box: whether it is level, and its point.
fn stub(port: Port, width: usize) -> (bool, usize) {
    match port.side {
        Side::Right => (true, port.outside.saturating_sub(1)),
        Side::Left => (true, port.outside),
        Side::Down => (false, port.outside.saturating_sub(width)),
        Side::Up => (false, port.outside),
    }
}

impl Path {
    /// The steps of the path in a mesh with rows of `width`, the stubs at its ports included: whether each is level, and
    /// the point on its left or upper end.
    pub(super) fn steps(&self, width: usize) -> impl Iterator<Item = (bool, usize)> {
        let step = |pair: &[usize]| (is_level(pair[0], pair[1]), pair[0].min(pair[1]));
        let stubs = [self.start, self.end].map(|port| stub(port, width));
        self.points.windows(2).map(step).chain(stubs)
    }
}
