//! Hierarchies and mind maps.

use crate::geometry::{Point, Rect};
use crate::storyboard::Kind;

use super::board::{Board, Context};
use super::flow::{Seats, best};
use super::fold::{Flow, Spread};
use super::forest::Forest;
use super::graph::{End, Link, arcs};
use super::grid::{Axis, Grid};
use super::line::straighten;
use super::{cards, flow, pins};

/// Indent of hanging leaves, in units of a node.
const INDENT: f32 = 0.2;

/// How the branches of a tree are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// From the top down, leaves side by side.
    Down,
    /// From the top down, leaves in lists under their parents.
    Lists,
    /// From left to right.
    Across,
    /// From the middle to both sides.
    Sides,
}

/// Lays the scene out as a tree; graphs that are far from one as a directed graph.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let arcs = arcs(&ctx.links);
    let count = ctx.items.len();
    if arcs.is_empty() {
        return cards::tiles(ctx);
    }
    let forest = Forest::new(count, &arcs);
    let branches = forest.parent.iter().flatten().count();
    let foreign = arcs.len() - branches;
    if foreign > count / 3 + 1 || forest.roots.len() > count / 2 + 1 {
        return flow::place(ctx);
    }
    let forms: &[Form] = match ctx.scene.kind {
        Kind::Mindmap if forest.roots.len() == 1 => &[Form::Sides, Form::Across, Form::Lists],
        Kind::Mindmap => &[Form::Across],
        _ => &[Form::Down, Form::Lists, Form::Across],
    };
    let labelled = ctx.tags.iter().map(|t| if t.is_empty() { 0.0 } else { 1.2 }).fold(0.0, f32::max);
    let spreads: Vec<Spread> = forms.iter().map(|&form| spread(&forest, form, labelled)).collect();
    let Some(Seats { spread: chosen, fit, boxes, .. }) = best(ctx, spreads.clone()) else { return cards::tiles(ctx) };
    let form = spreads.iter().position(|s| s.at == chosen.at && s.flow == chosen.flow).map_or(forms[0], |i| forms[i]);
    let mut board = flow::board(ctx, fit, boxes);
    board.tones = tones(ctx, &forest);
    if ctx.scene.kind == Kind::Mindmap {
        board.heads.clone_from(&forest.roots);
    }
    let pinned = pins::honour(ctx, &mut board);
    board.contain(ctx);
    let branch = |link: &Link| {
        let (End::Node(a), End::Node(b)) = (link.from, link.to) else { return None };
        (forest.is_branch(a, b) && !pinned).then(|| {
            let listed = form == Form::Lists && forest.is_list(a);
            line(board.boxes[a], board.boxes[b], chosen.flow, listed)
        })
    };
    let given: Vec<_> = ctx.links.iter().map(branch).collect();
    board.connect_around(ctx, chosen.flow, &|_| false, false, given);
    board
}

fn spread(forest: &Forest, form: Form, labelled: f32) -> Spread {
    let at: Vec<(f32, f32)> = match form {
        Form::Down => forest.tidy(None).into_iter().map(|(x, level)| (x, level as f32)).collect(),
        Form::Lists => forest.tidy(Some(INDENT)).into_iter().map(|(x, level)| (x, level as f32)).collect(),
        Form::Across => forest.tidy(None).into_iter().map(|(y, level)| (level as f32, y)).collect(),
        Form::Sides => sides(forest),
    };
    let high = at.iter().fold((0.0_f32, 0.0_f32), |h, p| (h.0.max(p.0), h.1.max(p.1)));
    let (gaps, flow, cost) = match form {
        Form::Down => ((1.1, 2.2 + labelled), Flow::Down, 1.0),
        Form::Lists => ((1.6, 1.5), Flow::Down, 2.0),
        Form::Across => ((2.6 + 3.0 * labelled, 0.9), Flow::Across, 2.5),
        Form::Sides => ((2.6 + 3.0 * labelled, 0.9), Flow::Across, 0.0),
    };
    let grid = Grid { columns: Axis::even(high.0, gaps.0), rows: Axis::even(high.1, gaps.1) };
    Spread { grid, stack: None, at, flow, cost }
}

