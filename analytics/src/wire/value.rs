//! Values of the engine as PostgreSQL writes them, as text and in binary.

use std::fmt::Write as _;

use arrow::{
    array::{Array, ArrayRef, AsArray as _, MapArray},
    compute::cast,
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
        IntervalMonthDayNanoType, Time64MicrosecondType, TimestampMicrosecondType,
    },
    util::display::{ArrayFormatter, FormatOptions},
};
use bytes::{BufMut as _, BytesMut};

use super::{
    catalog::proc_name,
    fault::Fault,
    kind::{PgType, Scalar, Shape},
    moment, number,
};

/// A column of a batch, ready to be written.
#[derive(Debug)]
pub(super) struct Column {
    values: ArrayRef,
    kind: PgType,
    binary: bool,
}

impl Column {
    /// A column as `kind`, to be written in binary or as text.
    pub(super) fn new(values: &ArrayRef, kind: PgType, binary: bool) -> Result<Self, Fault> {
        let values = match kind.shape {
            Shape::One => plain(values, kind.scalar)?,
            Shape::Array | Shape::Vector => listed(values, kind.scalar)?,
        };
        Ok(Column { values, kind, binary })
    }

    /// Writes the value of a row with its length before it.
    pub(super) fn put(&self, row: usize, out: &mut BytesMut) -> Result<(), Fault> {
        if self.values.is_null(row) {
            out.put_i32(-1);
            return Ok(());
        }
        let at = out.len();
        out.put_i32(0);
        self.put_bare(row, out)?;
        let length = i32::try_from(out.len() - at - 4).map_err(|_| Fault::new("54000", "a value is too long"))?;
        out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    /// Whether there is no value in a row.
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.values.is_null(row)
    }

    /// Writes the value of a row alone.
    pub(super) fn put_bare(&self, row: usize, out: &mut BytesMut) -> Result<(), Fault> {
        match (self.kind.shape, self.binary) {
            (Shape::One, true) => binary(&self.values, self.kind.scalar, row, out),
            (Shape::One, false) => text(&self.values, self.kind.scalar, row, out),
            (_, true) => self.put_binary_list(row, out)?,
            (shape, false) => self.put_text_list(row, shape == Shape::Vector, out),
        }
        Ok(())
    }

    fn put_binary_list(&self, row: usize, out: &mut BytesMut) -> Result<(), Fault> {
        let items = self.values.as_list::<i32>().value(row);
        out.put_i32(i32::from(!items.is_empty()));
        out.put_i32(i32::from(items.null_count() > 0));
        out.put_u32(PgType::one(self.kind.scalar).oid());
        if items.is_empty() {
            return Ok(());
        }
        out.put_i32(i32::try_from(items.len()).map_err(|_| Fault::new("54000", "an array is too long"))?);
        // Vectors begin with 0.
        out.put_i32(i32::from(self.kind.shape == Shape::Array));
        let items = Column { values: items, kind: PgType::one(self.kind.scalar), binary: true };
        (0..items.values.len()).try_for_each(|item| items.put(item, out))
    }

    fn put_text_list(&self, row: usize, is_vector: bool, out: &mut BytesMut) {
        let items = self.values.as_list::<i32>().value(row);
        let (open, close, between) = if is_vector { ("", "", " ") } else { ("{", "}", ",") };
        out.put_slice(open.as_bytes());
        let mut item = BytesMut::new();
        for at in 0..items.len() {
            if at > 0 {
                out.put_slice(between.as_bytes());
            }
            if items.is_null(at) {
                out.put_slice(b"NULL");
                continue;
            }
            item.clear();
            text(&items, self.kind.scalar, at, &mut item);
            let special = |byte: &u8| byte.is_ascii_whitespace() || b"{},\"\\".contains(byte);
            let quoted = item.is_empty() || item.iter().any(special) || item.eq_ignore_ascii_case(b"null");
            if !quoted || is_vector {
                out.put_slice(&item);
                continue;
            }
            out.put_u8(b'"');
            for byte in &item {
                if matches!(byte, b'"' | b'\\') {
                    out.put_u8(b'\\');
                }
                out.put_u8(*byte);
            }
            out.put_u8(b'"');
        }
        out.put_slice(close.as_bytes());
    }
}

