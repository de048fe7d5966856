//! Metrics of OpenTelemetry (OTLP 1.x) as events of use: sums become events, all else is refused point by point.
//!
//! The name of a metric is the meter, its unit the unit, `service.name` the source, `service.instance.id` the resource, and the attributes of a
//! point are its dimensions. A delta is an event. A monotonic cumulative sum is a counter, of which the difference to what it said last is an
//! event ([`crate::ingest_measured`]). Which event or counter it is follows from the resource, the scope, the metric and the attributes.
//!
//! Source: opentelemetry-proto 1.7, `metrics/v1/metrics.proto` and `common/v1/common.proto`.

mod form;
mod wire;

use model::Timestamp;
use sha2::{Digest as _, Sha256};

pub use self::form::Metrics;
use self::form::{AnyValue, KeyValue, Metric, NumberPoint, ResourceMetrics, Scope, Sum};
use crate::{
    counter::Measured,
    event::{Event, Fault, MAX_DIMENSIONS, MAX_QUANTITY},
    event_id::EventId,
};

/// A body that is no request of OTLP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OtlpError {
    /// It is no protocol buffer of this kind.
    #[error("the body is no ExportMetricsServiceRequest: {0}")]
    Wire(&'static str),
    /// It is no JSON of this kind.
    #[error("the body is no ExportMetricsServiceRequest: {0}")]
    Json(String),
    /// It has too many parts.
    #[error(
        "the request has more than {MAX_PARTS} parts; let the collector send smaller batches (send_batch_max_size)"
    )]
    TooMany,
}

/// The most fields of a protocol buffer, or objects and lists of JSON: what is read takes more memory than what comes.
const MAX_PARTS: usize = 400_000;

/// Since the sum was last sent.
const DELTA: u32 = 1;
/// Since it began.
const CUMULATIVE: u32 = 2;
/// A point that says that there is no value.
const NO_VALUE: u32 = 1;

impl Metrics {
    /// Reads a protocol buffer.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, OtlpError> {
        wire::read(bytes)
    }

    /// Reads JSON in the form of OTLP.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_json(bytes: &[u8]) -> Result<Self, OtlpError> {
        if bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count() > MAX_PARTS {
            return Err(OtlpError::TooMany);
        }
        // The messages of the parser name fields and places, and never more of a value than a word.
        serde_json::from_slice(bytes).map_err(|error| OtlpError::Json(error.to_string()))
    }

    /// How many points there are, of every kind.
    pub fn points(&self) -> usize {
        let metrics = self.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        metrics.flat_map(|scope| &scope.metrics).map(|metric| sums(metric) + metric.others()).sum()
    }

    /// What each point says, or why it cannot be counted.
    pub fn measured(self) -> Vec<Result<Measured, Fault>> {
        let mut found = Vec::new();
        for ResourceMetrics { resource, scope_metrics } in self.resource_metrics {
            let mut whole = Sha256::new();
            whole.update(b"audiagram otlp series 1");
            attributes(&mut whole, &resource.attributes);
            let text = |key: &str| {
                let of = resource.attributes.iter().find(|attribute| attribute.key == key);
                of.and_then(|attribute| attribute.value.string_value.clone())
            };
            let (source, instance) = (text("service.name"), text("service.instance.id"));
            let sender = Sender {
                source: source.filter(|name| !name.is_empty()).unwrap_or_else(|| "otlp".to_owned()),
                instance: instance.unwrap_or_default(),
            };
            for scope in scope_metrics {
                let mut of_scope = whole.clone();
                let Scope { name, version, attributes: own } = &scope.scope;
                part(&mut of_scope, name.as_bytes());
                part(&mut of_scope, version.as_bytes());
                attributes(&mut of_scope, own);
                for metric in scope.metrics {
                    sender.metric(&of_scope, metric, &mut found);
                }
            }
        }
        found
    }
}

fn sums(metric: &Metric) -> usize {
    metric.sum.as_ref().map_or(0, |sum| sum.data_points.len())
}

struct Sender {
    source: String,
    instance: String,
}

impl Sender {
    fn metric(&self, scope: &Sha256, metric: Metric, found: &mut Vec<Result<Measured, Fault>>) {
        let only = || Fault::Form("only sums are counted; gauges, histograms and summaries are not".to_owned());
        found.extend((0..metric.others()).map(|_| Err(only())));
        let Some(Sum { data_points, aggregation_temporality, is_monotonic }) = metric.sum else { return };
        let mut of_metric = scope.clone();
        part(&mut of_metric, metric.name.as_bytes());
        part(&mut of_metric, metric.unit.as_bytes());
        for point in data_points {
            if point.flags & NO_VALUE != 0 {
                continue;
            }
            found.push(match aggregation_temporality {
                DELTA => self.point(&of_metric, &metric.name, &metric.unit, point, false),
                CUMULATIVE if is_monotonic => self.point(&of_metric, &metric.name, &metric.unit, point, true),
                CUMULATIVE => Err(Fault::Form("a cumulative sum that may fall is not counted; send deltas".to_owned())),
                _ => Err(Fault::Form("the sum does not say its aggregation temporality".to_owned())),
            });
        }
    }

