//! Histograms with explicit bounds: how many values there were, what they sum up to, and how many lie between which bounds.

use super::{
    Double, Fault, OfMetric, Point, Reading, attributes, dimensions,
    form::{HistogramPoint, Whole},
    part, whole,
};
use crate::event::MAX_DIMENSIONS;

/// The dimension with the upper bound of a bucket, as Prometheus calls it.
const BOUND: &str = "le";
/// The most buckets of a point.
const MAX_BUCKETS: usize = 200;

impl OfMetric<'_> {
    pub(super) fn histogram(&self, point: HistogramPoint, is_counter: bool) -> Point {
        let buckets = buckets(&point)?;
        let (since, read) = (point.start_time_unix_nano.0, point.time_unix_nano.0);
        let mut series = self.series.clone();
        attributes(&mut series, &point.attributes);
        let own = dimensions(point.attributes)?;
        if own.iter().any(|(name, _)| name == BOUND) {
            return Err(Fault::Form(format!("the attribute `{BOUND}` is for the bounds of buckets")));
        }
        if !buckets.is_empty() && own.len() >= MAX_DIMENSIONS {
            return Err(Fault::Dimensions);
        }
        let reading = |what: &str, unit: &str, value: i64, bound: Option<&str>| {
            let (mut series, mut dimensions) = (series.clone(), own.clone());
            part(&mut series, what.as_bytes());
            if let Some(bound) = bound {
                part(&mut series, bound.as_bytes());
                dimensions.push((BOUND.to_owned(), bound.to_owned()));
                dimensions.sort();
            }
            let (meter, unit) = (format!("{}.{what}", self.name), unit.to_owned());
            self.sender.measured(Reading { series, meter, unit, since, read, value, is_counter, dimensions })
        };
        let mut parts = vec![reading("count", "1", number(point.count)?, None)?];
        if let Some(sum) = point.sum {
            if sum.0 < 0.0 {
                return Err(Fault::Form("a histogram of values below zero must be sent without its sum".to_owned()));
            }
            parts.push(reading("sum", self.unit, whole(sum, is_counter)?, None)?);
        }
        for (bound, count) in buckets {
            // Nothing is an event only where nobody knows since when a counter counts: its first value is where it begins.
            if count.0 > 0 || is_counter && since == 0 {
                parts.push(reading("bucket", "1", number(count)?, Some(&bound))?);
            }
        }
        Ok(parts)
    }
}

/// Upper bounds with how many values lie under each and above the one before.
fn buckets(point: &HistogramPoint) -> Result<Vec<(String, Whole)>, Fault> {
    let form = |text: &str| Err(Fault::Form(text.to_owned()));
    let (counts, bounds) = (&point.bucket_counts, &point.explicit_bounds);
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    if counts.len() > MAX_BUCKETS {
        return Err(Fault::Form(format!("a histogram may have {MAX_BUCKETS} buckets")));
    }
    if counts.len() != bounds.len() + 1 {
        return form("a histogram must have one bucket more than it has bounds");
    }
    let rises = bounds.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if !rises || bounds.iter().any(|Double(bound)| !bound.is_finite()) {
        return form("the bounds of a histogram must be numbers that rise");
    }
    let all = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(count.0));
    if all != Some(point.count.0) {
        return form("the buckets of a histogram must sum up to its count");
    }
    let names = bounds.iter().map(|Double(bound)| bound.to_string()).chain(["+Inf".to_owned()]);
    Ok(names.zip(counts.iter().copied()).collect())
}

fn number(count: Whole) -> Result<i64, Fault> {
    i64::try_from(count.0).map_err(|_| Fault::Quantity)
}
