//! `bucket(width, at [, zone])`: the beginning of the stretch of time in which a moment lies, by the clocks of a zone.
//!
//! Days, weeks (from Monday), months, quarters and years begin at midnight there; hours and minutes where a clock on the wall shows a whole
//! one. So a day has 23 or 25 hours where clocks are set, and an hour that is shown twice is two.

use std::{ops::Range, str::FromStr, sync::Arc};

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _, TimestampMicrosecondArray},
    datatypes::{DataType, TimestampMicrosecondType},
};
use datafusion::{
    common::{Result, ScalarValue, exec_err},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility},
};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time, date},
    tz::TimeZone,
};

use crate::rows::moment_type;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// The most units of a width.
const MOST: i64 = 1_000;

/// How long a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// Seconds that an hour or a day is a multiple of.
    Seconds(i64),
    /// Days from a first one.
    Days(i64, Date),
    /// Months from January of the year 0.
    Months(i64),
}

impl FromStr for Width {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, &'static str> {
        let mut words = text.split_whitespace();
        let (Some(number), Some(unit), None) = (words.next(), words.next(), words.next()) else {
            return Err("the width must be a number and a unit, like '15 minutes' or '1 day'");
        };
        let number = number.parse().ok().filter(|number| (1..=MOST).contains(number));
        let number = number.ok_or("the width must be 1 to 1000 units")?;
        let seconds = |each: i64| {
            let whole = number * each;
            let divides = HOUR % whole == 0 || whole > HOUR && DAY % whole == 0;
            if divides { Ok(Width::Seconds(whole)) } else { Err("the width must divide an hour or a day") }
        };
        let unit = unit.to_ascii_lowercase();
        match unit.strip_suffix('s').unwrap_or(&unit) {
            "second" => seconds(1),
            "minute" => seconds(60),
            "hour" if number == 24 => Ok(Width::Days(1, date(1970, 1, 1))),
            "hour" => seconds(HOUR),
            "day" => Ok(Width::Days(number, date(1970, 1, 1))),
            "week" => Ok(Width::Days(7 * number, date(1970, 1, 5))),
            "month" => Ok(Width::Months(number)),
            "quarter" => Ok(Width::Months(3 * number)),
            "year" => Ok(Width::Months(12 * number)),
            _ => Err("the unit must be second, minute, hour, day, week, month, quarter or year"),
        }
    }
}

impl Width {
    /// The stretch around a moment, in microseconds since 1970. Nothing where the calendar has no such moment.
    fn around(self, micros: i64, zone: &TimeZone) -> Option<Range<i64>> {
        let moment = Timestamp::from_microsecond(micros).ok()?;
        let micros_at = |at: DateTime| Some(at.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond());
        let midnight = |day: Date| micros_at(day.to_datetime(Time::midnight()));
        match self {
            Width::Seconds(width) if width <= HOUR => {
                let shift = i64::from(zone.to_offset(moment).seconds()) * SECOND;
                let begins = micros - (micros + shift).rem_euclid(width * SECOND);
                // Clocks may be set within it.
                Some(begins..begins.max(micros) + 1)
            }
            Width::Seconds(width) => {
                let here = zone.to_datetime(moment);
                let of_day = i64::from(here.hour()) * HOUR + i64::from(here.minute()) * 60 + i64::from(here.second());
                let begins = here.date().to_datetime(Time::midnight()).checked_add((of_day / width * width).seconds());
                let begins = begins.ok()?;
                Some(micros_at(begins)?..micros_at(begins.checked_add(width.seconds()).ok()?)?)
            }
            Width::Days(width, first) => {
                let days = i64::from(first.until(zone.to_datetime(moment).date()).ok()?.get_days());
                let begins = first.checked_add(days.div_euclid(width).checked_mul(width)?.days()).ok()?;
                Some(midnight(begins)?..midnight(begins.checked_add(width.days()).ok()?)?)
            }
            Width::Months(width) => {
                let here = zone.to_datetime(moment);
                let months = i64::from(here.year()) * 12 + i64::from(here.month()) - 1;
                let first = |month: i64| {
                    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
                    midnight(Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?)
                };
                let begins = months.div_euclid(width) * width;
                Some(first(begins)?..first(begins + width)?)
            }
        }
    }
}

