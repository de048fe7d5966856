//! Rows as high as what stands in them, as close as boxes of one column allow: where a grid of equal cells would
//! waste the frame.

use crate::geometry::Rect;

use super::grid::{Axis, Fit, Item, LARGEST_PX};

/// Height that a line passing through a column takes, in em.
const PASSING: f32 = 0.9;
/// Levels nearer than this are one, in em.
const NEAR: f32 = 0.9;
/// Most pixels of font by which gaps may be widened, in em.
const LOOSE: f32 = 1.4;

/// Boxes in columns of one width on levels of different height.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stack {
    /// Level by node.
    level: Vec<usize>,
    /// Whether nodes stand on each level, or only lines run along it.
    filled: Vec<bool>,
    /// Upper and lower level, and the least gap between them in em.
    apart: Vec<(usize, usize, f32)>,
}

/// What a stack keeps in order: a box or a line in a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Column.
    pub(super) column: usize,
    /// Place from the top; equal places are one level.
    pub(super) row: f32,
    /// Row of the fold that it belongs to.
    pub(super) band: usize,
}

impl Stack {
    /// A stack of `marks`, of which the first `nodes` are boxes; `lane` and `fold` are the gaps in em inside of a band
    /// and between two.
    pub(super) fn new(marks: &[Mark], nodes: usize, lane: f32, fold: f32) -> Self {
        let mut rows: Vec<f32> = marks.iter().map(|m| m.row).collect();
        rows.sort_by(f32::total_cmp);
        rows.dedup_by(|a, b| (*a - *b).abs() < 0.05);
        let level_of = |row: f32| rows.partition_point(|r| *r < row - 0.04).min(rows.len().saturating_sub(1));
        let level: Vec<usize> = marks.iter().map(|m| level_of(m.row)).collect();
        let mut filled = vec![false; rows.len()];
        level[..nodes].iter().for_each(|&l| filled[l] = true);
        let mut order: Vec<usize> = (0..marks.len()).collect();
        order.sort_by_key(|&i| (marks[i].column, level[i]));
        let mut apart = Vec::new();
        for pair in order.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if marks[a].column == marks[b].column && level[a] < level[b] {
                apart.push((level[a], level[b], if marks[a].band == marks[b].band { lane } else { fold }));
            }
        }
        apart.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
        apart.dedup_by_key(|a| (a.0, a.1));
        Self { level: level[..nodes].to_vec(), filled, apart }
    }

    /// The same with gaps wider by a factor.
    pub(super) fn widened(mut self, factor: f32) -> Self {
        self.apart.iter_mut().for_each(|(_, _, gap)| *gap *= factor);
        self
    }

    /// Heights of the levels when boxes are `w` wide; `None` when a label does not fit.
    fn heights(&self, items: &[Item], w: f32, px: f32) -> Option<Vec<f32>> {
        let mut heights: Vec<f32> = self.filled.iter().map(|f| if *f { 2.0 * px } else { PASSING * px }).collect();
        for (item, &level) in items.iter().zip(&self.level) {
            heights[level] = heights[level].max(item.height_at(w, px)?);
        }
        Some(heights)
    }

    /// Middles of the levels with all gaps wider by `more`, and the height of all.
    fn middles(&self, heights: &[f32], px: f32, more: f32) -> (Vec<f32>, f32) {
        let mut floor: Vec<f32> = heights.iter().map(|h| h / 2.0).collect();
        let mut middle = self.lowered(heights, px, more, &floor);
        // Levels that are almost one become one: lines between them run straight.
        for _ in 0..2 {
            let mut raised = false;
            for level in 1..heights.len() {
                if middle[level] - middle[level - 1] < NEAR * px && floor[level - 1] != middle[level] {
                    floor[level - 1] = middle[level];
                    raised = true;
                }
            }
            if !raised {
                break;
            }
            middle = self.lowered(heights, px, more, &floor);
        }
        let bottom = middle.iter().zip(heights).map(|(m, h)| m + h / 2.0).fold(0.0, f32::max);
        (middle, bottom)
    }

    /// Middles of the levels, none above its `floor`.
    fn lowered(&self, heights: &[f32], px: f32, more: f32, floor: &[f32]) -> Vec<f32> {
        let mut middle = floor.to_vec();
        // Constraints are sorted by the upper level; a level is final when all from above are done.
        let mut from = 0;
        for level in 0..heights.len() {
            if level > 0 {
                middle[level] = middle[level].max(middle[level - 1]);
            }
            while let Some(&(a, b, gap)) = self.apart.get(from).filter(|c| c.0 == level) {
                let least = middle[a] + (heights[a] + heights[b]) / 2.0 + gap * px + more;
                middle[b] = middle[b].max(least);
                from += 1;
            }
        }
        middle
    }

    /// The largest font at which every label fits its box and all boxes fit `area`, with the boxes of the nodes that
    /// stand in `column`; `None` when it is smaller than `least`, or none can be read.
    pub(super) fn fit(
        &self,
        items: &[Item],
        columns: &Axis,
        column: &[f32],
        area: Rect,
        unit: f32,
        least: f32,
    ) -> Option<(Fit, Vec<Rect>)> {
        let try_at = |px: f32, w: f32| {
            let heights = self.heights(items, w, px)?;
            let (_, total) = self.middles(&heights, px, 0.0);
            (total <= area.h).then_some(heights)
        };
        let fits = |px: f32| columns.cell(area.w, px) > 0.0 && try_at(px, columns.cell(area.w, px)).is_some();
        let (mut low, mut high) = (8.0 * unit, LARGEST_PX * unit);
        if least > high || !fits(low.max(least)) || (least > low && !fits(low)) {
            return None;
        }
        for _ in 0..8 {
            let middle = (low + high) / 2.0;
            if fits(middle) { low = middle } else { high = middle }
        }
        let px = libm::floorf(low * 2.0) / 2.0;
        // As narrow as the height allows: long lines of text are hard to read, and gaps show the arrows.
        let (mut narrow, mut wide) = (5.0 * px, columns.cell(area.w, px));
        if try_at(px, narrow).is_none() {
            for _ in 0..8 {
                let middle = (narrow + wide) / 2.0;
                if try_at(px, middle).is_some() { wide = middle } else { narrow = middle }
            }
        } else {
            wide = narrow;
        }
        let w = (wide * 1.1).min(columns.cell(area.w, px));
        let heights = try_at(px, w)?;
        let (mut more, mut most) = (0.0, LOOSE * px);
        for _ in 0..8 {
            let middle = (more + most) / 2.0;
            if self.middles(&heights, px, middle).1 <= area.h { more = middle } else { most = middle }
        }
        let (middles, total) = self.middles(&heights, px, more);
        let top = area.y + ((area.h - total) / 2.0).max(0.0);
        let place = |v: usize| {
            let (h, middle) = (heights[self.level[v]], middles[self.level[v]]);
            let x = area.x + columns.place(column[v], w, px, area.w, 2.6);
            Rect::new(x, top + middle - h / 2.0, w, h)
        };
        let h = heights.iter().copied().fold(0.0, f32::max);
        Some((Fit { px, w, h, whole: true }, (0..column.len()).map(place).collect()))
    }
}
