//! Linear models over sparse, named features.

use std::collections::HashMap;
use std::fmt::Write as _;

/// Named features of one thing. A name counts once; later ones of the same name add up.
pub(crate) type Features = Vec<(String, f64)>;

/// One weight a class for each feature; the classes compete (softmax).
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Linear {
    classes: Vec<String>,
    weights: HashMap<String, Vec<f32>>,
}

impl Linear {
    /// Reads `classes: a b c` and then lines of `feature weight weight weight`, weights in hundredths. Lines that do not
    /// fit are left out: the files are part of the program and written by it.
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let classes: Vec<String> = lines
            .next()
            .and_then(|line| line.strip_prefix("classes: "))
            .map_or_else(Vec::new, |line| line.split(' ').map(str::to_owned).collect());
        let mut weights = HashMap::new();
        for line in lines {
            let mut parts = line.split('\t');
            let Some(feature) = parts.next() else { continue };
            let row: Vec<f32> =
                parts.filter_map(|part| part.parse::<i16>().ok()).map(|w| f32::from(w) / 100.0).collect();
            if row.len() == classes.len() {
                weights.insert(feature.to_owned(), row);
            }
        }
        Self { classes, weights }
    }

    /// The text that [`Linear::parse`] reads, features in order of their names; weights of nothing are left out.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("classes: {}\n", self.classes.join(" "));
        let mut names: Vec<&String> = self.weights.keys().collect();
        names.sort();
        for name in names {
            let row: Vec<i32> =
                self.weights[name].iter().map(|w| (w * 100.0).round().clamp(-32e3, 32e3) as i32).collect();
            if row.iter().any(|w| w.abs() >= 2) {
                out.push_str(name);
                for weight in row {
                    let _ = write!(out, "\t{weight}");
                }
                out.push('\n');
            }
        }
        out
    }

    /// The names of the classes.
    pub(crate) fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How much speaks for a thing, in a model of one class.
    pub(crate) fn sum(&self, features: &[(String, f64)]) -> f64 {
        let weight = |name: &str| self.weights.get(name).and_then(|row| row.first()).copied().unwrap_or(0.0);
        features.iter().map(|(name, value)| f64::from(weight(name)) * value).sum()
    }

    /// How much more speaks for the second class than for the first, in a model of two.
    pub(crate) fn odds(&self, features: &[(String, f64)]) -> f64 {
        let weight = |name: &str| self.weights.get(name).map_or(0.0, |row| row.get(1).unwrap_or(&0.0) - row[0]);
        features.iter().map(|(name, value)| f64::from(weight(name)) * value).sum()
    }

    /// The probability of each class.
    pub(crate) fn shares(&self, features: &[(String, f64)]) -> Vec<f64> {
        let mut sums = vec![0.0; self.classes.len()];
        for (name, value) in features {
            if let Some(row) = self.weights.get(name.as_str()) {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += f64::from(*weight) * value;
                }
            }
        }
        softmax(&mut sums);
        sums
    }
}

/// Makes shares of the whole out of sums.
pub(crate) fn softmax(sums: &mut [f64]) {
    let top = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut whole = 0.0;
    for sum in sums.iter_mut() {
        *sum = libm::exp(*sum - top);
        whole += *sum;
    }
    for sum in sums.iter_mut() {
        *sum /= whole;
    }
}

/// One thing whose class is known.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    /// What is seen of it.
    pub(crate) features: Features,
    /// Index of its class.
    pub(crate) class: usize,
    /// Where it comes from; features seen in too few groups are not learned.
    pub(crate) group: String,
}

/// How a model is trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Training {
    /// Times over the examples.
    pub(crate) rounds: usize,
    /// Strength of the pull of weights to nothing.
    pub(crate) decay: f64,
    /// Fewest groups in which a feature must be seen.
    pub(crate) groups: usize,
    /// How far rare classes are made up for: 0 not at all, 1 as if all were equally frequent.
    pub(crate) balance: f64,
}

/// Things of which some are right: they compete with one another.
#[derive(Debug, Clone)]
pub(crate) struct Contest {
    /// What is seen of each.
    pub(crate) things: Vec<Features>,
    /// Which are right, at least one.
    pub(crate) right: Vec<usize>,
    /// Where it comes from.
    pub(crate) group: String,
}

/// Trains a model of one class whose sums tell the right things of a contest from the others; in the same way as
/// [`train`].
pub(crate) fn train_contests(contests: &[Contest], how: Training) -> Linear {
    let seen = contests.iter().flat_map(|c| c.things.iter().map(|t| (t, c.group.as_str())));
    let index = vocabulary(seen, how.groups);
    let number = |f: &Features| f.iter().filter_map(|(name, v)| Some((*index.get(name)?, *v))).collect::<Vec<_>>();
    let rows: Vec<Vec<Vec<(usize, f64)>>> = contests.iter().map(|c| c.things.iter().map(number).collect()).collect();
    let mut weights = vec![0.0_f64; index.len()];
    let mut steps = vec![1e-3_f64; index.len()];
    let mut order = Order::of(rows.len());
    for _ in 0..how.rounds {
        for at in order.next() {
            let (things, right) = (&rows[*at], &contests[*at].right);
            let mut shares: Vec<f64> =
                things.iter().map(|t| t.iter().map(|(k, value)| weights[*k] * value).sum()).collect();
            softmax(&mut shares);
            for (i, thing) in things.iter().enumerate() {
                let wanted = if right.contains(&i) { 1.0 / right.len() as f64 } else { 0.0 };
                for (k, value) in thing {
                    let slope = (shares[i] - wanted) * value + how.decay * weights[*k];
                    steps[*k] += slope * slope;
                    weights[*k] -= RATE * slope / steps[*k].sqrt();
                }
            }
        }
    }
    let rows = index.into_iter().map(|(name, at)| (name.clone(), vec![weights[at] as f32]));
    let model = Linear { classes: vec!["right".to_owned()], weights: rows.collect() };
    Linear::parse(&model.text())
}

