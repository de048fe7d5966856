//! Lines along horizontals and verticals from box to box, where bends, crossings and running along another line cost
//! more than length.

use crate::geometry::{Point, Rect};

use super::fold::Flow;
use super::ground::Ground;
use super::line::{own_loop, straight, straighten};
use super::mesh::{Body, Mesh, Port};
use super::search::Search;
use super::traffic::{MOST, Traffic};

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

/// A way through the mesh.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// Where it leaves the source.
    pub(super) start: Port,
    /// Where it meets the target.
    pub(super) end: Port,
    /// Points of the mesh, from the outside of one port to that of the other.
    pub(super) points: Vec<usize>,
}

/// With more lines than this each is searched once only.
const MAX_REROUTED: usize = 70;

/// Draws all lines; every line begins and ends on the borders of its bodies.
pub(super) fn route(bodies: &[Body], jobs: &[Job], bounds: Rect, unit: f32, flow: Flow) -> Vec<Vec<Point>> {
    let few = bodies.len() <= MOST;
    let Some(ground) = few.then(|| Ground::new(bodies, jobs, bounds, unit, flow)).flatten() else {
        return jobs.iter().map(|job| straight(bodies[job.from].rect, bodies[job.to].rect)).collect();
    };
    let mut order: Vec<usize> = (0..jobs.len()).filter(|&i| jobs[i].from != jobs[i].to).collect();
    let distance = |i: &usize| {
        let (a, b) = (bodies[jobs[*i].from].rect.center(), bodies[jobs[*i].to].rect.center());
        (((a.x - b.x).abs() + (a.y - b.y).abs()) / unit) as u32
    };
    order.sort_by_key(|i| (jobs[*i].back, distance(i)));
    let paths = paths(&ground, jobs, &order);
    let draw = |(job, path): (&Job, &Option<Path>)| match path {
        Some(path) => corners(&ground.mesh, path),
        None if job.from == job.to => own_loop(bodies[job.from].rect, ground.mesh.clear),
        None => straight(bodies[job.from].rect, bodies[job.to].rect),
    };
    jobs.iter().zip(&paths).map(draw).collect()
}

/// Ways for the jobs of `order`, searched one after the other.
fn paths(ground: &Ground<'_>, jobs: &[Job], order: &[usize]) -> Vec<Option<Path>> {
    let points = ground.mesh.right.len();
    let mut traffic = Traffic::new(points, ground.mesh.xs.len());
    let mut search = Search::new(points);
    let mut paths: Vec<Option<Path>> = vec![None; jobs.len()];
    // What others may save by running along each.
    let mut savings = vec![[0_u32; 2]; jobs.len()];
    let spare = |savings: &[[u32; 2]], i: usize| {
        let kin = |j: usize| j != i && (jobs[j].to == jobs[i].to || (jobs[j].from == jobs[i].from && !jobs[i].named));
        let of_kin = order.iter().filter(|&&j| kin(j)).map(|&j| savings[j]);
        of_kin.fold([0_u32; 2], |sum, s| [sum[0].saturating_add(s[0]), sum[1].saturating_add(s[1])])
    };
    for &i in order {
        paths[i] = search.find(ground, &traffic, jobs[i], spare(&savings, i), u32::MAX);
        savings[i] = paths[i].as_ref().map_or([0; 2], |path| ground.savings(path));
        traffic.mark(jobs[i], paths[i].as_ref());
    }
    if order.len() > MAX_REROUTED {
        return paths;
    }
    // Once more where lines are in one another's way, each knowing all the others.
    for &i in order {
        let is_clear = |traffic: &Traffic| paths[i].as_ref().is_some_and(|path| traffic.is_clear(jobs[i], path));
        // A line without a label joins itself: it may stay marked while it is asked whether it is clear.
        if !jobs[i].named && is_clear(&traffic) {
            continue;
        }
        traffic.clear();
        order.iter().filter(|&&j| j != i).for_each(|&j| traffic.mark(jobs[j], paths[j].as_ref()));
        if !jobs[i].named || !is_clear(&traffic) {
            let limit = paths[i].as_ref().map_or(u32::MAX, |path| ground.cost(&traffic, jobs[i], path));
            if let Some(path) = search.find(ground, &traffic, jobs[i], spare(&savings, i), limit) {
                savings[i] = ground.savings(&path);
                paths[i] = Some(path);
            }
        }
        traffic.mark(jobs[i], paths[i].as_ref());
    }
    paths
}

/// The corners of a path, from border to border.
fn corners(mesh: &Mesh, path: &Path) -> Vec<Point> {
    let mut corners = vec![path.start.at];
    corners.extend(path.points.iter().map(|&i| mesh.point(i)));
    corners.push(path.end.at);
    straighten(corners)
}
