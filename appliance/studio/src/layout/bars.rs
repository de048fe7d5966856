//! Quantities as bars, the name at the left, the number at the end; parts of a whole as a ring. Where some are below nothing,
//! a line marks nothing, and their bars lead to its other side.

use crate::geometry::{Point, Rect};
use crate::storyboard::Shape;

use super::board::{Board, Context};
use super::grid::LARGEST_PX;
use super::label::LINE;
use super::{Align, Guide, Measure, Text, cards, pie};

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
    let scale = Scale::new(&values, &numbers, px, Rect { x: area.x + names, w: area.w - names, ..area });
    let mut boxes = Vec::with_capacity(count);
    let mut board_labels = Vec::with_capacity(count);
    let mut badges = Vec::with_capacity(count);
    for (v, value) in values.iter().enumerate() {
        let y = top + pitch * v as f32;
        let bar = scale.bar(value.unwrap_or(0.0), y + (pitch - height) / 2.0, height);
        let name = Rect::new(area.x, y + pitch * 0.02, names + 0.05 * px, pitch * 0.96);
        board_labels.push(Some((name, Align::Start)));
        badges.push(numbers[v].as_ref().map(|n| scale.number(n, bar, value.unwrap_or(0.0), ctx.measure)));
        boxes.push(bar);
    }
    let mut board = Board::new(ctx, boxes, px);
    board.whole = fits(px);
    board.shapes = vec![Shape::Box; count];
    board.labels = board_labels;
    board.badges = badges;
    if scale.below > 0.0 {
        let line = [top, top + pitch * count as f32].map(|y| Point::new(scale.zero, y));
        board.guides.push(Guide::Axis { line });
    }
    board
}

/// What numbers are in pixels.
struct Scale {
    /// Where nothing is.
    zero: f32,
    /// From the least number to the largest: in pixels, and half of it in numbers, which is one even of the largest there are.
    length: f32,
    half: f64,
    /// Room for numbers at the ends of bars, at the right and, where some are below nothing, at the left.
    room: f32,
    below: f32,
    px: f32,
    right: f32,
}

impl Scale {
    /// For bars in `area`, to the right of their names.
    fn new(values: &[Option<f64>], numbers: &[Option<String>], px: f32, area: Rect) -> Self {
        let widest = |negative: bool| {
            let own = values.iter().zip(numbers).filter(|(v, _)| v.is_some_and(|v| (v < 0.0) == negative));
            own.filter_map(|(_, n)| n.as_ref()).map(|n| n.chars().count()).max()
        };
        let wide = |chars: Option<usize>| chars.map_or(0.0, |chars| (chars as f32 * 0.66 + 0.8) * px);
        let (room, below) = (wide(widest(false)), wide(widest(true)));
        let left = area.x + 0.8 * px + below;
        let length = (area.right() - left - room - 0.5 * px).max(area.w * 0.1);
        let [least, most] = values.iter().flatten().fold([0.0_f64; 2], |[a, b], v| [a.min(v / 2.0), b.max(v / 2.0)]);
        let half = (most - least).max(f64::MIN_POSITIVE);
        let zero = left + length * (-least / half) as f32;
        Self { zero, length, half, room, below, px, right: area.right() }
    }

    /// The bar of a number.
    fn bar(&self, value: f64, y: f32, height: f32) -> Rect {
        let long = (self.length * ((value / 2.0).abs() / self.half) as f32).max(0.12 * self.px);
        Rect::new(if value < 0.0 { self.zero - long } else { self.zero }, y, long, height)
    }

    /// The number at the end of its bar.
    fn number(&self, text: &str, bar: Rect, value: f64, measure: &dyn Measure) -> Text {
        let (gap, y) = (0.4 * self.px, bar.center().y - 0.8 * self.px);
        let (x, w) = if value < 0.0 {
            let w = measure.width(text, self.px).min(self.below);
            (bar.x - gap - w, w)
        } else {
            ((bar.right() + gap).min(self.right - self.room), self.room)
        };
        Text { rect: Rect::new(x, y, w, 1.6 * self.px), lines: vec![text.to_owned()], px: self.px, align: Align::Start }
    }
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

    #[test]
    fn what_is_below_nothing_leads_to_the_other_side() {
        use crate::layout::place;
        use crate::layout::tests::{Even, HD, scene};
        use crate::storyboard::Kind;

        let values = [Some(30.0), Some(-10.0), Some(0.0), None, Some(-1e-3), Some(-30.0)];
        let mut scene = scene(Kind::Quantities, &["north", "south", "east", "west", "home", "abroad"], &[]);
        scene.nodes.iter_mut().zip(values).for_each(|(node, value)| node.value = value);
        let placed = place(&scene, HD, &Even);
        let zero = placed.guides.iter().find_map(|g| if let Guide::Axis { line } = g { Some(line[0].x) } else { None });
        let zero = zero.expect("a line at nothing");
        for (node, value) in placed.nodes.iter().zip(values) {
            let (rect, below) = (node.rect, value.is_some_and(|v| v < 0.0));
            let end = if below { rect.right() } else { rect.x };
            assert!((end - zero).abs() < 0.1, "{}: {rect:?} at {zero}", node.id);
            assert!(!node.label.rect.overlaps(&rect), "{}: the name is covered", node.id);
            let Some(badge) = &node.badge else { continue };
            assert!(if below { badge.rect.right() < rect.x } else { badge.rect.x > rect.right() }, "{badge:?}");
            assert!(!badge.rect.overlaps(&node.label.rect), "{}: number and name", node.id);
        }
        let wide = |v: usize| placed.nodes[v].rect.w;
        assert!((wide(0) - wide(5)).abs() < 0.1 && (wide(0) - 3.0 * wide(1)).abs() < 0.2, "{} {}", wide(0), wide(1));
        // Without any, nothing changes: the bars begin beside their names and no line is needed.
        scene.nodes.iter_mut().for_each(|node| node.value = node.value.map(f64::abs));
        assert!(place(&scene, HD, &Even).guides.is_empty());
        // The largest numbers of both signs, one beside the other.
        for (node, value) in scene.nodes.iter_mut().zip([f64::MAX, f64::MIN, 1.0, -1.0, f64::MIN_POSITIVE, 5.0]) {
            node.value = Some(value);
        }
        let inside = Rect::new(0.0, 0.0, 1920.0, 1080.0);
        for node in place(&scene, HD, &Even).nodes {
            let r = node.rect;
            assert!(r.x >= inside.x && r.right() <= inside.right() && r.w > 0.0, "{r:?}");
        }
    }

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
