//! Swimlanes: a lane for each actor, the flow running along them.

use crate::geometry::Rect;

use super::board::{Board, Context};
use super::flow;
use super::fold::{Flow, Spread, Tag};
use super::graph::{End, Link, acyclic, arcs, topological};
use super::grid::{Axis, Grid};
use super::label::Label;
use super::{Align, Guide, pins};

/// Share of the area that the names of lanes across take.
const NAME: f32 = 0.11;
/// Share of the area that they take at most, and the size that they should have, in pixels at 1080 lines.
const WIDEST_NAME: f32 = 0.26;
const NAME_PX: f32 = 24.0;
/// Labels smaller than this at 1080 lines make a flow without lanes the better picture.
const LEAST: f32 = 19.0;

/// Nodes by lane and step.
struct Lanes {
    /// Lane by node.
    lane: Vec<usize>,
    /// Step along the flow by node.
    step: Vec<usize>,
    /// Row inside the lane by node.
    row: Vec<usize>,
    /// Rows of each lane.
    rows: Vec<usize>,
    /// Index of the actor of each lane; `None` for what nobody does.
    actors: Vec<Option<usize>>,
    steps: usize,
}

/// Lays the scene out in lanes; as a flow when there are no actors or the labels would be too small.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let arcs = arcs(&ctx.links);
    let tight = lanes(ctx, &arcs, true);
    let wide = lanes(ctx, &arcs, false);
    if tight.actors.iter().flatten().count() == 0 {
        return flow::place(ctx);
    }
    let mut best: Option<(f32, Board, Flow, usize)> = None;
    let all = [&wide, &tight];
    for (i, lanes) in all.iter().enumerate() {
        for flow in [Flow::Across, Flow::Down] {
            let board = draw(ctx, lanes, flow);
            let cost =
                i as f32 * 2.0 + if flow == Flow::Down { 1.5 } else { 0.0 } + if board.whole { 0.0 } else { 20.0 };
            let score = (board.px / ctx.frame.unit).min(32.0) - cost;
            if best.as_ref().is_none_or(|b| score > b.0) {
                best = Some((score, board, flow, i));
            }
        }
    }
    let (score, mut board, flow, chosen) = best.expect("two ways were tried");
    if score < LEAST {
        let plain = flow::place(ctx);
        if plain.px > board.px * 1.2 {
            return plain;
        }
    }
    let lanes = all[chosen];
    let pinned = pins::honour(ctx, &mut board);
    let backwards = |link: &Link| match (link.from, link.to) {
        (End::Node(a), End::Node(b)) => !pinned && lanes.step[a] > lanes.step[b],
        _ => false,
    };
    board.connect(ctx, flow, &backwards, true);
    board
}

/// Lanes and steps. When `tight`, a node may stand in the same step as one before it in another lane.
fn lanes(ctx: &Context<'_>, arcs: &[(usize, usize)], tight: bool) -> Lanes {
    let count = ctx.items.len();
    let forward = acyclic(count, arcs);
    let order = topological(count, &forward);
    let mut actors: Vec<Option<usize>> = Vec::new();
    let mut actor: Vec<Option<usize>> = (0..count).map(|v| ctx.actor(v)).collect();
    // What nobody does stands in the lane of what comes next to it.
    for &(a, b) in &forward {
        actor[b] = actor[b].or(actor[a]);
    }
    for &(a, b) in forward.iter().rev() {
        actor[a] = actor[a].or(actor[b]);
    }
    for &a in &actor {
        if !actors.contains(&a) {
            actors.push(a);
        }
    }
    actors.sort_by_key(Option::is_none);
    let lane: Vec<usize> = actor.iter().map(|a| actors.iter().position(|b| a == b).unwrap_or(0)).collect();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
    for &(a, b) in &forward {
        before[b].push(a);
    }
    let mut step = vec![0_usize; count];
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for &v in &order {
        let near = |&u: &usize| {
            let free = (lane[u].min(lane[v])..=lane[u].max(lane[v]))
                .filter(|&l| l != lane[u])
                .all(|l| !taken.contains(&(l, step[u])));
            step[u] + usize::from(!(tight && lane[u] != lane[v] && free))
        };
        step[v] = before[v].iter().map(near).max().unwrap_or(0);
        taken.push((lane[v], step[v]));
    }
    let mut row = vec![0_usize; count];
    let mut rows = vec![1_usize; actors.len()];
    let mut cells: Vec<(usize, usize)> = Vec::new();
    for v in 0..count {
        let cell = (lane[v], step[v]);
        row[v] = cells.iter().filter(|&&c| c == cell).count();
        rows[lane[v]] = rows[lane[v]].max(row[v] + 1);
        cells.push(cell);
    }
    let steps = step.iter().max().map_or(1, |s| s + 1);
    Lanes { lane, step, row, rows, actors, steps }
}

