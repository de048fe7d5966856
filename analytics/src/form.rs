//! Answers as bytes: JSON, CSV, Arrow, Parquet, a batch at a time.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray as _, RecordBatch, StringBuilder},
    compute::cast,
    csv,
    datatypes::{DataType, Field, FieldRef, Schema, SchemaRef},
    error::ArrowError,
    ipc::writer::StreamWriter,
    json::{StructMode, WriterBuilder, writer::JsonArray},
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::common::DataFusionError;
use metering::Form;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

type Result<T> = std::result::Result<T, DataFusionError>;

/// Writes batches of one schema in one form.
pub(crate) struct Writer {
    schema: SchemaRef,
    form: Encoder,
    rows: u64,
}

enum Encoder {
    Json,
    Csv,
    Arrow(Box<StreamWriter<Vec<u8>>>),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
}

impl Writer {
    /// A writer for batches of `schema`.
    pub(crate) fn new(form: Form, schema: &Schema) -> Result<Self> {
        let schema = plain(schema, form == Form::Csv);
        let form = match form {
            Form::Json => Encoder::Json,
            Form::Csv => Encoder::Csv,
            Form::Arrow => Encoder::Arrow(Box::new(StreamWriter::try_new(Vec::new(), &schema)?)),
            Form::Parquet => {
                let level = Compression::ZSTD(ZstdLevel::try_new(1)?);
                let properties = WriterProperties::builder()
                    .set_compression(level)
                    .set_max_row_group_row_count(Some(64 << 10))
                    .set_created_by("audiagram".to_owned())
                    .build();
                Encoder::Parquet(Box::new(ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties))?))
            }
        };
        Ok(Writer { schema, form, rows: 0 })
    }

    /// What stands before the rows.
    pub(crate) fn begin(&mut self) -> Result<Vec<u8>> {
        match &mut self.form {
            Encoder::Json => {
                let mut head = b"{\"columns\":[".to_vec();
                for (place, field) in self.schema.fields().iter().enumerate() {
                    if place > 0 {
                        head.push(b',');
                    }
                    head.extend_from_slice(b"{\"name\":");
                    head.extend_from_slice(&json_text(field.name()));
                    head.extend_from_slice(b",\"type\":");
                    head.extend_from_slice(&json_text(&type_name(field.data_type())));
                    head.push(b'}');
                }
                head.extend_from_slice(b"],\"rows\":[");
                Ok(head)
            }
            Encoder::Csv => {
                let mut head = Vec::new();
                let empty = RecordBatch::new_empty(self.schema.clone());
                csv::WriterBuilder::new().with_header(true).build(&mut head).write(&empty)?;
                Ok(head)
            }
            Encoder::Arrow(writer) => Ok(std::mem::take(writer.get_mut())),
            Encoder::Parquet(writer) => Ok(std::mem::take(writer.inner_mut())),
        }
    }

    /// The rows of a batch.
    pub(crate) fn push(&mut self, batch: &RecordBatch) -> Result<Vec<u8>> {
        if batch.num_rows() == 0 {
            return Ok(Vec::new());
        }
        let batch = convert(batch, &self.schema, matches!(self.form, Encoder::Csv))?;
        let first = self.rows == 0;
        self.rows += batch.num_rows() as u64;
        match &mut self.form {
            Encoder::Json => {
                let mut text = Vec::new();
                let builder = WriterBuilder::new().with_explicit_nulls(true).with_struct_mode(StructMode::ListOnly);
                let mut writer = builder.build::<_, JsonArray>(&mut text);
                writer.write(&batch)?;
                writer.finish()?;
                drop(writer);
                // An array of rows without its brackets is a part of the one that was begun.
                let inside = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")).unwrap_or(&text);
                let comma: &[u8] = if first { b"" } else { b"," };
                Ok([comma, inside].concat())
            }
            Encoder::Csv => {
                let mut text = Vec::new();
                csv::WriterBuilder::new().with_header(false).build(&mut text).write(&batch)?;
                Ok(text)
            }
            Encoder::Arrow(writer) => {
                writer.write(&batch)?;
                Ok(std::mem::take(writer.get_mut()))
            }
            Encoder::Parquet(writer) => {
                writer.write(&batch)?;
                Ok(std::mem::take(writer.inner_mut()))
            }
        }
    }

    /// What stands behind the rows.
    pub(crate) fn end(mut self) -> Result<Vec<u8>> {
        match &mut self.form {
            Encoder::Json => Ok(format!("],\"row_count\":{}}}\n", self.rows).into_bytes()),
            Encoder::Csv => Ok(Vec::new()),
            Encoder::Arrow(writer) => {
                writer.finish()?;
                Ok(std::mem::take(writer.get_mut()))
            }
            Encoder::Parquet(writer) => {
                writer.finish()?;
                Ok(std::mem::take(writer.inner_mut()))
            }
        }
    }
}

