//! What Prometheus' HTTP API says of a tenant's usage, for tools that know how to ask a Prometheus.
//!
//! Answers and faults are in Prometheus' form. Whoever may not call, or calls too often, gets a problem as everywhere.

mod labels;
mod params;
mod queries;

use access::ListPermit;
use axum::{http::StatusCode, response::Response};
use model::permission::QueryRun;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value as Json, json};

use self::{
    labels::{labels, series, values},
    params::Params,
    queries::{Question, instant, range},
};
use super::pairs::Pairs;
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::{Listing, SignedIn},
    problem::Problem,
    prometheus::{METRICS, Metric, PromError},
    reply::{self, Reply},
    request::Request,
    services::Services,
};

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
            .by(|call| answer(instant, call.services, call.request, call.pass, &call.query)),
        post::<Listing<QueryRun>>(QUERY, "prometheus_query_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<InstantView>>()
            .by(|call| answer(instant, call.services, call.request, call.pass, &call.body)),
        get::<Listing<QueryRun>>(
            RANGE,
            "prometheus_query_range",
            "What a PromQL expression over usage was, step by step",
        )
        .query::<Pairs<RangeView>>()
        .by(|call| answer(range, call.services, call.request, call.pass, &call.query)),
        post::<Listing<QueryRun>>(RANGE, "prometheus_query_range_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<RangeView>>()
            .by(|call| answer(range, call.services, call.request, call.pass, &call.body)),
        get::<Listing<QueryRun>>(SERIES, "prometheus_series", "Which series there are")
            .query::<Pairs<SeriesView>>()
            .by(|call| answer(series, call.services, call.request, call.pass, &call.query)),
        post::<Listing<QueryRun>>(SERIES, "prometheus_series_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<SeriesView>>()
            .by(|call| answer(series, call.services, call.request, call.pass, &call.body)),
        get::<Listing<QueryRun>>(LABELS, "prometheus_labels", "Which labels series can have")
            .query::<Pairs<LabelsView>>()
            .by(|call| answer(labels, call.services, call.request, call.pass, &call.query)),
        post::<Listing<QueryRun>>(LABELS, "prometheus_labels_by_form", "The same, with the parameters as a form")
            .takes::<Pairs<LabelsView>>()
            .by(|call| answer(labels, call.services, call.request, call.pass, &call.body)),
        get::<Listing<QueryRun>>(
            "/v1/prometheus/api/v1/label/{label}/values",
            "prometheus_label_values",
            "Which values a label has",
        )
        .query::<Pairs<LabelsView>>()
        .by(|call| answer(values, call.services, call.request, call.pass, &call.query)),
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

/// Reads the parameters, and puts what comes of them into Prometheus' form.
fn answer<T>(
    of: fn(Question<'_>) -> Result<Json, Refusal>,
    services: &Services,
    request: &Request,
    pass: ListPermit<QueryRun>,
    pairs: &Pairs<T>,
) -> Result<Answer, Problem> {
    match of(Question { services, request, pass, params: Params::of(pairs) }) {
        Ok(data) => Ok(Answer(Ok(data))),
        Err(Refusal::Prom(error)) => Ok(Answer(Err(error))),
        Err(Refusal::Problem(problem)) => Err(problem),
    }
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
