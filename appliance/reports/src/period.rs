//! The period of a report: whole days of a time zone.

use charts::{Fault, Range};
use jiff::{Timestamp, ToSpan, Zoned, civil::Date, tz::TimeZone, tz::TimeZoneDatabase};

/// A period, as documents write it: `last_day`, `last_week` (from Monday), `last_month`, `last_quarter`, or two days like
/// `2026-11-01/2026-11-30`, the second one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Yesterday.
    Day,
    /// The week before this one, from Monday on.
    Week,
    /// The month before this one.
    Month,
    /// The three months before this quarter.
    Quarter,
    /// From a day to another, both included.
    Days(Date, Date),
}

/// The zone with this IANA name.
///
/// # Errors
/// When there is none.
pub(crate) fn zone(name: &str) -> Result<TimeZone, Fault> {
    let found = TimeZoneDatabase::bundled().get(name);
    found.map_err(|_| Fault::new("/zone", "must be an IANA name like `Europe/Berlin`"))
}

impl Period {
    /// Reads a period.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Period, Fault> {
        let fault =
            || Fault::new("/period", "must be last_day, last_week, last_month, last_quarter or 2026-11-01/2026-11-30");
        Ok(match text {
            "last_day" => Period::Day,
            "last_week" => Period::Week,
            "last_month" => Period::Month,
            "last_quarter" => Period::Quarter,
            _ => {
                let (first, last) = text.split_once('/').filter(|_| text.len() <= 40).ok_or_else(fault)?;
                let day = |text: &str| text.parse::<Date>().map_err(|_| fault());
                let (first, last) = (day(first)?, day(last)?);
                if last < first {
                    return Err(fault());
                }
                Period::Days(first, last)
            }
        })
    }

    /// The moments that it means at `now` (milliseconds since 1970) in a zone: from midnight to midnight there, also on days that
    /// have 23 or 25 hours.
    ///
    /// # Errors
    /// When the zone is not known, or the calendar ends.
    pub fn range(self, zone_name: &str, now: i64) -> Result<Range, Fault> {
        let zone = zone(zone_name)?;
        let fault = || Fault::new("/period", "lies beyond the calendar");
        let today = Timestamp::from_millisecond(now).map_err(|_| fault())?.to_zoned(zone.clone()).date();
        let (first, behind) = self.days(today).ok_or_else(fault)?;
        let midnight = |day: Date| day.to_zoned(zone.clone()).and_then(|day: Zoned| day.start_of_day());
        let (from, to) = (midnight(first).map_err(|_| fault())?, midnight(behind).map_err(|_| fault())?);
        Range::between(from.timestamp().as_millisecond(), to.timestamp().as_millisecond()).ok_or_else(fault)
    }

    /// The first day, and the one behind the last.
    fn days(self, today: Date) -> Option<(Date, Date)> {
        let back = |day: Date, span: jiff::Span| day.checked_sub(span).ok();
        Some(match self {
            Period::Day => (today.yesterday().ok()?, today),
            Period::Week => {
                let monday = back(today, i64::from(today.weekday().to_monday_zero_offset()).days())?;
                (back(monday, 7.days())?, monday)
            }
            Period::Month => (back(today.first_of_month(), 1.month())?, today.first_of_month()),
            Period::Quarter => {
                let into = i64::from((today.month() - 1) % 3);
                let first = back(today.first_of_month(), into.months())?;
                (back(first, 3.months())?, first)
            }
            Period::Days(first, last) => (first, last.tomorrow().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn check(text: &str, zone: &str, now: &str, from: &str, to: &str, bucket: &str) {
        let now: Timestamp = now.parse().unwrap();
        let range = Period::read(text).unwrap().range(zone, now.as_millisecond()).unwrap();
        let at = |millis| Timestamp::from_millisecond(millis).unwrap().to_string();
        assert_eq!(
            (at(range.from).as_str(), at(range.to).as_str(), range.bucket),
            (from, to, bucket),
            "{text} in {zone}"
        );
    }

    #[test]
    fn periods_are_whole_days_of_the_zone() {
        let now = "2027-01-15T08:00:00Z";
        check("last_day", "UTC", now, "2027-01-14T00:00:00Z", "2027-01-15T00:00:00Z", "hour");
        check("last_week", "UTC", now, "2027-01-04T00:00:00Z", "2027-01-11T00:00:00Z", "day");
        check("last_month", "UTC", now, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "day");
        check("last_quarter", "UTC", now, "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z", "day");
        check("2026-11-01/2026-11-30", "UTC", now, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "day");
        check("last_month", "Asia/Kolkata", now, "2026-11-30T18:30:00Z", "2026-12-31T18:30:00Z", "day");
        // Just after midnight in Sydney it is another day than in New York.
        let now = "2027-01-31T13:30:00Z";
        check("last_month", "Australia/Sydney", now, "2026-12-31T13:00:00Z", "2027-01-31T13:00:00Z", "day");
        check("last_month", "America/New_York", now, "2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z", "day");
    }

    #[test]
    fn days_on_which_clocks_are_put_have_their_own_length() {
        let hours = |zone: &str, day: &str| {
            let range = Period::read(&format!("{day}/{day}")).unwrap().range(zone, 0).unwrap();
            (range.to - range.from) / 3_600_000
        };
        for (zone, forward, back) in [
            ("Europe/Berlin", "2027-03-28", "2027-10-31"),
            ("America/New_York", "2027-03-14", "2027-11-07"),
            ("Australia/Sydney", "2027-10-03", "2027-04-04"),
        ] {
            assert_eq!((hours(zone, forward), hours(zone, back)), (23, 25), "{zone}");
        }
        assert_eq!(hours("Asia/Kolkata", "2027-03-28"), 24);
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in ["", "last", "last_year", "2026-11-30/2026-11-01", "2026-11-01", "2026-13-01/2026-13-02"] {
            assert!(Period::read(text).is_err(), "{text}");
        }
        assert!(Period::Day.range("Mars/Olympus", 0).is_err());
    }
}
