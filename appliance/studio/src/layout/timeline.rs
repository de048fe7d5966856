//! Events along an axis: above and below it, in rows, or beside an upright one.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context};
use super::grid::{Axis, Fit, Grid};
use super::label::{LINE, Label};
use super::{Align, Guide, Text};

/// Size of times relative to that of the events.
const TIME: f32 = 0.82;

/// One way to draw a timeline.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// One axis across, events above and below in turn.
    Turns,
    /// Rows of events, each under an axis of its own, with so many columns.
    Rows(usize),
    /// One upright axis at the left.
    Upright,
}

/// Lays the scene out as a timeline.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let count = ctx.items.len();
    if count == 0 {
        return Board::new(ctx, Vec::new(), 24.0 * ctx.frame.unit);
    }
    let times: Vec<Option<Label>> =
        ctx.scene.nodes.iter().map(|n| n.time.as_deref().map(|t| Label::new(t, ctx.measure))).collect();
    let mut forms = vec![Form::Turns, Form::Upright];
    forms.extend((2..=count.div_ceil(2)).map(|rows| Form::Rows(count.div_ceil(rows))));
    let rate = |form: Form| {
        let (grid, area, _) = plan(ctx, form, count);
        let fit = grid.fit(&ctx.items, area, ctx.frame.unit);
        let cost = match form {
            Form::Turns => 0.0,
            Form::Rows(columns) => 3.0 + 1.2 * count.div_ceil(columns) as f32,
            Form::Upright if ctx.frame.area.w > ctx.frame.area.h * 1.2 => 7.0,
            Form::Upright => 0.5,
        };
        ((fit.px / ctx.frame.unit).min(30.0) - cost, form, fit)
    };
    let rated = forms.into_iter().map(rate);
    let (_, form, fit) =
        rated.reduce(|a, b| if b.0 > a.0 + 1e-3 { b } else { a }).expect("there are two forms or more");
    draw(ctx, form, fit, &times)
}

/// Grid, its area and the places of the events.
fn plan(ctx: &Context<'_>, form: Form, count: usize) -> (Grid, Rect, Vec<(f32, f32)>) {
    let area = ctx.frame.area;
    let last = (count - 1) as f32;
    match form {
        Form::Turns => {
            let grid = Grid { columns: Axis::even(last / 2.0, 1.0), rows: Axis::even(1.0, 5.4) };
            (grid, area, (0..count).map(|i| (i as f32 / 2.0, (i % 2) as f32)).collect())
        }
        Form::Rows(columns) => {
            let rows = count.div_ceil(columns);
            let head = (area.h * 0.08).min(90.0 * ctx.frame.unit);
            let area = Rect::new(area.x, area.y + head, area.w, area.h - head);
            let grid =
                Grid { columns: Axis::even((columns - 1) as f32, 1.2), rows: Axis::even((rows - 1) as f32, 3.8) };
            (grid, area, (0..count).map(|i| ((i % columns) as f32, (i / columns) as f32)).collect())
        }
        Form::Upright => {
            // Times, then the axis with its ties.
            let side = area.w * (0.24 + 0.06);
            let area = Rect::new(area.x + side, area.y, area.w - side, area.h);
            let grid = Grid { columns: Axis::even(0.0, 0.0), rows: Axis::even(last, 0.7) };
            (grid, area, (0..count).map(|i| (0.0, i as f32)).collect())
        }
    }
}

