//! Shares of a whole as a ring: slices clockwise from the top, each with its share on it, and a list of names beside.

use std::f32::consts::{FRAC_PI_2, TAU};

use crate::geometry::{Point, Rect};
use crate::storyboard::Shape;

use super::bars::number;
use super::board::{Board, Context};
use super::grid::LARGEST_PX;
use super::label::LINE;
use super::{Align, Guide, Text};

/// Most shares that can be told apart: as many as a theme has accents.
const MOST: usize = 6;
/// Inner radius as a share of the outer one.
const HOLE: f32 = 0.52;
/// Smallest share that has room for its number.
const WRITTEN: f64 = 0.07;

/// The shares of the scene's nodes, if their numbers are parts of one whole: they add up to 100, or to 1.
pub(super) fn shares(ctx: &Context<'_>) -> Option<Vec<f64>> {
    let values: Option<Vec<f64>> =
        ctx.scene.nodes.iter().map(|n| n.value.filter(|v| v.is_finite() && *v > 0.0)).collect();
    let values = values.filter(|values| (2..=MOST).contains(&values.len()))?;
    let sum: f64 = values.iter().sum();
    let whole = if (sum - 100.0).abs() <= 1.0 { 100.0 } else { 1.0 };
    ((sum / whole - 1.0).abs() <= 0.0101).then(|| values.iter().map(|v| v / sum).collect())
}

/// Lays the scene out as a ring of `shares` with a list of names beside it, or below it on high canvases.
pub(super) fn place(ctx: &Context<'_>, shares: &[f64]) -> Board {
    let (area, unit, count) = (ctx.frame.area, ctx.frame.unit, shares.len());
    let (ring, list) = if area.w > area.h {
        let half = area.w * 0.46;
        (Rect { w: half, ..area }, Rect::new(area.x + area.w * 0.52, area.y, area.w * 0.48, area.h))
    } else {
        let half = area.h * 0.54;
        (Rect { h: half, ..area }, Rect::new(area.x, area.y + area.h * 0.6, area.w, area.h * 0.4))
    };
    let outer = 0.47 * ring.w.min(ring.h);
    let pitch = (list.h / count as f32).min(110.0 * unit);
    let values: Vec<String> =
        ctx.scene.nodes.iter().map(|n| percent(n.value.unwrap_or(0.0), shares, &ctx.scene.nodes)).collect();
    let widest = values.iter().map(|v| v.chars().count()).max().unwrap_or(0) as f32 * 0.66 + 0.6;
    // The chip, the gap, the name, the number.
    let room = |px: f32| list.w - (2.5 + widest) * px;
    let fits = |px: f32| {
        let lines = libm::floorf(pitch * 0.92 / (LINE * px)).min(2.0) as usize;
        lines > 0
            && ctx.items.iter().all(|i| i.label.longest() * px <= room(px) && i.label.lines_at(room(px) / px) <= lines)
    };
    let mut px = LARGEST_PX * unit;
    while px > 9.0 * unit && !fits(px) {
        px -= 0.5 * unit;
    }
    let px = px.min(pitch * 0.75);
    let name_w = ctx.items.iter().map(|i| i.label.width_for(2) * px).fold(0.0, f32::max).min(room(px).max(px));
    let left = list.x + ((list.w - name_w - (2.5 + widest) * px) / 2.0).max(0.0);
    let top = list.y + (list.h - pitch * count as f32) / 2.0;
    let (mut boxes, mut labels, mut badges) = (Vec::new(), Vec::new(), Vec::new());
    for (v, value) in values.iter().enumerate() {
        let middle = top + pitch * (v as f32 + 0.5);
        let chip = Rect::new(left, middle - 0.5 * px, px, px);
        let name = Rect::new(left + 1.5 * px, middle - pitch * 0.48, name_w + 0.05 * px, pitch * 0.96);
        let number = Rect::new(name.right() + px, middle - 0.8 * px, widest * px, 1.6 * px);
        boxes.push(chip);
        labels.push(Some((name, Align::Start)));
        badges.push(Some(Text { rect: number, lines: vec![value.clone()], px, align: Align::Start }));
    }
    let mut board = Board::new(ctx, boxes, px);
    board.whole = fits(px);
    board.shapes = vec![Shape::Box; count];
    board.tones = (0..count).collect();
    board.toned = true;
    board.labels = labels;
    board.badges = badges;
    let mut from = -FRAC_PI_2;
    for (v, share) in shares.iter().enumerate() {
        let to = from + TAU * *share as f32;
        let (middle, far) = ((from + to) / 2.0, outer * (1.0 + HOLE) / 2.0);
        let center = ring.center();
        let at = Point::new(center.x + far * libm::cosf(middle), center.y + far * libm::sinf(middle));
        let size = (outer * (1.0 - HOLE) * 0.34).min(LARGEST_PX * unit);
        let lines = if *share >= WRITTEN { vec![values[v].clone()] } else { Vec::new() };
        let rect = Rect::new(at.x - 1.6 * size, at.y - 0.7 * size, 3.2 * size, 1.4 * size);
        board.guides.push(Guide::Slice {
            node: ctx.scene.nodes[v].id.clone(),
            center,
            radius: [outer * HOLE, outer],
            turn: [from, to],
            label: Text { rect, lines, px: size, align: Align::Center },
            tone: v,
        });
        from = to;
    }
    board
}

/// A share as it was said, or worked out where parts of 1 were.
fn percent(value: f64, shares: &[f64], nodes: &[crate::storyboard::Node]) -> String {
    let sum: f64 = nodes.iter().filter_map(|n| n.value).sum();
    let said = if sum <= 2.0 && shares.len() > 1 { value * 100.0 } else { value };
    format!("{}%", number(said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{HD, scene, sound};
    use crate::storyboard::{Canvas, Kind};

    /// Slices of the numbers, as shares of a turn.
    fn check(values: &[f64], expected: &[f32]) {
        let labels: Vec<String> = (0..values.len()).map(|i| format!("part {i}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let mut scene = scene(Kind::Quantities, &labels, &[]);
        scene.nodes.iter_mut().zip(values).for_each(|(node, value)| node.value = Some(*value));
        for (w, h) in [(1920, 1080), (1080, 1920), (1080, 1080), (240, 240), (3840, 240), (240, 3840)] {
            let placed = sound(&scene, Canvas { w, h, ..HD }).unwrap_or_else(|e| panic!("{w}x{h}: {e}"));
            let slice =
                |g: &Guide| if let Guide::Slice { turn, .. } = g { Some((turn[1] - turn[0]) / TAU) } else { None };
            let turns: Vec<f32> = placed.guides.iter().filter_map(slice).collect();
            let near = turns.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3);
            assert!(turns.len() == expected.len() && near, "{values:?}: {turns:?}");
        }
    }

    #[test]
    fn shares_of_a_whole_are_a_ring() {
        check(&[45.0, 30.0, 15.0, 10.0], &[0.45, 0.3, 0.15, 0.1]);
        check(&[0.25, 0.75], &[0.25, 0.75]);
        check(&[33.0, 33.0, 33.0], &[1.0 / 3.0; 3]);
    }

    #[test]
    fn other_numbers_are_bars() {
        check(&[45.0, 30.0], &[]);
        check(&[120.0, -20.0], &[]);
        check(&[100.0], &[]);
        check(&[20.0; 5], &[0.2; 5]);
        check(&[12.5; 8], &[]);
    }
}
