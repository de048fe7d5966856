//! Whether a number concerns somebody.

use crate::document::{Rule, Side};

/// Of how many weeks there must be a number before one is called unusual.
pub const LEAST_PAST: usize = 4;

/// What a median absolute deviation is multiplied with to stand for a standard deviation where numbers are normally distributed.
const OF_MEDIAN: f64 = 1.482_6;
/// The same of a mean absolute deviation: the square root of half of pi.
const OF_MEAN: f64 = 1.253_314;

/// What is usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// The median of the weeks before.
    pub median: f64,
    /// How far numbers are from it, as a standard deviation.
    pub spread: f64,
}

impl Normal {
    /// What is usual by numbers of the past; nothing where they are fewer than [`LEAST_PAST`].
    ///
    /// The spread is 1.4826 times the median absolute deviation, so that `(x - median) / spread` is the modified z-score of Iglewicz
    /// and Hoaglin, "How to Detect and Handle Outliers" (ASQC 1993), who call 3.5 far. Where more than half of the numbers are alike,
    /// that deviation is 0, and 1.2533 times the mean absolute deviation stands in for it.
    pub fn of(past: &[f64]) -> Option<Normal> {
        if past.len() < LEAST_PAST {
            return None;
        }
        let middle = median(past.to_vec());
        let distances: Vec<f64> = past.iter().map(|number| (number - middle).abs()).collect();
        let mean = distances.iter().sum::<f64>() / distances.len() as f64;
        let by_median = median(distances) * OF_MEDIAN;
        Some(Normal { median: middle, spread: if by_median > 0.0 { by_median } else { mean * OF_MEAN } })
    }

    /// How many spreads a number is above the median, or below (negative). What differs where the past was all alike is infinitely far.
    pub fn score(&self, number: f64) -> f64 {
        let distance = number - self.median;
        if distance == 0.0 { 0.0 } else { distance / self.spread }
    }
}

/// The median: of an even count, the mean of the two in the middle.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[half] } else { f64::midpoint(numbers[half - 1], numbers[half]) }
}

/// What a rule says of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Whether it concerns somebody.
    pub met: bool,
    /// What is usual, where that was asked and there is enough past to say.
    pub normal: Option<Normal>,
}

impl Rule {
    /// Judges the number of a series now, with those of the same series in the weeks before.
    pub fn judge(&self, now: Option<f64>, past: &[f64]) -> Verdict {
        let plain = |met| Verdict { met, normal: None };
        match *self {
            Rule::Absence {} => plain(now.is_none()),
            Rule::Threshold { side: Side::Above, bound } => plain(now.is_some_and(|now| now > bound)),
            Rule::Threshold { side: Side::Below, bound } => plain(now.is_some_and(|now| now < bound)),
            Rule::Anomaly { deviations, side, at_least, .. } => {
                let Some((now, normal)) = now.zip(Normal::of(past)) else { return plain(false) };
                let score = normal.score(now);
                let sided = match side {
                    Some(Side::Above) => score > deviations,
                    Some(Side::Below) => score < -deviations,
                    None => score.abs() > deviations,
                };
                Verdict { met: sided && (now - normal.median).abs() >= at_least, normal: Some(normal) }
            }
        }
    }
}
