//! Ways to put ranks on the canvas: across or down, whole or folded into rows that run to and fro.

use crate::storyboard::Edge;

use super::grid::{Axis, Grid};
use super::label::{LINE, Label};
use super::layered::Layered;
use super::stack::{Mark, Stack};

/// Size of an edge label relative to that of the nodes.
pub(super) const TAG: f32 = 0.8;
/// Least gap between ranks in em: an arrow has to be seen as one.
const RANK_GAP: f32 = 1.7;
/// Least gap between neighbours of a rank in em.
const LANE_GAP: f32 = 0.8;
/// Least gap between folded rows in em.
const ROW_GAP: f32 = 1.2;
/// What it costs that the first branch is the lowest, in pixels of font at 1080 lines.
const TURNED: f32 = 1.0;
/// Widest edge label in em of its own size.
pub(super) const TAG_WIDTH: f32 = 9.0;

/// Which way the arrows mainly point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// To the right.
    Across,
    /// Down.
    Down,
}

/// Nodes on a grid.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    /// The grid.
    pub(super) grid: Grid,
    /// Rows of different height in place of the grid's, if they are.
    pub(super) stack: Option<Stack>,
    /// Column and row by node.
    pub(super) at: Vec<(f32, f32)>,
    /// Which way arrows point.
    pub(super) flow: Flow,
    /// What it costs to follow the arrows, in pixels of font at 1080 lines.
    pub(super) cost: f32,
}

impl Spread {
    /// The same with gaps wider by a factor.
    pub(super) fn widened(self, factor: f32) -> Self {
        Self { grid: self.grid.widened(factor), stack: self.stack.map(|stack| stack.widened(factor)), ..self }
    }
}

/// Room that an edge label asks for: between two ranks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag {
    /// Lower of the two ranks.
    pub(super) rank: usize,
    /// Width in em of the nodes.
    pub(super) width: f32,
    /// Height in em of the nodes.
    pub(super) height: f32,
}

impl Tag {
    /// What the label of `edge` asks for in the gap after `rank`, if it has one.
    pub(super) fn new(rank: usize, edge: &Edge, label: &Label) -> Option<Self> {
        if edge.label.is_empty() || label.is_empty() {
            return None;
        }
        let fits = |lines: &usize| label.width_for(*lines) <= [5.0, 7.0][lines - 1];
        let lines = (1..=2).find(fits).unwrap_or(3);
        let lines = label.lines_at(label.width_for(lines)).clamp(1, lines);
        let width = label.width_for(lines).min(TAG_WIDTH);
        Some(Self { rank, width: width * TAG, height: lines as f32 * LINE * TAG })
    }
}

/// Every way worth trying to put `laid` on a canvas.
pub(super) fn spreads(laid: &Layered, tags: &[Tag]) -> Vec<Spread> {
    let mut all = vec![down(laid, tags)];
    all.extend(folded(laid, tags, 0.0));
    // Turned upside down, branches leave a fold on its other side.
    let high = laid.lane.iter().chain(laid.passing.iter().map(|p| &p.1)).fold(0.0_f32, |h, l| h.max(*l));
    let low = laid.lane.iter().fold(high, |low, l| low.min(*l));
    if high - low > 0.1 {
        let mut turned = laid.clone();
        turned.lane.iter_mut().chain(turned.passing.iter_mut().map(|p| &mut p.1)).for_each(|l| *l = high + 0.5 - *l);
        all.extend(folded(&turned, tags, TURNED));
    }
    all
}

/// Ways across, whole and folded, at a `fee` each.
fn folded(laid: &Layered, tags: &[Tag], fee: f32) -> Vec<Spread> {
    let mut all = Vec::new();
    for bands in 1..=laid.ranks.clamp(1, 9) {
        let columns = laid.ranks.div_ceil(bands);
        all.extend(across(laid, tags, columns));
        if bands > 1 {
            all.extend(across(laid, tags, columns + 1));
        }
    }
    all.iter_mut().for_each(|spread| spread.cost += fee);
    all
}

