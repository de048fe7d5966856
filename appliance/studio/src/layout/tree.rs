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
use super::radial::{Round, rounds};
use super::{cards, curve, flow, pins};

/// Indent of hanging leaves, in units of a node.
const INDENT: f32 = 0.2;
/// Pixels of font that it costs when a mind map does not stand round its middle.
const ONE_SIDED: f32 = 12.0;

/// How the branches of a tree are drawn.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// From the top down, leaves side by side.
    Down,
    /// From the top down, leaves in lists under their parents.
    Lists,
    /// From left to right.
    Across,
    /// From the middle to both sides, so many branches to the right.
    Sides(usize),
}

/// A way to put a tree on the canvas.
struct Way {
    form: Form,
    /// All round the root, where it is.
    round: Option<Round>,
    spread: Spread,
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
    let labelled = ctx.tags.iter().map(|t| if t.is_empty() { 0.0 } else { 1.2 }).fold(0.0, f32::max);
    let ways = ways(ctx, &forest, labelled);
    let spreads: Vec<Spread> = ways.iter().map(|way| way.spread.clone()).collect();
    let Some(Seats { spread: chosen, fit, boxes, .. }) = best(ctx, spreads) else { return cards::tiles(ctx) };
    let is_chosen = |way: &&Way| way.spread.at == chosen.at && way.spread.flow == chosen.flow;
    let Some(way) = ways.iter().find(is_chosen) else { return cards::tiles(ctx) };
    let mut board = flow::board(ctx, fit, boxes);
    board.tones = tones(ctx, &forest);
    board.toned = true;
    if ctx.scene.kind == Kind::Mindmap {
        board.heads.clone_from(&forest.roots);
    }
    let pinned = pins::honour(ctx, &mut board);
    board.contain(ctx);
    let branch = |link: &Link| {
        let (End::Node(a), End::Node(b)) = (link.from, link.to) else { return None };
        (forest.is_branch(a, b) && !pinned).then(|| {
            let listed = way.form == Form::Lists && forest.is_list(a);
            let (from, to) = (board.boxes[a], board.boxes[b]);
            match &way.round {
                Some(round) => round.line(&board.boxes, forest.roots[0], (a, b), board.px),
                None if ctx.scene.kind == Kind::Mindmap => swung(from, to, chosen.flow, listed, board.px),
                None => line(from, to, chosen.flow, listed),
            }
        })
    };
    let given: Vec<_> = ctx.links.iter().map(branch).collect();
    board.connect_around(ctx, chosen.flow, &|_| false, false, given);
    board
}

/// The ways worth trying.
fn ways(ctx: &Context<'_>, forest: &Forest, labelled: f32) -> Vec<Way> {
    // More of them where something stands that should not change sides.
    let steady = ctx.former.iter().any(Option::is_some);
    let forms: Vec<Form> = match ctx.scene.kind {
        Kind::Mindmap if forest.roots.len() == 1 => {
            let sides = splits(forest).into_iter().take(if steady { 3 } else { 1 }).map(Form::Sides);
            sides.chain([Form::Across, Form::Lists]).collect()
        }
        Kind::Mindmap => vec![Form::Across],
        _ => vec![Form::Down, Form::Lists, Form::Across],
    };
    let is_map = ctx.scene.kind == Kind::Mindmap && forest.roots.len() == 1;
    let way = |form: Form| {
        let mut spread = spread(forest, &form, labelled);
        if is_map && !matches!(form, Form::Sides(_)) {
            spread.cost += ONE_SIDED;
        }
        Way { round: None, spread, form }
    };
    let mut ways: Vec<Way> = forms.into_iter().map(way).collect();
    if is_map {
        let way = |round: Round| Way { form: Form::Lists, spread: round.spread.clone(), round: Some(round) };
        ways.extend(rounds(forest, labelled, steady, ctx.frame.area.h > ctx.frame.area.w).into_iter().map(way));
    }
    ways
}

/// Numbers of branches that go to the right, the one first with which both sides hold about as many leaves.
fn splits(forest: &Forest) -> Vec<usize> {
    let (root, leaves) = (forest.roots[0], forest.leaves());
    let children = &forest.children[root];
    if children.len() < 2 {
        return vec![children.len()];
    }
    let held = |n: usize| children[..n].iter().map(|&c| leaves[c]).sum::<usize>();
    let mut all: Vec<usize> = (1..children.len()).collect();
    all.sort_by_key(|&n| ((2 * held(n)).abs_diff(leaves[root]), usize::MAX - n));
    all
}

fn spread(forest: &Forest, form: &Form, labelled: f32) -> Spread {
    let at: Vec<(f32, f32)> = match form {
        Form::Down => forest.tidy(None).into_iter().map(|(x, level)| (x, level as f32)).collect(),
        Form::Lists => forest.tidy(Some(INDENT)).into_iter().map(|(x, level)| (x, level as f32)).collect(),
        Form::Across => forest.tidy(None).into_iter().map(|(y, level)| (level as f32, y)).collect(),
        Form::Sides(right) => sides(forest, *right),
    };
    let high = at.iter().fold((0.0_f32, 0.0_f32), |h, p| (h.0.max(p.0), h.1.max(p.1)));
    let (gaps, flow, cost) = match form {
        Form::Down => ((1.1, 2.2 + labelled), Flow::Down, 1.0),
        Form::Lists => ((1.6, 1.5), Flow::Down, 2.0),
        Form::Across => ((2.6 + 3.0 * labelled, 0.9), Flow::Across, 2.5),
        Form::Sides(right) => ((2.6 + 3.0 * labelled, 0.9), Flow::Across, 0.5 * uneven(forest, *right)),
    };
    let grid = Grid { columns: Axis::even(high.0, gaps.0), rows: Axis::even(high.1, gaps.1) };
    Spread { grid, stack: None, at, flow, cost }
}

/// How many times heavier one side is than the other, less one, when so many branches go to the right.
fn uneven(forest: &Forest, right: usize) -> f32 {
    let (leaves, children) = (forest.leaves(), &forest.children[forest.roots[0]]);
    let held = |part: &[usize]| part.iter().map(|&c| leaves[c]).sum::<usize>().max(1) as f32;
    let (a, b) = (held(&children[..right]), held(&children[right..]));
    (a / b).max(b / a) - 1.0
}

/// The root in the middle, so many of its branches to the right and the others to the left.
fn sides(forest: &Forest, right: usize) -> Vec<(f32, f32)> {
    let root = forest.roots[0];
    let mut left = vec![false; forest.parent.len()];
    forest.children[root][right..].iter().for_each(|&child| left[child] = true);
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
    pub(super) fn under(&self, root: usize) -> Vec<usize> {
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

/// A branch of a mind map: it swings from box to box; to what is listed it runs down and turns.
fn swung(a: Rect, b: Rect, flow: Flow, listed: bool, px: f32) -> Vec<Point> {
    let (from, to) = (a.center(), b.center());
    match flow {
        Flow::Down if listed => {
            let x = a.x + (b.x - a.x).max(0.0) * 0.5;
            curve::hook(Point::new(x, a.bottom()), Point::new(b.x, to.y), 0.7 * px)
        }
        Flow::Down => curve::swing(Point::new(from.x, a.bottom()), Point::new(to.x, b.y), false),
        Flow::Across => {
            let (start, end) = if to.x > from.x { (a.right(), b.x) } else { (a.x, b.right()) };
            curve::swing(Point::new(start, from.y), Point::new(end, to.y), true)
        }
    }
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
