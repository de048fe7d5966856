//! How boosted trees are grown.

use super::linear::{ByKey, Order, vocabulary};
use super::trees::{Knot, SCALE, Seen, Trees, answer};

/// How trees are grown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growing {
    /// Number of trees.
    pub(crate) trees: usize,
    /// Questions on one way through a tree.
    pub(crate) depth: usize,
    /// Share of its answer that each tree adds.
    pub(crate) rate: f64,
    /// Least weight of examples behind an answer.
    pub(crate) least: f64,
    /// Strength of the pull of answers to nothing.
    pub(crate) pull: f64,
    /// Fewest groups in which a mark must be seen.
    pub(crate) groups: usize,
}

/// Share of the examples that each tree sees, in eighths.
const SAMPLE: usize = 5;
/// What a question must be worth to be asked.
const GAIN: f64 = 0.3;
/// Most bounds that a measure is held against.
const BOUNDS: usize = 40;

/// Things to learn from: what is seen of each, where it comes from and how much speaks for it beforehand.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    /// What is seen.
    pub(crate) seen: Vec<Seen>,
    /// Where each comes from.
    pub(crate) groups: Vec<String>,
    /// What trees are added to.
    pub(crate) offsets: Vec<f64>,
    /// Which are right.
    pub(crate) right: Vec<bool>,
}

/// A thing as growing sees it.
struct Row {
    /// Numbers of its marks, in order.
    marks: Vec<u32>,
    /// For each measure how many of the bounds it is above.
    bins: Vec<u8>,
}

/// A question on the way.
#[derive(Debug, Clone, Copy)]
enum Question {
    Has(u32),
    Above(usize, u8),
}

struct Nursery<'r> {
    rows: &'r [Row],
    /// For each measure its bounds.
    bounds: &'r [Vec<f32>],
    slopes: &'r [(f64, f64)],
    sums: Vec<(f64, f64)>,
    heaps: Vec<[(f64, f64); BOUNDS + 1]>,
    how: Growing,
}

/// Grows trees that tell which things are right.
pub(crate) fn grow(ground: &Ground, how: Growing) -> Trees {
    let keyed = ground.seen.iter().zip(&ground.groups);
    let index = vocabulary(keyed.map(|(seen, group)| (seen.marks.iter().copied(), group.as_str())), how.groups);
    let bounds = bounds(&ground.seen);
    let rows: Vec<Row> = ground.seen.iter().map(|seen| row(seen, &index, &bounds)).collect();
    let mut keys = vec![0; index.len()];
    for (key, at) in &index {
        keys[*at] = *key;
    }
    let mut sums = ground.offsets.clone();
    let mut slopes = vec![(0.0, 0.0); rows.len()];
    let mut text = String::new();
    let mut order = Order::of(rows.len());
    for _ in 0..how.trees {
        for ((sum, right), slope) in sums.iter().zip(&ground.right).zip(&mut slopes) {
            let share = 1.0 / (1.0 + libm::exp(-sum));
            *slope = (share - f64::from(u8::from(*right)), (share * (1.0 - share)).max(1e-6));
        }
        let mut own: Vec<usize> = order.next().iter().copied().take(rows.len() * SAMPLE / 8).collect();
        own.sort_unstable();
        let mut nursery = Nursery {
            rows: &rows,
            bounds: &bounds,
            slopes: &slopes,
            sums: vec![(0.0, 0.0); keys.len()],
            heaps: vec![[(0.0, 0.0); BOUNDS + 1]; bounds.len()],
            how,
        };
        let mut tree = Vec::new();
        nursery.sprout(&own, how.depth, &mut tree);
        for ((sum, row), seen) in sums.iter_mut().zip(&rows).zip(&ground.seen) {
            let has = |mark: u32| row.marks.binary_search(&mark).is_ok();
            *sum += f64::from(answer(&tree, 0, has, |measure, bound| seen.measures[usize::from(measure)] > bound));
        }
        for knot in tree {
            knot.write(&mut text, |mark| keys[mark as usize]);
        }
    }
    // What is written is what is used.
    Trees::parse(&text)
}

/// For each measure bounds that part the things evenly, as they are written; a single thing is not parted.
fn bounds(seen: &[Seen]) -> Vec<Vec<f32>> {
    let measures = seen.first().map_or(0, |s| s.measures.len());
    if seen.len() < 2 {
        return vec![Vec::new(); measures];
    }
    let bounds = |measure: usize| {
        let mut values: Vec<f32> = seen.iter().map(|s| s.measures[measure]).collect();
        values.sort_by(f32::total_cmp);
        let n = values.len();
        let mut out: Vec<f32> = Vec::new();
        for k in 1..=BOUNDS {
            let at = (k * n / (BOUNDS + 1)).clamp(1, n - 1);
            // Between two values that differ, nearest to the even part.
            let Some(above) = values[at..].iter().find(|v| **v > values[at - 1]) else { continue };
            let bound = ((values[at - 1] + above) / 2.0 * SCALE).round() / SCALE;
            if out.last().is_none_or(|last| bound > *last) {
                out.push(bound);
            }
        }
        out
    };
    (0..measures).map(bounds).collect()
}

