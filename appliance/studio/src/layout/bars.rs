//! Quantities as bars, the name at the left, the number at the end; parts of a whole as a ring.

use crate::geometry::Rect;
use crate::storyboard::Shape;

use super::board::{Board, Context};
use super::grid::LARGEST_PX;
use super::label::LINE;
use super::{Align, Text, cards, pie};

/// Most bars one under another.
const MOST: usize = 16;
/// Share of the width for the names at most.
const NAMES: f32 = 0.36;

/// Lays the scene out as bars; as a ring where the numbers are shares, as cards where there are none.
pub(super) fn place(ctx: &Context<'_>) -> Board {
    if let Some(shares) = pie::shares(ctx) {
        return pie::place(ctx, &shares);
    }
    let count = ctx.items.len();
    let values: Vec<Option<f64>> = ctx.scene.nodes.iter().map(|n| n.value.filter(|v| v.is_finite())).collect();
    let largest = values.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
    if count > MOST || largest <= 0.0 || values.iter().flatten().count() * 2 < count {
        return cards::tiles(ctx);
    }
    let (area, unit) = (ctx.frame.area, ctx.frame.unit);
    let pitch = (area.h / count as f32).min(150.0 * unit);
    let height = pitch * 0.58;
    let top = area.y + (area.h - pitch * count as f32) / 2.0;
    let fits = |px: f32| {
        let lines = libm::floorf(pitch * 0.92 / (LINE * px));
        let width = area.w * NAMES / px;
        lines >= 1.0
            && ctx
                .items
                .iter()
                .all(|i| i.label.longest() <= width && i.label.lines_at(width) <= lines.min(3.0) as usize)
    };
    let mut px = LARGEST_PX * unit;
    while px > 9.0 * unit && !fits(px) {
        px -= 0.5 * unit;
    }
    let px = px.min(pitch * 0.8);
    let names = ctx.items.iter().map(|i| i.label.width_for(2) * px).fold(0.0, f32::max).min(area.w * NAMES);
    let numbers: Vec<Option<String>> = values.iter().map(|v| v.map(number)).collect();
    let widest = numbers.iter().flatten().map(|n| n.chars().count()).max().unwrap_or(0);
    let number_w = (widest as f32 * 0.66 + 0.8) * px;
    let left = area.x + names + 0.8 * px;
    let room = (area.right() - left - number_w - 0.5 * px).max(area.w * 0.1);
    let mut boxes = Vec::with_capacity(count);
    let mut board_labels = Vec::with_capacity(count);
    let mut badges = Vec::with_capacity(count);
    for (v, value) in values.iter().enumerate() {
        let y = top + pitch * v as f32;
        let share = value.map_or(0.0, |v| (v.abs() / largest) as f32);
        let bar = Rect::new(left, y + (pitch - height) / 2.0, (room * share).max(0.12 * px), height);
        let name = Rect::new(area.x, y + pitch * 0.02, names + 0.05 * px, pitch * 0.96);
        board_labels.push(Some((name, Align::Start)));
        let at = Rect::new(
            (bar.right() + 0.4 * px).min(area.right() - number_w),
            bar.center().y - 0.8 * px,
            number_w,
            1.6 * px,
        );
        badges.push(numbers[v].as_ref().map(|n| Text { rect: at, lines: vec![n.clone()], px, align: Align::Start }));
        boxes.push(bar);
    }
    let mut board = Board::new(ctx, boxes, px);
    board.whole = fits(px);
    board.shapes = vec![Shape::Box; count];
    board.labels = board_labels;
    board.badges = badges;
    board
}

/// A number with at most two decimals and thousands set apart.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    }
    let text = format!("{:.2}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && whole.len() > 4 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let rest = rest.trim_end_matches('0');
    let sign = if value < 0.0 { "−" } else { "" };
    if rest.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expected: &str) {
        assert_eq!(number(value), expected);
    }

    #[test]
    fn numbers_are_written_for_readers() {
        check(900_000.0, "900,000");
        check(1234.0, "1234");
        check(12.5, "12.5");
        check(0.0, "0");
        check(-3.10, "−3.1");
        check(1e300, "1.00e300");
    }
}
