//! The least that a line may still cost: it leads the search straight to the end, and round what stands on the way.

use super::mesh::{Port, Side};

/// Cost of the way along one axis from the first line of the mesh to each.
#[derive(Debug)]
pub(super) struct Scale {
    /// On free ground.
    free: Vec<u32>,
    /// Along lines that share an end.
    joined: Vec<u32>,
}

impl Scale {
    /// Sums of `prices` by step: on free ground, and along a line that shares an end.
    pub(super) fn new(prices: &[[u32; 3]]) -> Self {
        let sums = |which: usize| {
            let mut sum = 0_u32;
            let after = prices.iter().map(|price| {
                sum = sum.saturating_add(price[which]);
                sum
            });
            std::iter::once(0).chain(after).collect()
        };
        Self { free: sums(0), joined: sums(1) }
    }
}

/// The ports on one side of the body at which a line ends.
#[derive(Debug, Clone, Copy)]
struct Goal {
    side: Side,
    /// First and last column of the points outside, first and last row.
    columns: Range,
    rows: Range,
    /// Cost of the cheapest port.
    toll: u32,
}

/// Neighbouring lines of the mesh.
#[derive(Debug, Clone, Copy)]
struct Range {
    lines: (usize, usize),
    /// Cost of the way to the first and to the last from the first of the mesh: on free ground, and joined.
    free: (u32, u32),
    joined: (u32, u32),
}

impl Range {
    fn of(scale: &Scale, line: usize) -> Self {
        let (free, joined) = (scale.free[line], scale.joined[line]);
        Self { lines: (line, line), free: (free, free), joined: (joined, joined) }
    }

    fn union(self, other: Self) -> Self {
        let both = |a: (u32, u32), b: (u32, u32)| (a.0.min(b.0), a.1.max(b.1));
        let lines = (self.lines.0.min(other.lines.0), self.lines.1.max(other.lines.1));
        Self { lines, free: both(self.free, other.free), joined: both(self.joined, other.joined) }
    }

    /// The least that it costs from where the way costs `free` and `joined` when running along others saves at most
    /// `spare`.
    fn off(&self, free: u32, joined: u32, spare: u32) -> u32 {
        let off = |at: u32, (from, to): (u32, u32)| from.saturating_sub(at) + at.saturating_sub(to);
        let way = off(free, self.free);
        if spare == 0 { way } else { way.saturating_sub(spare).max(off(joined, self.joined)) }
    }
}

/// What lies before a line.
#[derive(Debug)]
pub(super) struct Ahead<'a> {
    scales: &'a [Scale; 2],
    goals: Vec<Goal>,
    /// What the line may save at most by running along others, across and down.
    spare: [u32; 2],
    /// Cost of a bend.
    bend: u32,
}

impl<'a> Ahead<'a> {
    /// A line to one of `ports`, each with its cost, in a mesh with rows of `width` points.
    pub(super) fn new(
        scales: &'a [Scale; 2],
        ports: &[Port],
        tolls: &[u32],
        width: usize,
        spare: [u32; 2],
        bend: u32,
    ) -> Self {
        let mut goals: Vec<Goal> = Vec::with_capacity(4);
        for (port, &toll) in ports.iter().zip(tolls) {
            let columns = Range::of(&scales[0], port.outside % width);
            let rows = Range::of(&scales[1], port.outside / width);
            match goals.last_mut().filter(|goal| goal.side == port.side) {
                Some(goal) => {
                    let (columns, rows) = (goal.columns.union(columns), goal.rows.union(rows));
                    *goal = Goal { columns, rows, toll: goal.toll.min(toll), ..*goal };
                }
                None => goals.push(Goal { side: port.side, columns, rows, toll }),
            }
        }
        goals.sort_by_key(|goal| goal.toll);
        Self { scales, goals, spare, bend }
    }

    /// The least that is left from a point to which the line has come in the direction of `heading`: the way, the bends
    /// that it takes in any case, and the port.
    pub(super) fn least(&self, column: usize, row: usize, heading: Side) -> u32 {
        let [columns, rows] = self.scales;
        let (x, y) = ((columns.free[column], columns.joined[column]), (rows.free[row], rows.joined[row]));
        let mut least = u32::MAX;
        for goal in &self.goals {
            if goal.toll >= least {
                break;
            }
            let across = goal.columns.off(x.0, x.1, self.spare[0]);
            let way = across.saturating_add(goal.rows.off(y.0, y.1, self.spare[1]));
            let (left, right) = goal.columns.lines;
            let (top, bottom) = goal.rows.lines;
            // By direction, as they are numbered: whether the line has to go there.
            let must = [column < left, row < top, column > right, row > bottom];
            let must = (0..4).fold(0, |all, side| all | usize::from(must[side]) << side);
            let bends = u32::from(BENDS[heading as usize][goal.side.opposite() as usize][must]);
            least = least.min(way.saturating_add(goal.toll + bends * self.bend));
        }
        least
    }
}

/// The fewest bends from one direction to another for a line that must make way in some directions, a bit each.
const BENDS: [[[u8; 16]; 4]; 4] = {
    let mut table = [[[0; 16]; 4]; 4];
    let mut i = 0;
    while i < 256 {
        table[i / 64][i / 16 % 4][i % 16] = bends(i / 64, i / 16 % 4, i % 16);
        i += 1;
    }
    table
};

const fn bends(from: usize, to: usize, must: usize) -> u8 {
    let back = must >> ((to + 2) % 4) & 1 == 1;
    let aside = (must >> ((to + 1) % 4) | must >> ((to + 3) % 4)) & 1 == 1;
    match (to + 4 - from) % 4 {
        0 if back => 4,
        0 if aside => 2,
        0 => 0,
        2 => 2,
        _ if back || must >> ((from + 2) % 4) & 1 == 1 => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: Side, to: Side, must: &[Side], expected: u8) {
        let bits = must.iter().fold(0, |bits, side| bits | 1 << *side as usize);
        assert_eq!(BENDS[from as usize][to as usize][bits], expected, "from {from:?} to {to:?}, {must:?}");
    }

    #[test]
    fn lines_bend_as_often_as_they_must() {
        use Side::{Down, Left, Right, Up};
        check(Right, Right, &[Right], 0);
        check(Right, Right, &[Right, Down], 2);
        check(Right, Right, &[Left], 4);
        check(Right, Left, &[Right], 2);
        check(Right, Left, &[Down], 2);
        check(Right, Down, &[Right, Down], 1);
        check(Right, Down, &[Left, Down], 3);
        check(Right, Down, &[Left], 3);
        check(Right, Down, &[Right, Up], 3);
    }

    #[test]
    fn ways_along_other_lines_cost_less() {
        let scale = Scale::new(&[[10, 8, 100], [20, 16, 200], [10, 8, 100]]);
        let range = Range::of(&scale, 0).union(Range::of(&scale, 1));
        let off = |line: usize, spare: u32| range.off(scale.free[line], scale.joined[line], spare);
        assert_eq!([0, 3, 50].map(|spare| off(3, spare)), [30, 27, 24]);
        assert_eq!([off(0, 0), off(1, 50)], [0, 0]);
    }
}
