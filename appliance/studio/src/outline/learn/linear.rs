//! Linear models over sparse features.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};
use std::hash::{BuildHasherDefault, Hasher};

/// What is seen of one thing: the keys of names, each with a value.
pub(crate) type Features = Vec<(u64, f64)>;

/// Adds a feature for every bound that the value is above.
pub(crate) fn steps(out: &mut Features, name: &str, value: f64, bounds: &[f64]) {
    for (i, _) in bounds.iter().enumerate().take_while(|(_, bound)| value > **bound) {
        out.push((key(format_args!("{name} > {i}")), 1.0));
    }
}

/// A map by keys, which are hashes already.
pub(crate) type ByKey<T> = HashMap<u64, T, BuildHasherDefault<Plain>>;

/// The key of a name, found without writing the name down: a talk has thousands of them.
pub(crate) fn key(name: fmt::Arguments<'_>) -> u64 {
    let mut key = Fnv::default();
    // Writing into a hash cannot fail.
    let _ = key.write_fmt(name);
    key.0
}

/// As [`key`], of a name that is a word.
pub(crate) fn key_of(name: &str) -> u64 {
    let mut key = Fnv::default();
    key.add(name);
    key.0
}

/// The key for what a thing with this key is in one kind of diagram only.
pub(crate) fn within(kind: usize, key: u64) -> u64 {
    (key ^ (kind as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(PRIME)
}

const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Hash of Fowler, Noll and Vo, 64 bits.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
}

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text);
        Ok(())
    }
}

/// Takes a key as its own hash.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// One weight a class for each feature; the classes compete (softmax).
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Linear {
    classes: Vec<String>,
    /// By key, the place of its first weight.
    index: ByKey<u32>,
    weights: Vec<f32>,
}

