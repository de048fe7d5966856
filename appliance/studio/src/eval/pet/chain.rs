//! A linear-chain conditional random field over named features.

use std::collections::HashMap;

use crate::outline::learn::linear::softmax;

/// What is seen of one item of a sequence.
pub(super) type Seen = Vec<String>;

/// A sequence whose labels are known.
#[derive(Debug, Clone)]
pub(super) struct Labelled {
    /// What is seen of each item.
    pub(super) items: Vec<Seen>,
    /// The label of each.
    pub(super) labels: Vec<usize>,
    /// Where it comes from; features seen in too few groups are not learned.
    pub(super) group: usize,
}

/// How a chain is trained.
#[derive(Debug, Clone, Copy)]
pub(super) struct Training {
    /// Times over the sequences.
    pub(super) rounds: usize,
    /// Strength of the pull of weights to nothing.
    pub(super) decay: f64,
    /// Fewest groups in which a feature must be seen.
    pub(super) groups: usize,
    /// Begins the order of the sequences; never 0.
    pub(super) seed: u64,
}

/// The size of the first step.
const RATE: f64 = 0.04;

/// Weights of labels by feature, and of labels that follow one another.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    labels: usize,
    index: HashMap<String, usize>,
    weights: Vec<f64>,
    /// From a label to the next; what may not follow weighs minus infinity.
    steps: Vec<f64>,
    /// Which labels may begin.
    starts: Vec<bool>,
}

impl Chain {
    /// Trains by stochastic gradient descent with a step for each weight (AdaGrad), in an order that is the same on every
    /// run. `follows` says which label may stand after which; nothing stands before the first.
    pub(super) fn train(
        labels: usize,
        follows: impl Fn(Option<usize>, usize) -> bool,
        sequences: &[Labelled],
        how: Training,
    ) -> Self {
        let mut chain = Self { labels, index: vocabulary(sequences, how.groups), ..Self::default() };
        chain.weights = vec![0.0; chain.index.len() * labels];
        chain.steps = vec![0.0; labels * labels];
        chain.starts = (0..labels).map(|b| follows(None, b)).collect();
        for a in 0..labels {
            for b in 0..labels {
                if !follows(Some(a), b) {
                    chain.steps[a * labels + b] = f64::NEG_INFINITY;
                }
            }
        }
        let rows: Vec<Vec<Vec<usize>>> =
            sequences.iter().map(|s| s.items.iter().map(|item| chain.known(item)).collect()).collect();
        let mut squares = vec![1e-3; chain.weights.len()];
        let mut step_squares = vec![1e-3; chain.steps.len()];
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let mut random = how.seed;
        for _ in 0..how.rounds {
            for i in (1..order.len()).rev() {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                order.swap(i, (random % (i as u64 + 1)) as usize);
            }
            for at in &order {
                let (items, gold) = (&rows[*at], &sequences[*at].labels);
                if items.is_empty() {
                    continue;
                }
                let belief = chain.believe(&chain.sums(items));
                for (i, item) in items.iter().enumerate() {
                    for label in 0..labels {
                        let slope = belief.items[i * labels + label] - f64::from(u8::from(gold[i] == label));
                        for feature in item {
                            let w = feature * labels + label;
                            let slope = slope + how.decay * chain.weights[w];
                            squares[w] += slope * slope;
                            chain.weights[w] -= RATE * slope / squares[w].sqrt();
                        }
                    }
                }
                for (w, expected) in belief.steps.iter().enumerate() {
                    let seen = gold.windows(2).filter(|p| p[0] * labels + p[1] == w).count() as f64;
                    let slope = expected - seen;
                    if chain.steps[w].is_finite() && slope != 0.0 {
                        let slope = slope + how.decay * chain.steps[w];
                        step_squares[w] += slope * slope;
                        chain.steps[w] -= RATE * slope / step_squares[w].sqrt();
                    }
                }
            }
        }
        chain
    }

    fn known(&self, item: &Seen) -> Vec<usize> {
        item.iter().filter_map(|name| self.index.get(name).copied()).collect()
    }

    fn sums(&self, items: &[Vec<usize>]) -> Vec<f64> {
        let n = self.labels;
        let mut out = vec![0.0; items.len() * n];
        for (i, item) in items.iter().enumerate() {
            for feature in item {
                for label in 0..n {
                    out[i * n + label] += self.weights[feature * n + label];
                }
            }
        }
        out
    }

    /// How likely each item has each label, the whole sequence considered.
    pub(super) fn shares(&self, items: &[Seen]) -> Vec<f64> {
        let known: Vec<Vec<usize>> = items.iter().map(|item| self.known(item)).collect();
        if known.is_empty() { Vec::new() } else { self.believe(&self.sums(&known)).items }
    }