/// The root in the middle, its branches to the right and to the left so that both sides hold about as many leaves.
fn sides(forest: &Forest) -> Vec<(f32, f32)> {
    let root = forest.roots[0];
    let leaves = forest.leaves();
    let (total, mut held) = (leaves[root], 0);
    let mut left = vec![false; forest.parent.len()];
    for &child in &forest.children[root] {
        left[child] = (held + leaves[child] / 2) * 2 >= total && forest.children[root].len() > 1;
        held += leaves[child];
    }
    for &v in &forest.order {
        if let Some(parent) = forest.parent[v].filter(|&p| p != root) {
            left[v] = left[parent];
        }
    }
    let half = |side: bool| {
        let arcs: Vec<_> = (0..left.len())
            .filter(|&v| left[v] == side && v != root)
            .filter_map(|v| Some((forest.parent[v]?, v)))
            .collect();
        Forest::new(left.len(), &arcs).tidy_from(root)
    };
    let (right_half, left_half) = (half(false), half(true));
    let deepest = |half: &[(f32, usize)], side: bool| {
        (0..left.len()).filter(|&v| left[v] == side).map(|v| half[v].1).max().unwrap_or(0) as f32
    };
    let middle = deepest(&left_half, true);
    let mut at: Vec<(f32, f32)> = (0..left.len())
        .map(|v| match left[v] {
            true => (middle - left_half[v].1 as f32, left_half[v].0),
            false => (middle + right_half[v].1 as f32, right_half[v].0),
        })
        .collect();
    at[root] = (middle, 0.0);
    let low = at.iter().fold(0.0_f32, |l, p| l.min(p.1));
    at.iter_mut().for_each(|p| p.1 -= low);
    at
}

impl Forest {
    /// Places relative to `root`, which is at 0; nodes of other trees keep 0.
    fn tidy_from(&self, root: usize) -> Vec<(f32, usize)> {
        let single = Self { roots: vec![root], order: self.under(root), ..self.clone() };
        let mut at = single.tidy(None);
        let zero = at[root].0;
        at.iter_mut().for_each(|p| p.0 -= zero);
        at
    }

    /// `root` and all nodes under it, parents first.
    fn under(&self, root: usize) -> Vec<usize> {
        let mut order = Vec::new();
        let mut stack = vec![root];
        while let Some(v) = stack.pop() {
            order.push(v);
            stack.extend(self.children[v].iter().rev());
        }
        order
    }
}

/// Levels of a hierarchy, branches of a mind map.
fn tones(ctx: &Context<'_>, forest: &Forest) -> Vec<usize> {
    if ctx.scene.kind != Kind::Mindmap {
        return forest.depth.clone();
    }
    let mut tones = vec![0; forest.parent.len()];
    for &v in &forest.order {
        let Some(parent) = forest.parent[v] else { continue };
        tones[v] = if forest.parent[parent].is_none() {
            1 + forest.children[parent].iter().position(|&c| c == v).unwrap_or(0)
        } else {
            tones[parent]
        };
    }
    tones
}

/// A branch in right angles; branches of one parent share their trunk.
fn line(a: Rect, b: Rect, flow: Flow, listed: bool) -> Vec<Point> {
    let (from, to) = (a.center(), b.center());
    let points = match flow {
        Flow::Down if listed => {
            let x = a.x + (b.x - a.x).max(0.0) * 0.5;
            [Point::new(x, a.bottom()), Point::new(x, to.y), Point::new(b.x, to.y)].to_vec()
        }
        Flow::Down => {
            let middle = (a.bottom() + b.y) / 2.0;
            [(from.x, a.bottom()), (from.x, middle), (to.x, middle), (to.x, b.y)]
                .map(|(x, y)| Point::new(x, y))
                .to_vec()
        }
        Flow::Across => {
            let (start, end) = if to.x > from.x { (a.right(), b.x) } else { (a.x, b.right()) };
            let middle = (start + end) / 2.0;
            [(start, from.y), (middle, from.y), (middle, to.y), (end, to.y)].map(|(x, y)| Point::new(x, y)).to_vec()
        }
    };
    straighten(points)
}
