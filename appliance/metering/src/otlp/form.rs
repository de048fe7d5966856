//! A request of OTLP as it is read, from either form. What is not needed is not there.

use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// `ExportMetricsServiceRequest`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metrics {
    pub(super) resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ResourceMetrics {
    pub(super) resource: Resource,
    pub(super) scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    pub(super) attributes: Vec<KeyValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ScopeMetrics {
    pub(super) scope: Scope,
    pub(super) metrics: Vec<Metric>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Scope {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) attributes: Vec<KeyValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) sum: Option<Sum>,
    pub(super) gauge: Option<Gauge>,
    pub(super) histogram: Option<Histogram>,
    pub(super) exponential_histogram: Other,
    pub(super) summary: Other,
}

impl Metric {
    /// How many points it has of kinds that are not counted.
    pub(super) fn others(&self) -> usize {
        self.exponential_histogram.data_points.len() + self.summary.data_points.len()
    }

    /// How many events its points make at most.
    pub(super) fn parts(&self) -> usize {
        let sums = self.sum.as_ref().map_or(0, |sum| sum.data_points.len());
        let gauges = self.gauge.as_ref().map_or(0, |gauge| gauge.data_points.len());
        let of_histogram = |point: &HistogramPoint| 2 + point.bucket_counts.len();
        let histograms = self.histogram.iter().flat_map(|histogram| &histogram.data_points).map(of_histogram);
        sums + gauges + histograms.sum::<usize>() + self.others()
    }
}

/// Points of a kind that is not counted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Other {
    pub(super) data_points: Vec<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Sum {
    pub(super) data_points: Vec<NumberPoint>,
    pub(super) aggregation_temporality: u32,
    pub(super) is_monotonic: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Gauge {
    pub(super) data_points: Vec<NumberPoint>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Histogram {
    pub(super) data_points: Vec<HistogramPoint>,
    pub(super) aggregation_temporality: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HistogramPoint {
    pub(super) attributes: Vec<KeyValue>,
    pub(super) start_time_unix_nano: Nanos,
    pub(super) time_unix_nano: Nanos,
    pub(super) count: Whole,
    pub(super) sum: Option<Double>,
    pub(super) bucket_counts: Vec<Whole>,
    pub(super) explicit_bounds: Vec<Double>,
    pub(super) flags: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NumberPoint {
    pub(super) attributes: Vec<KeyValue>,
    pub(super) start_time_unix_nano: Nanos,
    pub(super) time_unix_nano: Nanos,
    pub(super) as_double: Option<Double>,
    pub(super) as_int: Option<Long>,
    pub(super) flags: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyValue {
    pub(super) key: String,
    pub(super) value: AnyValue,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AnyValue {
    pub(super) string_value: Option<String>,
    pub(super) bool_value: Option<bool>,
    pub(super) int_value: Option<Long>,
    pub(super) double_value: Option<Double>,
}

impl AnyValue {
    pub(super) const fn is_plain(&self) -> bool {
        self.string_value.is_some()
            || self.bool_value.is_some()
            || self.int_value.is_some()
            || self.double_value.is_some()
    }
}

/// Nanoseconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nanos(pub(super) u64);
/// How many.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Whole(pub(super) u64);
/// A whole number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Long(pub(super) i64);
/// A float.
#[derive(Debug, Clone, Copy)]
pub(super) struct Double(pub(super) f64);

/// JSON of protocol buffers has whole numbers of 64 bits as texts, and takes numbers; floats are numbers, but for those that JSON lacks.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said<T> {
    Number(T),
    Text(String),
}

macro_rules! said {
    ($($name:ident $of:ty;)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match Said::<$of>::deserialize(deserializer)? {
                    Said::Number(number) => Ok($name(number)),
                    Said::Text(text) => text.parse().map($name).map_err(|_| serde::de::Error::custom("a text is no number")),
                }
            }
        }
    )*};
}
said! {
    Nanos u64;
    Whole u64;
    Long i64;
    Double f64;
}
