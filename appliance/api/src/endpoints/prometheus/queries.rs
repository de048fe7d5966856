//! What expressions come to.

use access::ListPermit;
use model::permission::QueryRun;
use serde_json::{Value as Json, json};

use super::{
    Answer, Refusal,
    params::{LAST, Params, grid, moment},
    settled,
};
use crate::{
    problem::Problem,
    prometheus::{Expr, Grid, MAX_SERIES, Series, Value, evaluate, reads},
    query::ask,
    request::Request,
    services::Services,
};

pub(super) fn now(services: &Services) -> i64 {
    i64::try_from(services.store.clock().now().millis()).unwrap_or(LAST)
}

pub(super) fn rows(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    sql: String,
) -> Result<Vec<Vec<Json>>, Refusal> {
    Ok(ask::ask(services, request.actor()?, pass, sql)?.rows)
}

/// What an expression comes to at the moments of a grid.
pub(super) fn compute(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    expr: &Expr,
    grid: Grid,
) -> Result<Value, Refusal> {
    match reads(expr)? {
        Some(fetch) => {
            let rows = rows(services, request, pass, fetch.sql(grid))?;
            Ok(evaluate(expr, grid, Some((&fetch, rows)))?)
        }
        None => {
            // Nothing is read; that it was asked stands in the trail all the same.
            pass.read().map_err(Problem::from)?;
            Ok(evaluate(expr, grid, None)?)
        }
    }
}

pub(super) fn instant(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    params: Params<'_>,
) -> Result<Answer, Problem> {
    let done = || -> Result<Json, Refusal> {
        let (expr, most) = (params.expr()?, params.limit(MAX_SERIES)?);
        let at = moment("time", params.time)?.unwrap_or_else(|| now(services));
        let value = compute(services, request, pass, &expr, Grid::at(at))?;
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
    };
    settled(done())
}

pub(super) fn range(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    params: Params<'_>,
) -> Result<Answer, Problem> {
    let done = || -> Result<Json, Refusal> {
        let (expr, most, grid) = (params.expr()?, params.limit(MAX_SERIES)?, grid(&params)?);
        let value = compute(services, request, pass, &expr, grid)?;
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
    };
    settled(done())
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
