//! Rendered minutes a calendar month.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};

/// A calendar month in UTC: years since 0 times twelve, and the months since January.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Month(u64);

impl Month {
    /// The month of a moment.
    pub fn of(at: Timestamp) -> Self {
        // Civil date from a day number, by Howard Hinnant's `civil_from_days`, for days since 1970 only.
        let days = at.millis() / 86_400_000 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on.
        let month = (5 * day_of_year + 2) / 153;
        let (month, year) = if month < 10 { (month + 2, 0) } else { (month - 10, 1) };
        Month((era * 400 + year_of_era + year) * 12 + month)
    }
}

/// How much was rendered in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Rendered {
    month: Month,
    millis: u64,
}

impl Record for Rendered {
    const NAME: &'static str = "rendered month";
    const NUMBER: u8 = 113;
    type Key = u64;
    fn key(&self) -> u64 {
        self.month.0
    }
}

/// Milliseconds of video that were rendered in `month`.
pub fn rendered_ms(read: &impl Read, month: Month) -> Result<u64, ReadError> {
    Ok(read.get::<Rendered>(&month.0)?.map_or(0, |rendered| rendered.millis))
}

/// Counts a rendered video.
pub(super) fn count(tx: &mut Tx<'_>, millis: u64) -> Result<(), WriteError> {
    let month = Month::of(tx.now());
    let before = rendered_ms(tx, month)?;
    tx.put(&Rendered { month, millis: before.saturating_add(millis) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        let check = |seconds: u64, year: u64, month: u64| {
            assert_eq!(Month::of(Timestamp::from_millis(seconds * 1_000)), Month(year * 12 + month - 1), "{seconds}");
        };
        check(0, 1970, 1);
        check(951_782_399, 2000, 2);
        check(951_782_400, 2000, 2);
        check(951_868_800, 2000, 3);
        check(1_735_689_599, 2024, 12);
        check(1_735_689_600, 2025, 1);
        check(1_800_000_000, 2027, 1);
    }
}