fn wrong(error: &arrow::error::ArrowError) -> Fault {
    tracing::error!(error = error as &dyn std::error::Error, "a value cannot be sent");
    Fault::new("XX000", "a value of the answer cannot be sent as its type")
}

/// Single values in the form in which they are written.
fn plain(values: &ArrayRef, scalar: Scalar) -> Result<ArrayRef, Fault> {
    let kind = values.data_type();
    if scalar == Scalar::Numeric {
        return match kind {
            DataType::Decimal128(..) => Ok(values.clone()),
            DataType::Decimal256(_, scale) => {
                cast(values, &DataType::Decimal128(38, *scale)).map_err(|_| number::out_of_range())
            }
            _ => cast(values, &DataType::Decimal128(38, 16)).map_err(|error| wrong(&error)),
        };
    }
    let to = scalar.engine();
    if *kind == to {
        return Ok(values.clone());
    }
    if let DataType::Map(..) = kind {
        return Ok(std::sync::Arc::new(objects(values.as_map())));
    }
    if to == DataType::Utf8 && kind.is_nested() {
        let options = FormatOptions::default();
        let shown = ArrayFormatter::try_new(values.as_ref(), &options).map_err(|error| wrong(&error))?;
        let texts = (0..values.len()).map(|row| values.is_valid(row).then(|| shown.value(row).to_string()));
        return Ok(std::sync::Arc::new(texts.collect::<arrow::array::StringArray>()));
    }
    if *kind == DataType::UInt64 {
        // What does not fit becomes nothing by a cast, and nothing is no number.
        let cast = cast(values, &to).map_err(|_| number::out_of_range())?;
        return if cast.null_count() == values.null_count() { Ok(cast) } else { Err(number::out_of_range()) };
    }
    cast(values, &to).map_err(|error| wrong(&error))
}

fn listed(values: &ArrayRef, scalar: Scalar) -> Result<ArrayRef, Fault> {
    let kind = values.data_type();
    let to = DataType::new_list(if scalar == Scalar::Numeric { DataType::Utf8 } else { scalar.engine() }, true);
    if *kind == to {
        return Ok(values.clone());
    }
    cast(values, &to).map_err(|error| wrong(&error))
}

/// Maps of texts as JSON objects.
fn objects(maps: &MapArray) -> arrow::array::StringArray {
    let object = |row| {
        let entries = maps.value(row);
        let texts = |column: &ArrayRef| cast(column, &DataType::Utf8);
        let (Ok(keys), Ok(values)) = (texts(entries.column(0)), texts(entries.column(1))) else { return String::new() };
        let (keys, values) = (keys.as_string::<i32>(), values.as_string::<i32>());
        let mut json = String::from("{");
        for at in 0..keys.len() {
            if at > 0 {
                json.push_str(", ");
            }
            json.push_str(&String::from_utf8_lossy(&crate::form::json_text(keys.value(at))));
            json.push_str(": ");
            if values.is_null(at) {
                json.push_str("null");
            } else {
                json.push_str(&String::from_utf8_lossy(&crate::form::json_text(values.value(at))));
            }
        }
        json.push('}');
        json
    };
    (0..maps.len()).map(|row| maps.is_valid(row).then(|| object(row))).collect()
}

