//! What Prometheus' HTTP API says of a tenant's usage, for tools that know how to ask a Prometheus.
//!
//! Answers and faults are in Prometheus' form. Whoever may not call, or calls too often, gets a problem as everywhere.

use std::collections::BTreeSet;

use access::ListPermit;
use axum::{http::StatusCode, response::Response};
use model::permission::QueryRun;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{pairs::Pairs, view::parse_moment};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::{Listing, SignedIn},
    problem::Problem,
    prometheus::{
        ALWAYS, DIMENSIONS, Expr, Grid, MAX_SERIES, METRICS, Metric, PromError, Selector, Series, Value, column,
        condition, duration, evaluate, names, reads,
    },
    query::{ask, moment_literal},
    reply::{self, Reply},
    request::Request,
    services::Services,
};

/// The most moments of a series, as Prometheus has it.
const MAX_POINTS: i64 = 11_000;
/// The most values of a label, and names of dimensions.
const MAX_VALUES: usize = 10_000;
/// The last moment that can be asked about, in milliseconds since 1970: the end of the year 9999.
const LAST: i64 = 253_402_300_799_999;
/// Whose API this is. Tools go by it to know what they may ask.
const API_OF: &str = "2.42.0";

pub(super) fn table() -> Vec<Endpoint> {
    const QUERY: &str = "/v1/prometheus/api/v1/query";
    const RANGE: &str = "/v1/prometheus/api/v1/query_range";
    const LABELS: &str = "/v1/prometheus/api/v1/labels";
    const SERIES: &str = "/v1/prometheus/api/v1/series";
    vec![
        get::<Listing<QueryRun>>(QUERY, "prometheus_query", "What a PromQL expression over usage is at a moment")
            .query::<Pairs<InstantView>>()
            .by(|call| instant(call.services, call.request, call.pass, Params::of(&[&call.query]))),
        post::<Listing<QueryRun>>(QUERY, "prometheus_query_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<InstantView>>()
            .by(|call| instant(call.services, call.request, call.pass, Params::of(&[&call.body]))),
        get::<Listing<QueryRun>>(
            RANGE,
            "prometheus_query_range",
            "What a PromQL expression over usage was, step by step",
        )
        .query::<Pairs<RangeView>>()
        .by(|call| range(call.services, call.request, call.pass, Params::of(&[&call.query]))),
        post::<Listing<QueryRun>>(RANGE, "prometheus_query_range_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<RangeView>>()
            .by(|call| range(call.services, call.request, call.pass, Params::of(&[&call.body]))),
        get::<Listing<QueryRun>>(SERIES, "prometheus_series", "Which series there are")
            .query::<Pairs<SeriesView>>()
            .by(|call| series(call.services, call.request, call.pass, Params::of(&[&call.query]))),
        post::<Listing<QueryRun>>(SERIES, "prometheus_series_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<SeriesView>>()
            .by(|call| series(call.services, call.request, call.pass, Params::of(&[&call.body]))),
        get::<Listing<QueryRun>>(LABELS, "prometheus_labels", "Which labels series can have")
            .query::<Pairs<LabelsView>>()
            .by(|call| labels(call.services, call.request, call.pass, Params::of(&[&call.query]))),
        post::<Listing<QueryRun>>(LABELS, "prometheus_labels_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<LabelsView>>()
            .by(|call| labels(call.services, call.request, call.pass, Params::of(&[&call.body]))),
        get::<Listing<QueryRun>>(
            "/v1/prometheus/api/v1/label/{label}/values",
            "prometheus_label_values",
            "Which values a label has",
        )
        .query::<Pairs<LabelsView>>()
        .by(|call| values(call.services, call.request, call.pass, Params::of(&[&call.query]))),
        get::<SignedIn>("/v1/prometheus/api/v1/metadata", "prometheus_metadata", "What the metrics are").by(metadata),
        get::<SignedIn>(
            "/v1/prometheus/api/v1/status/buildinfo",
            "prometheus_buildinfo",
            "Which version of Prometheus' API this is",
        )
        .by(buildinfo),
    ]
}

/// A question about one moment.
#[derive(JsonSchema)]
#[schemars(rename = "PrometheusQuery")]
#[expect(dead_code, reason = "it is the schema")]
struct InstantView {
    /// The expression.
    #[schemars(length(min = 1, max = 8192), example = "sum by (meter) (increase(audiagram_usage_total[1d]))")]
    query: String,
    /// When: seconds since 1970, or RFC 3339; now without a word.
    #[schemars(length(max = 64))]
    time: Option<String>,
    /// The most series of the answer.
    limit: Option<u64>,
}

/// A question about many moments.
#[derive(JsonSchema)]
#[schemars(rename = "PrometheusRangeQuery")]
#[expect(dead_code, reason = "it is the schema")]
struct RangeView {
    /// The expression.
    #[schemars(length(min = 1, max = 8192), example = "sum by (meter) (rate(audiagram_usage_total[1h]))")]
    query: String,
    /// The first moment: seconds since 1970, or RFC 3339.
    #[schemars(length(max = 64), example = &"1800000000")]
    start: String,
    /// The last moment.
    #[schemars(length(max = 64), example = &"1800086400")]
    end: String,
    /// From one moment to the next: seconds, or a duration like `5m`. At most 11,000 moments.
    #[schemars(length(max = 64), example = &"5m")]
    step: String,
    /// The most series of the answer.
    limit: Option<u64>,
}

/// A question about series.
#[derive(JsonSchema)]
#[schemars(rename = "PrometheusSeriesQuery")]
#[expect(dead_code, reason = "it is the schema")]
struct SeriesView {
    /// A selector; it may stand more than once.
    #[schemars(
        rename = "match[]",
        length(min = 1, max = 8192),
        example = "audiagram_usage_total{meter=\"audiagram.video\"}"
    )]
    selector: String,
    /// The last moment that counts: seconds since 1970, or RFC 3339; now without a word.
    #[schemars(length(max = 64))]
    end: Option<String>,
    /// The most series of the answer.
    limit: Option<u64>,
}

/// A question about labels.
#[derive(JsonSchema)]
#[schemars(rename = "PrometheusLabelsQuery")]
#[expect(dead_code, reason = "it is the schema")]
struct LabelsView {
    /// A selector; it may stand more than once.
    #[schemars(
        rename = "match[]",
        length(min = 1, max = 8192),
        example = "audiagram_usage_total{meter=\"audiagram.video\"}"
    )]
    selector: Option<String>,
    /// The last moment that counts: seconds since 1970, or RFC 3339; now without a word.
    #[schemars(length(max = 64))]
    end: Option<String>,
    /// The most values of the answer.
    limit: Option<u64>,
}

