//! Boosted decision trees: many small trees, each asking which features a thing has, whose answers are added up.
//!
//! They see what the linear models cannot: that two features together mean something else than each alone. What has a
//! size is put into steps by who makes the features, so every question is answered by yes or no.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::linear::{Features, Order, vocabulary};

/// A model whose sums tell things apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Trees {
    names: HashMap<String, u32>,
    /// Each tree in preorder: a question, what is behind its yes, what is behind its no.
    trees: Vec<Vec<Knot>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Knot {
    /// Whether the thing has the feature; where the tree goes on if not.
    Ask(u32, u32),
    /// What is added.
    Add(f32),
}

impl Trees {
    /// Reads the text that [`Trees::text`] writes; a tree that breaks off is left out.
    pub(crate) fn parse(text: &str) -> Self {
        let mut out = Self::default();
        let mut lines = text.lines().peekable();
        while lines.peek().is_some() {
            let mut tree = Vec::new();
            if out.knot(&mut lines, &mut tree, 0).is_none() {
                break;
            }
            out.trees.push(tree);
        }
        out
    }

    fn knot<'t>(
        &mut self,
        lines: &mut impl Iterator<Item = &'t str>,
        tree: &mut Vec<Knot>,
        depth: usize,
    ) -> Option<()> {
        let line = lines.next().filter(|_| depth <= DEEPEST)?;
        if let Some(value) = line.strip_prefix('=') {
            tree.push(Knot::Add(value.parse::<i32>().ok()? as f32 / SCALE));
            return Some(());
        }
        let name = line.strip_prefix('?')?;
        let next = u32::try_from(self.names.len()).ok()?;
        let feature = *self.names.entry(name.to_owned()).or_insert(next);
        let own = tree.len();
        tree.push(Knot::Ask(feature, 0));
        self.knot(lines, tree, depth + 1)?;
        tree[own] = Knot::Ask(feature, u32::try_from(tree.len()).ok()?);
        self.knot(lines, tree, depth + 1)
    }

    /// The text that [`Trees::parse`] reads.
    pub(crate) fn text(&self) -> String {
        let mut names = vec![""; self.names.len()];
        for (name, at) in &self.names {
            names[*at as usize] = name;
        }
        let mut out = String::new();
        for knot in self.trees.iter().flatten() {
            let _ = match knot {
                Knot::Ask(feature, _) => writeln!(out, "?{}", names[*feature as usize]),
                Knot::Add(value) => writeln!(out, "={}", (value * SCALE).round()),
            };
        }
        out
    }

    /// Whether nothing was learned.
    pub(crate) fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// How much speaks for a thing.
    pub(crate) fn sum(&self, features: &Features) -> f64 {
        let mut has = vec![false; self.names.len()];
        for (name, _) in features {
            if let Some(at) = self.names.get(name) {
                has[*at as usize] = true;
            }
        }
        self.trees.iter().map(|tree| f64::from(answer(tree, |feature| has[feature as usize]))).sum()
    }
}

fn answer(tree: &[Knot], has: impl Fn(u32) -> bool) -> f32 {
    let mut at = 0;
    loop {
        match tree.get(at) {
            Some(Knot::Ask(feature, no)) => at = if has(*feature) { at + 1 } else { *no as usize },
            Some(Knot::Add(value)) => return *value,
            None => return 0.0,
        }
    }
}

/// What is added is written in thousandths.
const SCALE: f32 = 1000.0;
/// No tree is deeper; bounds the reading.
const DEEPEST: usize = 16;

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
    /// Fewest groups in which a feature must be seen.
    pub(crate) groups: usize,
}

/// Share of the examples that each tree sees, in eighths.
const SAMPLE: u64 = 5;

/// Things to learn from: what is seen of each, where it comes from and how much speaks for it beforehand.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    /// What is seen.
    pub(crate) features: Vec<Features>,
    /// Where each comes from.
    pub(crate) groups: Vec<String>,
    /// What trees are added to.
    pub(crate) offsets: Vec<f64>,
}

/// Grows trees that tell which things are right.
pub(crate) fn grow(ground: &Ground, right: &[bool], how: Growing) -> Trees {
    boost(ground, how, |sums, slopes| {
        for ((sum, right), slope) in sums.iter().zip(right).zip(slopes) {
            let share = 1.0 / (1.0 + libm::exp(-sum));
            *slope = (share - f64::from(u8::from(*right)), (share * (1.0 - share)).max(1e-6));
        }
    })
}

struct Nursery<'r> {
    rows: &'r [Vec<u32>],
    slopes: &'r [(f64, f64)],
    sums: Vec<(f64, f64)>,
    how: Growing,
}

