//! Times as PostgreSQL writes them: ISO 8601 with a blank, in UTC.

use std::{fmt::Write as _, ops::RangeInclusive};

use arrow::datatypes::IntervalMonthDayNano;
use bytes::BytesMut;

/// Days from 1970 to 2000, where PostgreSQL begins to count.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(super) const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * DAY;
/// A day in microseconds.
pub(super) const DAY: i64 = 86_400_000_000;
/// The days that clients may name, counted from 1970: those of the years 1 to 9999.
pub(super) const DAYS: RangeInclusive<i32> = -719_162..=2_932_896;

/// A day, counted from 1970.
pub(super) fn date(days: i32, out: &mut BytesMut) {
    let (year, month, day) = civil(i64::from(days));
    // There is no year 0: before 1 comes 1 BC.
    let (shown, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let _ = write!(out, "{shown:04}-{month:02}-{day:02}{era}");
}

/// Year, month and day of a day counted from 1970, in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A time of day in microseconds.
pub(super) fn time(micros: i64, out: &mut BytesMut) {
    let seconds = micros.div_euclid(1_000_000);
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    fraction(micros.rem_euclid(1_000_000), out);
}

fn fraction(micros: i64, out: &mut BytesMut) {
    if micros > 0 {
        let digits = format!("{micros:06}");
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}

/// A moment in microseconds since 1970.
pub(super) fn timestamp(micros: i64, out: &mut BytesMut) {
    // In range, since a day is many microseconds.
    date(i32::try_from(micros.div_euclid(DAY)).unwrap_or(i32::MAX), out);
    let _ = out.write_char(' ');
    time(micros.rem_euclid(DAY), out);
}

/// A span of time in the style `postgres`.
pub(super) fn interval(span: IntervalMonthDayNano, out: &mut BytesMut) {
    let mut parts = Vec::new();
    let mut part = |count: i64, name: &str| {
        if count != 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    };
    let months = i64::from(span.months);
    part(months / 12, "year");
    part(months % 12, "mon");
    part(i64::from(span.days), "day");
    let micros = span.nanoseconds / 1_000;
    if micros != 0 || parts.is_empty() {
        let mut clock = BytesMut::new();
        time(micros.saturating_abs(), &mut clock);
        // A span below zero behind one above it says so.
        parts.push(format!("{}{}", if micros < 0 { "-" } else { "" }, String::from_utf8_lossy(&clock)));
    }
    let _ = out.write_str(&parts.join(" "));
}

/// A span of time with its clock, `-01:30:00.5`, as hours, minutes and seconds: the engine reads only amounts with units. Nothing
/// where the clock is none.
pub(super) fn in_units(span: &str) -> Option<String> {
    let Some((before, clock)) = span.rsplit_once(' ').or(Some(("", span))).filter(|(_, clock)| clock.contains(':'))
    else {
        return Some(span.to_owned());
    };
    let (sign, clock) = match clock.strip_prefix('-') {
        Some(clock) => ("-", clock),
        None => ("", clock.strip_prefix('+').unwrap_or(clock)),
    };
    let is_number = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
    let mut parts = clock.splitn(3, ':').map(|part| Some(part).filter(is_number));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some("0"))?);
    let clock = format!("{sign}{hours} hours {sign}{minutes} minutes {sign}{seconds} seconds");
    Some(if before.is_empty() { clock } else { format!("{before} {clock}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(write: impl Fn(&mut BytesMut)) -> String {
        let mut out = BytesMut::new();
        write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn days_and_moments() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (EPOCH_DAYS, "2000-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (*DAYS.start(), "0001-01-01"),
            (*DAYS.end(), "9999-12-31"),
            (-719_163, "0001-12-31 BC"),
        ] {
            assert_eq!(shown(|out| date(days, out)), expected);
        }
        assert_eq!(shown(|out| timestamp(1_500_000, out)), "1970-01-01 00:00:01.5");
        assert_eq!(shown(|out| timestamp(-1, out)), "1969-12-31 23:59:59.999999");
    }

    #[test]
    fn spans() {
        for (months, days, nanos, expected) in [
            (0, 0, 0, "00:00:00"),
            (14, 3, 4_000_000_000, "1 year 2 mons 3 days 00:00:04"),
            (0, -1, 0, "-1 days"),
            (0, 0, -90_500_000_000, "-00:01:30.5"),
            (0, 0, 360_000_000_000_000, "100:00:00"),
        ] {
            let span = IntervalMonthDayNano::new(months, days, nanos);
            assert_eq!(shown(|out| interval(span, out)), expected);
        }
    }
}