impl Linear {
    /// Reads `classes: a b c` and then lines of `key weight weight weight`, keys in hexadecimal digits and weights in
    /// hundredths. Lines that do not fit are left out: the files are part of the program and written by it.
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let classes: Vec<String> = lines
            .next()
            .and_then(|line| line.strip_prefix("classes: "))
            .map_or_else(Vec::new, |line| line.split(' ').map(str::to_owned).collect());
        let (mut index, mut weights) = (ByKey::default(), Vec::new());
        for line in lines {
            let mut parts = line.split(' ');
            let Some(key) = parts.next().and_then(|key| u64::from_str_radix(key, 16).ok()) else { continue };
            let at = weights.len();
            weights.extend(parts.filter_map(|part| part.parse::<i16>().ok()).map(|w| f32::from(w) / 100.0));
            if weights.len() == at + classes.len() {
                index.insert(key, u32::try_from(at).expect("the files of the program are small"));
            } else {
                weights.truncate(at);
            }
        }
        Self { classes, index, weights }
    }

    /// The text that [`Linear::parse`] reads, features in order of their keys; weights of nothing are left out.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("classes: {}\n", self.classes.join(" "));
        let keys: BTreeMap<u64, u32> = self.index.iter().map(|(key, at)| (*key, *at)).collect();
        for (key, at) in keys {
            let row: Vec<i32> = self.row(at).iter().map(|w| (w * 100.0).round().clamp(-32e3, 32e3) as i32).collect();
            if row.iter().any(|w| w.abs() >= 2) {
                let _ = write!(out, "{key:x}");
                for weight in row {
                    let _ = write!(out, " {weight}");
                }
                out.push('\n');
            }
        }
        out
    }

    /// The model of trained weights, whose features `index` numbers. What is written is what is used.
    fn made(classes: Vec<String>, index: &ByKey<usize>, weights: &[f64]) -> Self {
        let n = classes.len();
        let index = index.iter().map(|(key, at)| (*key, u32::try_from(at * n).expect("features are few"))).collect();
        let model = Self { classes, index, weights: weights.iter().map(|w| *w as f32).collect() };
        Self::parse(&model.text())
    }

    fn row(&self, at: u32) -> &[f32] {
        &self.weights[at as usize..at as usize + self.classes.len()]
    }

    /// The names of the classes.
    pub(crate) fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How much speaks for a thing, in a model of one class.
    pub(crate) fn sum(&self, features: &[(u64, f64)]) -> f64 {
        let weight = |key: &u64| self.index.get(key).map_or(0.0, |at| self.row(*at)[0]);
        features.iter().map(|(key, value)| f64::from(weight(key)) * value).sum()
    }

    /// How much more speaks for the second class than for the first, in a model of two.
    pub(crate) fn odds(&self, features: &[(u64, f64)]) -> f64 {
        let weight = |key: &u64| {
            self.index.get(key).map_or(0.0, |at| {
                let row = self.row(*at);
                row.get(1).unwrap_or(&0.0) - row[0]
            })
        };
        features.iter().map(|(key, value)| f64::from(weight(key)) * value).sum()
    }

    /// The probability of each class.
    pub(crate) fn shares(&self, features: &[(u64, f64)]) -> Vec<f64> {
        let mut sums = vec![0.0; self.classes.len()];
        for (key, value) in features {
            if let Some(at) = self.index.get(key) {
                for (sum, weight) in sums.iter_mut().zip(self.row(*at)) {
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
    let seen = contests.iter().flat_map(|c| c.things.iter().map(|t| (keys(t), c.group.as_str())));
    let index = vocabulary(seen, how.groups);
    let number = |f: &Features| f.iter().filter_map(|(key, v)| Some((*index.get(key)?, *v))).collect::<Vec<_>>();
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
    Linear::made(vec!["right".to_owned()], &index, &weights)
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
    let index = vocabulary(examples.iter().map(|e| (keys(&e.features), e.group.as_str())), how.groups);
    let rows: Vec<(Vec<(usize, f64)>, usize)> = examples
        .iter()
        .map(|e| (e.features.iter().filter_map(|(key, v)| Some((*index.get(key)?, *v))).collect(), e.class))
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
    Linear::made(classes.iter().map(|c| (*c).to_owned()).collect(), &index, &weights)
}

/// The features that enough groups share, numbered in order of their keys.
pub(crate) fn vocabulary<'e>(
    examples: impl Iterator<Item = (impl Iterator<Item = u64>, &'e str)>,
    least: usize,
) -> ByKey<usize> {
    let mut seen: ByKey<Vec<&str>> = ByKey::default();
    for (keys, group) in examples {
        for key in keys {
            let groups = seen.entry(key).or_default();
            if groups.len() < least && !groups.contains(&group) {
                groups.push(group);
            }
        }
    }
    let mut keys: Vec<u64> = seen.into_iter().filter(|(_, groups)| groups.len() >= least).map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.into_iter().enumerate().map(|(i, key)| (key, i)).collect()
}

/// The keys of features.
pub(crate) fn keys(features: &Features) -> impl Iterator<Item = u64> + '_ {
    features.iter().map(|(key, _)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(words: &str, class: usize, group: &str) -> Example {
        let features = words.split(' ').map(|w| (key_of(w), 1.0)).collect();
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
        let flow = model.shares(&[(key_of("if"), 1.0)])[0];
        assert!(flow > 0.6, "{flow}");
        assert!(model.shares(&[(key_of("under"), 1.0)])[1] > 0.6);
        // Seen in one group only.
        assert_eq!(model.shares(&[(key_of("of"), 1.0)]), [0.5, 0.5]);
        assert_eq!(Linear::parse(&model.text()).text(), model.text());
        assert_eq!(key_of("then if"), key(format_args!("then {}", "if")));
        let again = train(&["flow", "tree"], &examples, Training { rounds: 20, decay: 0.001, groups: 2, balance: 0.0 });
        assert_eq!(again.text(), model.text());
    }
}
