//! The form of usage rows: columns, and batches of them.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{
        ArrayRef, Int64Builder, MapBuilder, MapFieldNames, RecordBatch, StringBuilder, StringViewBuilder,
        TimestampMicrosecondBuilder, UInt64Builder,
    },
    datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit},
    error::ArrowError,
};
use metering::Row;
use model::Timestamp;

/// A column of usage rows and one line about it.
pub(crate) const COLUMNS: &[(&str, &str)] = &[
    ("number", "the row's place in the ledger; there are no gaps"),
    ("event_id", "what makes the event counted once"),
    ("meter", "what was used; the appliance's own begin with `audiagram.`"),
    ("quantity", "how much, in the meter's unit; below zero it takes back what was counted too much"),
    ("unit", "what the quantity counts"),
    ("at", "when it was used (UTC); `bucket('1 day', at, 'Europe/Berlin')` is its day there"),
    ("received_at", "when the event came (UTC); late by the difference"),
    ("source", "who says so: `appliance`, or the sender's own word"),
    ("user_id", "who used it"),
    ("project_id", "in which project"),
    ("job_id", "by which job"),
    ("resource", "what was worked on"),
    ("corrects", "the event that this one corrects"),
    ("dimensions", "what else it can be sorted by: `dimensions['height']`"),
];

/// Texts that many rows share.
pub(crate) const SHARED: &[&str] = &["meter", "unit", "source", "user_id", "project_id"];

/// A moment as the engine has it: microseconds, UTC.
pub(crate) fn moment_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub(crate) fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.millis()).unwrap_or(i64::MAX).saturating_mul(1_000)
}

fn entry_names() -> MapFieldNames {
    MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() }
}

/// The schema of usage rows, in files and in questions.
pub(crate) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let entries =
        Fields::from(vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, true)]);
    let entries = Field::new("key_value", DataType::Struct(entries), false);
    let fields = COLUMNS.iter().map(|(name, _)| {
        let (kind, nullable) = match *name {
            "number" => (DataType::UInt64, false),
            "quantity" => (DataType::Int64, false),
            "at" | "received_at" => (moment_type(), false),
            "dimensions" => (DataType::Map(Arc::new(entries.clone()), false), false),
            "event_id" | "meter" | "unit" | "source" => (DataType::Utf8View, false),
            _ => (DataType::Utf8View, true),
        };
        Field::new(*name, kind, nullable)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
});

/// Rows as a batch.
pub(crate) fn batch<'a>(rows: impl Iterator<Item = &'a Row>) -> Result<RecordBatch, ArrowError> {
    let text = StringViewBuilder::new;
    let time = || TimestampMicrosecondBuilder::new().with_timezone("UTC");
    let (mut number, mut id, mut meter, mut quantity, mut unit) =
        (UInt64Builder::new(), text(), text(), Int64Builder::new(), text());
    let (mut at, mut received, mut source) = (time(), time(), text());
    let (mut user, mut project, mut job, mut resource, mut corrects) = (text(), text(), text(), text(), text());
    let mut dimensions = MapBuilder::new(Some(entry_names()), StringBuilder::new(), StringBuilder::new());
    for Row { number: place, received: came, event } in rows {
        number.append_value(*place);
        id.append_value(event.id.to_string());
        meter.append_value(&event.meter);
        quantity.append_value(event.quantity);
        unit.append_value(&event.unit);
        at.append_value(micros(event.at));
        received.append_value(micros(*came));
        source.append_value(&event.source);
        user.append_option(event.user.map(|id| id.to_string()));
        project.append_option(event.project.map(|id| id.to_string()));
        job.append_option(event.job.map(|id| id.to_string()));
        resource.append_option(Some(&event.resource).filter(|text| !text.is_empty()));
        corrects.append_option(event.corrects.map(|id| id.to_string()));
        for (name, value) in &event.dimensions {
            dimensions.keys().append_value(name);
            dimensions.values().append_value(value);
        }
        dimensions.append(true)?;
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(number.finish()),
        Arc::new(id.finish()),
        Arc::new(meter.finish()),
        Arc::new(quantity.finish()),
        Arc::new(unit.finish()),
        Arc::new(at.finish()),
        Arc::new(received.finish()),
        Arc::new(source.finish()),
        Arc::new(user.finish()),
        Arc::new(project.finish()),
        Arc::new(job.finish()),
        Arc::new(resource.finish()),
        Arc::new(corrects.finish()),
        Arc::new(dimensions.finish()),
    ];
    RecordBatch::try_new(SCHEMA.clone(), columns)
}