/// Ranks from top to bottom.
fn down(laid: &Layered, tags: &[Tag]) -> Spread {
    let width = laid.lane.iter().fold(0.0, |w: f32, &lane| w.max(lane - 0.5));
    let mut gaps = vec![ROW_GAP + 0.2; laid.ranks.max(1)];
    for tag in tags {
        gaps[tag.rank] = gaps[tag.rank].max(tag.height + 1.7);
    }
    let beside = tags.iter().fold(LANE_GAP, |w, tag| w.max(tag.width * 0.5));
    let grid =
        Grid { columns: Axis::even(width, beside), rows: Axis { extent: laid.ranks.saturating_sub(1) as f32, gaps } };
    let at = laid.lane.iter().zip(&laid.rank).map(|(&lane, &rank)| (lane - 0.5, rank as f32)).collect();
    Spread { grid, stack: None, at, flow: Flow::Down, cost: 0.8 }
}

/// Ranks from left to right in bands of at most `columns`; every other band runs back.
fn across(laid: &Layered, tags: &[Tag], columns: usize) -> Option<Spread> {
    let columns = columns.max(1);
    let (starts, cut) = bands(laid, columns);
    let folded = starts.len() > 1;
    if folded && columns < 2 {
        return None;
    }
    let band: Vec<usize> = laid.rank.iter().map(|r| starts.partition_point(|s| s <= r) - 1).collect();
    let mut span = vec![(f32::INFINITY, f32::NEG_INFINITY); starts.len()];
    for (v, &b) in band.iter().enumerate() {
        span[b] = (span[b].0.min(laid.lane[v]), span[b].1.max(laid.lane[v]));
    }
    let widest = (0..starts.len()).map(|b| starts.get(b + 1).unwrap_or(&laid.ranks) - starts[b]).max().unwrap_or(1);
    let column = |rank: usize, b: usize| {
        let along = rank - starts[b];
        if b.is_multiple_of(2) { along } else { widest - 1 - along }
    };
    let flipped = flips(laid, &band, starts.len());
    let lane_in = |b: usize, lane: f32| if flipped[b] { span[b].0 + span[b].1 - lane } else { lane };
    let mut top = Vec::with_capacity(starts.len());
    let mut rows = 0.0;
    for &(low, high) in &span {
        top.push(rows - low);
        rows += high - low + 1.0;
    }
    let mut gaps = vec![RANK_GAP; widest];
    let mut row_gap = if folded { ROW_GAP } else { LANE_GAP };
    for tag in tags {
        let b = starts.partition_point(|s| *s <= tag.rank) - 1;
        if starts.contains(&(tag.rank + 1)) {
            row_gap = row_gap.max(tag.height + 1.5);
        } else {
            let at = column(tag.rank, b).min(column(tag.rank + 1, b));
            gaps[at] = gaps[at].max(tag.width + 1.9);
        }
        row_gap = row_gap.max(tag.height + 0.7);
    }
    let mark = |rank: usize, lane: f32| {
        let band = starts.partition_point(|s| *s <= rank) - 1;
        Mark { column: column(rank, band), row: lane_in(band, lane) + top[band], band }
    };
    let passing = laid.passing.iter().filter(|p| !starts.contains(&p.0)).map(|&(rank, lane)| mark(rank, lane));
    let marks: Vec<Mark> = (0..band.len()).map(|v| mark(laid.rank[v], laid.lane[v])).chain(passing).collect();
    let named = tags.iter().fold(LANE_GAP, |gap, tag| gap.max(tag.height + 0.5));
    let stack = Some(Stack::new(&marks, band.len(), named, row_gap));
    let row = |v: usize| lane_in(band[v], laid.lane[v]) + top[band[v]];
    let at = (0..band.len()).map(|v| (column(laid.rank[v], band[v]) as f32, row(v))).collect();
    let grid = Grid { columns: Axis { extent: (widest - 1) as f32, gaps }, rows: Axis::even(rows - 1.0, row_gap) };
    let cost = 1.6 * (starts.len() - 1) as f32 + 0.7 * cut as f32;
    Some(Spread { grid, stack, at, flow: Flow::Across, cost })
}

