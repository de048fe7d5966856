//! Boosted decision trees: many small trees whose answers are added up. Each question is whether a thing has a mark, or
//! whether one of its measures is above a bound.
//!
//! They see what the linear models cannot: that two things together mean something else than each alone.

use std::fmt::Write as _;

use super::linear::ByKey;

/// What is seen of one thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    /// Keys of what holds for it.
    pub(crate) marks: Vec<u64>,
    /// Its sizes, in the same order for all things of a model.
    pub(crate) measures: Vec<f32>,
}

impl Seen {
    /// Whether nothing is seen, for a thing that is not worth a look.
    pub(crate) fn is_empty(&self) -> bool {
        self.measures.is_empty()
    }
}

/// A model whose sums tell things apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Trees {
    /// The marks that are asked for, numbered.
    marks: ByKey<u32>,
    /// All trees in preorder: a question, what is behind its yes, what is behind its no.
    knots: Vec<Knot>,
    /// Where each tree begins.
    roots: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Knot {
    /// Whether the thing has the mark; where the tree goes on if not.
    Has { mark: u32, no: u32 },
    /// Whether the measure is above the bound; where the tree goes on if not.
    Above { measure: u16, bound: f32, no: u32 },
    /// What is added.
    Add(f32),
}

impl Trees {
    /// Reads the text that [`Trees::text`] writes; a tree that breaks off is left out, and so is what follows it.
    pub(crate) fn parse(text: &str) -> Self {
        let mut out = Self::default();
        let mut lines = text.lines().peekable();
        while lines.peek().is_some() {
            let (root, marks) = (out.knots.len(), place(out.marks.len()));
            if out.knot(&mut lines, 0).is_none() {
                out.knots.truncate(root);
                out.marks.retain(|_, at| *at < marks);
                break;
            }
            out.roots.push(place(root));
        }
        out
    }

    fn knot<'t>(&mut self, lines: &mut impl Iterator<Item = &'t str>, depth: usize) -> Option<()> {
        let line = lines.next().filter(|_| depth <= DEEPEST)?;
        if let Some(value) = line.strip_prefix('=') {
            self.knots.push(Knot::Add(value.parse::<i32>().ok()? as f32 / SCALE));
            return Some(());
        }
        let own = self.knots.len();
        let question: fn(Knot, u32) -> Knot = |knot, no| match knot {
            Knot::Has { mark, .. } => Knot::Has { mark, no },
            Knot::Above { measure, bound, .. } => Knot::Above { measure, bound, no },
            Knot::Add(value) => Knot::Add(value),
        };
        let knot = if let Some(key) = line.strip_prefix('?') {
            let next = place(self.marks.len());
            let mark = *self.marks.entry(u64::from_str_radix(key, 16).ok()?).or_insert(next);
            Knot::Has { mark, no: 0 }
        } else {
            let (measure, bound) = line.strip_prefix('>')?.split_once(' ')?;
            Knot::Above { measure: measure.parse().ok()?, bound: bound.parse::<i32>().ok()? as f32 / SCALE, no: 0 }
        };
        self.knots.push(knot);
        self.knot(lines, depth + 1)?;
        self.knots[own] = question(knot, place(self.knots.len()));
        self.knot(lines, depth + 1)
    }

    /// The text that [`Trees::parse`] reads.
    pub(crate) fn text(&self) -> String {
        let mut keys = vec![0; self.marks.len()];
        for (key, at) in &self.marks {
            keys[*at as usize] = *key;
        }
        let mut out = String::new();
        for knot in &self.knots {
            knot.write(&mut out, |mark| keys[mark as usize]);
        }
        out
    }

    /// Whether nothing was learned.
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// How much speaks for each thing; nothing for one of which nothing is seen.
    pub(crate) fn sums(&self, things: &[Seen]) -> Vec<f64> {
        let mut has = vec![false; self.marks.len()];
        let mut set: Vec<usize> = Vec::new();
        let mut out = Vec::with_capacity(things.len());
        for thing in things {
            if thing.is_empty() {
                out.push(0.0);
                continue;
            }
            set.extend(thing.marks.iter().filter_map(|key| self.marks.get(key)).map(|at| *at as usize));
            for at in &set {
                has[*at] = true;
            }
            let answers = self.roots.iter().map(|root| {
                f64::from(answer(
                    &self.knots,
                    *root as usize,
                    |mark| has[mark as usize],
                    |measure, bound| thing.measures.get(usize::from(measure)).is_some_and(|own| *own > bound),
                ))
            });
            out.push(answers.sum());
            for at in set.drain(..) {
                has[at] = false;
            }
        }
        out
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("the files of the program are small")
}

impl Knot {
    pub(super) fn write(self, out: &mut String, key: impl Fn(u32) -> u64) {
        let _ = match self {
            Knot::Has { mark, .. } => writeln!(out, "?{:x}", key(mark)),
            Knot::Above { measure, bound, .. } => writeln!(out, ">{measure} {}", (bound * SCALE).round()),
            Knot::Add(value) => writeln!(out, "={}", (value * SCALE).round()),
        };
    }
}

/// What the tree that begins at `at` says.
pub(super) fn answer(
    knots: &[Knot],
    mut at: usize,
    has: impl Fn(u32) -> bool,
    above: impl Fn(u16, f32) -> bool,
) -> f32 {
    loop {
        match knots.get(at) {
            Some(Knot::Has { mark, no }) => at = if has(*mark) { at + 1 } else { *no as usize },
            Some(Knot::Above { measure, bound, no }) => {
                at = if above(*measure, *bound) { at + 1 } else { *no as usize }
            }
            Some(Knot::Add(value)) => return *value,
            None => return 0.0,
        }
    }
}

/// What is added, and bounds, are written in thousandths.
pub(super) const SCALE: f32 = 1000.0;
/// No tree is deeper; bounds the reading.
const DEEPEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_off_is_left_out() {
        assert!(Trees::parse("?a\n=100\n").is_empty());
        assert!(Trees::parse("nothing").is_empty());
        let one = Trees::parse("?a\n=100\n>0 500\n=-200\n=50\n?b\n");
        let sum = |marks: &[u64], measure: f32| one.sums(&[Seen { marks: marks.to_vec(), measures: vec![measure] }])[0];
        assert!((sum(&[10], 0.0) - 0.1).abs() < 1e-6);
        assert!((sum(&[], 0.6) + 0.2).abs() < 1e-6);
        assert!((sum(&[], 0.4) - 0.05).abs() < 1e-6);
        assert_eq!(one.sums(&[Seen::default()]), [0.0]);
        assert_eq!(Trees::parse(&one.text()), one);
    }
}
