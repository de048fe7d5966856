//! When a schedule is due: pure arithmetic over the zones that come with the binary.

use std::time::Duration;

use jiff::{
    ToSpan,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cadence {
    /// Every so many minutes from the start on, 1 to 1,440. Clocks that are put forward or back change nothing.
    Minutes(u32),
    /// Every so many hours from the start on, 1 to 168.
    Hours(u32),
    /// Every so many days from the start's on, 1 to 366, at this time on the wall.
    Days {
        /// How many.
        every: u32,
        /// The time.
        at: TimeOfDay,
    },
    /// On these days of the week, at this time on the wall.
    Weekly {
        /// The days.
        on: Weekdays,
        /// The time.
        at: TimeOfDay,
    },
    /// On this day of every month, at this time on the wall.
    Monthly {
        /// The day, 1 to 31; the last one of months that have fewer.
        day: u8,
        /// The time.
        at: TimeOfDay,
    },
}

/// A time on the wall. On a day on which it does not come (clocks put forward) it counts as much later as the clocks were put;
/// on a day on which it comes twice, the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to Friday.
    pub const WORKING: Weekdays = Weekdays(0b001_1111);

    /// These: 0 is Monday, 6 is Sunday. Nothing where there are none, or where one is no day.
    pub fn of(days: &[u8]) -> Option<Self> {
        let bits = days.iter().try_fold(0u8, |bits, day| (*day < 7).then(|| bits | 1 << day))?;
        (bits != 0).then_some(Weekdays(bits))
    }

    /// The days, 0 for Monday.
    pub fn days(self) -> Vec<u8> {
        (0..7).filter(|day| self.contains(*day)).map(|day| day as u8).collect()
    }

    fn contains(self, monday_zero: i8) -> bool {
        self.0 >> monday_zero & 1 == 1
    }
}

/// The zone with this IANA name, like `Europe/Berlin`.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

impl Cadence {
    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let time = |at: &TimeOfDay| (at.hour > 23 || at.minute > 59).then_some("the time must be 00:00 to 23:59");
        match self {
            Cadence::Minutes(every) => (!(1..=1_440).contains(every)).then_some("must be every 1 to 1440 minutes"),
            Cadence::Hours(every) => (!(1..=168).contains(every)).then_some("must be every 1 to 168 hours"),
            Cadence::Days { every, .. } if !(1..=366).contains(every) => Some("must be every 1 to 366 days"),
            Cadence::Weekly { on: Weekdays(on), .. } if !(1..=0b111_1111).contains(on) => {
                Some("must be on days of the week")
            }
            Cadence::Monthly { day, .. } if !(1..=31).contains(day) => Some("must be on day 1 to 31 of the month"),
            Cadence::Days { at, .. } | Cadence::Weekly { at, .. } | Cadence::Monthly { at, .. } => time(at),
        }
    }

    /// The first time after `after`, counted from `start`; nothing when the calendar ends before.
    pub(crate) fn next(&self, start: Timestamp, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Cadence::Minutes(every) => elapsed(start, after, Duration::from_secs(u64::from(*every) * 60)),
            Cadence::Hours(every) => elapsed(start, after, Duration::from_secs(u64::from(*every) * 3_600)),
            Cadence::Days { every, at } => {
                let first = local_date(start, zone)?;
                let every = i64::from(*every).max(1);
                let passed = i64::from(first.until(local_date(after, zone)?).ok()?.get_days()).max(0);
                // The last date of the row that is not after today, or the one after it.
                let mut date = first.checked_add((passed - passed % every).days()).ok()?;
                loop {
                    let moment = at.on(date, zone)?;
                    if moment > after {
                        return Some(moment);
                    }
                    date = date.checked_add(every.days()).ok()?;
                }
            }
            Cadence::Weekly { on, at } => {
                let mut date = local_date(after, zone)?;
                // Today's time may be over, so that a week from today is the last that can be.
                for _ in 0..=7 {
                    if on.contains(date.weekday().to_monday_zero_offset())
                        && let moment = at.on(date, zone)?
                        && moment > after
                    {
                        return Some(moment);
                    }
                    date = date.tomorrow().ok()?;
                }
                None
            }
            Cadence::Monthly { day, at } => {
                let mut month = local_date(after, zone)?.first_of_month();
                // This month's day may be over.
                for _ in 0..=1 {
                    let last = month.days_in_month();
                    let date = month.with().day(i8::try_from(*day).unwrap_or(last).min(last)).build().ok()?;
                    let moment = at.on(date, zone)?;
                    if moment > after {
                        return Some(moment);
                    }
                    month = month.checked_add(1.month()).ok()?;
                }
                None
            }
        }
    }
}

