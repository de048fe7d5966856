//! Protocol buffers, as far as OTLP's metrics need them: fields are read in their order, and what is not known is stepped over. Nothing is
//! read by recursion, and nothing is set aside that did not come.

use std::cell::Cell;

use serde::de::IgnoredAny;

use super::{
    MAX_PARTS, OtlpError,
    form::{
        AnyValue, Double, Gauge, Histogram, HistogramPoint, KeyValue, Long, Metric, Metrics, Nanos, NumberPoint, Other,
        ResourceMetrics, ScopeMetrics, Sum, Whole,
    },
};

type Result<T> = std::result::Result<T, OtlpError>;

/// A field's value as it lies in the bytes.
#[derive(Clone, Copy)]
enum Value<'a> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn bytes(self) -> Result<&'a [u8]> {
        if let Value::Bytes(bytes) = self {
            Ok(bytes)
        } else {
            Err(OtlpError::Wire("a message has the form of a number"))
        }
    }

    fn text(self) -> Result<String> {
        let text = str::from_utf8(self.bytes()?).map_err(|_| OtlpError::Wire("a text is not in UTF-8"))?;
        Ok(text.to_owned())
    }

    fn varint(self) -> Result<u64> {
        if let Value::Varint(number) = self { Ok(number) } else { Err(OtlpError::Wire("a number has another form")) }
    }

    fn fixed(self) -> Result<u64> {
        if let Value::Fixed(number) = self { Ok(number) } else { Err(OtlpError::Wire("a number has another form")) }
    }
}

/// How many more fields there may be in the whole request.
type Left = Cell<usize>;

/// Hands each field of a message with its number to `field`.
fn fields<'a>(mut bytes: &'a [u8], left: &Left, mut field: impl FnMut(u64, Value<'a>) -> Result<()>) -> Result<()> {
    while !bytes.is_empty() {
        left.set(left.get().checked_sub(1).ok_or(OtlpError::TooMany)?);
        let tag = varint(&mut bytes)?;
        let value = match tag & 7 {
            0 => Value::Varint(varint(&mut bytes)?),
            1 => Value::Fixed(u64::from_le_bytes(*take(&mut bytes)?)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).unwrap_or(usize::MAX);
                let (inner, rest) = bytes.split_at_checked(length).ok_or(OtlpError::Wire("a field is cut off"))?;
                bytes = rest;
                Value::Bytes(inner)
            }
            5 => Value::Fixed(u32::from_le_bytes(*take(&mut bytes)?).into()),
            _ => return Err(OtlpError::Wire("a field has an unknown form")),
        };
        field(tag >> 3, value)?;
    }
    Ok(())
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk().ok_or(OtlpError::Wire("a field is cut off"))?;
    *bytes = rest;
    Ok(first)
}

fn varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut number = 0u64;
    for place in 0..10 {
        let [byte] = *take(bytes)?;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(OtlpError::Wire("a number has no end"))
}

