//! Events of use in Arrow IPC.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::{
    array::{Array, ArrayRef, AsArray as _, MapArray, RecordBatch, StringArray, TimestampMillisecondArray},
    compute::cast,
    datatypes::{DataType, Int64Type, TimeUnit, TimestampMillisecondType},
    error::ArrowError,
    ipc::reader::StreamReader,
};
use metering::{QuestionError, cloud_event::Said};
use model::Timestamp;

/// Reads at most `most` events.
pub(crate) fn read(stream: &[u8], most: usize) -> Result<Vec<Said>, QuestionError> {
    // What the reader of the format does not expect must not take more than this request with it.
    let read = catch_unwind(AssertUnwindSafe(|| events(stream, most)));
    read.unwrap_or_else(|_| Err(QuestionError::Invalid("the stream of Arrow is damaged".to_owned())))
}

fn invalid(error: &ArrowError) -> QuestionError {
    QuestionError::Invalid(format!("the stream of Arrow cannot be read: {error}"))
}

fn events(stream: &[u8], most: usize) -> Result<Vec<Said>, QuestionError> {
    let mut found = Vec::new();
    for batch in StreamReader::try_new(stream, None).map_err(|error| invalid(&error))? {
        let batch = batch.map_err(|error| invalid(&error))?;
        if found.len().saturating_add(batch.num_rows()) > most {
            return Err(QuestionError::TooLarge(format!("{most} events")));
        }
        let columns = Columns::of(&batch)?;
        found.extend((0..batch.num_rows()).map(|row| columns.event(row)));
    }
    Ok(found)
}

/// The columns of a batch that say something.
struct Columns {
    id: StringArray,
    source: StringArray,
    kind: StringArray,
    quantity: arrow::array::Int64Array,
    subject: Option<StringArray>,
    time: Option<TimestampMillisecondArray>,
    unit: Option<StringArray>,
    corrects: Option<StringArray>,
    dimensions: Option<MapArray>,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, QuestionError> {
        let column = |name: &str, kind: &DataType| -> Result<Option<ArrayRef>, QuestionError> {
            let Some(column) = batch.column_by_name(name) else { return Ok(None) };
            if column.data_type().is_nested() {
                return Err(QuestionError::Invalid(format!("the column `{name}` must not be nested")));
            }
            cast(column, kind).map(Some).map_err(|error| invalid(&error))
        };
        let text =
            |name| Ok::<_, QuestionError>(column(name, &DataType::Utf8)?.map(|it| it.as_string::<i32>().clone()));
        let missing = |name| QuestionError::Invalid(format!("the column `{name}` is missing"));
        let moment = DataType::Timestamp(TimeUnit::Millisecond, None);
        let quantity = column("quantity", &DataType::Int64)?.ok_or_else(|| missing("quantity"))?;
        let dimensions = match batch.column_by_name("dimensions") {
            None => None,
            Some(column) => Some(texts(column)?),
        };
        Ok(Columns {
            id: text("id")?.ok_or_else(|| missing("id"))?,
            source: text("source")?.ok_or_else(|| missing("source"))?,
            kind: text("type")?.ok_or_else(|| missing("type"))?,
            quantity: quantity.as_primitive::<Int64Type>().clone(),
            subject: text("subject")?,
            time: column("time", &moment)?.map(|it| it.as_primitive::<TimestampMillisecondType>().clone()),
            unit: text("unit")?,
            corrects: text("corrects")?,
            dimensions,
        })
    }

