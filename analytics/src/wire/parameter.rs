//! Values that clients send for the parameters of a statement.

use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion::common::ScalarValue;

use super::{
    fault::Fault,
    kind::{PgType, Scalar, Shape},
    moment, number,
};

/// The most values of an array.
const ITEMS: usize = 10_000;

/// A value as the engine has it. `number` counts from 1.
///
/// # Errors
/// When it is no value of its type.
pub(super) fn value(number: usize, kind: PgType, bytes: Option<&[u8]>, binary: bool) -> Result<ScalarValue, Fault> {
    let to = kind.engine();
    let Some(bytes) = bytes else {
        return ScalarValue::try_from(&to).map_err(|_| Fault::new("0A000", "nothing of this type cannot be sent"));
    };
    let wrong = || {
        let code = if binary { "22P03" } else { "22P02" };
        Fault::new(code, format!("the value of ${number} is no {}", name(kind)))
    };
    if binary && kind.shape == Shape::One {
        return of_binary(kind.scalar, bytes).filter(|value| is_within(kind.scalar, value)).ok_or_else(wrong);
    }
    if binary {
        let items = binary_list(kind.scalar, bytes).ok_or_else(wrong)?;
        return Ok(list(&items, &to));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    if kind.shape == Shape::One {
        return of_text(kind.scalar, text, &to).filter(|value| is_within(kind.scalar, value)).ok_or_else(wrong);
    }
    let single = PgType::one(kind.scalar).engine();
    let items = text_list(text).ok_or_else(wrong)?;
    let items: Option<Vec<ScalarValue>> = items
        .into_iter()
        .map(|item| match item {
            Some(item) => of_text(kind.scalar, &item, &single).filter(|value| is_within(kind.scalar, value)),
            None => ScalarValue::try_from(&single).ok(),
        })
        .collect();
    Ok(list(&items.ok_or_else(wrong)?, &to))
}

fn name(kind: PgType) -> String {
    let array = if kind.shape == Shape::One { "" } else { "[]" };
    format!("{}{array}", kind.scalar.name())
}

fn list(items: &[ScalarValue], of: &DataType) -> ScalarValue {
    let single = match of {
        DataType::List(field) => field.data_type().clone(),
        _ => DataType::Utf8,
    };
    ScalarValue::List(ScalarValue::new_list_nullable(items, &single))
}

fn of_text(scalar: Scalar, text: &str, to: &DataType) -> Option<ScalarValue> {
    let plain = text.trim();
    match scalar {
        Scalar::Bool => {
            let known = match plain.to_ascii_lowercase().as_str() {
                "t" | "true" | "y" | "yes" | "on" | "1" => true,
                "f" | "false" | "n" | "no" | "off" | "0" => false,
                _ => return None,
            };
            Some(ScalarValue::Boolean(Some(known)))
        }
        Scalar::Bytea => {
            let hex = plain.strip_prefix("\\x")?;
            let digit = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
            let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(digit).collect();
            Some(ScalarValue::Binary(Some(bytes?)))
        }
        // Nothing's function has this name.
        Scalar::Regproc if plain == "-" => Some(ScalarValue::from(0_i64)),
        Scalar::Float4 | Scalar::Float8 => {
            let value: f64 = plain.parse().ok()?;
            #[expect(clippy::cast_possible_truncation, reason = "a float4 is what was asked for")]
            let value =
                if scalar == Scalar::Float8 { ScalarValue::from(value) } else { ScalarValue::from(value as f32) };
            Some(value)
        }
        Scalar::Interval => {
            let value = ScalarValue::from(moment::in_units(plain)?).cast_to(to).ok()?;
            (!value.is_null()).then_some(value)
        }
        _ => {
            let text = if *to == DataType::Utf8 { text } else { plain };
            let value = ScalarValue::from(text).cast_to(to).ok()?;
            // What is no value becomes nothing by a cast.
            (!value.is_null()).then_some(value)
        }
    }
}

fn of_binary(scalar: Scalar, bytes: &[u8]) -> Option<ScalarValue> {
    let long = || Some(i64::from_be_bytes(bytes.try_into().ok()?));
    let int = || Some(i32::from_be_bytes(bytes.try_into().ok()?));
    Some(match scalar {
        Scalar::Bool => ScalarValue::from(*<&[u8; 1]>::try_from(bytes).ok()?.first()? != 0),
        Scalar::Int2 => ScalarValue::from(i16::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::Int4 => ScalarValue::from(int()?),
        Scalar::Int8 => ScalarValue::from(long()?),
        Scalar::Oid | Scalar::Regproc => ScalarValue::from(i64::from(u32::from_be_bytes(bytes.try_into().ok()?))),
        Scalar::Float4 => ScalarValue::from(f32::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::Float8 => ScalarValue::from(f64::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::Bytea => ScalarValue::Binary(Some(bytes.to_vec())),
        Scalar::Date => ScalarValue::Date32(Some(int()?.checked_add(moment::EPOCH_DAYS)?)),
        Scalar::Time => ScalarValue::Time64Microsecond(Some(long()?)),
        Scalar::Timestamp => ScalarValue::TimestampMicrosecond(Some(long()?.checked_add(moment::EPOCH_MICROS)?), None),
        Scalar::Timestamptz => {
            ScalarValue::TimestampMicrosecond(Some(long()?.checked_add(moment::EPOCH_MICROS)?), Some("UTC".into()))
        }
        Scalar::Interval => {
            let (micros, rest) = bytes.split_first_chunk::<8>()?;
            let (days, months) = rest.split_first_chunk::<4>()?;
            let nanos = i64::from_be_bytes(*micros).checked_mul(1_000)?;
            let months = i32::from_be_bytes(months.try_into().ok()?);
            ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(months, i32::from_be_bytes(*days), nanos)))
        }
        Scalar::Numeric => {
            let digits = number::text_of_binary(bytes)?;
            return of_text(scalar, &digits, &PgType::one(scalar).engine());
        }
        Scalar::Uuid => {
            let hex: String = <&[u8; 16]>::try_from(bytes).ok()?.iter().map(|byte| format!("{byte:02x}")).collect();
            let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
            ScalarValue::from(parts.join("-"))
        }
        Scalar::Jsonb => ScalarValue::from(std::str::from_utf8(bytes.strip_prefix(&[1])?).ok()?),
        _ => ScalarValue::from(std::str::from_utf8(bytes).ok()?),
    })
}

/// Whether a value is one that its type has, and that can be written: the engine's own types reach further.
fn is_within(scalar: Scalar, value: &ScalarValue) -> bool {
    match value {
        ScalarValue::Int64(Some(number)) if matches!(scalar, Scalar::Oid | Scalar::Regproc) => {
            u32::try_from(*number).is_ok()
        }
        ScalarValue::Utf8(Some(text)) => !text.contains('\0'),
        ScalarValue::Time64Microsecond(Some(micros)) => (0..=moment::DAY).contains(micros),
        ScalarValue::Date32(Some(days)) => moment::DAYS.contains(days),
        ScalarValue::TimestampMicrosecond(Some(micros), _) => {
            i32::try_from(micros.div_euclid(moment::DAY)).is_ok_and(|days| moment::DAYS.contains(&days))
        }
        _ => true,
    }
}

/// The values of an array of one dimension.
fn binary_list(scalar: Scalar, bytes: &[u8]) -> Option<Vec<ScalarValue>> {
    let word = |at: usize| Some(i32::from_be_bytes(bytes.get(4 * at..4 * at + 4)?.try_into().ok()?));
    match word(0)? {
        0 => return Some(Vec::new()),
        1 => {}
        _ => return None,
    }
    let count = usize::try_from(word(3)?).ok().filter(|count| *count <= ITEMS)?;
    let mut rest = bytes.get(20..)?;
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        rest = behind;
        items.push(match i32::from_be_bytes(*length) {
            -1 => ScalarValue::try_from(&PgType::one(scalar).engine()).ok()?,
            length => {
                let (item, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                rest = behind;
                of_binary(scalar, item).filter(|value| is_within(scalar, value))?
            }
        });
    }
    rest.is_empty().then_some(items)
}

/// The values of an array of one dimension: `{a,"b c",NULL}`.
pub(super) fn text_list(text: &str) -> Option<Vec<Option<String>>> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut items = Vec::new();
    if inside.trim().is_empty() {
        return Some(items);
    }
    let mut signs = inside.chars().peekable();
    loop {
        while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
        let mut item = String::new();
        let quoted = signs.next_if_eq(&'"').is_some();
        loop {
            match signs.next() {
                Some('\\') => item.push(signs.next()?),
                Some('"') if quoted => break,
                Some('{' | '}' | '"') if !quoted => return None,
                Some(',') if !quoted => {
                    items.push(bare(&item)?);
                    break;
                }
                Some(sign) => item.push(sign),
                None if quoted => return None,
                None => {
                    items.push(bare(&item)?);
                    return (items.len() <= ITEMS).then_some(items);
                }
            }
        }
        if quoted {
            items.push(Some(item));
            while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
            match signs.next() {
                None => return (items.len() <= ITEMS).then_some(items),
                Some(',') => {}
                Some(_) => return None,
            }
        }
    }
}

/// A value without quotes; `NULL` is none, and nothing is no value.
fn bare(item: &str) -> Option<Option<String>> {
    let item = item.trim_end();
    match item {
        "" => None,
        null if null.eq_ignore_ascii_case("null") => Some(None),
        item => Some(Some(item.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn read(kind: &str, text: &str) -> Result<ScalarValue, Fault> {
        value(1, PgType::of_name(kind).unwrap(), Some(text.as_bytes()), false)
    }

    #[test]
    fn texts_are_read() {
        assert_eq!(read("int4", " 7 ").unwrap(), ScalarValue::from(7_i32));
        assert_eq!(read("bool", "off").unwrap(), ScalarValue::from(false));
        assert_eq!(read("text", " a ").unwrap(), ScalarValue::from(" a "));
        assert_eq!(read("date", "2000-01-02").unwrap(), ScalarValue::Date32(Some(10_958)));
        assert!(read("timestamptz", "2026-11-01 00:00:00+00").unwrap().to_string().starts_with("1793"));
        assert_eq!(read("bytea", "\\x00ff").unwrap(), ScalarValue::Binary(Some(vec![0, 255])));
        assert_eq!(read("interval", "00:00:00").unwrap(), read("interval", "0 days").unwrap());
        assert_eq!(read("interval", "-01:02:03.5").unwrap(), read("interval", "-3723.5 seconds").unwrap());
        assert_eq!(read("regproc", "-").unwrap(), ScalarValue::from(0_i64));
        for (kind, text) in [
            ("int4", "x"),
            ("int4", "99999999999"),
            ("bool", "maybe"),
            ("date", "soon"),
            ("bytea", "\\x0"),
            ("oid", "-1"),
            ("text", "a\0"),
            ("timestamp", "-4713-01-01 00:00:00"),
        ] {
            assert_eq!(read(kind, text).unwrap_err().code, "22P02", "{kind} {text}");
        }
    }

    #[test]
    fn bytes_are_read() {
        let read = |kind: &str, bytes: &[u8]| value(1, PgType::of_name(kind).unwrap(), Some(bytes), true);
        assert_eq!(read("int8", &7_i64.to_be_bytes()).unwrap(), ScalarValue::from(7_i64));
        assert_eq!(read("date", &1_i32.to_be_bytes()).unwrap(), ScalarValue::Date32(Some(10_958)));
        let half = [0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0x13, 0x88];
        assert_eq!(read("numeric", &half).unwrap().to_string(), "1.5000000000000000");
        let array = [1, 0, 25, 2, 1].map(i32::to_be_bytes).concat();
        let array = [&array[..], &[0, 0, 0, 1, b'a', 0xff, 0xff, 0xff, 0xff]].concat();
        // Nothing is shown as nothing.
        assert_eq!(read("_text", &array).unwrap().to_string(), "[a, ]");
        for (kind, bytes) in [
            ("int8", &[1][..]),
            ("text", &[0xff]),
            ("text", &[0]),
            ("_text", &[0, 0, 0, 1]),
            ("uuid", &[1]),
            ("time", &[0xff; 8]),
            ("date", &[0x7f, 0, 0, 0]),
            ("timestamp", &[0x40, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(read(kind, bytes).unwrap_err().code, "22P03", "{kind}");
        }
    }

    #[test]
    fn arrays_are_read() {
        let some = |items: &[&str]| Some(items.iter().map(|item| Some((*item).to_owned())).collect::<Vec<_>>());
        assert_eq!(text_list("{}"), Some(vec![]));
        assert_eq!(text_list("{a, b}"), some(&["a", "b"]));
        assert_eq!(text_list(r#"{"a,\"b\"",c}"#), some(&["a,\"b\"", "c"]));
        assert_eq!(text_list("{NULL}"), Some(vec![None]));
        for bad in ["", "a", "{a", "{a,}", "{{a}}", "{\"a}", "{\"a\"b}"] {
            assert_eq!(text_list(bad), None, "{bad}");
        }
        assert_eq!(read("_int4", "{1,2}").unwrap().to_string(), "[1, 2]");
    }
}
