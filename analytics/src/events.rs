//! Events of use from a stream of Arrow IPC, row by row.
//!
//! Columns are found by their names. Bytes are a stranger's: the decoder gets them as one buffer, so that it sets nothing aside that did not
//! come; texts are looked at where they lie, for a dictionary may say a long one often.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _, Int64Array, MapArray, RecordBatch},
    buffer::Buffer,
    compute::cast,
    datatypes::{DataType, Int64Type, Schema, TimeUnit},
    ipc::reader::StreamDecoder,
};
use metering::{Fault, MAX_BATCH, MAX_DIMENSIONS, UnreadableEvents, cloud_event::Said};
use model::Timestamp;

type Result<T> = std::result::Result<T, UnreadableEvents>;

/// Columns that must be there, and those that may.
const REQUIRED: &[&str] = &["id", "source", "type", "quantity"];
const OPTIONAL: &[&str] = &["subject", "time", "unit", "corrects", "dimensions"];
/// The longest text of a row, in bytes; what is longer than its field may be is refused later, with its name.
const MAX_TEXT: usize = 512;

/// What each row says, or why it says nothing.
pub(crate) fn read(stream: &[u8]) -> Result<Vec<std::result::Result<Said, Fault>>> {
    // The decoder is others', and some of what it meets it takes for its caller's mistake.
    let read = catch_unwind(AssertUnwindSafe(|| rows(stream)));
    read.unwrap_or_else(|_| Err(unreadable("it is damaged")))
}

fn rows(stream: &[u8]) -> Result<Vec<std::result::Result<Said, Fault>>> {
    let (mut decoder, mut buffer) = (StreamDecoder::new(), Buffer::from(stream));
    let damaged = |error: arrow::error::ArrowError| unreadable(&error.to_string());
    let mut found = Vec::new();
    while !buffer.is_empty() {
        let Some(batch) = decoder.decode(&mut buffer).map_err(damaged)? else { break };
        let columns = Columns::of(&batch)?;
        for row in 0..batch.num_rows() {
            found.push(columns.said(row));
            if found.len() > MAX_BATCH {
                return Ok(found);
            }
        }
    }
    decoder.finish().map_err(damaged)?;
    Ok(found)
}

fn unreadable(text: &str) -> UnreadableEvents {
    const LONGEST: usize = 300;
    UnreadableEvents(text[..text.floor_char_boundary(LONGEST)].to_owned())
}

/// The columns of a batch.
struct Columns {
    id: Text,
    source: Text,
    kind: Text,
    quantity: Int64Array,
    subject: Text,
    time: Option<(Int64Array, TimeUnit)>,
    unit: Text,
    corrects: Text,
    dimensions: Option<(MapArray, Text, Text)>,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self> {
        let schema = batch.schema();
        check(&schema)?;
        let column = |name: &str| schema.index_of(name).ok().map(|at| batch.column(at).clone());
        let text = |name: &str| column(name).map_or(Ok(Text::Nothing), |column| Text::of(name, &column));
        Ok(Columns {
            id: text("id")?,
            source: text("source")?,
            kind: text("type")?,
            quantity: quantity(column("quantity"))?,
            subject: text("subject")?,
            time: column("time").map_or(Ok(None), |column| time(&column))?,
            unit: text("unit")?,
            corrects: text("corrects")?,
            dimensions: column("dimensions").map_or(Ok(None), |column| dimensions(&column))?,
        })
    }

    fn said(&self, row: usize) -> std::result::Result<Said, Fault> {
        let must = |name: &str| Fault::Form(format!("`{name}` must not be empty"));
        if self.quantity.is_null(row) {
            return Err(Fault::Quantity);
        }
        Ok(Said {
            id: self.id.at("id", row)?.ok_or_else(|| must("id"))?,
            source: self.source.at("source", row)?.ok_or_else(|| must("source"))?,
            kind: self.kind.at("type", row)?.ok_or_else(|| must("type"))?,
            subject: self.subject.at("subject", row)?,
            time: self.moment(row),
            quantity: self.quantity.value(row),
            unit: self.unit.at("unit", row)?,
            corrects: self.corrects.at("corrects", row)?,
            dimensions: self.dimensions_at(row)?,
        })
    }

    fn moment(&self, row: usize) -> Option<Timestamp> {
        let (times, unit) = self.time.as_ref()?;
        let time = times.is_valid(row).then(|| times.value(row))?;
        let millis = match unit {
            TimeUnit::Second => time.saturating_mul(1_000),
            TimeUnit::Millisecond => time,
            TimeUnit::Microsecond => time.div_euclid(1_000),
            TimeUnit::Nanosecond => time.div_euclid(1_000_000),
        };
        // What lies before 1970 is as much too old.
        Some(Timestamp::from_millis(u64::try_from(millis).unwrap_or(0)))
    }