    fn event(&self, row: usize) -> Said {
        let of = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        let optional = |column: &Option<StringArray>| column.as_ref().and_then(of);
        // Without an id, a source or a type, or before 1970, it is refused as one that makes no sense.
        let moment = |millis: i64| Timestamp::from_millis(u64::try_from(millis).unwrap_or(0));
        let time = self.time.as_ref().filter(|time| time.is_valid(row)).map(|time| moment(time.value(row)));
        // A quantity that is none is one that is refused.
        let quantity = if self.quantity.is_valid(row) { self.quantity.value(row) } else { i64::MAX };
        Said {
            id: of(&self.id).unwrap_or_default(),
            source: of(&self.source).unwrap_or_default(),
            kind: of(&self.kind).unwrap_or_default(),
            subject: optional(&self.subject),
            time,
            quantity,
            unit: optional(&self.unit),
            corrects: optional(&self.corrects),
            dimensions: self.dimensions.as_ref().map(|map| pairs(map, row)).unwrap_or_default(),
        }
    }
}

/// A map of texts.
fn texts(column: &ArrayRef) -> Result<MapArray, QuestionError> {
    let wrong = || QuestionError::Invalid("the column `dimensions` must be a map of texts to texts".to_owned());
    let map = column.as_map_opt().ok_or_else(wrong)?;
    let is_text = |array: &ArrayRef| array.data_type() == &DataType::Utf8;
    if is_text(map.keys()) && is_text(map.values()) { Ok(map.clone()) } else { Err(wrong()) }
}

fn pairs(map: &MapArray, row: usize) -> Vec<(String, String)> {
    if map.is_null(row) {
        return Vec::new();
    }
    let entries = map.value(row);
    let (names, values) = (entries.column(0).as_string::<i32>(), entries.column(1).as_string::<i32>());
    let pair = |(name, value): (Option<&str>, Option<&str>)| Some((name?.to_owned(), value?.to_owned()));
    names.iter().zip(values).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::sync::Arc;

    use arrow::{
        array::{Int32Array, MapBuilder, StringBuilder, StringDictionaryBuilder, TimestampMicrosecondArray},
        datatypes::Int8Type,
        ipc::writer::StreamWriter,
    };

    use super::*;

    fn stream(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    fn texts(values: [Option<&str>; 2]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    fn good() -> Vec<(&'static str, ArrayRef)> {
        let mut kinds = StringDictionaryBuilder::<Int8Type>::new();
        ["mails", "mails"].iter().for_each(|kind| kinds.append_value(kind));
        let mut dimensions = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        dimensions.keys().append_value("list");
        dimensions.values().append_value("7");
        dimensions.append(true).unwrap();
        dimensions.append(false).unwrap();
        let time = TimestampMicrosecondArray::from(vec![Some(1_800_000_000_123_456), None]).with_timezone("UTC");
        vec![
            ("id", texts([Some("1"), Some("2")])),
            ("source", texts([Some("crm"), None])),
            ("type", Arc::new(kinds.finish())),
            ("quantity", Arc::new(Int32Array::from(vec![Some(3), None]))),
            ("time", Arc::new(time)),
            ("dimensions", Arc::new(dimensions.finish())),
        ]
    }

    #[test]
    fn columns_become_events() {
        let found = read(&stream(good()), 2).unwrap();
        assert_eq!((found[0].id.as_str(), found[0].kind.as_str(), found[0].quantity), ("1", "mails", 3));
        assert_eq!(found[0].time, Some(Timestamp::from_millis(1_800_000_000_123)));
        assert_eq!(found[0].dimensions, [("list".to_owned(), "7".to_owned())]);
        assert_eq!((found[1].source.as_str(), found[1].quantity, found[1].time), ("", i64::MAX, None));
        assert!(matches!(read(&stream(good()), 1), Err(QuestionError::TooLarge(_))));
        let less = good().into_iter().filter(|(name, _)| *name != "source").collect();
        assert!(read(&stream(less), 2).unwrap_err().to_string().contains("`source` is missing"));
    }

    #[test]
    fn damage_is_refused() {
        let whole = stream(good());
        assert!(read(b"", 2).is_err());
        for at in 0..whole.len() {
            // Cut off or changed anywhere: an error or other events, and nothing worse.
            let _ = read(&whole[..at], 2);
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            let _ = read(&changed, 2);
        }
    }
}