/// The function.
pub(crate) fn bucket() -> ScalarUDF {
    ScalarUDF::new_from_impl(Bucket {
        signature: Signature::one_of(
            vec![
                TypeSignature::Exact(vec![DataType::Utf8, moment_type()]),
                TypeSignature::Exact(vec![DataType::Utf8, moment_type(), DataType::Utf8]),
            ],
            Volatility::Immutable,
        ),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bucket {
    signature: Signature,
}

impl ScalarUDFImpl for Bucket {
    fn name(&self) -> &'static str {
        "bucket"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(moment_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let text = |argument: Option<&ColumnarValue>| match argument {
            Some(ColumnarValue::Scalar(text)) => text.try_as_str().flatten().map(str::to_owned),
            _ => None,
        };
        let Some(width) = text(args.args.first()) else {
            return exec_err!("bucket: the width must be a text that is written out, like '1 day'");
        };
        let width: Width = match width.parse() {
            Ok(width) => width,
            Err(fault) => return exec_err!("bucket: {fault}"),
        };
        let zone = match args.args.get(2) {
            None => TimeZone::UTC,
            given => match text(given).map(|name| TimeZone::get(&name)) {
                Some(Ok(zone)) => zone,
                _ => return exec_err!("bucket: the zone must be one of the IANA database, like 'Europe/Berlin'"),
            },
        };
        let Some(moments) = args.args.get(1) else { return exec_err!("bucket: there is no moment") };
        let is_one = matches!(moments, ColumnarValue::Scalar(_));
        let moments = moments.to_array(if is_one { 1 } else { args.number_rows })?;
        // Rows are mostly in the order of time: many in a row are in the same stretch.
        let mut last: Range<i64> = 0..0;
        let mut found = Vec::with_capacity(moments.len());
        for moment in moments.as_primitive::<TimestampMicrosecondType>() {
            let Some(micros) = moment else {
                found.push(None);
                continue;
            };
            if !last.contains(&micros) {
                match width.around(micros, &zone) {
                    Some(around) => last = around,
                    None => return exec_err!("bucket: a moment lies beyond the calendar"),
                }
            }
            found.push(Some(last.start));
        }
        let found: ArrayRef = Arc::new(TimestampMicrosecondArray::from(found).with_timezone("UTC"));
        if is_one {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(found))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn check(width: &str, zone: &str, at: &str, expected: &str) {
        let (width, zone): (Width, _) = (width.parse().unwrap(), TimeZone::get(zone).unwrap());
        let micros = at.parse::<Timestamp>().unwrap().as_microsecond();
        let around = width.around(micros, &zone).unwrap();
        assert!(around.contains(&micros), "{at}: {around:?}");
        assert_eq!(Timestamp::from_microsecond(around.start).unwrap().to_string(), expected, "{width:?} {at}");
    }

    #[test]
    fn stretches_begin_by_the_clocks_of_the_zone() {
        check("1 day", "UTC", "2026-11-23T23:30:00Z", "2026-11-23T00:00:00Z");
        check("1 day", "Europe/Berlin", "2026-11-23T23:30:00Z", "2026-11-23T23:00:00Z");
        check("1 day", "Asia/Kolkata", "2026-11-23T18:29:59Z", "2026-11-22T18:30:00Z");
        check("1 week", "UTC", "2026-11-22T23:00:00Z", "2026-11-16T00:00:00Z");
        check("1 week", "America/New_York", "1969-12-31T12:00:00Z", "1969-12-29T05:00:00Z");
        check("2 days", "UTC", "1969-12-31T12:00:00Z", "1969-12-30T00:00:00Z");
        check("1 month", "Australia/Sydney", "2026-10-31T13:00:00Z", "2026-10-31T13:00:00Z");
        check("1 quarter", "UTC", "2026-11-23T00:00:00Z", "2026-10-01T00:00:00Z");
        check("1 year", "Europe/Berlin", "2026-12-31T23:00:00Z", "2026-12-31T23:00:00Z");
        check("15 minutes", "Asia/Kolkata", "2026-11-23T00:07:00Z", "2026-11-23T00:00:00Z");
        check("1 hour", "Asia/Kolkata", "2026-11-23T00:07:00Z", "2026-11-22T23:30:00Z");
        check("24 hours", "Europe/Berlin", "2026-11-23T23:30:00Z", "2026-11-23T23:00:00Z");
    }

    #[test]
    fn where_clocks_are_set_days_are_longer_or_shorter() {
        // Berlin, 2026-03-29 and 2026-10-25.
        check("1 day", "Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z");
        check("1 day", "Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z");
        check("1 day", "Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z");
        check("6 hours", "Europe/Berlin", "2026-03-29T05:00:00Z", "2026-03-29T04:00:00Z");
        check("2 hours", "Europe/Berlin", "2026-03-29T01:30:00Z", "2026-03-29T01:00:00Z");
        // An hour that is shown twice is two.
        check("1 hour", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z");
        check("1 hour", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z");
        check("2 hours", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T00:00:00Z");
        // A midnight that there is not.
        check("1 day", "Africa/Cairo", "2026-04-23T22:30:00Z", "2026-04-23T22:00:00Z");
    }

    #[test]
    fn widths_are_read_strictly() {
        for wrong in [
            "",
            "day",
            "1",
            "0 days",
            "-1 day",
            "1001 days",
            "7 minutes",
            "5 hours",
            "1 day x",
            "1.5 hours",
            "1 fortnight",
        ] {
            assert!(wrong.parse::<Width>().is_err(), "{wrong}");
        }
    }
}
