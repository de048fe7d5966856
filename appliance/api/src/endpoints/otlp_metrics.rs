//! Customers' own meters as metrics of OpenTelemetry, over HTTP as a collector's `otlphttp` exporter sends them.

use std::{collections::BTreeMap, io::Read as _};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use flate2::read::GzDecoder;
use metering::{
    Verdict, ingest_measured,
    otlp::{self, Metrics},
};
use model::permission::ChargebackManage;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use super::usage::{at_most, counted};
use crate::{
    endpoint::{Call, Empty, Endpoint, Part, post},
    guard::InTenant,
    problem::{Code, Problem},
    reply::{self, Reply},
    request::Request,
    strict,
};

/// The media types of the two forms.
const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
/// The most bytes of a body as it is sent, and unpacked.
const MAX_SENT: usize = 4 << 20;
const MAX_BODY: usize = 16 << 20;
/// The most kinds of faults that an answer names.
const MAX_FAULTS: usize = 5;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<InTenant<ChargebackManage>>(
            "/v1/usage/otlp/v1/metrics",
            "send_otlp_metrics",
            "Count what your own meters say as sums, gauges and histograms of OpenTelemetry; each point is counted once however often it is sent",
        )
        .takes::<MetricsBody>()
        .by(send),
    ]
}

/// What is sent, and in which form.
struct MetricsBody {
    metrics: Metrics,
    is_json: bool,
}

/// `ExportMetricsServiceRequest` of opentelemetry-proto, in JSON or as a protocol buffer, plain or packed with gzip.
#[derive(JsonSchema)]
#[schemars(rename = "OtlpMetrics")]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is the schema")]
struct MetricsView {
    /// Metrics by resource, as OpenTelemetry's documentation has them. The metric's name is the meter, its unit the unit, `service.name` the
    /// source, and attributes of a point are dimensions. A gauge's reading has the dimension `otlp.kind`; a histogram makes `NAME.count`, `NAME.sum` and
    /// `NAME.bucket` with the dimension `le`.
    #[schemars(example = example())]
    resource_metrics: Option<Vec<Value>>,
}

fn example() -> Value {
    let point = serde_json::json!({ "asInt": "3", "timeUnixNano": "1800000000000000000" });
    let sum = serde_json::json!({ "aggregationTemporality": 1, "dataPoints": [point] });
    serde_json::json!([{ "scopeMetrics": [{ "metrics": [{ "name": "mails", "unit": "{mail}", "sum": sum }] }] }])
}

impl Part for MetricsBody {
    const ALSO: &'static [&'static str] = &[PROTOBUF];
    const LIMIT: usize = MAX_SENT;
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<MetricsView>())
    }
    fn of_query(_: &Request) -> Result<Self, Problem> {
        Ok(MetricsBody { metrics: Metrics::default(), is_json: true })
    }
    fn of_body(request: &Request) -> Result<Self, Problem> {
        let kind = request.media_type();
        let is_json = kind.eq_ignore_ascii_case(JSON);
        if !is_json && !kind.eq_ignore_ascii_case(PROTOBUF) {
            let detail = format!("the body must have content-type {PROTOBUF} or {JSON}");
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let unpacked;
        let body = match request.header(header::CONTENT_ENCODING.as_str()).unwrap_or("identity") {
            "identity" => &request.body,
            "gzip" => {
                unpacked = unpack(&request.body)?;
                &unpacked
            }
            _ => return Err(Problem::new(Code::UnsupportedMediaType, "content-encoding must be gzip, or none")),
        };
        let metrics = if is_json {
            strict::check(body).map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
            Metrics::from_json(body)
        } else {
            Metrics::from_wire(body)
        };
        let metrics = metrics.map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
        Ok(MetricsBody { metrics, is_json })
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    let read = GzDecoder::new(packed).take(MAX_BODY as u64 + 1).read_to_end(&mut body);
    read.map_err(|_| Problem::new(Code::BadRequest, "the body is not packed with gzip"))?;
    if body.len() > MAX_BODY {
        return Err(Problem::new(Code::TooLarge, format!("the body may have {MAX_BODY} bytes unpacked")));
    }
    Ok(body)
}

/// `ExportMetricsServiceResponse`.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "OtlpMetricsAnswer")]
#[serde(rename_all = "camelCase")]
struct AnswerView {
    /// Where some points are not counted: how many, and why. They are not to be sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_success: Option<PartialView>,
}

/// What is not counted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OtlpPartialSuccess")]
#[serde(rename_all = "camelCase")]
struct PartialView {
    /// How many points, as a text of digits.
    rejected_data_points: String,
    /// Why.
    error_message: String,
}

/// An answer in the form of the request.
struct Answer {
    is_json: bool,
    rejected: usize,
    message: String,
}

impl Reply for Answer {
    const TEXTS: &'static [&'static str] = &[PROTOBUF];
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<AnswerView>())
    }
    fn response(self, status: StatusCode) -> Result<Response, Problem> {
        let Answer { is_json, rejected, message } = self;
        if is_json {
            let partial = PartialView { rejected_data_points: rejected.to_string(), error_message: message };
            return reply::Json(AnswerView { partial_success: (rejected > 0).then_some(partial) }).response(status);
        }
        let mut response = Response::new(Body::from(otlp::answer(rejected as u64, &message)));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROTOBUF));
        Ok(response)
    }
}

fn send(call: Call<'_, InTenant<ChargebackManage>, Empty, MetricsBody>) -> Result<Answer, Problem> {
    let MetricsBody { metrics, is_json } = call.body;
    // A collector may have nothing to say.
    at_most(metrics.parts().max(1))?;
    let measured = metrics.measured();
    let sieve = call.services.sieves.of(call.pass.tenant());
    let (verdicts, [_, _, rejected]) = counted(call.services, call.pass, |tx| ingest_measured(tx, &sieve, measured))?;
    Ok(Answer { is_json, rejected, message: faults(&verdicts) })
}

/// Why points are rejected: the commonest reasons, with how many points each has.
fn faults(verdicts: &[Verdict]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for verdict in verdicts {
        if let Verdict::Rejected(fault) = verdict {
            *counts.entry(fault.to_string()).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named: Vec<String> =
        counts.into_iter().take(MAX_FAULTS).map(|(fault, count)| format!("{count} points: {fault}")).collect();
    named.join("; ")
}
