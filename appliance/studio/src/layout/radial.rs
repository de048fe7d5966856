//! Mind maps all round their middle: every branch is a block, its head with all that hangs under it, and the blocks
//! stand round the root so that all sides weigh about the same.

use crate::geometry::{Point, Rect};

use super::curve;
use super::fold::{Flow, Spread};
use super::forest::Forest;
use super::grid::{Axis, Grid};

/// Indent of what hangs under a node, in units of a node.
const INDENT: f32 = 0.18;
/// Rows between two blocks, and between a block and the root.
const APART: f32 = 0.45;
/// Gaps in em: between columns, where the branches run, and between rows.
const GAPS: (f32, f32) = (3.2, 0.55);
/// Pixels of font that it costs when blocks stand as the canvas does not ask for.
const COST: f32 = 0.8;
/// Pixels of font that it costs when one side is e times as heavy as the other.
const UNEVEN: f32 = 1.5;
/// Fewest branches that stand all round.
const FEWEST: usize = 3;

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Above,
    Below,
}

/// A map all round its root.
#[derive(Debug, Clone)]
pub(super) struct Round {
    /// Places of all nodes.
    pub(super) spread: Spread,
    /// Side by node; the root has none.
    side: Vec<Option<Side>>,
    /// Whether the root stands between the columns, and branches leave it upright.
    upright: bool,
}

/// A branch of the root with all under it, parents first, with their depth below the branch.
struct Block {
    nodes: Vec<(usize, usize)>,
}

impl Block {
    fn rows(&self) -> f32 {
        self.nodes.len() as f32
    }

    /// Whether each node has at most one below it: such a block can stand on a line.
    fn is_chain(&self) -> bool {
        self.nodes.iter().enumerate().all(|(i, (_, depth))| *depth == i)
    }
}

/// Rows that blocks take one under another.
fn height(blocks: &[Block]) -> f32 {
    blocks.iter().map(Block::rows).sum::<f32>() + APART * blocks.len().saturating_sub(1) as f32
}

/// Ways to put a tree with one root all round it: with the root between two columns of blocks, and beside them.
/// `steady` asks for more of them, of which one may keep what stands where it is; on a `high` canvas two columns are better.
pub(super) fn rounds(forest: &Forest, labelled: f32, steady: bool, high: bool) -> Vec<Round> {
    let root = forest.roots[0];
    let block = |&child: &usize| {
        let depth = |v: usize| forest.depth[v] - forest.depth[child];
        Block { nodes: forest.under(child).into_iter().map(|v| (v, depth(v))).collect() }
    };
    let blocks: Vec<Block> = forest.children[root].iter().map(block).collect();
    if blocks.len() < FEWEST || blocks.len() + 1 > forest.order.len() || forest.order.len() != forest.parent.len() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for split in splits(&blocks, steady) {
        let fee = uneven(&blocks, split);
        let fees = if high { (COST + fee, fee) } else { (0.5 * COST + fee, COST + fee) };
        out.extend(beside(root, forest.parent.len(), &blocks, split, labelled, fees.0));
        out.push(between(root, forest.parent.len(), &blocks, split, labelled, fees.1));
    }
    out
}

/// Numbers of blocks that stand at the right, the most even one first.
fn splits(blocks: &[Block], steady: bool) -> Vec<usize> {
    let mut all: Vec<usize> = (1..blocks.len()).collect();
    let off = |&n: &usize| (height(&blocks[..n]) - height(&blocks[n..])).abs();
    all.sort_by(|a, b| off(a).total_cmp(&off(b)).then(b.cmp(a)));
    all.truncate(if steady { 3 } else { 1 });
    all
}

/// What it costs that one side is heavier than the other.
fn uneven(blocks: &[Block], split: usize) -> f32 {
    let (a, b) = (height(&blocks[..split]), height(&blocks[split..]));
    UNEVEN * libm::fabsf(libm::logf(a.max(1.0) / b.max(1.0)))
}