fn draw(ctx: &Context<'_>, form: Form, mut fit: Fit, times: &[Option<Label>]) -> Board {
    let count = ctx.items.len();
    let (grid, area, at) = plan(ctx, form, count);
    if form == Form::Upright {
        fit.w = (fit.w * 1.3).min(area.w);
    }
    let loose = match form {
        Form::Turns => (2.5, 3.0),
        Form::Rows(_) => (2.0, 1.5),
        Form::Upright => (0.0, 2.0),
    };
    let mut boxes: Vec<Rect> = at.iter().map(|&at| grid.place(at, fit, area, loose)).collect();
    if form == Form::Upright {
        // Beside the axis, not in the middle of what is left.
        let room = (area.w - fit.w).min(area.w * 0.35);
        boxes.iter_mut().for_each(|b| b.x = area.x + room * 0.3);
        boxes.iter_mut().for_each(|b| b.w = b.w.min(area.right() - b.x));
    }
    let px = fit.px * TIME;
    let mut board = Board::new(ctx, boxes, fit.px);
    board.whole = fit.whole;
    let rim = 1.4 * fit.px;
    let axis = |b: &Rect| match form {
        Form::Turns => 0.0,
        Form::Rows(_) => b.y - 1.5 * fit.px,
        Form::Upright => b.x - 1.6 * fit.px,
    };
    let middle = {
        let (a, b) = (grid.place((0.0, 0.0), fit, area, loose), grid.place((0.0, 1.0), fit, area, loose));
        (a.bottom() + b.y) / 2.0
    };
    let (first, last) = (board.boxes[0], board.boxes[count - 1]);
    match form {
        Form::Turns => {
            let line = [Point::new(first.x.max(area.x), middle), Point::new(last.right().min(area.right()), middle)];
            board.guides.push(Guide::Axis { line });
        }
        Form::Rows(columns) => {
            for row in board.boxes.chunks(columns) {
                let (a, b) = (row[0], row[row.len() - 1]);
                let line = [Point::new(a.x, axis(&a)), Point::new(b.right(), axis(&a))];
                board.guides.push(Guide::Axis { line });
            }
        }
        Form::Upright => {
            let from = Point::new(axis(&first), (first.y - rim * 0.3).max(area.y));
            let line = [from, Point::new(axis(&first), (last.bottom() + rim * 0.3).min(area.bottom()))];
            board.guides.push(Guide::Axis { line });
        }
    }
    // Badges on the axis may be as wide as the distance of events allows.
    let pitch = if count > 1 { (board.boxes[1].center().x - board.boxes[0].center().x).abs() } else { fit.w };
    let mut spots = Vec::with_capacity(count);
    for v in 0..count {
        let rect = board.boxes[v];
        let (line, on, width) = match form {
            Form::Turns => {
                let x = rect.center().x;
                let end = if v % 2 == 0 { rect.bottom() } else { rect.y };
                ([Point::new(x, middle), Point::new(x, end)], Point::new(x, middle), pitch - 0.25 * px)
            }
            Form::Rows(_) => {
                let x = rect.center().x;
                ([Point::new(x, axis(&rect)), Point::new(x, rect.y)], Point::new(x, axis(&rect)), rect.w)
            }
            Form::Upright => {
                let (x, y) = (axis(&rect), rect.center().y);
                let width = (x - ctx.frame.area.x - 0.8 * px).max(px);
                ([Point::new(x, y), Point::new(rect.x, y)], Point::new(x, y), width)
            }
        };
        board.guides.push(Guide::Tick { node: ctx.scene.nodes[v].id.clone(), line });
        spots.push((on, width));
    }
    // All times in one size: the largest at which each fits on two lines.
    let fits = |px: f32| {
        let fits = |(label, (_, width)): (&Option<Label>, &(Point, f32))| {
            let inner = (width - 1.1 * px) / px;
            label.as_ref().is_none_or(|l| l.longest() <= inner && l.lines_at(inner) <= 2)
        };
        times.iter().zip(&spots).all(fits)
    };
    let mut small = px;
    while small > 0.6 * px && !fits(small) {
        small *= 0.96;
    }
    for (v, (on, width)) in spots.iter().enumerate() {
        board.badges[v] = times[v].as_ref().filter(|t| !t.is_empty()).map(|t| badge(t, *on, *width, small, form));
    }
    board
}

/// A time on the axis at `on`, or left of an upright one.
fn badge(label: &Label, on: Point, width: f32, px: f32, form: Form) -> Text {
    let inner = (width - 1.1 * px).max(0.5 * width);
    let (lines, used) = label.wrap(inner / px + 0.02, 2);
    let (w, h) = ((used * px + 1.1 * px).min(width), (lines.len() as f32 * LINE + 0.5) * px);
    let x = if form == Form::Upright { on.x - w - 0.7 * px } else { on.x - w / 2.0 };
    Text { rect: Rect::new(x, on.y - h / 2.0, w, h), lines, px, align: Align::Center }
}