pub(super) fn read(bytes: &[u8]) -> Result<Metrics> {
    let (mut found, left) = (Metrics::default(), &Cell::new(MAX_PARTS));
    fields(bytes, left, |number, value| {
        if number == 1 {
            found.resource_metrics.push(resource(value.bytes()?, left)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn resource(bytes: &[u8], left: &Left) -> Result<ResourceMetrics> {
    let mut found = ResourceMetrics::default();
    fields(bytes, left, |number, value| {
        match number {
            1 => attributes(value.bytes()?, left, &mut found.resource.attributes)?,
            2 => found.scope_metrics.push(scope(value.bytes()?, left)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn scope(bytes: &[u8], left: &Left) -> Result<ScopeMetrics> {
    let mut found = ScopeMetrics::default();
    fields(bytes, left, |number, value| {
        match number {
            1 => fields(value.bytes()?, left, |number, value| {
                match number {
                    1 => found.scope.name = value.text()?,
                    2 => found.scope.version = value.text()?,
                    3 => found.scope.attributes.push(key_value(value.bytes()?, left)?),
                    _ => {}
                }
                Ok(())
            })?,
            2 => found.metrics.push(metric(value.bytes()?, left)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn metric(bytes: &[u8], left: &Left) -> Result<Metric> {
    let mut found = Metric::default();
    fields(bytes, left, |number, value| {
        match number {
            1 => found.name = value.text()?,
            3 => found.unit = value.text()?,
            5 => found.gauge = Some(gauge(value.bytes()?, left)?),
            7 => found.sum = Some(sum(value.bytes()?, left)?),
            9 => found.histogram = Some(histogram(value.bytes()?, left)?),
            10 => other(value.bytes()?, left, &mut found.exponential_histogram)?,
            11 => other(value.bytes()?, left, &mut found.summary)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn other(bytes: &[u8], left: &Left, found: &mut Other) -> Result<()> {
    fields(bytes, left, |number, _| {
        if number == 1 {
            found.data_points.push(IgnoredAny);
        }
        Ok(())
    })
}

fn sum(bytes: &[u8], left: &Left) -> Result<Sum> {
    let mut found = Sum::default();
    fields(bytes, left, |number, value| {
        match number {
            1 => found.data_points.push(point(value.bytes()?, left)?),
            2 => found.aggregation_temporality = u32::try_from(value.varint()?).unwrap_or(u32::MAX),
            3 => found.is_monotonic = value.varint()? != 0,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn gauge(bytes: &[u8], left: &Left) -> Result<Gauge> {
    let mut found = Gauge::default();
    fields(bytes, left, |number, value| {
        if number == 1 {
            found.data_points.push(point(value.bytes()?, left)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn histogram(bytes: &[u8], left: &Left) -> Result<Histogram> {
    let mut found = Histogram::default();
    fields(bytes, left, |number, value| {
        match number {
            1 => found.data_points.push(histogram_point(value.bytes()?, left)?),
            2 => found.aggregation_temporality = u32::try_from(value.varint()?).unwrap_or(u32::MAX),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn histogram_point(bytes: &[u8], left: &Left) -> Result<HistogramPoint> {
    let mut found = HistogramPoint::default();
    fields(bytes, left, |number, value| {
        match number {
            2 => found.start_time_unix_nano = Nanos(value.fixed()?),
            3 => found.time_unix_nano = Nanos(value.fixed()?),
            4 => found.count = Whole(value.fixed()?),
            5 => found.sum = Some(Double(f64::from_bits(value.fixed()?))),
            6 => packed(value, |bits| found.bucket_counts.push(Whole(bits)))?,
            7 => packed(value, |bits| found.explicit_bounds.push(Double(f64::from_bits(bits))))?,
            9 => found.attributes.push(key_value(value.bytes()?, left)?),
            10 => found.flags = u32::try_from(value.varint()?).unwrap_or(0),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// Numbers of 64 bits, one after the other or one a field. They take no more memory than they came in.
fn packed(value: Value<'_>, mut each: impl FnMut(u64)) -> Result<()> {
    if let Value::Fixed(number) = value {
        each(number);
        return Ok(());
    }
    let (numbers, rest) = value.bytes()?.as_chunks();
    if !rest.is_empty() {
        return Err(OtlpError::Wire("a field is cut off"));
    }
    numbers.iter().for_each(|number| each(u64::from_le_bytes(*number)));
    Ok(())
}

fn point(bytes: &[u8], left: &Left) -> Result<NumberPoint> {
    let mut found = NumberPoint::default();
    fields(bytes, left, |number, value| {
        match number {
            2 => found.start_time_unix_nano = Nanos(value.fixed()?),
            3 => found.time_unix_nano = Nanos(value.fixed()?),
            4 => found.as_double = Some(Double(f64::from_bits(value.fixed()?))),
            6 => found.as_int = Some(Long(value.fixed()?.cast_signed())),
            7 => found.attributes.push(key_value(value.bytes()?, left)?),
            8 => found.flags = u32::try_from(value.varint()?).unwrap_or(0),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn attributes(bytes: &[u8], left: &Left, found: &mut Vec<KeyValue>) -> Result<()> {
    fields(bytes, left, |number, value| {
        if number == 1 {
            found.push(key_value(value.bytes()?, left)?);
        }
        Ok(())
    })
}

fn key_value(bytes: &[u8], left: &Left) -> Result<KeyValue> {
    let mut found = KeyValue::default();
    fields(bytes, left, |number, value| {
        match number {
            1 => found.key = value.text()?,
            2 => found.value = any_value(value.bytes()?, left)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

fn any_value(bytes: &[u8], left: &Left) -> Result<AnyValue> {
    let mut found = AnyValue::default();
    fields(bytes, left, |number, value| {
        // One of them: the last counts.
        match number {
            1 => found = AnyValue { string_value: Some(value.text()?), ..AnyValue::default() },
            2 => found = AnyValue { bool_value: Some(value.varint()? != 0), ..AnyValue::default() },
            3 => found = AnyValue { int_value: Some(Long(value.varint()?.cast_signed())), ..AnyValue::default() },
            4 => found = AnyValue { double_value: Some(Double(f64::from_bits(value.fixed()?))), ..AnyValue::default() },
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// `ExportMetricsServiceResponse`: nothing, or how many points are rejected and why.
pub(super) fn answer(rejected: u64, message: &str) -> Vec<u8> {
    if rejected == 0 {
        return Vec::new();
    }
    let mut partial = vec![0x08];
    put_varint(&mut partial, rejected);
    partial.push(0x12);
    put_varint(&mut partial, message.len() as u64);
    partial.extend_from_slice(message.as_bytes());
    let mut whole = vec![0x0a];
    put_varint(&mut whole, partial.len() as u64);
    whole.extend_from_slice(&partial);
    whole
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
