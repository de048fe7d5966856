//! What expressions come to.

use access::ListPermit;
use model::permission::QueryRun;
use serde_json::{Value as Json, json};

use super::{
    Refusal,
    params::{LAST, Params, grid, moment},
};
use crate::{
    problem::Problem,
    prometheus::{Expr, Grid, MAX_SERIES, PromError, Series, Value, evaluate, reads},
    query::ask,
    request::Request,
    services::Services,
};

/// A question of a caller.
pub(super) struct Question<'a> {
    pub(super) services: &'a Services,
    pub(super) request: &'a Request,
    pub(super) pass: ListPermit<QueryRun>,
    pub(super) params: Params<'a>,
}

impl Question<'_> {
    fn now(&self) -> i64 {
        i64::try_from(self.services.store.clock().now().millis()).unwrap_or(LAST)
    }

    /// The last moment that counts.
    pub(super) fn until(&self) -> Result<i64, PromError> {
        Ok(moment("end", self.params.end)?.unwrap_or_else(|| self.now()))
    }

    /// What a statement finds.
    pub(super) fn rows(self, sql: String) -> Result<Vec<Vec<Json>>, Refusal> {
        Ok(ask::ask(self.services, self.request.actor()?, self.pass, sql)?.rows)
    }

    /// Reads nothing; that it was asked stands in the trail all the same.
    pub(super) fn read_nothing(self) -> Result<(), Refusal> {
        self.pass.read().map(drop).map_err(|error| Problem::from(error).into())
    }

    /// What an expression comes to at the moments of a grid.
    fn compute(self, expr: &Expr, grid: Grid) -> Result<Value, Refusal> {
        let Some(fetch) = reads(expr)? else {
            self.read_nothing()?;
            return Ok(evaluate(expr, grid, None)?);
        };
        let rows = self.rows(fetch.sql(grid))?;
        Ok(evaluate(expr, grid, Some((&fetch, rows)))?)
    }
}

pub(super) fn instant(question: Question<'_>) -> Result<Json, Refusal> {
    let (expr, most) = (question.params.expr()?, question.params.limit(MAX_SERIES)?);
    let at = moment("time", question.params.time)?.unwrap_or_else(|| question.now());
    let value = question.compute(&expr, Grid::at(at))?;
    Ok(match value {
        Value::Scalar(number) => json!({ "resultType": "scalar", "result": sample(at, number) }),
        Value::Series(series) => {
            let of = |series: Series| {
                let value = series.points.first().copied().flatten()?;
                Some(json!({ "metric": series.labels, "value": sample(at, value) }))
            };
            let result: Vec<Json> = series.into_iter().filter_map(of).take(most).collect();
            json!({ "resultType": "vector", "result": result })
        }
    })
}

pub(super) fn range(question: Question<'_>) -> Result<Json, Refusal> {
    let (expr, most, grid) = (question.params.expr()?, question.params.limit(MAX_SERIES)?, grid(&question.params)?);
    let value = question.compute(&expr, grid)?;
    let of = |series: Series| {
        let points = grid.moments().zip(series.points);
        let values: Vec<Json> = points.filter_map(|(at, point)| Some(sample(at, point?))).collect();
        json!({ "metric": series.labels, "values": values })
    };
    let result: Vec<Json> = match value {
        Value::Scalar(number) => {
            let values: Vec<Json> = grid.moments().map(|at| sample(at, number)).collect();
            vec![json!({ "metric": {}, "values": values })]
        }
        Value::Series(series) => series.into_iter().take(most).map(of).collect(),
    };
    Ok(json!({ "resultType": "matrix", "result": result }))
}

/// A point as Prometheus writes it: seconds, and the value as a text.
pub(super) fn sample(at: i64, value: f64) -> Json {
    let text = if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        value.to_string()
    };
    if at % 1_000 == 0 { json!([at / 1_000, text]) } else { json!([at as f64 / 1_000.0, text]) }
}
