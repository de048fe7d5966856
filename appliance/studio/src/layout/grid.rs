//! Boxes of one size on a grid: the largest font at which all labels fit, and the box that suits it.

use crate::geometry::Rect;
use crate::storyboard::Shape;

use super::label::{LINE, Label};

/// Largest font at 1080 lines, in pixels.
pub(super) const LARGEST_PX: f32 = 38.0;
/// Lines of a label at most.
const MAX_LINES: usize = 4;
/// Width to height of the box that a designer would draw.
const ASPECT: f32 = 2.5;

/// A label and the outline around it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What is written.
    pub(super) label: Label,
    /// What is drawn around it.
    pub(super) shape: Shape,
}

/// Space around a label inside its shape: `(share of the width, em)`, `(share of the height, em)`.
fn padding(shape: Shape) -> ((f32, f32), (f32, f32)) {
    match shape {
        Shape::Box => ((0.0, 1.0), (0.0, 0.66)),
        Shape::Pill => ((0.0, 1.9), (0.0, 0.9)),
        Shape::Diamond => ((0.46, 0.3), (0.46, 0.2)),
        Shape::Ellipse => ((0.27, 0.4), (0.27, 0.3)),
        Shape::Cylinder => ((0.0, 1.3), (0.0, 1.8)),
        Shape::Person => ((0.0, 1.3), (0.0, 1.0)),
        Shape::Document => ((0.0, 1.3), (0.0, 1.4)),
    }
}

/// The part of a shape's bounds that its label may fill at `px`.
pub(super) fn inside(shape: Shape, rect: Rect, px: f32) -> Rect {
    let ((share_w, em_w), (share_h, em_h)) = padding(shape);
    let w = (rect.w * (1.0 - share_w) - em_w * px).max(rect.w * 0.3);
    let h = (rect.h * (1.0 - share_h) - em_h * px).max(rect.h * 0.3);
    // The lid of a cylinder takes the space above the label, the wave of a document that below.
    let lift = match shape {
        Shape::Cylinder => 0.35 * px,
        Shape::Document => -0.2 * px,
        _ => 0.0,
    };
    let center = rect.center();
    Rect::new(center.x - w / 2.0, center.y - h / 2.0 + lift, w, h)
}

/// One direction of a grid: cells of one size with gaps of several.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// Position of the last cell; the first is at 0. Cells may stand at fractions.
    pub(super) extent: f32,
    /// Smallest gap after cell 0, 1, … in em; the last one holds for all that follow.
    pub(super) gaps: Vec<f32>,
}

impl Axis {
    /// An axis whose gaps are all alike.
    pub(super) fn even(extent: f32, gap: f32) -> Self {
        Self { extent: extent.max(0.0), gaps: vec![gap] }
    }

    /// Sum of the gaps before position `at`, in em.
    fn gaps_to(&self, at: f32) -> f32 {
        let whole = libm::floorf(at.max(0.0));
        let gap = |i: usize| self.gaps.get(i).or(self.gaps.last()).copied().unwrap_or(0.0);
        let full: f32 = (0..whole as usize).map(gap).sum();
        full + (at - whole).max(0.0) * gap(whole as usize)
    }

    /// The largest cell with which the axis is `length` long at `px`.
    pub(super) fn cell(&self, length: f32, px: f32) -> f32 {
        (length - px * self.gaps_to(self.extent)) / (self.extent + 1.0)
    }

    /// Start of the cell at `at`, the axis being spread about the middle of `length` by at most `loose` em a gap.
    pub(super) fn place(&self, at: f32, cell: f32, px: f32, length: f32, loose: f32) -> f32 {
        let used = cell * (self.extent + 1.0) + px * self.gaps_to(self.extent);
        let room = (length - used).max(0.0);
        let more = if self.extent > 0.0 { (room / self.extent).min(loose * px) } else { 0.0 };
        (length - used - more * self.extent) / 2.0 + at * (cell + more) + px * self.gaps_to(at)
    }
}

/// Cells across and down, and how far gaps may be spread.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    /// From left to right.
    pub(super) columns: Axis,
    /// From top to bottom.
    pub(super) rows: Axis,
}

/// Font and box that suit a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// Font size in pixels.
    pub(super) px: f32,
    /// Width of every box.
    pub(super) w: f32,
    /// Height of every box.
    pub(super) h: f32,
    /// Whether every label is shown whole.
    pub(super) whole: bool,
}

impl Grid {
    /// The same with gaps wider by a factor.
    pub(super) fn widened(mut self, factor: f32) -> Self {
        self.columns.gaps.iter_mut().chain(&mut self.rows.gaps).for_each(|gap| *gap *= factor);
        self
    }

    /// The largest font at which every label fits its box, and the box; total: with no room at all the font gets as
    /// small as it must and labels are cut.
    pub(super) fn fit(&self, items: &[Item], area: Rect, unit: f32) -> Fit {
        let bounds = |px: f32| (self.columns.cell(area.w, px), self.rows.cell(area.h, px));
        let fits = |px: f32| {
            let (w, h) = bounds(px);
            w > 0.0 && h > 0.0 && items.iter().all(|item| item.fits(w, h, px))
        };
        // Labels too small to read can still be zoomed in on; cut ones cannot.
        let (mut low, mut high) = (3.0 * unit, LARGEST_PX * unit);
        if !fits(low) {
            let mut px = 8.0 * unit;
            while px > 1e-3 && (bounds(px).0 < 2.4 * px || bounds(px).1 < 1.7 * px) {
                px *= 0.8;
            }
            let (w, h) = bounds(px);
            return Fit { px, w: w.max(0.1), h: h.max(0.1).min(w.max(0.1) * 2.0), whole: false };
        }
        if fits(high) {
            low = high;
        }
        for _ in 0..9 {
            let middle = (low + high) / 2.0;
            if fits(middle) { low = middle } else { high = middle }
        }
        // Half pixels keep sizes of neighbouring scenes alike.
        let px = if low * 2.0 >= 20.0 { libm::floorf(low * 2.0) / 2.0 } else { low };
        let (w, h) = bounds(px);
        shapely(items, px, w, h)
    }