    fn dimensions_at(&self, row: usize) -> std::result::Result<Vec<(String, String)>, Fault> {
        let Some((map, keys, values)) = self.dimensions.as_ref().filter(|(map, ..)| map.is_valid(row)) else {
            return Ok(Vec::new());
        };
        let place = |at: usize| map.value_offsets().get(at).and_then(|at| usize::try_from(*at).ok()).unwrap_or(0);
        let entries = place(row)..place(row + 1);
        if entries.len() > MAX_DIMENSIONS {
            return Err(Fault::Dimensions);
        }
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            let name = keys.at("a dimension", entry)?.ok_or(Fault::Dimensions)?;
            if let Some(value) = values.at("a dimension", entry)? {
                found.push((name, value));
            }
        }
        Ok(found)
    }
}

fn check(schema: &Schema) -> Result<()> {
    for (at, field) in schema.fields().iter().enumerate() {
        let name = field.name().as_str();
        if !REQUIRED.contains(&name) && !OPTIONAL.contains(&name) {
            let known = [REQUIRED, OPTIONAL].concat().join(", ");
            return Err(unreadable(&format!("column {} is not known; known are {known}", at + 1)));
        }
        if schema.fields().iter().take(at).any(|other| other.name() == name) {
            return Err(unreadable(&format!("there are two columns `{name}`")));
        }
    }
    match REQUIRED.iter().find(|name| schema.index_of(name).is_err()) {
        Some(name) => Err(unreadable(&format!("there is no column `{name}`"))),
        None => Ok(()),
    }
}

fn quantity(column: Option<ArrayRef>) -> Result<Int64Array> {
    let whole = column.filter(|column| column.data_type().is_integer());
    let column = whole.ok_or_else(|| unreadable("`quantity` must be a column of whole numbers"))?;
    // What is too large for 64 bits becomes nothing, and is refused row by row.
    let column = cast(&column, &DataType::Int64).map_err(|error| unreadable(&error.to_string()))?;
    Ok(column.as_primitive::<Int64Type>().clone())
}

fn time(column: &ArrayRef) -> Result<Option<(Int64Array, TimeUnit)>> {
    match column.data_type() {
        DataType::Null => Ok(None),
        DataType::Timestamp(unit, _) => {
            let numbers = cast(column, &DataType::Int64).map_err(|error| unreadable(&error.to_string()))?;
            Ok(Some((numbers.as_primitive::<Int64Type>().clone(), *unit)))
        }
        _ => Err(unreadable("`time` must be a column of timestamps")),
    }
}

fn dimensions(column: &ArrayRef) -> Result<Option<(MapArray, Text, Text)>> {
    match column.data_type() {
        DataType::Null => Ok(None),
        DataType::Map(..) => {
            let map = column.as_map().clone();
            let texts = (Text::of("dimensions", map.keys())?, Text::of("dimensions", map.values())?);
            Ok(Some((map, texts.0, texts.1)))
        }
        _ => Err(unreadable("`dimensions` must be a column of maps from text to text")),
    }
}

/// A column of texts, in whatever form.
enum Text {
    Nothing,
    Short(ArrayRef),
    Long(ArrayRef),
    View(ArrayRef),
    Dictionary(Int64Array, Box<Text>),
}

