//! Metrics of OpenTelemetry (OTLP 1.x) as events of use: sums, gauges and histograms become events, all else is refused point by point.
//!
//! The name of a metric is the meter, its unit the unit, `service.name` the source, `service.instance.id` the resource, and the attributes of a
//! point are its dimensions. A delta is an event. A monotonic cumulative sum is a counter, of which the difference to what it said last is an
//! event ([`crate::ingest_measured`]). A gauge is a level: its reading is an event with the dimension `otlp.kind` = `gauge`, to be asked for its
//! largest or its average and not to be summed up. A histogram is what it counts: `NAME.count`, `NAME.sum`, and `NAME.bucket` with the upper
//! bound as the dimension `le`, each value in one bucket. Which event or counter it is follows from the resource, the scope, the metric and the attributes.
//!
//! Source: opentelemetry-proto 1.7, `metrics/v1/metrics.proto` and `common/v1/common.proto`.

mod form;
mod histogram;
mod wire;

use model::Timestamp;
use sha2::{Digest as _, Sha256};

pub use self::form::Metrics;
use self::form::{AnyValue, Double, Gauge, Histogram, KeyValue, Metric, NumberPoint, ResourceMetrics, Scope, Sum};
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
/// The dimension that tells a level from what was used.
const KIND: &str = "otlp.kind";

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

    /// How many events its points make at most: a histogram's makes one for each of its buckets and two more.
    pub fn parts(&self) -> usize {
        let metrics = self.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        metrics.flat_map(|scope| &scope.metrics).map(Metric::parts).sum()
    }

    /// What each point says, or why it cannot be counted.
    pub fn measured(self) -> Vec<Point> {
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

/// What a point says, all of it or nothing.
pub type Point = Result<Vec<Measured>, Fault>;

struct Sender {
    source: String,
    instance: String,
}

/// A number of a point, before it is an event or what a counter says.
struct Reading {
    /// Which series it belongs to.
    series: Sha256,
    meter: String,
    unit: String,
    since: u64,
    read: u64,
    value: i64,
    is_counter: bool,
    dimensions: Vec<(String, String)>,
}

impl Sender {
    fn metric(&self, scope: &Sha256, metric: Metric, found: &mut Vec<Point>) {
        let others = "exponential histograms and summaries are not counted; send histograms with explicit bounds";
        found.extend((0..metric.others()).map(|_| Err(Fault::Form(others.to_owned()))));
        let mut whole = scope.clone();
        part(&mut whole, metric.name.as_bytes());
        part(&mut whole, metric.unit.as_bytes());
        let unit = if metric.unit.is_empty() { "1" } else { &metric.unit };
        let of_metric = OfMetric { sender: self, series: &whole, name: &metric.name, unit };
        if let Some(Sum { data_points, aggregation_temporality, is_monotonic }) = metric.sum {
            for point in data_points.into_iter().filter(|point| point.flags & NO_VALUE == 0) {
                let falls = "a cumulative sum that may fall is not counted; send deltas, or a gauge";
                found.push(match temporality(aggregation_temporality) {
                    Ok(true) if !is_monotonic => Err(Fault::Form(falls.to_owned())),
                    Ok(is_counter) => of_metric.sum(point, is_counter),
                    Err(fault) => Err(fault),
                });
            }
        }
        if let Some(Gauge { data_points }) = metric.gauge {
            let points = data_points.into_iter().filter(|point| point.flags & NO_VALUE == 0);
            found.extend(points.map(|point| of_metric.gauge(point)));
        }
        if let Some(Histogram { data_points, aggregation_temporality }) = metric.histogram {
            for point in data_points.into_iter().filter(|point| point.flags & NO_VALUE == 0) {
                let is_counter = temporality(aggregation_temporality);
                found.push(is_counter.and_then(|is_counter| of_metric.histogram(point, is_counter)));
            }
        }
    }

    /// A reading as an event, or as what a counter says.
    fn measured(&self, reading: Reading) -> Result<Measured, Fault> {
        let Reading { mut series, meter, unit, since, read, value, is_counter, dimensions } = reading;
        if read == 0 {
            return Err(Fault::Form("the point does not say its time".to_owned()));
        }
        let counter = id(&series);
        part(&mut series, &since.to_be_bytes());
        part(&mut series, &read.to_be_bytes());
        let event = Event {
            id: id(&series),
            meter,
            quantity: if is_counter { 0 } else { value },
            unit,
            at: Timestamp::from_millis(read / 1_000_000),
            source: self.source()?,
            user: None,
            project: None,
            job: None,
            resource: self.instance.clone(),
            corrects: None,
            dimensions,
        };
        let counted = Measured::Counter { counter, since, read, value, event: event.clone() };
        Ok(if is_counter { counted } else { Measured::Event(event) })
    }

    fn source(&self) -> Result<String, Fault> {
        if self.source == "appliance" {
            return Err(Fault::Form("the service.name `appliance` is for the appliance alone".to_owned()));
        }
        Ok(self.source.clone())
    }
}

/// A metric whose points are read.
struct OfMetric<'a> {
    sender: &'a Sender,
    series: &'a Sha256,
    name: &'a str,
    unit: &'a str,
}

impl OfMetric<'_> {
    fn sum(&self, point: NumberPoint, is_counter: bool) -> Point {
        let mut series = self.series.clone();
        attributes(&mut series, &point.attributes);
        Ok(vec![self.number(series, point, is_counter)?])
    }

    fn gauge(&self, mut point: NumberPoint) -> Point {
        let mut series = self.series.clone();
        part(&mut series, b"gauge");
        attributes(&mut series, &point.attributes);
        let kind = AnyValue { string_value: Some("gauge".to_owned()), ..AnyValue::default() };
        point.attributes.push(KeyValue { key: KIND.to_owned(), value: kind });
        Ok(vec![self.number(series, point, false)?])
    }

    fn number(&self, series: Sha256, point: NumberPoint, is_counter: bool) -> Result<Measured, Fault> {
        let value = match (point.as_int, point.as_double) {
            (Some(number), _) => number.0,
            (None, Some(number)) => whole(number, is_counter)?,
            (None, None) => return Err(Fault::Form("the point has no value".to_owned())),
        };
        self.sender.measured(Reading {
            series,
            meter: self.name.to_owned(),
            unit: self.unit.to_owned(),
            since: point.start_time_unix_nano.0,
            read: point.time_unix_nano.0,
            value,
            is_counter,
            dimensions: dimensions(point.attributes)?,
        })
    }
}

/// Whether points say what there is since they began, and not since the one before.
fn temporality(aggregation: u32) -> Result<bool, Fault> {
    match aggregation {
        DELTA => Ok(false),
        CUMULATIVE => Ok(true),
        _ => Err(Fault::Form("the metric does not say its aggregation temporality".to_owned())),
    }
}

/// The value as a whole number. Of a counter what is behind the point waits until it is whole.
fn whole(Double(number): Double, is_counter: bool) -> Result<i64, Fault> {
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
