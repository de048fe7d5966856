//! From a selector to SQL, and from rows to points.
//!
//! Events are summed up in buckets so narrow that the range before each moment is a whole number of them, by the engine; from sums
//! of buckets a point is the difference of two.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    fault::PromError,
    label::{self, ALWAYS, Metric, NAME},
    promql::{Function, Selector},
};
use crate::query::moment_literal;

/// The most series that a question works on.
pub(crate) const MAX_SERIES: usize = 2_000;
/// The most points that a question works on, over all series.
const MAX_SAMPLES: usize = 1_000_000;

/// At which moments a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    /// The first, in milliseconds since 1970.
    pub(crate) start: i64,
    /// From one to the next, in milliseconds.
    pub(crate) step: i64,
    /// How many there are.
    pub(crate) count: usize,
}

impl Grid {
    /// One moment.
    pub(crate) const fn at(moment: i64) -> Self {
        Grid { start: moment, step: 1, count: 1 }
    }

    /// The moments.
    pub(crate) fn moments(self) -> impl Iterator<Item = i64> {
        (0..self.count).map(move |at| self.start + self.step * at as i64)
    }
}

/// What is asked of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetch {
    metric: Metric,
    function: Option<Function>,
    /// The range before each moment, in milliseconds.
    range: i64,
    labels: Vec<String>,
    condition: String,
    offset: i64,
}

/// Labels, and a value for each moment where there is one.
pub(super) type Points = (BTreeMap<String, String>, Vec<Option<f64>>);

impl Fetch {
    /// What answers a selector with a function over a range, or one at a moment. `named` are labels that the question names, `only` those that
    /// it needs where no others count.
    pub(super) fn new(
        selector: &Selector,
        over: Option<(Function, i64)>,
        named: &BTreeSet<String>,
        only: Option<&[String]>,
    ) -> Result<Option<Self>, PromError> {
        let Some(metric) = Metric::of(selector)? else { return Ok(None) };
        let function = over.map(|(function, _)| function);
        match (metric, function) {
            (Metric::Total, None | Some(Function::Increase | Function::Rate)) => {}
            (Metric::Events, Some(Function::Sum | Function::Count | Function::Average)) => {}
            (Metric::Total, Some(_)) => {
                return Err(PromError::bad(
                    "audiagram_usage_total is a counter: ask for increase or rate, or for audiagram_usage",
                ));
            }
            (Metric::Events, _) => {
                return Err(PromError::bad(
                    "audiagram_usage has a sample an event: ask for sum_over_time, count_over_time or avg_over_time, or for audiagram_usage_total",
                ));
            }
        }
        let all = ALWAYS.iter().map(|label| (*label).to_owned()).chain(named.iter().cloned());
        let mut labels: Vec<String> = only.map_or_else(|| all.collect(), <[String]>::to_vec);
        labels.retain(|label| label::column(label).is_some());
        labels.sort_unstable();
        labels.dedup();
        let range = over.map_or(0, |(_, range)| range);
        Ok(Some(Fetch {
            metric,
            function,
            range,
            labels,
            condition: label::condition(selector),
            offset: selector.offset,
        }))
    }

    /// The statement for these moments.
    pub(crate) fn sql(&self, grid: Grid) -> String {
        let (first, last) = (grid.start - self.offset, grid.start - self.offset + grid.step * (grid.count as i64 - 1));
        let (origin, grain) = (first - self.range, self.grain(grid));
        let mut columns: Vec<String> = self.labels.iter().filter_map(|label| label::column(label)).collect();
        // Right closed: what happened at the end of a bucket is in it. Bucket 0 is all that came before.
        columns.push(format!("greatest((CAST(at AS BIGINT) / 1000 - {origin} + {}) / {grain}, 0)", grain - 1));
        let places: Vec<String> = (1..=columns.len()).map(|place| place.to_string()).collect();
        let from = match self.metric {
            // A counter has begun whenever it was first counted.
            Metric::Total => String::new(),
            Metric::Events => format!(" AND at > {}", moment_literal(origin)),
        };
        format!(
            "SELECT {}, sum(quantity), count(*) FROM usage WHERE at <= {}{from} AND {} GROUP BY {}",
            columns.join(", "),
            moment_literal(last),
            self.condition,
            places.join(", "),
        )
    }