impl Text {
    fn of(name: &str, column: &ArrayRef) -> Result<Self> {
        Ok(match column.data_type() {
            DataType::Null => Text::Nothing,
            DataType::Utf8 => Text::Short(column.clone()),
            DataType::LargeUtf8 => Text::Long(column.clone()),
            DataType::Utf8View => Text::View(column.clone()),
            DataType::Dictionary(_, of)
                if matches!(**of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
            {
                let dictionary = column.as_any_dictionary();
                let keys = cast(dictionary.keys(), &DataType::Int64).map_err(|error| unreadable(&error.to_string()))?;
                let values = Text::of(name, dictionary.values())?;
                Text::Dictionary(keys.as_primitive::<Int64Type>().clone(), Box::new(values))
            }
            _ => return Err(unreadable(&format!("`{name}` must be a column of texts"))),
        })
    }

    fn at(&self, name: &'static str, row: usize) -> std::result::Result<Option<String>, Fault> {
        let text = match self {
            Text::Nothing => None,
            Text::Short(texts) => texts.is_valid(row).then(|| texts.as_string::<i32>().value(row)),
            Text::Long(texts) => texts.is_valid(row).then(|| texts.as_string::<i64>().value(row)),
            Text::View(texts) => texts.is_valid(row).then(|| texts.as_string_view().value(row)),
            Text::Dictionary(keys, values) => {
                let place = keys.is_valid(row).then(|| usize::try_from(keys.value(row)).ok()).flatten();
                return place.map_or(Ok(None), |place| values.at(name, place));
            }
        };
        match text {
            Some(text) if text.len() > MAX_TEXT => Err(Fault::Text { field: name, most: MAX_TEXT }),
            text => Ok(text.map(str::to_owned)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::sync::Arc;

    use arrow::{
        array::{
            DictionaryArray, MapBuilder, NullArray, StringArray, StringBuilder, TimestampMicrosecondArray, UInt64Array,
        },
        datatypes::{Field, Int32Type},
        ipc::writer::StreamWriter,
    };

    use super::*;

    fn stream(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.write(&batch.slice(0, 1)).unwrap();
        writer.into_inner().unwrap()
    }

    fn texts(texts: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(texts.to_vec()))
    }

    fn whole() -> Vec<(&'static str, ArrayRef)> {
        let sources: DictionaryArray<Int32Type> = vec![Some("crm"), None, Some("crm")].into_iter().collect();
        let mut dimensions = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for (name, value) in [("b", "2"), ("a", "1")] {
            dimensions.keys().append_value(name);
            dimensions.values().append_value(value);
        }
        dimensions.append(true).unwrap();
        dimensions.append(false).unwrap();
        for place in 0..9 {
            dimensions.keys().append_value(place.to_string());
            dimensions.values().append_value("x");
        }
        dimensions.append(true).unwrap();
        vec![
            ("id", texts(&[Some("1"), Some("2"), Some("3")])),
            ("source", Arc::new(sources)),
            ("type", texts(&[Some("mails"); 3])),
            ("quantity", Arc::new(UInt64Array::from(vec![7, 8, u64::MAX]))),
            ("time", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_800_000_000_123_456), None, Some(-5)]))),
            ("unit", Arc::new(NullArray::new(3))),
            ("dimensions", Arc::new(dimensions.finish())),
        ]
    }

    #[test]
    fn rows_say_what_events_say() {
        let read = read(&stream(whole())).unwrap();
        assert_eq!(read.len(), 4, "three, and the first once more");
        let first = read[0].as_ref().unwrap();
        assert_eq!((first.id.as_str(), first.source.as_str(), first.kind.as_str()), ("1", "crm", "mails"));
        assert_eq!((first.quantity, first.time), (7, Some(Timestamp::from_millis(1_800_000_000_123))));
        assert_eq!((first.unit.as_deref(), first.dimensions.len()), (None, 2));
        let faults: Vec<String> = read.into_iter().filter_map(|said| Some(said.err()?.to_string())).collect();
        assert_eq!(
            faults,
            ["`source` must not be empty", "the quantity must be a whole number from -9000000000 to 9000000000"]
        );
    }

    #[test]
    fn other_columns_are_refused() {
        let check = |columns: Vec<(&str, ArrayRef)>, expected: &str| {
            let error = read(&stream(columns)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(whole().split_off(1), "there is no column `id`");
        let with = |name: &'static str, column: ArrayRef| {
            let mut columns = whole();
            columns.retain(|(known, _)| *known != name);
            columns.push((name, column));
            columns
        };
        check(with("price", texts(&[None; 3])), "column 8 is not known");
        check(with("quantity", texts(&[None; 3])), "`quantity` must be a column of whole numbers");
        check(with("time", texts(&[None; 3])), "`time` must be a column of timestamps");
        check(with("dimensions", texts(&[None; 3])), "`dimensions` must be a column of maps");
        check(with("unit", Arc::new(UInt64Array::from(vec![1, 2, 3]))), "`unit` must be a column of texts");
        let long = "x".repeat(1 << 20);
        let said = read(&stream(with("unit", texts(&[Some(&long), None, None])))).unwrap();
        assert!(matches!(said[0], Err(Fault::Text { field: "unit", .. })));
        let names = ["id", "id"].map(|name| Field::new(name, DataType::Utf8, true));
        let batch =
            RecordBatch::try_new(Arc::new(Schema::new(names.to_vec())), vec![texts(&[Some("1")]), texts(&[Some("1")])]);
        let batch = batch.unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        let error = read(&writer.into_inner().unwrap()).unwrap_err();
        assert!(error.to_string().contains("two columns `id`"), "{error}");
    }

    #[test]
    fn too_many_rows_end_the_reading() {
        let many: Vec<Option<&str>> = vec![Some("x"); MAX_BATCH + 500];
        let quantities: ArrayRef = Arc::new(UInt64Array::from(vec![1; many.len()]));
        let columns =
            vec![("id", texts(&many)), ("source", texts(&many)), ("type", texts(&many)), ("quantity", quantities)];
        assert_eq!(read(&stream(columns)).unwrap().len(), MAX_BATCH + 1);
    }

    #[test]
    fn damaged_streams_are_refused_or_read() {
        let sound = stream(whole());
        assert!(read(b"").unwrap().is_empty());
        for end in 1..sound.len() {
            let _ = read(&sound[..end]);
        }
        for at in 0..sound.len() {
            for bit in [0x01, 0x80, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] ^= bit;
                if let Ok(rows) = read(&damaged) {
                    assert!(rows.len() <= MAX_BATCH + 1);
                }
            }
        }
        for stranger in [&b"PAR1"[..], b"ARROW1\0\0", &[0xff; 64], &[0; 64], b"{\"id\":1}"] {
            assert!(read(stranger).map_or(true, |rows| rows.is_empty()));
        }
        // It says that it is followed by two thousand million bytes.
        assert!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3]).is_err());
    }
}