/// First ranks of the bands when none has more than `columns` ranks, and the arcs beyond one that cross from band to
/// band. The sum of the bands' heights is least; then the arcs cut are fewest.
fn bands(laid: &Layered, columns: usize) -> (Vec<usize>, usize) {
    let ranks = laid.ranks.max(1);
    let mut crossing = vec![0_usize; ranks + 1];
    for &(from, to) in &laid.arcs {
        (laid.rank[from] + 1..=laid.rank[to]).for_each(|r| crossing[r] += 1);
    }
    let mut span = vec![(f32::INFINITY, f32::NEG_INFINITY); ranks];
    for (&rank, &lane) in laid.rank.iter().zip(&laid.lane) {
        span[rank] = (span[rank].0.min(lane), span[rank].1.max(lane));
    }
    let fewest = ranks.div_ceil(columns);
    // Best cost of the first `end` ranks, with the start of the last band.
    let mut best = vec![(f32::INFINITY, 0_usize, 0_usize); ranks + 1];
    best[0] = (0.0, 0, 0);
    for end in 1..=ranks {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for start in (end.saturating_sub(columns)..end).rev() {
            (low, high) = (low.min(span[start].0), high.max(span[start].1));
            let cut = crossing[start].saturating_sub(usize::from(start > 0));
            let uneven = (columns - (end - start)) as f32 / columns as f32;
            let cost = best[start].0 + (high - low + 1.0) + 0.3 * cut as f32 + 0.05 * uneven * uneven;
            if cost < best[end].0 - 1e-4 && best[start].2 < fewest {
                best[end] = (cost, start, best[start].2 + 1);
            }
        }
    }
    if !best[ranks].0.is_finite() {
        return ((0..ranks).step_by(columns).collect(), 0);
    }
    let mut starts = Vec::new();
    let (mut end, mut cut) = (ranks, 0);
    while end > 0 {
        end = best[end].1;
        starts.push(end);
        cut += if end > 0 { crossing[end].saturating_sub(1) } else { 0 };
    }
    starts.reverse();
    (starts, cut)
}

/// Which of `count` bands are turned upside down so that few arcs from band to band cross: lines that go round a turn beside one another
/// come out of it in the opposite order. `band` is that of each node.
fn flips(laid: &Layered, band: &[usize], count: usize) -> Vec<bool> {
    let mut flipped = vec![false; count];
    for b in 1..count {
        let into: Vec<(usize, usize)> =
            laid.arcs.iter().copied().filter(|&(from, to)| band[to] == b && band[from] < b).collect();
        // Pairs that cross when neither end is turned, less those that do not.
        let mut more = 0_i32;
        for (i, &(from, to)) in into.iter().enumerate() {
            for &(other, aim) in into[i + 1..].iter().filter(|arc| band[arc.0] == band[from]) {
                let (start, end) = (laid.lane[from] - laid.lane[other], laid.lane[to] - laid.lane[aim]);
                let turns_once = (b - band[from]) % 2 == 1;
                if start * end != 0.0 {
                    more += if (start * end > 0.0) == (turns_once != flipped[band[from]]) { 1 } else { -1 };
                }
            }
        }
        flipped[b] = more > 0;
    }
    flipped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::layered::layered;

    fn check(count: usize, arcs: &[(usize, usize)], columns: usize, expected: &[(f32, f32)]) {
        let laid = layered(&vec![1.0; count], arcs);
        let spread = across(&laid, &[], columns).expect("two columns or one band");
        let near = |(a, b): (&(f32, f32), &(f32, f32))| (a.0 - b.0).abs() < 0.02 && (a.1 - b.1).abs() < 0.02;
        assert!(spread.at.len() == expected.len() && spread.at.iter().zip(expected).all(near), "{:?}", spread.at);
    }

    #[test]
    fn bands_run_to_and_fro() {
        let chain: Vec<_> = (1..6).map(|i| (i - 1, i)).collect();
        check(6, &chain, 3, &[(0., 0.), (1., 0.), (2., 0.), (2., 1.), (1., 1.), (0., 1.)]);
        check(6, &chain, 6, &[(0., 0.), (1., 0.), (2., 0.), (3., 0.), (4., 0.), (5., 0.)]);
    }

    #[test]
    fn lines_that_turn_beside_one_another_do_not_cross() {
        // Two chains side by side: the outer of the upper band is the outer of the lower.
        let arcs = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6)];
        check(7, &arcs, 2, &[(0., 0.), (1., 0.), (1., 1.), (1., 3.), (1., 2.), (0., 3.), (0., 2.)]);
    }

    #[test]
    fn a_fold_cuts_where_few_arcs_cross() {
        let arcs = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 5)];
        let laid = layered(&[1.0; 6], &arcs);
        assert_eq!(bands(&laid, 3), (vec![0, 3], 0));
        assert_eq!(bands(&laid, 5), (vec![0], 0));
    }
}