fn boost(ground: &Ground, how: Growing, loss: impl Fn(&[f64], &mut [(f64, f64)])) -> Trees {
    let seen = ground.features.iter().zip(ground.groups.iter().map(String::as_str));
    let index = vocabulary(seen, how.groups);
    let mut names: Vec<&str> = vec![""; index.len()];
    for (name, at) in &index {
        names[*at] = name;
    }
    let number = |f: &Features| -> Vec<u32> {
        let mut row: Vec<u32> = f.iter().filter_map(|(name, _)| Some(*index.get(name)? as u32)).collect();
        row.sort_unstable();
        row.dedup();
        row
    };
    let rows: Vec<Vec<u32>> = ground.features.iter().map(number).collect();
    let mut sums = ground.offsets.clone();
    let mut slopes = vec![(0.0, 0.0); rows.len()];
    let mut text = String::new();
    let mut order = Order::of(rows.len());
    for _ in 0..how.trees {
        loss(&sums, &mut slopes);
        let part = rows.len() * SAMPLE as usize / 8;
        let mut own: Vec<usize> = order.next().iter().copied().take(part).collect();
        own.sort_unstable();
        let mut nursery = Nursery { rows: &rows, slopes: &slopes, sums: vec![(0.0, 0.0); names.len()], how };
        let mut tree = Vec::new();
        nursery.sprout(&own, how.depth, &mut tree);
        for (sum, row) in sums.iter_mut().zip(&rows) {
            *sum += f64::from(answer(&tree, |feature| row.binary_search(&feature).is_ok()));
        }
        for knot in tree {
            let _ = match knot {
                Knot::Ask(feature, _) => writeln!(text, "?{}", names[feature as usize]),
                Knot::Add(value) => writeln!(text, "={}", (value * SCALE).round()),
            };
        }
    }
    // What is written is what is used.
    Trees::parse(&text)
}

impl Nursery<'_> {
    /// Adds the part of a tree that tells the examples `own` apart.
    fn sprout(&mut self, own: &[usize], depth: usize, tree: &mut Vec<Knot>) {
        let (slope, bend) = own.iter().fold((0.0, 0.0), |(g, h), at| (g + self.slopes[*at].0, h + self.slopes[*at].1));
        let question = if depth == 0 { None } else { self.question(own, slope, bend) };
        let Some(feature) = question else {
            let value = -self.how.rate * slope / (bend + self.how.pull);
            tree.push(Knot::Add((value as f32 * SCALE).round() / SCALE));
            return;
        };
        let (yes, no): (Vec<usize>, Vec<usize>) =
            own.iter().partition(|at| self.rows[**at].binary_search(&feature).is_ok());
        let at = tree.len();
        tree.push(Knot::Ask(feature, 0));
        self.sprout(&yes, depth - 1, tree);
        tree[at] = Knot::Ask(feature, tree.len() as u32);
        self.sprout(&no, depth - 1, tree);
    }

    /// The feature that tells the examples apart best.
    fn question(&mut self, own: &[usize], slope: f64, bend: f64) -> Option<u32> {
        let Growing { least, pull, .. } = self.how;
        if bend < 2.0 * least {
            return None;
        }
        self.sums.fill((0.0, 0.0));
        for at in own {
            let (g, h) = self.slopes[*at];
            for feature in &self.rows[*at] {
                let sum = &mut self.sums[*feature as usize];
                sum.0 += g;
                sum.1 += h;
            }
        }
        let worth = |g: f64, h: f64| g * g / (h + pull);
        let whole = worth(slope, bend);
        let mut best: Option<(f64, u32)> = None;
        for (feature, (g, h)) in self.sums.iter().enumerate() {
            if *h < least || bend - h < least {
                continue;
            }
            let gain = worth(*g, *h) + worth(slope - g, bend - h) - whole;
            if gain > best.map_or(GAIN, |b| b.0) {
                best = Some((gain, feature as u32));
            }
        }
        best.map(|b| b.1)
    }
}

/// What a question must be worth to be asked.
const GAIN: f64 = 0.3;

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: Growing = Growing { trees: 40, depth: 2, rate: 0.3, least: 0.01, pull: 0.1, groups: 1 };

    /// What holds for either of two features, but not for both.
    fn ground() -> (Ground, Vec<bool>) {
        let mut ground = Ground::default();
        let mut right = Vec::new();
        for i in 0..64 {
            let (a, b) = (i % 2 == 0, i / 2 % 2 == 0);
            let names = [("a", a), ("b", b)];
            ground.features.push(names.iter().filter(|n| n.1).map(|n| (n.0.to_owned(), 1.0)).collect());
            ground.groups.push("x".to_owned());
            // A little help, for a question alone gains nothing here.
            ground.offsets.push(if a { 0.5 } else { -0.5 });
            right.push(a != b);
        }
        (ground, right)
    }

    #[test]
    fn features_are_seen_together_and_survive_writing() {
        let (ground, right) = ground();
        let trees = grow(&ground, &right, HOW);
        for (features, (right, offset)) in ground.features.iter().zip(right.iter().zip(&ground.offsets)) {
            assert_eq!(trees.sum(features) + offset > 0.0, *right, "{features:?}");
        }
        assert_eq!(Trees::parse(&trees.text()), trees);
        assert_eq!(grow(&ground, &right, HOW).text(), trees.text());
    }

    #[test]
    fn what_breaks_off_is_left_out() {
        assert!(Trees::parse("?a\n=100\n").is_empty());
        assert!(Trees::parse("nothing").is_empty());
        let one = Trees::parse("?a\n=100\n=-200\n?b\n");
        assert!((one.sum(&vec![("a".to_owned(), 1.0)]) - 0.1).abs() < 1e-6);
        assert!((one.sum(&Vec::new()) + 0.2).abs() < 1e-6);
    }
}