fn text(values: &ArrayRef, scalar: Scalar, row: usize, out: &mut BytesMut) {
    // Writing into memory does not fail.
    let mut put = |shown: std::fmt::Arguments<'_>| {
        let _ = out.write_fmt(shown);
    };
    match scalar {
        Scalar::Bool => put(format_args!("{}", if values.as_boolean().value(row) { 't' } else { 'f' })),
        Scalar::Int2 => put(format_args!("{}", values.as_primitive::<Int16Type>().value(row))),
        Scalar::Int4 => put(format_args!("{}", values.as_primitive::<Int32Type>().value(row))),
        Scalar::Regproc => {
            let oid = values.as_primitive::<Int64Type>().value(row);
            match proc_name(oid) {
                Some(name) => put(format_args!("{name}")),
                None => put(format_args!("{oid}")),
            }
        }
        Scalar::Int8 | Scalar::Oid => {
            put(format_args!("{}", values.as_primitive::<Int64Type>().value(row)));
        }
        Scalar::Float4 => number::float4(values.as_primitive::<Float32Type>().value(row), out),
        Scalar::Float8 => number::float8(values.as_primitive::<Float64Type>().value(row), out),
        Scalar::Numeric => match values.data_type() {
            DataType::Decimal128(_, scale) => {
                number::decimal(values.as_primitive::<Decimal128Type>().value(row), *scale, out);
            }
            _ => out.put_slice(values.as_string::<i32>().value(row).as_bytes()),
        },
        Scalar::Date => moment::date(values.as_primitive::<Date32Type>().value(row), out),
        Scalar::Time => moment::time(values.as_primitive::<Time64MicrosecondType>().value(row), out),
        Scalar::Timestamp | Scalar::Timestamptz => {
            moment::timestamp(values.as_primitive::<TimestampMicrosecondType>().value(row), out);
            if scalar == Scalar::Timestamptz {
                out.put_slice(b"+00");
            }
        }
        Scalar::Interval => {
            moment::interval(values.as_primitive::<IntervalMonthDayNanoType>().value(row), out);
        }
        Scalar::Bytea => {
            out.put_slice(b"\\x");
            values.as_binary::<i32>().value(row).iter().for_each(|byte| {
                let _ = write!(out, "{byte:02x}");
            });
        }
        _ => out.put_slice(values.as_string::<i32>().value(row).as_bytes()),
    }
}

fn binary(values: &ArrayRef, scalar: Scalar, row: usize, out: &mut BytesMut) {
    match scalar {
        Scalar::Bool => out.put_u8(u8::from(values.as_boolean().value(row))),
        Scalar::Int2 => out.put_i16(values.as_primitive::<Int16Type>().value(row)),
        Scalar::Int4 => out.put_i32(values.as_primitive::<Int32Type>().value(row)),
        Scalar::Int8 => out.put_i64(values.as_primitive::<Int64Type>().value(row)),
        // Numbers of the system's own things are 32 bits without a sign.
        Scalar::Oid | Scalar::Regproc => {
            out.put_u32(u32::try_from(values.as_primitive::<Int64Type>().value(row)).unwrap_or_default());
        }
        Scalar::Float4 => out.put_f32(values.as_primitive::<Float32Type>().value(row)),
        Scalar::Float8 => out.put_f64(values.as_primitive::<Float64Type>().value(row)),
        Scalar::Numeric => match values.data_type() {
            DataType::Decimal128(_, scale) => {
                number::binary(values.as_primitive::<Decimal128Type>().value(row), *scale, out);
            }
            _ => number::binary_of_text(values.as_string::<i32>().value(row), out),
        },
        Scalar::Date => {
            out.put_i32(values.as_primitive::<Date32Type>().value(row).saturating_sub(moment::EPOCH_DAYS));
        }
        Scalar::Time => out.put_i64(values.as_primitive::<Time64MicrosecondType>().value(row)),
        Scalar::Timestamp | Scalar::Timestamptz => {
            let micros = values.as_primitive::<TimestampMicrosecondType>().value(row);
            out.put_i64(micros.saturating_sub(moment::EPOCH_MICROS));
        }
        Scalar::Interval => {
            let value = values.as_primitive::<IntervalMonthDayNanoType>().value(row);
            out.put_i64(value.nanoseconds / 1_000);
            out.put_i32(value.days);
            out.put_i32(value.months);
        }
        Scalar::Bytea => out.put_slice(values.as_binary::<i32>().value(row)),
        Scalar::Jsonb => {
            out.put_u8(1);
            out.put_slice(values.as_string::<i32>().value(row).as_bytes());
        }
        _ => out.put_slice(values.as_string::<i32>().value(row).as_bytes()),
    }
}