impl TimeOfDay {
    fn on(self, date: Date, zone: &TimeZone) -> Option<Timestamp> {
        let wall = date.at(self.hour as i8, self.minute as i8, 0, 0);
        let moment = zone.to_ambiguous_timestamp(wall).compatible().ok()?;
        Some(Timestamp::from_millis(u64::try_from(moment.as_millisecond()).ok()?))
    }
}

fn elapsed(start: Timestamp, after: Timestamp, every: Duration) -> Option<Timestamp> {
    if after < start {
        return Some(start);
    }
    let every = u64::try_from(every.as_millis()).ok().filter(|every| *every > 0)?;
    let passed = (after.millis() - start.millis()) / every;
    let millis = passed.checked_add(1)?.checked_mul(every)?.checked_add(start.millis())?;
    Some(Timestamp::from_millis(millis))
}

fn local_date(moment: Timestamp, zone: &TimeZone) -> Option<Date> {
    let moment = jiff::Timestamp::from_millisecond(i64::try_from(moment.millis()).ok()?).ok()?;
    Some(zone.to_datetime(moment).date())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        let parsed: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_millis(parsed.as_millisecond() as u64)
    }

    /// The times after `after` are `expected`, one after the other.
    fn check(cadence: Cadence, start: &str, name: &str, after: &str, expected: &[&str]) {
        assert_eq!(cadence.fault(), None);
        let zone = zone(name).unwrap();
        let mut now = moment(after);
        for next in expected {
            now = cadence.next(moment(start), now, &zone).unwrap();
            assert_eq!(now, moment(next), "{cadence:?} in {name}: expected {next}, not {}", show(now));
        }
    }

    fn show(at: Timestamp) -> String {
        jiff::Timestamp::from_millisecond(at.millis() as i64).unwrap().to_string()
    }

    const fn at(hour: u8, minute: u8) -> TimeOfDay {
        TimeOfDay { hour, minute }
    }

    #[test]
    fn a_time_that_the_clocks_skip_comes_an_hour_later_once() {
        // Berlin, 29 March 2026: 02:00 becomes 03:00.
        check(
            Cadence::Days { every: 1, at: at(2, 30) },
            "2026-03-01T00:00:00Z",
            "Europe/Berlin",
            "2026-03-27T12:00:00Z",
            &["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"],
        );
    }

    #[test]
    fn a_time_that_comes_twice_counts_once() {
        // Berlin, 25 October 2026: 03:00 becomes 02:00.
        check(
            Cadence::Days { every: 1, at: at(2, 30) },
            "2026-10-01T00:00:00Z",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        );
        // New York, 1 November 2026, on Sundays.
        check(
            Cadence::Weekly { on: Weekdays::of(&[6]).unwrap(), at: at(1, 30) },
            "2026-10-01T00:00:00Z",
            "America/New_York",
            "2026-10-30T00:00:00Z",
            &["2026-11-01T05:30:00Z", "2026-11-08T06:30:00Z"],
        );
    }

    #[test]
    fn half_an_hour_of_summer_time_and_half_an_hour_off_the_hour() {
        // Lord Howe Island, 4 October 2026: 02:00 becomes 02:30.
        check(
            Cadence::Days { every: 1, at: at(2, 15) },
            "2026-10-01T00:00:00Z",
            "Australia/Lord_Howe",
            "2026-10-03T00:00:00Z",
            &["2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"],
        );
        check(
            Cadence::Weekly { on: Weekdays::WORKING, at: at(9, 0) },
            "2026-01-01T00:00:00Z",
            "Asia/Kolkata",
            "2026-11-20T00:00:00Z",
            &["2026-11-20T03:30:00Z", "2026-11-23T03:30:00Z", "2026-11-24T03:30:00Z"],
        );
    }

    #[test]
    fn both_ways_of_putting_clocks_in_the_south_and_none() {
        // Sydney, 4 October 2026: 02:00 becomes 03:00; 4 April 2027: 03:00 becomes 02:00.
        let daily = Cadence::Days { every: 1, at: at(2, 30) };
        let name = "Australia/Sydney";
        check(
            daily,
            "2026-01-01T00:00:00Z",
            name,
            "2026-10-02T20:00:00Z",
            &["2026-10-03T16:30:00Z", "2026-10-04T15:30:00Z"],
        );
        check(
            daily,
            "2026-01-01T00:00:00Z",
            name,
            "2027-04-02T20:00:00Z",
            &["2027-04-03T15:30:00Z", "2027-04-04T16:30:00Z"],
        );
        // New York, 14 March 2027: 02:00 becomes 03:00.
        let name = "America/New_York";
        check(
            daily,
            "2026-01-01T00:00:00Z",
            name,
            "2027-03-13T12:00:00Z",
            &["2027-03-14T07:30:00Z", "2027-03-15T06:30:00Z"],
        );
        check(
            daily,
            "2026-01-01T00:00:00Z",
            "Asia/Kolkata",
            "2027-03-13T22:00:00Z",
            &["2027-03-14T21:00:00Z", "2027-03-15T21:00:00Z"],
        );
    }

    #[test]
    fn a_day_of_the_month_is_the_last_one_where_there_are_fewer() {
        check(
            Cadence::Monthly { day: 31, at: at(7, 0) },
            "2026-01-01T00:00:00Z",
            "Europe/Berlin",
            "2027-01-31T07:00:00Z",
            &["2027-02-28T06:00:00Z", "2027-03-31T05:00:00Z", "2027-04-30T05:00:00Z"],
        );
        check(
            Cadence::Monthly { day: 1, at: at(0, 0) },
            "2026-01-01T00:00:00Z",
            "Australia/Sydney",
            "2026-12-31T12:59:59Z",
            &["2026-12-31T13:00:00Z", "2027-01-31T13:00:00Z"],
        );
    }

    #[test]
    fn minutes_and_hours_pass_as_they_do() {
        check(
            Cadence::Hours(6),
            "2026-03-28T20:00:00Z",
            "Europe/Berlin",
            "2026-03-28T21:00:00Z",
            &["2026-03-29T02:00:00Z", "2026-03-29T08:00:00Z"],
        );
        check(
            Cadence::Minutes(15),
            "2026-03-28T20:00:00Z",
            "UTC",
            "2026-03-28T20:00:00Z",
            &["2026-03-28T20:15:00Z", "2026-03-28T20:30:00Z"],
        );
    }

    #[test]
    fn every_third_day_keeps_its_row() {
        check(
            Cadence::Days { every: 3, at: at(8, 0) },
            "2026-01-01T00:00:00Z",
            "UTC",
            "2026-01-05T00:00:00Z",
            &["2026-01-07T08:00:00Z", "2026-01-10T08:00:00Z"],
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in [
            Cadence::Minutes(0),
            Cadence::Minutes(1_441),
            Cadence::Hours(0),
            Cadence::Days { every: 0, at: at(1, 0) },
            Cadence::Days { every: 1, at: at(24, 0) },
            Cadence::Weekly { on: Weekdays(0), at: at(1, 0) },
            Cadence::Weekly { on: Weekdays(0xFF), at: at(1, 0) },
            Cadence::Weekly { on: Weekdays::WORKING, at: at(1, 60) },
            Cadence::Monthly { day: 0, at: at(1, 0) },
            Cadence::Monthly { day: 32, at: at(1, 0) },
        ] {
            assert!(bad.fault().is_some(), "{bad:?}");
        }
        assert!(zone("Europe/Atlantis").is_none() && zone("../etc/passwd").is_none());
        assert!(Weekdays::of(&[]).is_none() && Weekdays::of(&[7]).is_none());
    }

    proptest! {
        #[test]
        fn the_next_time_is_later_and_not_too_late(
            after in 0..4_000_000_000_000u64, start in 0..4_000_000_000_000u64,
            hour in 0..24u8, minute in 0..60u8, every in 1..30u32, on in 1..128u8, pick in 0..5u8, zone_pick in 0..4usize,
        ) {
            let name = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"][zone_pick];
            let zone = zone(name).unwrap();
            let at = at(hour, minute);
            let (cadence, days) = match pick {
                0 => (Cadence::Minutes(every), 1),
                1 => (Cadence::Hours(every), 2),
                2 => (Cadence::Days { every, at }, every + 1),
                3 => (Cadence::Monthly { day: every as u8, at }, 32),
                _ => (Cadence::Weekly { on: Weekdays(on), at }, 9),
            };
            let (start, after) = (Timestamp::from_millis(start), Timestamp::from_millis(after));
            let next = cadence.next(start, after, &zone).unwrap();
            prop_assert!(next > after);
            let longest = Duration::from_secs(86_400 * u64::from(days + 1));
            prop_assert!(next <= start.max(after).after(longest), "{cadence:?} {name}: {} after {}", show(next), show(after));
            // Nothing lies between: from just before it, it is still the next.
            let before = Timestamp::from_millis(next.millis() - 1);
            prop_assert_eq!(cadence.next(start, before.max(after), &zone).unwrap(), next);
        }
    }
}
