//! Parameters of requests, read as Prometheus reads them.

use super::super::{pairs::Pairs, view::parse_moment};
use crate::prometheus::{Expr, Grid, PromError, Selector, duration};

/// The most moments of a series, as Prometheus has it.
const MAX_POINTS: i64 = 11_000;
/// The last moment that can be asked about, in milliseconds since 1970: the end of the year 9999.
pub(super) const LAST: i64 = 253_402_300_799_999;

/// The parameters that are known; others are left alone, as Prometheus does.
#[derive(Debug, Default)]
pub(super) struct Params<'a> {
    pub(super) query: Option<&'a str>,
    pub(super) time: Option<&'a str>,
    pub(super) start: Option<&'a str>,
    pub(super) end: Option<&'a str>,
    pub(super) step: Option<&'a str>,
    pub(super) limit: Option<&'a str>,
    pub(super) selectors: Vec<&'a str>,
}

impl<'a> Params<'a> {
    pub(super) fn of<T>(pairs: &'a Pairs<T>) -> Self {
        let mut params = Params::default();
        for (name, value) in pairs.iter() {
            match name {
                "query" => params.query = Some(value),
                "time" => params.time = Some(value),
                "start" => params.start = Some(value),
                "end" => params.end = Some(value),
                "step" => params.step = Some(value),
                "limit" => params.limit = Some(value),
                "match[]" => params.selectors.push(value),
                _ => {}
            }
        }
        params
    }

    pub(super) fn expr(&self) -> Result<Expr, PromError> {
        Expr::read(self.query.ok_or_else(|| PromError::bad("there is no parameter `query`"))?)
    }

    /// How many of many are wanted; zero is all, as in Prometheus.
    pub(super) fn limit(&self, most: usize) -> Result<usize, PromError> {
        match self.limit.map(str::parse) {
            None | Some(Ok(0)) => Ok(most),
            Some(Ok(limit)) => Ok(most.min(limit)),
            Some(Err(_)) => Err(PromError::bad("the parameter `limit` must be a whole number")),
        }
    }

    pub(super) fn selectors(&self) -> Result<Vec<Selector>, PromError> {
        if self.selectors.len() > 20 {
            return Err(PromError::bad("there are more than 20 parameters `match[]`"));
        }
        self.selectors.iter().map(|text| Selector::read(text)).collect()
    }
}

pub(super) fn moment(name: &str, text: Option<&str>) -> Result<Option<i64>, PromError> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let millis = match seconds {
        Some(seconds) => Some((seconds * 1_000.0).round() as i64),
        None => parse_moment(name, text).ok().and_then(|moment| i64::try_from(moment.millis()).ok()),
    };
    let wrong = || PromError::bad(format!("the parameter `{name}` must be seconds since 1970 or a moment in RFC 3339"));
    // Tools that mean all time say the first and last moment that they know.
    millis.map(|millis| Some(millis.clamp(0, LAST))).ok_or_else(wrong)
}

pub(super) fn grid(params: &Params<'_>) -> Result<Grid, PromError> {
    let missing = |name: &str| PromError::bad(format!("there is no parameter `{name}`"));
    let start = moment("start", params.start)?.ok_or_else(|| missing("start"))?;
    let end = moment("end", params.end)?.ok_or_else(|| missing("end"))?;
    let text = params.step.ok_or_else(|| missing("step"))?;
    let seconds =
        text.parse::<f64>().ok().filter(|seconds| seconds.is_finite()).map(|seconds| (seconds * 1_000.0) as i64);
    let step = seconds.or_else(|| duration(text)).filter(|step| (1..=LAST).contains(step));
    let step =
        step.ok_or_else(|| PromError::bad("the parameter `step` must be seconds or a duration like 5m, above zero"))?;
    if end < start {
        return Err(PromError::bad("end must not be before start"));
    }
    let count = (end - start) / step + 1;
    if count > MAX_POINTS {
        return Err(PromError::bad(format!(
            "exceeded maximum resolution of {MAX_POINTS} points per timeseries; ask with a longer step"
        )));
    }
    Ok(Grid { start, step, count: usize::try_from(count).unwrap_or(1) })
}