/// Places of nodes as they are gathered: column and row of each, and its side.
struct Seats {
    at: Vec<(f32, f32)>,
    side: Vec<Option<Side>>,
}

impl Seats {
    fn new(count: usize) -> Self {
        Self { at: vec![(0.0, 0.0); count], side: vec![None; count] }
    }

    /// Puts `blocks` one under another from `row` on, indented away from the root; `column` is that of their heads.
    fn stack(&mut self, blocks: &[Block], column: f32, mut row: f32, side: Side) {
        let away = if side == Side::Left { -INDENT } else { INDENT };
        for block in blocks {
            for &(v, depth) in &block.nodes {
                self.at[v] = (column + away * depth as f32, row);
                self.side[v] = Some(side);
                row += 1.0;
            }
            row += APART;
        }
    }

    /// Moves all so that the first column and row are 0.
    fn spread(mut self, cost: f32, labelled: f32, flow: Flow) -> (Spread, Vec<Option<Side>>) {
        let low = self.at.iter().fold((f32::INFINITY, f32::INFINITY), |l, p| (l.0.min(p.0), l.1.min(p.1)));
        self.at.iter_mut().for_each(|p| *p = (p.0 - low.0, p.1 - low.1));
        let high = self.at.iter().fold((0.0_f32, 0.0_f32), |h, p| (h.0.max(p.0), h.1.max(p.1)));
        let columns = Axis::even(high.0, GAPS.0 + 2.0 * labelled);
        let grid = Grid { columns, rows: Axis::even(high.1, GAPS.1 + 0.4 * labelled) };
        (Spread { grid, stack: None, at: self.at, flow, cost }, self.side)
    }
}

/// Two columns of blocks with the root between the upper and the lower ones: for high canvases.
fn between(root: usize, count: usize, blocks: &[Block], split: usize, labelled: f32, cost: f32) -> Round {
    let (right, left) = blocks.split_at(split);
    // How many blocks of a column stand above the root: half of its weight.
    let half = |blocks: &[Block]| {
        let off = |&n: &usize| (height(&blocks[..n]) - height(&blocks[n..])).abs();
        (0..=blocks.len()).min_by(|a, b| off(a).total_cmp(&off(b)).then(b.cmp(a))).unwrap_or(0)
    };
    let mut seats = Seats::new(count);
    let columns = [(right, 1.0, Side::Right), (left, 0.0, Side::Left)];
    let above = columns.map(|(blocks, ..)| height(&blocks[..half(blocks)])).into_iter().fold(0.0, f32::max);
    let row = if above > 0.0 { above + APART } else { 0.0 };
    for (blocks, column, side) in columns {
        let (upper, lower) = blocks.split_at(half(blocks));
        seats.stack(upper, column, above - height(upper), side);
        seats.stack(lower, column, row + 1.0 + APART, side);
    }
    seats.at[root] = (0.5, row);
    let (spread, side) = seats.spread(cost, labelled, Flow::Down);
    Round { spread, side, upright: true }
}