/// The schema of the answer: types that any reader knows, for CSV texts for all that is nested.
pub(crate) fn plain(schema: &Schema, flat: bool) -> SchemaRef {
    let field = |field: &FieldRef| {
        let kind = match field.data_type() {
            DataType::Utf8View => DataType::Utf8,
            DataType::BinaryView => DataType::Binary,
            DataType::Dictionary(_, value) => (**value).clone(),
            kind if flat && kind.is_nested() => DataType::Utf8,
            kind => kind.clone(),
        };
        Field::new(field.name(), kind, true)
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

pub(crate) fn convert(batch: &RecordBatch, schema: &SchemaRef, flat: bool) -> Result<RecordBatch> {
    let column = |(column, field): (&ArrayRef, &FieldRef)| -> std::result::Result<ArrayRef, ArrowError> {
        let column = match (column.data_type(), field.data_type()) {
            (from, to) if from == to => column.clone(),
            (from, DataType::Utf8) if from.is_nested() => shown(column)?,
            (_, to) => cast(column, to)?,
        };
        Ok(if flat && column.data_type() == &DataType::Utf8 { harmless(&column) } else { column })
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(column);
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// Nested values as texts.
fn shown(column: &ArrayRef) -> std::result::Result<ArrayRef, ArrowError> {
    let options = FormatOptions::default();
    let values = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let mut texts = StringBuilder::new();
    for row in 0..column.len() {
        texts.append_option(column.is_valid(row).then(|| values.value(row).to_string()));
    }
    Ok(Arc::new(texts.finish()))
}

/// Texts that a spreadsheet does not take for a formula.
fn harmless(column: &ArrayRef) -> ArrayRef {
    let formula = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let texts = column.as_string::<i32>();
    if !texts.iter().flatten().any(formula) {
        return column.clone();
    }
    let mut guarded = StringBuilder::new();
    for text in texts {
        guarded.append_option(text.map(|text| if formula(text) { format!("'{text}") } else { text.to_owned() }));
    }
    Arc::new(guarded.finish())
}

/// The name of a type in answers.
fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 => "text".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        kind if kind.is_integer() => "bigint".to_owned(),
        kind if kind.is_floating() => "double precision".to_owned(),
        DataType::Decimal128(precision, scale) => format!("numeric({precision},{scale})"),
        kind => kind.to_string().to_lowercase(),
    }
}

/// A text as JSON.
pub(crate) fn json_text(text: &str) -> Vec<u8> {
    let mut out = vec![b'"'];
    for sign in text.chars() {
        match sign {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            sign if sign.is_control() => out.extend_from_slice(format!("\\u{:04x}", u32::from(sign)).as_bytes()),
            sign => out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use arrow::array::{Int64Array, StringViewArray};

    use super::*;

    fn written(form: Form) -> Vec<u8> {
        let schema = Schema::new(vec![
            Field::new("na\"me", DataType::Utf8View, true),
            Field::new("number", DataType::Int64, true),
        ]);
        let batch = |texts: Vec<Option<&str>>, numbers: Vec<Option<i64>>| {
            let columns: Vec<ArrayRef> =
                vec![Arc::new(StringViewArray::from(texts)), Arc::new(Int64Array::from(numbers))];
            RecordBatch::try_new(Arc::new(schema.clone()), columns).unwrap()
        };
        let mut writer = Writer::new(form, &schema).unwrap();
        let mut out = writer.begin().unwrap();
        out.extend(writer.push(&batch(vec![Some("=1+1"), None], vec![Some(-1), Some(i64::MAX)])).unwrap());
        out.extend(writer.push(&batch(vec![], vec![])).unwrap());
        out.extend(writer.push(&batch(vec![Some("a,\"b\"")], vec![None])).unwrap());
        out.extend(writer.end().unwrap());
        out
    }

    #[test]
    fn json() {
        let expected = r#"{"columns":[{"name":"na\"me","type":"text"},{"name":"number","type":"bigint"}],"rows":[["=1+1",-1],[null,9223372036854775807],["a,\"b\"",null]],"row_count":3}
"#;
        assert_eq!(String::from_utf8(written(Form::Json)).unwrap(), expected);
        assert_eq!(json_text("a\n\u{7f}"), br#""a\u000a\u007f""#);
    }

    #[test]
    fn csv_has_no_formulas() {
        let expected = "\"na\"\"me\",number\n'=1+1,-1\n,9223372036854775807\n\"a,\"\"b\"\"\",\n";
        assert_eq!(String::from_utf8(written(Form::Csv)).unwrap(), expected);
    }

    #[test]
    fn arrow_and_parquet_are_read_again() {
        let stream = written(Form::Arrow);
        let batches = arrow::ipc::reader::StreamReader::try_new(&stream[..], None).unwrap();
        assert_eq!(batches.map(|batch| batch.unwrap().num_rows()).collect::<Vec<_>>(), [2, 1]);
        let file = bytes::Bytes::from(written(Form::Parquet));
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let rows = reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum::<usize>();
        assert_eq!(rows, 3);
    }
}
