//! Numbers as PostgreSQL writes them.

use std::fmt::Write as _;

use bytes::{BufMut as _, BytesMut};

use super::fault::Fault;

pub(super) fn out_of_range() -> Fault {
    Fault::new("22003", "a number of the answer is out of range of its type; cast it to text")
}

/// A number with the fewest digits that name it.
pub(super) fn float8(value: f64, out: &mut BytesMut) {
    float(value.is_nan(), value.is_infinite(), value.is_sign_negative(), &format!("{:e}", value.abs()), 15, out);
}

/// The same of half the width.
pub(super) fn float4(value: f32, out: &mut BytesMut) {
    float(value.is_nan(), value.is_infinite(), value.is_sign_negative(), &format!("{:e}", value.abs()), 6, out);
}

/// PostgreSQL writes an exponent below -4, and from the type's safe digits on.
fn float(nan: bool, infinite: bool, negative: bool, scientific: &str, digits: i32, out: &mut BytesMut) {
    if nan {
        out.put_slice(b"NaN");
        return;
    }
    if negative {
        out.put_u8(b'-');
    }
    if infinite {
        out.put_slice(b"Infinity");
        return;
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if exponent < -4 || exponent >= digits {
        let _ = write!(out, "{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
        return;
    }
    let bare: String = mantissa.chars().filter(|sign| *sign != '.').collect();
    if exponent < 0 {
        let _ = write!(out, "0.{}{bare}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or_default()));
        return;
    }
    let whole = usize::try_from(exponent).unwrap_or_default() + 1;
    if bare.len() <= whole {
        let _ = write!(out, "{bare}{}", "0".repeat(whole - bare.len()));
    } else {
        let _ = write!(out, "{}.{}", &bare[..whole], &bare[whole..]);
    }
}

/// A decimal with `scale` places.
pub(super) fn decimal(value: i128, scale: i8, out: &mut BytesMut) {
    let digits = value.unsigned_abs().to_string();
    if value < 0 {
        out.put_u8(b'-');
    }
    match usize::try_from(scale) {
        Ok(0) => out.put_slice(digits.as_bytes()),
        Ok(scale) => {
            let digits = format!("{digits:0>width$}", width = scale + 1);
            let (whole, places) = digits.split_at(digits.len() - scale);
            let _ = write!(out, "{whole}.{places}");
        }
        Err(_) => {
            let _ = write!(out, "{digits}{}", "0".repeat(usize::from(scale.unsigned_abs())));
        }
    }
}

/// The same in binary: digits of base 10,000, their place, the sign, how many places are shown.
pub(super) fn binary(value: i128, scale: i8, out: &mut BytesMut) {
    let mut text = BytesMut::new();
    decimal(value, scale, &mut text);
    binary_of_text(&String::from_utf8_lossy(&text), out);
}

/// A decimal in digits as binary.
pub(super) fn binary_of_text(text: &str, out: &mut BytesMut) {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let whole = format!("{:0>width$}", whole, width = whole.len().next_multiple_of(4));
    let behind = format!("{:0<width$}", places, width = places.len().next_multiple_of(4));
    let all = format!("{whole}{behind}");
    let groups: Vec<i16> = all
        .as_bytes()
        .chunks(4)
        .map(|group| group.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
        .collect();
    let first = groups.iter().position(|group| *group != 0).unwrap_or(groups.len());
    let last = groups.iter().rposition(|group| *group != 0).map_or(first, |last| last + 1);
    let kept = &groups[first..last];
    let small = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
    let weight = if kept.is_empty() { 0 } else { small(whole.len() / 4) - small(first) - 1 };
    out.put_i16(small(kept.len()));
    out.put_i16(weight);
    out.put_u16(if negative && !kept.is_empty() { 0x4000 } else { 0 });
    out.put_i16(small(places.len()));
    kept.iter().for_each(|group| out.put_i16(*group));
}

/// A decimal in binary as digits; nothing where it is none.
pub(super) fn text_of_binary(bytes: &[u8]) -> Option<String> {
    let word = |at: usize| Some(i16::from_be_bytes([*bytes.get(2 * at)?, *bytes.get(2 * at + 1)?]));
    let (count, weight, sign, places) = (word(0)?, word(1)?, word(2)?, word(3)?);
    let (count, places) = (usize::try_from(count).ok()?, usize::try_from(places).ok()?);
    if bytes.len() != 8 + 2 * count || count > 64 || places > 64 || !(-16..=16).contains(&weight) {
        return None;
    }
    let negative = match sign {
        0 => false,
        0x4000 => true,
        _ => return None,
    };
    let group = |place: i16| -> Option<i16> {
        let at = usize::try_from(weight - place).ok().filter(|at| *at < count);
        at.map_or(Some(0), |at| word(4 + at).filter(|group| (0..10_000).contains(group)))
    };
    let mut text = String::from(if negative { "-" } else { "" });
    for place in (0..=weight.max(0)).rev() {
        let _ = write!(text, "{:04}", group(place)?);
    }
    let mut behind = String::new();
    for place in 1..=i16::try_from(places.div_ceil(4)).ok()? {
        let _ = write!(behind, "{:04}", group(-place)?);
    }
    behind.truncate(places);
    if places > 0 {
        let _ = write!(text, ".{behind}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn floats() {
        let shown = |value: f64| {
            let mut out = BytesMut::new();
            float8(value, &mut out);
            String::from_utf8(out.to_vec()).unwrap()
        };
        // As PostgreSQL 15 writes them.
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (-1.5, "-1.5"),
            (100_000_000_000_000.0, "100000000000000"),
            (1e15, "1e+15"),
            (1_234_567_890_123_456.0, "1.234567890123456e+15"),
            (0.0001, "0.0001"),
            (0.000_012, "1.2e-05"),
            (1e300, "1e+300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(shown(value), expected);
        }
        let mut out = BytesMut::new();
        float4(1_000_000.0, &mut out);
        assert_eq!(&out[..], b"1e+06");
    }

    #[test]
    fn decimals_as_text_and_in_binary() {
        for (value, scale, expected) in [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (-123_456, 2, "-1234.56"),
            (12_345_678_901_234_567_890, 12, "12345678.901234567890"),
            (7, -2, "700"),
            (10_000, 0, "10000"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
        ] {
            let mut text = BytesMut::new();
            decimal(value, scale, &mut text);
            assert_eq!(&text[..], expected.as_bytes());
            let mut bytes = BytesMut::new();
            binary(value, scale, &mut bytes);
            let back = text_of_binary(&bytes).unwrap();
            let sign = if back.starts_with('-') { "-" } else { "" };
            let bare = back.trim_start_matches('-').trim_start_matches('0');
            let bare = if bare.is_empty() || bare.starts_with('.') { format!("0{bare}") } else { bare.to_owned() };
            assert_eq!(format!("{sign}{bare}"), expected);
        }
        // 12345.678: the digits 1, 2345, 6780.
        let mut bytes = BytesMut::new();
        binary(12_345_678, 3, &mut bytes);
        let words: Vec<i16> = bytes.chunks(2).map(|word| i16::from_be_bytes([word[0], word[1]])).collect();
        assert_eq!(words, [3, 1, 0, 3, 1, 2345, 6780]);
        for bad in [&[][..], &[0, 1, 0, 0, 0, 0, 0, 0], &[0xff; 8], &[0, 0, 0, 0, 0xc0, 0, 0, 0]] {
            assert_eq!(text_of_binary(bad), None);
        }
    }
}