/// A column of blocks at each side of the root, and maybe one block above it and one below: for square canvases.
fn beside(root: usize, count: usize, blocks: &[Block], split: usize, labelled: f32, cost: f32) -> Option<Round> {
    // Blocks are spoken of from the top of the right side to the foot of the left one.
    let (mut right, mut left) = blocks.split_at(split);
    let (mut above, mut below): (&[Block], &[Block]) = (&[], &[]);
    if right.len() > 2 && right[0].is_chain() {
        (above, right) = right.split_at(1);
    }
    if left.len() > 2 && left[left.len() - 1].is_chain() {
        (left, below) = left.split_at(left.len() - 1);
    }
    if right.is_empty() || left.is_empty() {
        return None;
    }
    let arm = height(above).max(height(below));
    let middle = if arm > 0.0 { 2.0 * (arm + APART) + 1.0 } else { 1.0 };
    let all = height(right).max(height(left)).max(middle);
    let mut seats = Seats::new(count);
    seats.stack(right, 2.0, (all - height(right)) / 2.0, Side::Right);
    seats.stack(left, 0.0, (all - height(left)) / 2.0, Side::Left);
    let row = (all - 1.0) / 2.0;
    seats.at[root] = (1.0, row);
    // Heads stand next to the root, the rest of the chain beyond them.
    for (i, &(v, _)) in above.iter().flat_map(|b| &b.nodes).enumerate() {
        (seats.at[v], seats.side[v]) = ((1.0, row - 1.0 - APART - i as f32), Some(Side::Above));
    }
    for (i, &(v, _)) in below.iter().flat_map(|b| &b.nodes).enumerate() {
        (seats.at[v], seats.side[v]) = ((1.0, row + 1.0 + APART + i as f32), Some(Side::Below));
    }
    let (spread, side) = seats.spread(cost, labelled, Flow::Across);
    Some(Round { spread, side, upright: false })
}

impl Round {
    /// The branch from `a`, the parent of `b`, as a curve; `boxes` are those of all nodes, and `root` says which is the
    /// root.
    pub(super) fn line(&self, boxes: &[Rect], root: usize, (a, b): (usize, usize), px: f32) -> Vec<Point> {
        let (from, to) = (boxes[a], boxes[b]);
        let inner = |rect: Rect, side: Side| if side == Side::Left { rect.right() } else { rect.x };
        let level = |side: Side| Point::new(inner(to, side), to.center().y);
        match self.side[b] {
            None => super::line::straight(from, to),
            Some(Side::Above) => vec![Point::new(from.center().x, from.y), Point::new(to.center().x, to.bottom())],
            Some(Side::Below) => vec![Point::new(from.center().x, from.bottom()), Point::new(to.center().x, to.y)],
            Some(side) if a == root && self.upright => {
                let (up, x) = (to.center().y < from.center().y, self.start(boxes, (root, b), side));
                curve::turn(Point::new(x, if up { from.y } else { from.bottom() }), level(side))
            }
            Some(side) if a == root => {
                let x = if side == Side::Left { from.x } else { from.right() };
                curve::swing(Point::new(x, from.center().y), level(side), true)
            }
            Some(side) => {
                let (start, end) = (inner(from, side), inner(to, side));
                let trunk = Point::new(start + (end - start) * 0.5, from.bottom());
                curve::hook(trunk, level(side), 0.7 * px)
            }
        }
    }