    fn point(
        &self,
        metric: &Sha256,
        name: &str,
        unit: &str,
        point: NumberPoint,
        is_counter: bool,
    ) -> Result<Measured, Fault> {
        let (since, read) = (point.start_time_unix_nano.0, point.time_unix_nano.0);
        if read == 0 {
            return Err(Fault::Form("the point does not say its time".to_owned()));
        }
        let value = whole(&point, is_counter)?;
        let mut series = metric.clone();
        attributes(&mut series, &point.attributes);
        let counter = id(&series);
        part(&mut series, &since.to_be_bytes());
        part(&mut series, &read.to_be_bytes());
        let event = Event {
            id: id(&series),
            meter: name.to_owned(),
            quantity: value,
            unit: if unit.is_empty() { "1".to_owned() } else { unit.to_owned() },
            at: Timestamp::from_millis(read / 1_000_000),
            source: self.source()?,
            user: None,
            project: None,
            job: None,
            resource: self.instance.clone(),
            corrects: None,
            dimensions: dimensions(point.attributes)?,
        };
        if is_counter {
            Ok(Measured::Counter { counter, since, read, value, event: Event { quantity: 0, ..event } })
        } else {
            Ok(Measured::Event(event))
        }
    }

    fn source(&self) -> Result<String, Fault> {
        if self.source == "appliance" {
            return Err(Fault::Form("the service.name `appliance` is for the appliance alone".to_owned()));
        }
        Ok(self.source.clone())
    }
}

/// The value as a whole number. Of a counter what is behind the point waits until it is whole.
fn whole(point: &NumberPoint, is_counter: bool) -> Result<i64, Fault> {
    match (point.as_int, point.as_double) {
        (Some(number), _) => Ok(number.0),
        (None, Some(number)) => {
            let number = number.0;
            // Beyond 2^53 a float does not know its ones any more.
            let bound = if is_counter { 9_007_199_254_740_992.0 } else { MAX_QUANTITY as f64 };
            if !number.is_finite() || number.abs() > bound {
                return Err(Fault::Quantity);
            }
            if !is_counter && number.fract() != 0.0 {
                return Err(Fault::Form("the value must be a whole number; choose a smaller unit".to_owned()));
            }
            Ok(number.floor() as i64)
        }
        (None, None) => Err(Fault::Form("the point has no value".to_owned())),
    }
}

fn dimensions(attributes: Vec<KeyValue>) -> Result<Vec<(String, String)>, Fault> {
    if attributes.len() > MAX_DIMENSIONS {
        return Err(Fault::Dimensions);
    }
    let mut found = Vec::with_capacity(attributes.len());
    for KeyValue { key, value } in attributes {
        match value {
            AnyValue { string_value: Some(text), .. } if text.is_empty() => {}
            AnyValue { string_value: Some(text), .. } => found.push((key, text)),
            AnyValue { bool_value: Some(flag), .. } => found.push((key, flag.to_string())),
            AnyValue { int_value: Some(number), .. } => found.push((key, number.0.to_string())),
            AnyValue { double_value: Some(number), .. } => found.push((key, number.0.to_string())),
            _ => return Err(Fault::Form("values of attributes must be texts, numbers or booleans".to_owned())),
        }
    }
    found.sort();
    Ok(found)
}

fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// Attributes in the order of their names, whatever order they came in; lists among them say nothing.
fn attributes(hash: &mut Sha256, attributes: &[KeyValue]) {
    let mut sorted: Vec<&KeyValue> = attributes.iter().filter(|attribute| attribute.value.is_plain()).collect();
    sorted.sort_by(|one, other| one.key.cmp(&other.key));
    hash.update((sorted.len() as u64).to_be_bytes());
    for KeyValue { key, value } in sorted {
        part(hash, key.as_bytes());
        match value {
            AnyValue { string_value: Some(text), .. } => part(hash, &[b"s", text.as_bytes()].concat()),
            AnyValue { bool_value: Some(flag), .. } => part(hash, &[b'b', u8::from(*flag)]),
            AnyValue { int_value: Some(number), .. } => {
                part(hash, &[b"i".as_slice(), &number.0.to_be_bytes()].concat());
            }
            AnyValue { double_value: Some(number), .. } => {
                part(hash, &[b"d".as_slice(), &number.0.to_bits().to_be_bytes()].concat());
            }
            _ => {}
        }
    }
}

fn id(series: &Sha256) -> EventId {
    let digest: [u8; 32] = series.clone().finalize().into();
    let (first, _) = digest.split_first_chunk().expect("a digest is longer than an id");
    EventId(*first)
}

/// What is answered as a protocol buffer: how many points are not counted, and why.
pub fn answer(rejected: u64, message: &str) -> Vec<u8> {
    wire::answer(rejected, message)
}
