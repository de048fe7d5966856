//! Messages between participants: participants across the top, time down.

use crate::geometry::{Point, Rect};

use super::board::{Board, Context, edge};
use super::graph::End;
use super::grid::{Axis, Grid};
use super::label::LINE;
use super::{Align, Guide, PlacedEdge, Text, cards};

/// Largest font of messages at 1080 lines, in pixels.
const LARGEST: f32 = 30.0;
/// Space of a message besides its label, in em.
const ROW: f32 = 0.75;

/// One arrow between two lifelines.
struct Message {
    edge: usize,
    from: usize,
    to: usize,
    reply: bool,
}

/// Lays the scene out as a sequence.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    let messages = messages(ctx);
    let count = ctx.items.len();
    if messages.is_empty() {
        return cards::tiles(ctx);
    }
    let area = ctx.frame.area;
    let unit = ctx.frame.unit;
    let head = Rect { h: area.h * if messages.len() > 8 { 0.125 } else { 0.17 }, ..area };
    let grid = Grid { columns: Axis::even((count - 1) as f32, 0.9), rows: Axis::even(0.0, 0.0) };
    let mut fit = grid.fit(&ctx.items, head, unit);
    fit.h = fit.h.min(head.h);
    let pitch = ((area.w - fit.w) / (count - 1).max(1) as f32).min(area.w * 0.42);
    let left = area.x + (area.w - fit.w - pitch * (count - 1) as f32) / 2.0;
    let boxes: Vec<Rect> = (0..count).map(|i| Rect::new(left + pitch * i as f32, area.y, fit.w, fit.h)).collect();
    let mut board = Board::new(ctx, boxes, fit.px);
    board.whole = fit.whole;
    board.tones = (0..count).collect();
    board.toned = true;
    let (top, bottom) = (area.y + fit.h, area.bottom());
    let rows = Rows::new(ctx, &messages, pitch, bottom - top, fit.px);
    let mut y = top;
    for (message, lines) in messages.iter().zip(&rows.lines) {
        y += rows.height(*lines) + rows.loose;
        board.edges.push(arrow(ctx, message, &board.boxes, y, &rows, *lines, pitch));
    }
    let end = (y + 0.9 * rows.px).min(bottom + 0.5 * rows.px);
    for (node, rect) in ctx.scene.nodes.iter().zip(&board.boxes) {
        let x = rect.center().x;
        let line = [Point::new(x, rect.bottom()), Point::new(x, end)];
        board.guides.push(Guide::Lifeline { node: node.id.clone(), line });
    }
    board
}

/// The messages in spoken order. A message is a reply when it goes back along one that is not answered yet.
fn messages(ctx: &Context<'_>) -> Vec<Message> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut messages = Vec::new();
    for link in &ctx.links {
        let (End::Node(from), End::Node(to)) = (link.from, link.to) else { continue };
        let asked = open.iter().rposition(|&pair| pair == (to, from));
        if let Some(asked) = asked.filter(|_| from != to) {
            open.remove(asked);
        } else {
            open.push((from, to));
        }
        messages.push(Message { edge: link.edge, from, to, reply: asked.is_some() && from != to });
    }
    messages
}

/// Sizes of the rows of messages.
struct Rows {
    px: f32,
    lines: Vec<usize>,
    /// Extra space of each row.
    loose: f32,
}

impl Rows {
    /// The largest font at which all messages fit into `height`.
    fn new(ctx: &Context<'_>, messages: &[Message], pitch: f32, height: f32, head_px: f32) -> Self {
        let lines_at = |px: f32| -> Vec<usize> {
            let lines = |m: &Message| {
                let label = &ctx.tags[m.edge];
                label.lines_at(room(m, pitch, px) / px).clamp(usize::from(!label.is_empty()), 3)
            };
            messages.iter().map(lines).collect()
        };
        let mut rows = Self { px: (LARGEST * ctx.frame.unit).min(head_px), lines: Vec::new(), loose: 0.0 };
        for _ in 0..60 {
            rows.lines = lines_at(rows.px);
            let widest = |m: &Message| {
                ctx.tags[m.edge].longest() * rows.px <= room(m, pitch, rows.px) || rows.px < 14.0 * ctx.frame.unit
            };
            if rows.total() <= height && messages.iter().all(widest) {
                break;
            }
            rows.px *= 0.95;
        }
        if rows.total() > height {
            rows.lines.fill(1);
            rows.px *= (height / rows.total()).min(1.0);
        }
        rows.loose = ((height - rows.total()) / (messages.len() + 1) as f32).clamp(0.0, 1.1 * rows.px);
        rows
    }

    fn height(&self, lines: usize) -> f32 {
        (lines as f32 * LINE + ROW) * self.px
    }

    fn total(&self) -> f32 {
        self.lines.iter().map(|&lines| self.height(lines)).sum::<f32>() + 0.6 * self.px
    }
}

/// Width for the label of a message.
fn room(message: &Message, pitch: f32, px: f32) -> f32 {
    let span = message.from.abs_diff(message.to).max(1) as f32;
    (span * pitch - 1.6 * px).max(pitch * 0.5)
}

fn arrow(
    ctx: &Context<'_>,
    message: &Message,
    boxes: &[Rect],
    y: f32,
    rows: &Rows,
    lines: usize,
    pitch: f32,
) -> PlacedEdge {
    let (a, b) = (boxes[message.from].center().x, boxes[message.to].center().x);
    let (width, height) = (room(message, pitch, rows.px), lines as f32 * LINE * rows.px);
    let last = message.from + 1 == boxes.len();
    let (points, middle) = if message.from == message.to {
        // Towards the inside where the outermost lifeline has no room beside it.
        let out = 1.4 * rows.px * if last { -1.0 } else { 1.0 };
        let from = y - 0.5 * rows.px;
        let loop_ = [(a, from), (a + out, from), (a + out, y), (a, y)].map(|(x, y)| Point::new(x, y));
        (loop_.to_vec(), a + if last { -pitch / 2.0 } else { pitch / 2.0 })
    } else {
        (vec![Point::new(a, y), Point::new(b, y)], (a + b) / 2.0)
    };
    let above = y - 0.22 * rows.px - height - if message.from == message.to { 0.5 * rows.px } else { 0.0 };
    let label = &ctx.tags[message.edge];
    let (lines, used) = label.wrap(width / rows.px + 0.02, lines);
    let w = used * rows.px;
    let rect = Rect::new(middle - w / 2.0, above, w, height);
    let text = (!label.is_empty()).then_some(Text { rect, lines, px: rows.px, align: Align::Center });
    PlacedEdge { dashed: message.reply, ..edge(ctx, message.edge, points, text, true) }
}