    /// The rectangle of a box of `fit` at `(column, row)`.
    pub(super) fn place(&self, at: (f32, f32), fit: Fit, area: Rect, loose: (f32, f32)) -> Rect {
        let x = self.columns.place(at.0, fit.w, fit.px, area.w, loose.0);
        let y = self.rows.place(at.1, fit.h, fit.px, area.h, loose.1);
        Rect::new(area.x + x, area.y + y, fit.w, fit.h)
    }
}

impl Item {
    /// Whether the label fits a box of `w` by `h` whole and with no word broken.
    pub(super) fn fits(&self, w: f32, h: f32, px: f32) -> bool {
        let room = inside(self.shape, Rect::new(0.0, 0.0, w, h), px);
        let ((share_w, em_w), (share_h, em_h)) = padding(self.shape);
        let inner_w = w * (1.0 - share_w) - em_w * px;
        let inner_h = h * (1.0 - share_h) - em_h * px;
        let lines = self.label.lines_at(inner_w / px);
        inner_w > 0.0
            && inner_h > 0.0
            && lines <= MAX_LINES
            && self.label.longest() * px <= room.w + 0.01
            && lines as f32 * LINE * px <= inner_h + 0.01
    }

    /// Height of the box at `px` when it is `w` wide; `None` when a word does not fit or there are too many lines.
    pub(super) fn height_at(&self, w: f32, px: f32) -> Option<f32> {
        let ((share, em), _) = padding(self.shape);
        let inner = w * (1.0 - share) - em * px;
        let lines = self.label.lines_at(inner / px).max(1);
        (self.label.longest() * px <= inner + 0.01 && lines <= MAX_LINES).then(|| self.height(lines, px))
    }

    /// Smallest width at which the label takes at most `lines` lines at `px`.
    fn width(&self, lines: usize, px: f32) -> f32 {
        let ((share, em), _) = padding(self.shape);
        (self.label.width_for(lines) + em) * px / (1.0 - share)
    }

    /// Height for `lines` lines at `px`.
    fn height(&self, lines: usize, px: f32) -> f32 {
        let (_, (share, em)) = padding(self.shape);
        (LINE * lines as f32 + em) * px / (1.0 - share)
    }
}

/// Among the boxes no larger than `w` by `h` in which every label fits at `px`, the one with the best proportions;
/// with air around the label where there is room.
fn shapely(items: &[Item], px: f32, w: f32, h: f32) -> Fit {
    let size = |lines: usize| {
        let wide = items.iter().map(|item| item.width(lines, px)).fold(4.5 * px, f32::max);
        // A label may need fewer lines than the others.
        let tall = items.iter().map(|i| i.height(i.label.lines_at(i.label.width_for(lines)).max(1), px));
        (wide, tall.fold(2.3 * px, f32::max))
    };
    let off = |(wide, tall): (f32, f32)| libm::fabsf(libm::logf(wide / tall / ASPECT));
    let fitting = (1..=MAX_LINES).map(size).filter(|&(wide, tall)| wide <= w + 0.01 * px && tall <= h + 0.01 * px);
    let best = fitting.min_by(|&a, &b| off(a).total_cmp(&off(b))).unwrap_or((w, h));
    let (wide, tall) = (best.0.min(w), best.1.min(h));
    Fit { px, w: (wide * 1.12).min(w), h: (tall * 1.3).min(h).min(wide.max(tall)), whole: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::Even;

    fn items(labels: &[&str]) -> Vec<Item> {
        labels.iter().map(|l| Item { label: Label::new(l, &Even), shape: Shape::Box }).collect()
    }

    fn check(columns: f32, rows: f32, labels: &[&str], px: std::ops::RangeInclusive<f32>) {
        let grid = Grid { columns: Axis::even(columns, 2.0), rows: Axis::even(rows, 1.5) };
        let area = Rect::new(0.0, 0.0, 1728.0, 840.0);
        let fit = grid.fit(&items(labels), area, 1.0);
        assert!(px.contains(&fit.px), "{} is not within {px:?}", fit.px);
        let last = grid.place((columns, rows), fit, area, (2.0, 2.0));
        let first = grid.place((0.0, 0.0), fit, area, (2.0, 2.0));
        assert!(first.x >= -0.1 && last.right() <= 1728.1 && last.bottom() <= 840.1, "{first:?} {last:?}");
    }

    #[test]
    fn the_font_shrinks_with_the_grid() {
        check(2.0, 0.0, &["check the stock", "pay"], 38.0..=38.0);
        check(7.0, 4.0, &["check the stock", "pay"], 24.0..=36.0);
        check(50.0, 30.0, &["check the stock", "pay"], 0.5..=8.0);
    }

    #[test]
    fn gaps_of_different_width_are_met() {
        let axis = Axis { extent: 3.0, gaps: vec![1.0, 3.0] };
        assert_eq!(axis.gaps_to(3.0), 7.0);
        assert_eq!(axis.gaps_to(1.5), 2.5);
        assert_eq!(axis.cell(470.0, 10.0), 100.0);
    }
}
