//! The numbers of the appliance over the last day: one look every ten seconds, in a ring of bounded size, gone with the process.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::metrics::SystemNow;

/// Milliseconds between two looks.
pub(crate) const EVERY_MS: u64 = 10_000;
/// How far back looks are kept.
pub(crate) const KEPT_MS: u64 = 24 * 3_600_000;
/// The most looks that are kept: some 900 kB.
const MOST: usize = (KEPT_MS / EVERY_MS) as usize;

/// What a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MetricUnit")]
pub(crate) enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Things in a second.
    PerSecond,
}

/// The numbers that are kept, and what they are of.
const SERIES: [(&str, Unit); 12] = [
    ("http_requests_per_second", Unit::PerSecond),
    ("http_failures_per_second", Unit::PerSecond),
    ("http_requests_at_work", Unit::Count),
    ("connections_open", Unit::Count),
    ("connections_refused_per_second", Unit::PerSecond),
    ("jobs_running", Unit::Count),
    ("tenants_waiting", Unit::Count),
    ("store_open_files", Unit::Count),
    ("store_free_bytes", Unit::Bytes),
    ("process_resident_memory_bytes", Unit::Bytes),
    ("process_open_fds", Unit::Count),
    ("answers_waiting_bytes", Unit::Bytes),
];

/// One look.
#[derive(Debug, Clone, Copy)]
struct Look {
    at_ms: u64,
    values: [f64; SERIES.len()],
}

/// The looks of the last day.
#[derive(Debug, Default)]
pub(crate) struct History(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    looks: VecDeque<Look>,
    /// When it was last looked, and what was counted then.
    counted: Option<(u64, [u64; 3])>,
}

/// A stretch of the last day, in steps of one length.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct MetricHistory {
    /// Where the first step begins (RFC 3339).
    pub(crate) from: String,
    /// How long a step is, in seconds. The next begins where it ends.
    pub(crate) step_s: u64,
    /// Each number over the steps.
    pub(crate) series: Vec<MetricSeries>,
}

/// A number over time.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct MetricSeries {
    /// Which.
    pub(crate) name: &'static str,
    /// What it is of.
    pub(crate) unit: Unit,
    /// What it was on average in each step; nothing where it was not looked at.
    pub(crate) mean: Vec<Option<f64>>,
    /// The most it was in each step.
    pub(crate) most: Vec<Option<f64>>,
}

impl History {
    /// Takes note of a look.
    pub(crate) fn note(&self, at: Timestamp, now: &SystemNow) {
        let at_ms = at.millis();
        let counts = [now.http_requests, now.http_failures, now.connections_refused];
        let mut ring = self.lock();
        let before = ring.counted.replace((at_ms, counts));
        // What lies ahead is of a clock that was put back.
        while ring.looks.back().is_some_and(|last| last.at_ms >= at_ms) {
            ring.looks.pop_back();
        }
        // The first look counts from the start, over nobody knows how long.
        let Some((since, earlier)) = before.filter(|(since, _)| *since < at_ms) else { return };
        let seconds = (at_ms - since) as f64 / 1_000.0;
        let rate = |number: usize| counts[number].saturating_sub(earlier[number]) as f64 / seconds;
        let values = [
            rate(0),
            rate(1),
            now.http_requests_at_work as f64,
            now.connections_open as f64,
            rate(2),
            now.jobs_running as f64,
            now.tenants_waiting as f64,
            now.store_open_files as f64,
            now.store_free_bytes as f64,
            now.process_resident_memory_bytes as f64,
            now.process_open_fds as f64,
            now.answers_waiting_bytes as f64,
        ];
        ring.looks.push_back(Look { at_ms, values });
        while ring.looks.len() > MOST || ring.looks.front().is_some_and(|first| at_ms - first.at_ms > KEPT_MS) {
            ring.looks.pop_front();
        }
    }