    /// How long a bucket is: steps and the range are whole numbers of them.
    fn grain(&self, grid: Grid) -> i64 {
        let (mut one, mut other) = (if grid.count > 1 { grid.step } else { 0 }, self.range);
        while other != 0 {
            (one, other) = (other, one % other);
        }
        one.max(1)
    }

    /// The series that rows of the statement stand for.
    pub(super) fn points(&self, grid: Grid, rows: Vec<Vec<Json>>) -> Result<Vec<Points>, PromError> {
        let mut series: BTreeMap<Vec<String>, Vec<(i64, f64, f64)>> = BTreeMap::new();
        for row in rows {
            let (labels, numbers) = row.split_at(self.labels.len().min(row.len()));
            let [bucket, sum, count] = numbers else { return Err(odd()) };
            let (Some(bucket), Some(sum), Some(count)) = (bucket.as_i64(), sum.as_f64(), count.as_f64()) else {
                return Err(odd());
            };
            let labels = labels.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect();
            series.entry(labels).or_default().push((bucket, sum, count));
        }
        if series.len() > MAX_SERIES || series.len().saturating_mul(grid.count) > MAX_SAMPLES {
            return Err(PromError::Execution(format!(
                "{} series of {} points are too many (at most {MAX_SERIES} series and {MAX_SAMPLES} points); narrow it, or group it with sum by (…)",
                series.len(),
                grid.count
            )));
        }
        Ok(series.into_iter().map(|(values, buckets)| (self.named(values), self.values(grid, buckets))).collect())
    }

    fn named(&self, values: Vec<String>) -> BTreeMap<String, String> {
        let mut labels: BTreeMap<String, String> =
            self.labels.iter().cloned().zip(values).filter(|(_, value)| !value.is_empty()).collect();
        if self.function.is_none() {
            labels.insert(NAME.to_owned(), "audiagram_usage_total".to_owned());
        }
        labels
    }

    fn values(&self, grid: Grid, mut buckets: Vec<(i64, f64, f64)>) -> Vec<Option<f64>> {
        buckets.sort_unstable_by_key(|(bucket, ..)| *bucket);
        let begun = buckets.first().map_or(i64::MAX, |(bucket, ..)| *bucket);
        let (mut sums, mut counts) = (vec![0.0], vec![0.0]);
        for (_, sum, count) in &buckets {
            sums.push(sums[sums.len() - 1] + sum);
            counts.push(counts[counts.len() - 1] + count);
        }
        let until = |bucket: i64| buckets.partition_point(|(other, ..)| *other <= bucket);
        let (grain, range) = (self.grain(grid), self.range);
        let point = |at: usize| {
            let low = grid.step * at as i64 / grain;
            let high = low + range / grain;
            if self.metric == Metric::Total && begun > high {
                return None;
            }
            let (from, to) = (until(low), until(high));
            let (sum, count) = (sums[to] - sums[from], counts[to] - counts[from]);
            match self.function {
                None => Some(sums[to]),
                Some(Function::Increase) => Some(sum),
                Some(Function::Rate) => Some(sum * 1_000.0 / range as f64),
                Some(_) if count == 0.0 => None,
                Some(Function::Sum) => Some(sum),
                Some(Function::Count) => Some(count),
                Some(Function::Average) => Some(sum / count),
            }
        };
        (0..grid.count).map(point).collect()
    }
}

fn odd() -> PromError {
    PromError::Execution("the engine answered in an unknown form".to_owned())
}