/// An answer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PrometheusAnswer")]
struct AnswerView {
    /// `success`.
    #[schemars(example = &"success")]
    status: &'static str,
    /// What was asked for, as Prometheus' documentation has it.
    #[schemars(example = example())]
    data: Json,
}

fn example() -> Json {
    let series = json!({ "metric": { "meter": "audiagram.video" }, "value": [1_800_000_000, "1830000"] });
    json!({ "resultType": "vector", "result": [series] })
}

/// What is wrong with a question.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PrometheusFault")]
struct FaultView {
    /// `error`.
    #[schemars(example = &"error")]
    status: &'static str,
    /// `bad_data`, `execution` or `timeout`.
    #[serde(rename = "errorType")]
    #[schemars(example = &"bad_data")]
    kind: &'static str,
    /// What is wrong.
    #[schemars(example = "`bool` is not understood here")]
    error: String,
}

/// An answer, or what is wrong with the question.
struct Answer(Result<Json, PromError>);

impl Reply for Answer {
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<AnswerView>())
    }
    fn own_fault(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<FaultView>())
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        match self.0 {
            Ok(data) => reply::Json(AnswerView { status: "success", data }).response(status),
            Err(error) => {
                let fault = FaultView { status: "error", kind: error.kind(), error: error.to_string() };
                reply::Json(fault).response(error.status())
            }
        }
    }
}

/// Why there is no answer.
enum Refusal {
    /// In Prometheus' words.
    Prom(PromError),
    /// As everywhere.
    Problem(Problem),
}

impl From<PromError> for Refusal {
    fn from(error: PromError) -> Self {
        Refusal::Prom(error)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        PromError::of(problem).map_or_else(Refusal::Problem, Refusal::Prom)
    }
}