/// The size of the first step.
const RATE: f64 = 0.15;

/// The numbers below `n` in an order that differs from round to round and is the same on every run.
pub(crate) struct Order {
    list: Vec<usize>,
    random: u64,
}

impl Order {
    pub(crate) fn of(n: usize) -> Self {
        Self { list: (0..n).collect(), random: 0x2545_f491_4f6c_dd1d }
    }

    pub(crate) fn next(&mut self) -> &[usize] {
        for i in (1..self.list.len()).rev() {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.list.swap(i, (self.random % (i as u64 + 1)) as usize);
        }
        &self.list
    }
}

/// Trains by stochastic gradient descent with a step for each weight (AdaGrad), on the examples in an order that is
/// the same on every run.
pub(crate) fn train(classes: &[&str], examples: &[Example], how: Training) -> Linear {
    let index = vocabulary(examples.iter().map(|e| (&e.features, e.group.as_str())), how.groups);
    let rows: Vec<(Vec<(usize, f64)>, usize)> = examples
        .iter()
        .map(|e| (e.features.iter().filter_map(|(name, v)| Some((*index.get(name)?, *v))).collect(), e.class))
        .collect();
    let n = classes.len();
    let mut sizes = vec![0.0_f64; n];
    for (_, class) in &rows {
        sizes[*class] += 1.0;
    }
    let mean = rows.len() as f64 / n as f64;
    let pull: Vec<f64> = sizes.iter().map(|size| libm::pow(mean / size.max(1.0), how.balance)).collect();
    let mut weights = vec![0.0_f64; index.len() * n];
    let mut steps = vec![1e-3_f64; index.len() * n];
    let mut order = Order::of(rows.len());
    for _ in 0..how.rounds {
        for row in order.next() {
            let (features, class) = &rows[*row];
            let mut shares = vec![0.0; n];
            for (at, value) in features {
                for (share, weight) in shares.iter_mut().zip(&weights[at * n..]) {
                    *share += weight * value;
                }
            }
            softmax(&mut shares);
            for (at, value) in features {
                for (k, share) in shares.iter().enumerate() {
                    let at = at * n + k;
                    let slope =
                        pull[*class] * (share - f64::from(u8::from(k == *class))) * value + how.decay * weights[at];
                    steps[at] += slope * slope;
                    weights[at] -= RATE * slope / steps[at].sqrt();
                }
            }
        }
    }
    let rows = index
        .into_iter()
        .map(|(name, at)| (name.clone(), weights[at * n..(at + 1) * n].iter().map(|w| *w as f32).collect()));
    let model = Linear { classes: classes.iter().map(|c| (*c).to_owned()).collect(), weights: rows.collect() };
    // What is written is what is used.
    Linear::parse(&model.text())
}

/// The features that enough groups share, numbered in order of their names.
pub(crate) fn vocabulary<'e>(
    examples: impl Iterator<Item = (&'e Features, &'e str)>,
    least: usize,
) -> HashMap<&'e String, usize> {
    let mut seen: HashMap<&String, Vec<&str>> = HashMap::new();
    for (features, group) in examples {
        for (name, _) in features {
            let groups = seen.entry(name).or_default();
            if groups.len() < least && !groups.contains(&group) {
                groups.push(group);
            }
        }
    }
    let mut names: Vec<&String> =
        seen.into_iter().filter(|(_, groups)| groups.len() >= least).map(|(n, _)| n).collect();
    names.sort();
    names.into_iter().enumerate().map(|(i, name)| (name, i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(words: &str, class: usize, group: &str) -> Example {
        let features = words.split(' ').map(|w| (w.to_owned(), 1.0)).collect();
        Example { features, class, group: group.to_owned() }
    }

    #[test]
    fn what_was_shown_is_learned_and_survives_writing() {
        let examples = [
            example("then if a", 0, "x"),
            example("if then", 0, "y"),
            example("under a", 1, "x"),
            example("under of", 1, "y"),
        ];
        let model = train(&["flow", "tree"], &examples, Training { rounds: 20, decay: 0.001, groups: 2, balance: 0.0 });
        let flow = model.shares(&[("if".to_owned(), 1.0)])[0];
        assert!(flow > 0.6, "{flow}");
        assert!(model.shares(&[("under".to_owned(), 1.0)])[1] > 0.6);
        // Seen in one group only.
        assert_eq!(model.shares(&[("of".to_owned(), 1.0)]), [0.5, 0.5]);
        assert_eq!(Linear::parse(&model.text()), model);
        let again = train(&["flow", "tree"], &examples, Training { rounds: 20, decay: 0.001, groups: 2, balance: 0.0 });
        assert_eq!(again.text(), model.text());
    }
}