    /// The last `range_s` seconds up to `now`, in at most `points` steps, none shorter than the time between two looks.
    pub(crate) fn read(&self, now: Timestamp, range_s: u64, points: u64) -> MetricHistory {
        let every_s = EVERY_MS / 1_000;
        let step_s = range_s.div_ceil(points.max(1)).max(every_s).div_ceil(every_s) * every_s;
        let (step_ms, count) = (step_s * 1_000, range_s.div_ceil(step_s).max(1));
        // Steps begin at whole numbers of them, so that what was told once stays as it was.
        let end = (now.millis() / step_ms + 1) * step_ms;
        let begin = end.saturating_sub(count * step_ms);
        let ring = self.lock();
        let mut sums = vec![[(0.0_f64, 0_u32, 0.0_f64); SERIES.len()]; count as usize];
        for look in ring.looks.iter().filter(|look| (begin..end).contains(&look.at_ms)) {
            let step = &mut sums[((look.at_ms - begin) / step_ms) as usize];
            for ((sum, looks, most), value) in step.iter_mut().zip(look.values) {
                *sum += value;
                *looks += 1;
                *most = most.max(value);
            }
        }
        drop(ring);
        let rounded = |value: f64| (value * 1_000.0).round() / 1_000.0;
        let of = |number: usize, value: fn((f64, u32, f64)) -> f64| {
            sums.iter().map(|step| (step[number].1 > 0).then(|| rounded(value(step[number])))).collect()
        };
        let series = SERIES.iter().enumerate().map(|(number, (name, unit))| MetricSeries {
            name,
            unit: *unit,
            mean: of(number, |(sum, looks, _)| sum / f64::from(looks)),
            most: of(number, |(_, _, most)| most),
        });
        MetricHistory {
            from: crate::endpoints::moment(Timestamp::from_millis(begin)),
            step_s,
            series: series.collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: u64 = 1_800_000_000_000;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(AT + seconds * 1_000)
    }

    fn now(requests: u64, memory: u64) -> SystemNow {
        SystemNow { http_requests: requests, process_resident_memory_bytes: memory, ..SystemNow::default() }
    }

    fn values(history: &MetricHistory, name: &str) -> Vec<Option<f64>> {
        history.series.iter().find(|series| series.name == name).unwrap().mean.clone()
    }

    #[test]
    fn counts_become_rates_and_steps_means() {
        let history = History::default();
        for look in 0..=6 {
            history.note(at(look * 10), &now(look * 50, 100 + look));
        }
        let fine = history.read(at(60), 60, 100);
        assert_eq!((fine.step_s, fine.series.len()), (10, SERIES.len()));
        // The first look of all tells no rate, and so is not there; the last begins a step.
        assert_eq!(values(&fine, "http_requests_per_second"), [Some(5.0); 6]);
        let coarse = history.read(at(60), 60, 2);
        assert_eq!(coarse.step_s, 30);
        assert_eq!(values(&coarse, "process_resident_memory_bytes"), [Some(104.0), Some(106.0)]);
        let most = &coarse.series.iter().find(|series| series.name == "process_resident_memory_bytes").unwrap().most;
        assert_eq!(*most, [Some(105.0), Some(106.0)]);
        // Hours in which nobody looked say nothing.
        let gap = history.read(at(7_200), 3_600, 4);
        assert_eq!(values(&gap, "jobs_running"), [None; 4]);
    }

    #[test]
    fn no_more_than_a_day_is_kept_and_a_clock_may_be_put_back() {
        let history = History::default();
        for look in 0..10_000 {
            history.note(at(look * 10), &now(look, 1));
        }
        assert_eq!(history.lock().looks.len(), MOST);
        assert!(values(&history.read(at(99_990), 86_400, 288), "jobs_running").iter().all(Option::is_some));
        history.note(at(50_000), &now(10_001, 1));
        history.note(at(50_010), &now(10_011, 1));
        let last = history.lock().looks.back().copied().unwrap();
        assert_eq!((last.at_ms, last.values[0]), (AT + 50_010_000, 1.0));
        // A process that began anew counts from nothing: no negative rates.
        history.note(at(50_020), &now(3, 1));
        assert_eq!(history.lock().looks.back().unwrap().values[0], 0.0);
    }
}