fn settled(done: Result<Json, Refusal>) -> Result<Answer, Problem> {
    match done {
        Ok(data) => Ok(Answer(Ok(data))),
        Err(Refusal::Prom(error)) => Ok(Answer(Err(error))),
        Err(Refusal::Problem(problem)) => Err(problem),
    }
}

/// The parameters that are known; others are left alone, as Prometheus does.
#[derive(Debug, Default)]
struct Params<'a> {
    query: Option<&'a str>,
    time: Option<&'a str>,
    start: Option<&'a str>,
    end: Option<&'a str>,
    step: Option<&'a str>,
    limit: Option<&'a str>,
    selectors: Vec<&'a str>,
}

impl<'a> Params<'a> {
    fn of<T>(parts: &[&'a Pairs<T>]) -> Self {
        let mut params = Params::default();
        for (name, value) in parts.iter().flat_map(|pairs| pairs.iter()) {
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

    fn expr(&self) -> Result<Expr, PromError> {
        Expr::read(self.query.ok_or_else(|| PromError::bad("there is no parameter `query`"))?)
    }

    /// How many of many are wanted; zero is all, as in Prometheus.
    fn limit(&self, most: usize) -> Result<usize, PromError> {
        match self.limit.map(str::parse) {
            None | Some(Ok(0)) => Ok(most),
            Some(Ok(limit)) => Ok(most.min(limit)),
            Some(Err(_)) => Err(PromError::bad("the parameter `limit` must be a whole number")),
        }
    }

    fn selectors(&self) -> Result<Vec<Selector>, PromError> {
        if self.selectors.len() > 20 {
            return Err(PromError::bad("there are more than 20 parameters `match[]`"));
        }
        self.selectors.iter().map(|text| Selector::read(text)).collect()
    }
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<i64>, PromError> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let millis = match seconds {
        Some(seconds) => Some((seconds * 1_000.0).round() as i64),
        None => parse_moment(name, text).ok().and_then(|moment| i64::try_from(moment.millis()).ok()),
    };
    let within = millis.filter(|millis| (0..=LAST).contains(millis));
    let wrong = || PromError::bad(format!("the parameter `{name}` must be seconds since 1970 or a moment in RFC 3339"));
    within.map(Some).ok_or_else(wrong)
}

fn now(services: &Services) -> i64 {
    i64::try_from(services.store.clock().now().millis()).unwrap_or(LAST)
}

fn rows(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    sql: String,
) -> Result<Vec<Vec<Json>>, Refusal> {
    Ok(ask::ask(services, request, pass, sql)?.rows)
}

/// What an expression comes to at the moments of a grid.
fn compute(
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

fn instant(
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

fn range(
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

fn grid(params: &Params<'_>) -> Result<Grid, PromError> {
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

/// A point as Prometheus writes it: seconds, and the value as a text.
fn sample(at: i64, value: f64) -> Json {
    let text = if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        value.to_string()
    };
    if at % 1_000 == 0 { json!([at / 1_000, text]) } else { json!([at as f64 / 1_000.0, text]) }
}

/// What any of the selectors asks of rows, until a moment.
fn within(selectors: &[Selector], until: i64) -> String {
    let any: Vec<String> = selectors.iter().map(|selector| format!("({})", condition(selector))).collect();
    let any = if any.is_empty() { "true".to_owned() } else { any.join(" OR ") };
    format!("at <= {} AND ({any})", moment_literal(until))
}

/// The metrics that any of the selectors names.
fn metrics(selectors: &[Selector]) -> Result<Vec<&'static str>, PromError> {
    let mut found = Vec::new();
    for (name, metric, ..) in METRICS {
        let mut fits = selectors.is_empty();
        for selector in selectors {
            fits |= Metric::fitting(selector)?.contains(metric);
        }
        if fits {
            found.push(*name);
        }
    }
    Ok(found)
}

fn series(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    params: Params<'_>,
) -> Result<Answer, Problem> {
    let done = || -> Result<Json, Refusal> {
        let selectors = params.selectors()?;
        if selectors.is_empty() {
            return Err(PromError::bad("there is no parameter `match[]`").into());
        }
        let (metrics, most) = (metrics(&selectors)?, params.limit(MAX_SERIES)?);
        let until = moment("end", params.end)?.unwrap_or_else(|| now(services));
        let always = ALWAYS.iter().map(|label| (*label).to_owned());
        let named = selectors.iter().flat_map(|selector| selector.matchers.iter().map(|matcher| matcher.label.clone()));
        let labels: BTreeSet<String> = always.chain(named).filter(|label| column(label).is_some()).collect();
        let columns: Vec<String> = labels.iter().filter_map(|label| column(label)).collect();
        // The same order of names and columns.
        let sql = format!(
            "SELECT DISTINCT {} FROM usage WHERE {} LIMIT {most}",
            columns.iter().enumerate().map(|(at, column)| format!("{column} AS l{at}")).collect::<Vec<_>>().join(", "),
            within(&selectors, until)
        );
        let rows = rows(services, request, pass, sql)?;
        let mut found = Vec::new();
        for metric in metrics {
            for row in &rows {
                let pairs =
                    labels.iter().zip(row).filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()));
                let mut one: serde_json::Map<String, Json> =
                    pairs.map(|(label, value)| (label.clone(), value.clone())).collect();
                one.insert("__name__".to_owned(), json!(metric));
                found.push(Json::Object(one));
            }
        }
        found.truncate(most);
        Ok(Json::Array(found))
    };
    settled(done())
}

fn labels(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    params: Params<'_>,
) -> Result<Answer, Problem> {
    let done = || -> Result<Json, Refusal> {
        let (selectors, most) = (params.selectors()?, params.limit(MAX_VALUES)?);
        let until = moment("end", params.end)?.unwrap_or_else(|| now(services));
        let sql = format!(
            "SELECT DISTINCT name FROM (SELECT unnest(map_keys(dimensions)) AS name FROM usage WHERE {}) AS keys LIMIT {MAX_VALUES}",
            within(&selectors, until)
        );
        let rows = rows(services, request, pass, sql)?;
        let mut found: BTreeSet<String> = names().map(str::to_owned).collect();
        let dimensions = rows.iter().filter_map(|row| row.first()?.as_str());
        found.extend(
            dimensions.map(|name| format!("{DIMENSIONS}{}", name.replace('.', "_"))).filter(|name| is_label(name)),
        );
        Ok(json!(found.into_iter().take(most).collect::<Vec<_>>()))
    };
    settled(done())
}

/// Whether a name can stand in PromQL.
fn is_label(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn values(
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    params: Params<'_>,
) -> Result<Answer, Problem> {
    let done = || -> Result<Json, Refusal> {
        let label = request.path.get("label").map_or("", |label| label);
        let (selectors, most) = (params.selectors()?, params.limit(MAX_VALUES)?);
        let until = moment("end", params.end)?.unwrap_or_else(|| now(services));
        let column = column(label).filter(|_| is_label(label));
        let Some(column) = column else {
            pass.read().map_err(Problem::from)?;
            let found = if label == "__name__" { metrics(&selectors)? } else { Vec::new() };
            return Ok(json!(found));
        };
        let sql = format!(
            "SELECT DISTINCT {column} AS value FROM usage WHERE {column} <> '' AND {} ORDER BY value LIMIT {most}",
            within(&selectors, until)
        );
        let rows = rows(services, request, pass, sql)?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
    };
    settled(done())
}

fn metadata(_: Call<'_, SignedIn, Empty, Empty>) -> Result<Answer, Problem> {
    let metric = |(name, _, kind, about): &(&str, Metric, &str, &str)| {
        ((*name).to_owned(), json!([{ "type": kind, "help": about, "unit": "" }]))
    };
    Ok(Answer(Ok(Json::Object(METRICS.iter().map(metric).collect()))))
}

fn buildinfo(_: Call<'_, SignedIn, Empty, Empty>) -> Result<Answer, Problem> {
    let revision = concat!("audiagram ", env!("CARGO_PKG_VERSION"));
    Ok(Answer(Ok(
        json!({ "version": API_OF, "revision": revision, "branch": "", "buildUser": "", "buildDate": "", "goVersion": "" }),
    )))
}