    /// Where on the root the branch to `b` begins, so that those to one side do not cross: what is further off begins
    /// nearer to the middle.
    fn start(&self, boxes: &[Rect], (root, b): (usize, usize), side: Side) -> f32 {
        let middle = boxes[root].center();
        let kin = |v: &usize| {
            let up = boxes[*v].center().y < middle.y;
            self.side[*v] == Some(side) && up == (boxes[b].center().y < middle.y)
        };
        let far = |v: usize| (boxes[v].center().y - middle.y).abs();
        let head = |v: &usize| (boxes[*v].x - boxes[b].x).abs() < 0.5;
        let heads: Vec<usize> = (0..boxes.len()).filter(|v| kin(v) && head(v)).collect();
        let nearer = heads.iter().filter(|v| far(**v) < far(b)).count();
        let edge = if side == Side::Left { boxes[b].right() } else { boxes[b].x };
        // Within the gap between the columns, and within the root.
        let room = (edge - middle.x).abs().min(boxes[root].w / 2.0) * 0.6;
        let share = (heads.len() - nearer) as f32 / (heads.len() + 1) as f32;
        middle.x + room * share * if side == Side::Left { -1.0 } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{Even, HD, scene, sound};
    use crate::layout::{Placed, place};
    use crate::storyboard::{Canvas, Kind, Origin, Scene};

    const CANVASES: [(u32, u32); 4] = [(1920, 1080), (1080, 1920), (1080, 1080), (1440, 1080)];

    /// A map with so many leaves at each branch.
    fn map(leaves: &[usize]) -> Scene {
        let mut labels = vec!["running a bakery".to_owned()];
        let mut edges = Vec::new();
        for (i, count) in leaves.iter().enumerate() {
            let head = labels.len();
            edges.push((0, head, ""));
            labels.push(format!("branch {i}"));
            for leaf in 0..*count {
                edges.push((head, labels.len(), ""));
                labels.push(format!("what belongs {leaf}"));
            }
        }
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        scene(Kind::Mindmap, &labels, &edges)
    }

    fn on((w, h): (u32, u32), scene: &Scene) -> Placed {
        sound(scene, Canvas { w, h, ..HD }).unwrap_or_else(|e| panic!("{w}x{h}: {e}"))
    }

    /// Lines that run through boxes, and pairs of lines that cross.
    fn faults(placed: &Placed) -> (usize, usize) {
        use crate::layout::tags::meets;
        let hit = |e: &crate::layout::PlacedEdge, r: Rect| e.points.windows(2).any(|p| meets(p[0], p[1], r));
        let through = |e| placed.nodes.iter().filter(|n| hit(e, n.rect.grown(-1.0))).count();
        let lines: Vec<&[Point]> = placed.edges.iter().map(|e| e.points.as_slice()).collect();
        (placed.edges.iter().map(through).sum(), crate::layout::flow::crossings(&lines))
    }

    #[test]
    fn maps_stand_round_their_middle() {
        for leaves in [&[2, 3, 2, 3][..], &[0; 6], &[1, 2, 0, 4, 1, 2], &[3; 8], &[2, 2, 2]] {
            for canvas in CANVASES {
                let placed = on(canvas, &map(leaves));
                assert_eq!(faults(&placed), (0, 0), "{leaves:?} on {canvas:?}");
                let root = placed.nodes[0].rect.center();
                let sides = placed.nodes[1..].iter().map(|n| n.rect.center()).fold((0, 0), |n, c| {
                    (n.0 + usize::from(c.x < root.x - 1.0), n.1 + usize::from(c.x > root.x + 1.0))
                });
                assert!(sides.0 > 0 && sides.1 > 0, "{leaves:?} on {canvas:?}: {sides:?}");
                let weights = (sides.0 as f32 / sides.1 as f32).max(sides.1 as f32 / sides.0 as f32);
                assert!(weights <= 2.5, "{leaves:?} on {canvas:?}: {sides:?}");
            }
        }
    }

    #[test]
    fn labels_of_maps_are_legible_on_every_canvas() {
        for canvas in CANVASES {
            let placed = on(canvas, &map(&[2, 3, 2, 3]));
            let px = placed.nodes.iter().map(|n| n.label.px).fold(f32::INFINITY, f32::min);
            assert!(px >= 24.0, "{px} on {canvas:?}");
        }
    }

    #[test]
    fn what_is_added_leaves_the_others_where_they_are() {
        for canvas in CANVASES {
            let before = on(canvas, &map(&[2, 3, 2, 3]));
            let mut more = map(&[2, 3, 2, 3]);
            let json = serde_json::json!({"id": "new", "label": "one more"});
            more.nodes.push(serde_json::from_value(json).expect("a node"));
            more.nodes.last_mut().expect("it was pushed").by = Origin::User;
            let json = serde_json::json!({"id": "to-new", "from": "n4", "to": "new", "label": ""});
            more.edges.push(serde_json::from_value(json).expect("an edge"));
            let after = place(&more, Canvas { w: canvas.0, h: canvas.1, ..HD }, &Even);
            let side = |p: &Placed, i: usize| p.nodes[i].rect.center().x < p.nodes[0].rect.center().x;
            let moved = (1..before.nodes.len()).filter(|&i| side(&before, i) != side(&after, i)).count();
            assert_eq!(moved, 0, "change sides on {canvas:?}");
        }
    }
}