fn draw(ctx: &Context<'_>, lanes: &Lanes, flow: Flow) -> Board {
    let area = ctx.frame.area;
    let named = ctx.scene.actors.iter().any(|a| !a.label.is_empty());
    // Wide enough for the longest word at a size that can be read, on narrow canvases too.
    let names = ctx.scene.actors.iter().map(|a| Label::new(&a.label, ctx.measure).longest()).fold(0.0, f32::max);
    let head = match flow {
        Flow::Across => ((names + 1.4) * NAME_PX * ctx.frame.unit).clamp(area.w * NAME, area.w * WIDEST_NAME),
        Flow::Down => (area.h * 0.08).max(40.0 * ctx.frame.unit).min(area.h * 0.2),
    };
    let head = if named { head } else { 0.0 };
    let pad = 14.0 * ctx.frame.unit;
    let inner = match flow {
        Flow::Across => Rect::new(area.x + head + pad, area.y + pad, area.w - head - 2.0 * pad, area.h - 2.0 * pad),
        Flow::Down => Rect::new(area.x + pad, area.y + head + pad, area.w - 2.0 * pad, area.h - head - 2.0 * pad),
    };
    let starts: Vec<usize> = lanes.rows.iter().scan(0, |at, rows| Some(std::mem::replace(at, *at + rows))).collect();
    let across: usize = lanes.rows.iter().sum();
    // Alone in its cell, a node stands in the middle of its lane.
    let alone = |v: usize| {
        !(0..lanes.lane.len()).any(|w| w != v && (lanes.lane[w], lanes.step[w]) == (lanes.lane[v], lanes.step[v]))
    };
    let at = |v: usize| {
        let row = if alone(v) { (lanes.rows[lanes.lane[v]] - 1) as f32 / 2.0 } else { lanes.row[v] as f32 };
        (lanes.step[v] as f32, starts[lanes.lane[v]] as f32 + row)
    };
    let tag = |link: &Link| Tag::new(0, &ctx.scene.edges[link.edge], &ctx.tags[link.edge]);
    let room = ctx.links.iter().filter_map(tag).fold((0.0_f32, 0.0_f32), |r, t| (r.0.max(t.width), r.1.max(t.height)));
    let last = (lanes.steps - 1) as f32;
    let grid = match flow {
        Flow::Across => Grid {
            columns: Axis::even(last, (room.0 + 1.7).clamp(2.0, 5.5)),
            rows: Axis::even(across as f32 - 1.0, (room.1 + 0.8).max(1.6)),
        },
        Flow::Down => Grid {
            columns: Axis::even(across as f32 - 1.0, (room.0 * 0.4).max(1.6)),
            rows: Axis::even(last, (room.1 + 1.5).max(1.9)),
        },
    };
    let at: Vec<(f32, f32)> =
        (0..lanes.lane.len()).map(at).map(|p| if flow == Flow::Down { (p.1, p.0) } else { p }).collect();
    let grid = grid.widened(ctx.room);
    let fit = grid.fit(&ctx.items, inner, ctx.frame.unit);
    let spread = Spread { grid, stack: None, at, flow, cost: 0.0 };
    let loose = if flow == Flow::Across { (3.0, 3.0) } else { (4.0, 2.5) };
    let rects: Vec<Rect> = spread.at.iter().map(|&at| spread.grid.place(at, fit, inner, loose)).collect();
    let mut board = Board::new(ctx, rects, fit.px);
    board.whole = fit.whole;
    board.tones = lanes.lane.clone();
    board.toned = true;
    let corner =
        |row: f32| spread.grid.place(if flow == Flow::Across { (0.0, row) } else { (row, 0.0) }, fit, inner, loose);
    // Lanes meet in the middle between their outermost rows.
    let edges = |lane: usize| {
        let (first, last) = (starts[lane] as f32, (starts[lane] + lanes.rows[lane] - 1) as f32);
        let (a, b, gap) = (corner(first), corner(last), corner(1.0));
        let zero = corner(0.0);
        match flow {
            Flow::Across => (a.y, b.bottom(), if across > 1 { gap.y - zero.bottom() } else { 2.0 * pad }),
            Flow::Down => (a.x, b.right(), if across > 1 { gap.x - zero.right() } else { 2.0 * pad }),
        }
    };
    let wanted = (0.9 * fit.px).max(20.0 * ctx.frame.unit);
    let width = if flow == Flow::Across { head - 1.0 * wanted } else { fit.w };
    let px = ctx.size_for(ctx.scene.actors.iter().map(|a| a.label.as_str()), width, wanted);
    for (lane, actor) in lanes.actors.iter().enumerate() {
        let Some(actor) = actor.and_then(|a| ctx.scene.actors.get(a)) else { continue };
        let (from, to, gap) = edges(lane);
        let half = gap / 2.0 - 0.12 * fit.px;
        let (from, to) = (from - half, to + half);
        let (rect, name, lines) = match flow {
            Flow::Across => {
                let rect = Rect::new(
                    area.x,
                    from.max(area.y - pad),
                    area.w,
                    to.min(area.bottom() + pad) - from.max(area.y - pad),
                );
                (rect, Rect::new(rect.x + 0.6 * px, rect.y, head - 0.8 * px, rect.h), 3)
            }
            Flow::Down => {
                let rect = Rect::new(
                    from.max(area.x - pad),
                    area.y,
                    to.min(area.right() + pad) - from.max(area.x - pad),
                    area.h,
                );
                (rect, Rect::new(rect.x + 0.4 * px, rect.y, rect.w - 0.8 * px, head), 2)
            }
        };
        let align = if flow == Flow::Across { Align::Start } else { Align::Center };
        let label = ctx.text(&actor.label, Rect { w: name.w.max(px), ..name }, px, lines, align);
        board.guides.push(Guide::Container { id: actor.id.clone(), rect, label, tone: lane });
    }
    board
}