    /// Forward and backward sums, scaled at each item.
    fn believe(&self, sums: &[f64]) -> Belief {
        let n = self.labels;
        let length = sums.len() / n;
        let factor: Vec<f64> = self.steps.iter().map(|w| libm::exp(*w)).collect();
        // Shares instead of powers: a factor an item, which cancels out, and nothing overflows.
        let mut own = sums.to_vec();
        own.chunks_exact_mut(n).for_each(softmax);
        let mut forward = vec![0.0; sums.len()];
        for label in 0..n {
            forward[label] = if self.starts[label] { own[label] } else { 0.0 };
        }
        scale(&mut forward[..n]);
        for i in 1..length {
            for b in 0..n {
                let before: f64 = (0..n).map(|a| forward[(i - 1) * n + a] * factor[a * n + b]).sum();
                forward[i * n + b] = before * own[i * n + b];
            }
            scale(&mut forward[i * n..(i + 1) * n]);
        }
        let mut backward = vec![1.0; sums.len()];
        for i in (0..length - 1).rev() {
            for a in 0..n {
                backward[i * n + a] =
                    (0..n).map(|b| factor[a * n + b] * own[(i + 1) * n + b] * backward[(i + 1) * n + b]).sum();
            }
            scale(&mut backward[i * n..(i + 1) * n]);
        }
        let mut items: Vec<f64> = forward.iter().zip(&backward).map(|(f, b)| f * b).collect();
        items.chunks_exact_mut(n).for_each(scale);
        let mut steps = vec![0.0; n * n];
        let mut pair = vec![0.0; n * n];
        for i in 1..length {
            for a in 0..n {
                for b in 0..n {
                    pair[a * n + b] =
                        forward[(i - 1) * n + a] * factor[a * n + b] * own[i * n + b] * backward[i * n + b];
                }
            }
            scale(&mut pair);
            steps.iter_mut().zip(&pair).for_each(|(sum, share)| *sum += share);
        }
        Belief { items, steps }
    }

    /// The likeliest labels that may follow one another, by shares, which may be the mean of several chains'. `bias` is added
    /// to what speaks for the first label.
    pub(super) fn decode(&self, shares: &[f64], bias: f64) -> Vec<usize> {
        let n = self.labels;
        let length = shares.len() / n;
        let score =
            |i: usize, label: usize| libm::log(shares[i * n + label].max(1e-12)) + if label == 0 { bias } else { 0.0 };
        let mut best = vec![f64::NEG_INFINITY; shares.len()];
        let mut from = vec![0_usize; shares.len()];
        for i in 0..length {
            for b in 0..n {
                if i == 0 {
                    best[b] = if self.starts[b] { score(0, b) } else { f64::NEG_INFINITY };
                    continue;
                }
                for a in (0..n).filter(|a| self.steps[a * n + b].is_finite()) {
                    let sum = best[(i - 1) * n + a] + score(i, b);
                    if sum > best[i * n + b] {
                        (best[i * n + b], from[i * n + b]) = (sum, a);
                    }
                }
            }
        }
        let mut out = vec![0; length];
        for i in (0..length).rev() {
            out[i] = if i + 1 == length {
                (0..n).max_by(|a, b| best[i * n + a].total_cmp(&best[i * n + b]).then(b.cmp(a))).unwrap_or(0)
            } else {
                from[(i + 1) * n + out[i + 1]]
            };
        }
        out
    }
}

struct Belief {
    items: Vec<f64>,
    steps: Vec<f64>,
}

fn scale(row: &mut [f64]) {
    let sum: f64 = row.iter().sum();
    if sum > 0.0 {
        row.iter_mut().for_each(|x| *x /= sum);
    }
}

fn vocabulary(sequences: &[Labelled], least: usize) -> HashMap<String, usize> {
    let mut seen: HashMap<&String, (usize, usize)> = HashMap::new();
    for sequence in sequences {
        for name in sequence.items.iter().flatten() {
            let entry = seen.entry(name).or_insert((usize::MAX, 0));
            if entry.0 != sequence.group {
                *entry = (sequence.group, entry.1 + 1);
            }
        }
    }
    let mut names: Vec<&String> = seen.iter().filter(|(_, (_, n))| *n >= least).map(|(name, _)| *name).collect();
    names.sort();
    names.into_iter().enumerate().map(|(i, name)| (name.clone(), i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(words: &str) -> Vec<Seen> {
        words.split(' ').map(|w| vec![w.to_owned()]).collect()
    }

    #[test]
    fn what_follows_what_is_learned() {
        // 1 begins and 2 goes on; `x` is either, by what stands before it.
        let follows = |before: Option<usize>, label: usize| label != 2 || matches!(before, Some(1 | 2));
        let of = |group, words, labels: &[usize]| Labelled { items: items(words), labels: labels.to_vec(), group };
        let sequences = [of(0, "a x o", &[1, 2, 0]), of(1, "o x a x", &[0, 0, 1, 2]), of(2, "o o a x", &[0, 0, 1, 2])];
        let how = Training { rounds: 60, decay: 0.001, groups: 1, seed: 7 };
        let chain = Chain::train(3, follows, &sequences, how);
        let labels = |words| chain.decode(&chain.shares(&items(words)), 0.0);
        assert_eq!(labels("o a x o x"), [0, 1, 2, 0, 0]);
        assert_eq!(labels("x"), [0]);
        assert!(labels("never seen before").iter().all(|l| *l < 3));
        assert!(chain.shares(&[]).is_empty());
    }
}
