//! Comparisons: a column for each thing, a row for each aspect; what things share spans their columns.

use std::collections::BTreeMap;

use crate::geometry::Rect;

use super::board::{Board, Context};
use super::graph::End;
use super::grid::{Axis, Fit, Grid};
use super::label::LINE;
use super::{Align, Guide, flow, pins};

/// Most things side by side.
const MOST: usize = 6;
/// Share of the width that the names of the aspects take.
const HEAD: f32 = 0.15;

/// Place of a value in the table.
struct Cell {
    node: usize,
    /// First and last column.
    columns: (usize, usize),
    row: usize,
}

/// A table of values.
struct Table {
    things: Vec<usize>,
    cells: Vec<Cell>,
    rows: usize,
    /// Names of aspects with the first and last row and the first edge of each.
    aspects: Vec<(String, usize, usize, usize)>,
}

/// Lays the scene out as a table.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let Some(table) = table(ctx) else { return flow::place(ctx) };
    let area = ctx.frame.area;
    let named = table.aspects.iter().any(|a| !a.0.is_empty());
    let head = if named { area.w * HEAD } else { 0.0 };
    let inner = Rect::new(area.x + head, area.y, area.w - head - if named { area.w * 0.01 } else { 0.0 }, area.h);
    let grid =
        Grid { columns: Axis::even((table.things.len() - 1) as f32, 1.4), rows: Axis::even(table.rows as f32, 0.75) };
    let fit = grid.fit(&ctx.items, inner, ctx.frame.unit);
    // Columns as wide as the frame allows: a table should look like one.
    let columns = table.things.len() as f32;
    let widest = (inner.w - 1.4 * fit.px * (columns - 1.0)) / columns;
    let fit = Fit { w: fit.w.max(widest.min(fit.w * 1.9)), ..fit };
    let rect = |column: usize, row: usize| grid.place((column as f32, row as f32), fit, inner, (1.0, 0.5));
    let mut boxes = vec![Rect::default(); ctx.items.len()];
    for (i, &v) in table.things.iter().enumerate() {
        boxes[v] = rect(i, 0);
    }
    for cell in &table.cells {
        boxes[cell.node] = rect(cell.columns.0, cell.row + 1).union(&rect(cell.columns.1, cell.row + 1));
    }
    let mut board = Board::new(ctx, boxes, fit.px);
    board.whole = fit.whole;
    for cell in &table.cells {
        board.tones[cell.node] = if cell.columns.0 == cell.columns.1 { cell.columns.0 } else { table.things.len() };
    }
    for (i, &v) in table.things.iter().enumerate() {
        board.tones[v] = i;
    }
    board.toned = true;
    board.heads.clone_from(&table.things);
    if pins::honour(ctx, &mut board) {
        board.connect(ctx, super::fold::Flow::Down, &|_| false, true);
        return board;
    }
    let names = table.aspects.iter().map(|a| a.0.as_str());
    let px = ctx.size_for(names, head - 2.0 * fit.px, 0.85 * fit.px);
    for (name, first, last, edge) in table.aspects.iter().filter(|a| !a.0.is_empty()) {
        let (a, b) = (rect(0, first + 1), rect(table.things.len() - 1, last + 1));
        let pad = 0.25 * fit.px;
        let left = (a.x - head).max(area.x);
        let band = Rect::new(left, a.y - pad, b.right() + 0.5 * fit.px - left, b.bottom() - a.y + 2.0 * pad);
        let name_rect = Rect::new(band.x + 0.5 * px, band.y, (a.x - band.x - 1.0 * px).max(px), band.h);
        let limit = (libm::floorf(band.h / (LINE * px)) as usize).clamp(1, 3);
        let label = ctx.text(name, name_rect, px, limit, Align::Start);
        board.guides.push(Guide::Container { id: ctx.scene.edges[*edge].id.clone(), rect: band, label, tone: 0 });
    }
    board
}

/// The table behind the scene's edges, if there is one: things are the sources, values the targets, labels the aspects.
fn table(ctx: &Context<'_>) -> Option<Table> {
    let count = ctx.items.len();
    let mut of: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    let mut source = vec![false; count];
    for link in &ctx.links {
        if let (End::Node(a), End::Node(b)) = (link.from, link.to) {
            source[a] = true;
            of[b].push((a, link.edge));
        }
    }
    let things: Vec<usize> = (0..count).filter(|&v| source[v]).collect();
    if !(1..=MOST).contains(&things.len()) || things.iter().any(|&t| !of[t].is_empty()) {
        return None;
    }
    let column: BTreeMap<usize, usize> = things.iter().enumerate().map(|(i, &t)| (t, i)).collect();
    // Values by aspect in the order in which aspects come up; without names all share one aspect.
    let mut aspects: Vec<(String, usize, Vec<usize>)> = Vec::new();
    for v in (0..count).filter(|&v| !source[v]) {
        let edge = of[v].first().map(|&(_, e)| e);
        let name = edge.map_or(String::new(), |e| ctx.scene.edges[e].label.trim().to_owned());
        match aspects.iter_mut().find(|a| a.0.to_lowercase() == name.to_lowercase()) {
            Some(aspect) => aspect.2.push(v),
            None => aspects.push((name, edge.unwrap_or(0), vec![v])),
        }
    }
    let mut table = Table { things, cells: Vec::new(), rows: 0, aspects: Vec::new() };
    for (name, edge, values) in aspects {
        let first = table.rows;
        let mut filled: Vec<Vec<bool>> = Vec::new();
        for v in values {
            let columns = of[v].iter().map(|(t, _)| column[t]);
            let span =
                columns.fold(None, |s: Option<(usize, usize)>, c| Some(s.map_or((c, c), |s| (s.0.min(c), s.1.max(c)))));
            // A value of nothing spans the whole table.
            let span = span.unwrap_or((0, table.things.len() - 1));
            let free = |row: &Vec<bool>| (span.0..=span.1).all(|c| !row[c]);
            let row = filled.iter().position(free).unwrap_or(filled.len());
            if row == filled.len() {
                filled.push(vec![false; table.things.len()]);
            }
            filled[row][span.0..=span.1].fill(true);
            table.cells.push(Cell { node: v, columns: span, row: first + row });
        }
        table.rows += filled.len();
        table.aspects.push((name, first, table.rows.saturating_sub(1), edge));
    }
    (table.rows > 0).then_some(table)
}