fn row(seen: &Seen, index: &ByKey<usize>, bounds: &[Vec<f32>]) -> Row {
    let mut marks: Vec<u32> = seen.marks.iter().filter_map(|key| Some(*index.get(key)? as u32)).collect();
    marks.sort_unstable();
    marks.dedup();
    let bin = |(value, bounds): (&f32, &Vec<f32>)| bounds.partition_point(|bound| value > bound) as u8;
    Row { marks, bins: seen.measures.iter().zip(bounds).map(bin).collect() }
}

impl Nursery<'_> {
    /// Adds the part of a tree that tells the examples `own` apart.
    fn sprout(&mut self, own: &[usize], depth: usize, tree: &mut Vec<Knot>) {
        let (slope, bend) = own.iter().fold((0.0, 0.0), |(g, h), at| (g + self.slopes[*at].0, h + self.slopes[*at].1));
        let question = if depth == 0 { None } else { self.question(own, slope, bend) };
        let Some(question) = question else {
            let value = -self.how.rate * slope / (bend + self.how.pull);
            tree.push(Knot::Add((value as f32 * SCALE).round() / SCALE));
            return;
        };
        let (yes, no): (Vec<usize>, Vec<usize>) = own.iter().partition(|at| match question {
            Question::Has(mark) => self.rows[**at].marks.binary_search(&mark).is_ok(),
            Question::Above(measure, bin) => self.rows[**at].bins[measure] > bin,
        });
        let at = tree.len();
        tree.push(Knot::Add(0.0));
        self.sprout(&yes, depth - 1, tree);
        let next = tree.len() as u32;
        tree[at] = match question {
            Question::Has(mark) => Knot::Has { mark, no: next },
            Question::Above(measure, bin) => {
                Knot::Above { measure: measure as u16, bound: self.bounds[measure][usize::from(bin)], no: next }
            }
        };
        self.sprout(&no, depth - 1, tree);
    }

    /// The question that tells the examples apart best.
    fn question(&mut self, own: &[usize], slope: f64, bend: f64) -> Option<Question> {
        let Growing { least, pull, .. } = self.how;
        if bend < 2.0 * least {
            return None;
        }
        self.sums.fill((0.0, 0.0));
        self.heaps.fill([(0.0, 0.0); BOUNDS + 1]);
        for at in own {
            let (g, h) = self.slopes[*at];
            let row = &self.rows[*at];
            for mark in &row.marks {
                let sum = &mut self.sums[*mark as usize];
                *sum = (sum.0 + g, sum.1 + h);
            }
            for (heap, bin) in self.heaps.iter_mut().zip(&row.bins) {
                let sum = &mut heap[usize::from(*bin)];
                *sum = (sum.0 + g, sum.1 + h);
            }
        }
        let worth = |g: f64, h: f64| g * g / (h + pull);
        let whole = worth(slope, bend);
        let mut best: Option<(f64, Question)> = None;
        let mut weigh = |(g, h): (f64, f64), question: Question| {
            if h < least || bend - h < least {
                return;
            }
            let gain = worth(g, h) + worth(slope - g, bend - h) - whole;
            if gain > best.map_or(GAIN, |b| b.0) {
                best = Some((gain, question));
            }
        };
        for (mark, sum) in self.sums.iter().enumerate() {
            weigh(*sum, Question::Has(mark as u32));
        }
        for (measure, heap) in self.heaps.iter().enumerate() {
            // What is above a bound is what the bounds up to it leave.
            let mut above = (slope, bend);
            for (bin, (g, h)) in heap.iter().take(self.bounds[measure].len()).enumerate() {
                above = (above.0 - g, above.1 - h);
                weigh(above, Question::Above(measure, bin as u8));
            }
        }
        best.map(|b| b.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::learn::linear::key_of;

    const HOW: Growing = Growing { trees: 40, depth: 2, rate: 0.3, least: 0.01, pull: 0.1, groups: 1 };

    /// What holds for either of a mark and a size, but not for both.
    fn ground() -> Ground {
        let mut ground = Ground::default();
        for i in 0..64_u8 {
            let (a, b) = (i % 2 == 0, i / 2 % 2 == 0);
            let marks = if a { vec![key_of("a")] } else { Vec::new() };
            ground.seen.push(Seen { marks, measures: vec![0.0, if b { 0.7 } else { 0.2 }] });
            ground.groups.push("x".to_owned());
            // A little help, for a question alone gains nothing here.
            ground.offsets.push(if a { 0.5 } else { -0.5 });
            ground.right.push(a != b);
        }
        ground
    }

    #[test]
    fn what_is_seen_is_taken_together_and_survives_writing() {
        let ground = ground();
        let trees = grow(&ground, HOW);
        for ((sum, right), offset) in trees.sums(&ground.seen).iter().zip(&ground.right).zip(&ground.offsets) {
            assert_eq!(sum + offset > 0.0, *right);
        }
        assert_eq!(Trees::parse(&trees.text()), trees);
        assert_eq!(grow(&ground, HOW).text(), trees.text());
    }
}
