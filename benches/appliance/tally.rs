//! What came of requests: times and statuses.

use std::{collections::BTreeMap, time::Duration};

/// Outcomes of requests. Times are from the moment at which a request was to be sent, whether or not it could be sent then.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    micros: Vec<u32>,
    statuses: BTreeMap<u16, u64>,
    /// Requests without an answer.
    pub(crate) broken: u64,
}

impl Tally {
    pub(crate) fn answered(&mut self, took: Duration, status: u16) {
        self.micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        *self.statuses.entry(status).or_default() += 1;
    }

    pub(crate) fn join(&mut self, other: Tally) {
        self.micros.extend(other.micros);
        self.broken += other.broken;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.micros.len()
    }

    /// Answers that are no success, and requests without an answer.
    pub(crate) fn errors(&self) -> u64 {
        self.broken + self.statuses.iter().filter(|(status, _)| **status >= 400).map(|(_, count)| count).sum::<u64>()
    }

    /// The time within which this share of answers came, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(at).map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
    }

    pub(crate) fn print(&self, name: &str) {
        println!(
            "{name}: {} answers, p50 {:.2} p95 {:.2} p99 {:.2} max {:.2} ms; statuses {:?}, without an answer {}",
            self.count(),
            self.percentile(0.5),
            self.percentile(0.95),
            self.percentile(0.99),
            self.percentile(1.0),
            self.statuses,
            self.broken
        );
    }
}
