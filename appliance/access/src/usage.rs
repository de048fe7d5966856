//! What a tenant has used of what its plan allows, counted in the commit that uses it.
//!
//! The counts lie in the tenant's own file, so they are as durable as what they count. What is allowed comes as an argument: it
//! is the plan's, which the register of tenants knows.

use model::{ErrorKind, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Read, ReadError, Record, Tx, WriteError};

/// What a tenant may use. Zero in an agreement means none, not unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Rendered minutes a calendar month (UTC).
    pub minutes_per_month: u64,
    /// Stored bytes.
    pub storage_bytes: u64,
    /// The height of a video's frames, in pixels.
    pub max_height_px: u32,
    /// Jobs that run at the same time.
    pub concurrent_jobs: u32,
    /// Users that are not removed.
    pub seats: u32,
    /// Requests a second over all users and keys.
    pub requests_per_second: u32,
    /// Projects, those in the trash too.
    pub projects: u32,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meter {
    /// Users that are not removed.
    Seats,
    /// Projects, those in the trash too.
    Projects,
    /// Bytes of stored files.
    StorageBytes,
    /// Seconds of rendered video, by month.
    VideoSeconds,
}

impl Meter {
    /// Every meter.
    pub const ALL: &[Meter] = &[Meter::Seats, Meter::Projects, Meter::StorageBytes, Meter::VideoSeconds];

    /// The name of its limit.
    pub const fn limit(self) -> &'static str {
        match self {
            Meter::Seats => "seats",
            Meter::Projects => "projects",
            Meter::StorageBytes => "storage_bytes",
            Meter::VideoSeconds => "minutes_per_month",
        }
    }

    /// How much of it `limits` allow, in the meter's unit.
    pub const fn allowed(self, limits: &Limits) -> u64 {
        match self {
            Meter::Seats => limits.seats as u64,
            Meter::Projects => limits.projects as u64,
            Meter::StorageBytes => limits.storage_bytes,
            Meter::VideoSeconds => limits.minutes_per_month.saturating_mul(60),
        }
    }

    /// What is used of it at `now` and what `limits` allow, in the unit of its limit.
    ///
    /// # Errors
    /// When the count cannot be read.
    pub fn of(self, read: &impl Read, now: Timestamp, limits: &Limits) -> Result<(u64, u64), ReadError> {
        Ok((self.shown(used(read, self, now)?), self.shown(self.allowed(limits))))
    }

    /// An amount in the unit of its limit, what is begun counted whole.
    const fn shown(self, amount: u64) -> u64 {
        if matches!(self, Meter::VideoSeconds) { amount.div_ceil(60) } else { amount }
    }
}

/// What a tenant has and uses at present. One record a tenant; without one it uses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Users that are not removed.
    pub seats: u64,
    /// Projects.
    pub projects: u64,
    /// Bytes of stored files.
    pub storage_bytes: u64,
}

impl Record for Usage {
    const NAME: &'static str = "usage";
    const NUMBER: u8 = 140;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// What a tenant has used in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthUsage {
    /// The month, as [`month`] numbers it.
    pub month: u64,
    /// Seconds of rendered video.
    pub video_seconds: u64,
}

impl Record for MonthUsage {
    const NAME: &'static str = "usage of a month";
    const NUMBER: u8 = 141;
    type Key = u64;
    fn key(&self) -> u64 {
        self.month
    }
}

/// How long bytes were stored, as far as that is not counted as used yet. Without one nothing was stored since counting began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredTime {
    /// Until when it is known.
    until: Timestamp,
    /// Bytes times milliseconds.
    byte_ms: u128,
}

impl Record for StoredTime {
    const NAME: &'static str = "time of stored bytes";
    const NUMBER: u8 = 165;
    type Key = u64;
    fn key(&self) -> u64 {
        0
    }
}

/// Why something cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// The plan allows no more.
    #[error("the plan allows {allowed} {limit} and {used} are used; free some or ask for a larger plan")]
    Reached {
        /// The limit's name.
        limit: &'static str,
        /// What the plan allows, in the limit's unit.
        allowed: u64,
        /// What is used, or for limits that are not counted what was asked for.
        used: u64,
    },
    /// The count cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The count cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl LimitError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            LimitError::Reached { .. } => ErrorKind::Exhausted,
            LimitError::Read(error) => error.kind(),
            LimitError::Write(error) => error.kind(),
        }
    }
}

impl Limits {
    /// That a video may be as high as this.
    ///
    /// # Errors
    /// When the plan allows less.
    pub fn check_height(&self, px: u32) -> Result<(), LimitError> {
        if px <= self.max_height_px {
            return Ok(());
        }
        Err(LimitError::Reached { limit: "max_height_px", allowed: self.max_height_px.into(), used: px.into() })
    }
}

/// Counts `amount` more, in the write that uses it.
///
/// # Errors
/// When that is more than `limits` allow; nothing is counted then.
pub fn take(tx: &mut Tx<'_>, meter: Meter, amount: u64, limits: &Limits) -> Result<(), LimitError> {
    let now = tx.now();
    let used = used(tx, meter, now)?;
    let allowed = meter.allowed(limits);
    match used.checked_add(amount).filter(|sum| *sum <= allowed) {
        Some(sum) => Ok(set(tx, meter, now, sum)?),
        None => {
            Err(LimitError::Reached { limit: meter.limit(), allowed: meter.shown(allowed), used: meter.shown(used) })
        }
    }
}

/// Counts `amount` more whatever the plan allows: for what comes of work that was let in.
///
/// # Errors
/// When the count cannot be read or written.
pub fn add(tx: &mut Tx<'_>, meter: Meter, amount: u64) -> Result<(), LimitError> {
    let now = tx.now();
    let used = used(tx, meter, now)?;
    Ok(set(tx, meter, now, used.saturating_add(amount))?)
}

/// Counts `amount` less, in the write that frees it. `taken` is when it was counted: seconds of video go back to that month.
///
/// # Errors
/// When the count cannot be read or written.
pub fn give_back(tx: &mut Tx<'_>, meter: Meter, amount: u64, taken: Timestamp) -> Result<(), LimitError> {
    let used = used(tx, meter, taken)?;
    Ok(set(tx, meter, taken, used.saturating_sub(amount))?)
}

/// Whole byte-hours that were stored and not taken before; what is left of an hour stays for the next time.
///
/// # Errors
/// When the count cannot be read or written.
pub fn take_byte_hours(tx: &mut Tx<'_>) -> Result<u64, LimitError> {
    const HOUR_MS: u128 = 3_600_000;
    let mut time = stored_time(tx, current(tx)?.storage_bytes)?;
    let hours = time.byte_ms / HOUR_MS;
    time.byte_ms %= HOUR_MS;
    tx.put(&time)?;
    Ok(u64::try_from(hours).unwrap_or(u64::MAX))
}

/// The time of stored bytes until now, of which `bytes` were stored since it was last written.
fn stored_time(tx: &Tx<'_>, bytes: u64) -> Result<StoredTime, WriteError> {
    let now = tx.now();
    let Some(StoredTime { until, byte_ms }) = tx.get::<StoredTime>(&0)? else {
        return Ok(StoredTime { until: now, byte_ms: 0 });
    };
    let more = u128::from(bytes).saturating_mul(now.since(until).as_millis());
    Ok(StoredTime { until: now.max(until), byte_ms: byte_ms.saturating_add(more) })
}

/// What a tenant has and uses at present.
///
/// # Errors
/// When it cannot be read.
pub fn current(read: &impl Read) -> Result<Usage, ReadError> {
    Ok(read.get::<Usage>(&0)?.unwrap_or_default())
}

/// Seconds of video that were rendered in the month of `at`.
///
/// # Errors
/// When it cannot be read.
pub fn video_seconds(read: &impl Read, at: Timestamp) -> Result<u64, ReadError> {
    Ok(read.get::<MonthUsage>(&month(at))?.map_or(0, |month| month.video_seconds))
}

/// Puts right what is counted of what there is; for the check that counts anew.
///
/// # Errors
/// When it cannot be written.
pub fn correct(tx: &mut Tx<'_>, counted: Usage) -> Result<(), WriteError> {
    tx.put(&counted)
}

/// The number of the calendar month (UTC) of a moment: months since the year 0.
pub fn month(at: Timestamp) -> u64 {
    let millis = i64::try_from(at.millis()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    let date = jiff::tz::Offset::UTC.to_datetime(moment).date();
    // Not before 1970.
    u64::from(date.year().unsigned_abs()) * 12 + u64::from(date.month().unsigned_abs()) - 1
}

fn used(read: &impl Read, meter: Meter, at: Timestamp) -> Result<u64, ReadError> {
    Ok(match meter {
        Meter::Seats => current(read)?.seats,
        Meter::Projects => current(read)?.projects,
        Meter::StorageBytes => current(read)?.storage_bytes,
        Meter::VideoSeconds => video_seconds(read, at)?,
    })
}

fn set(tx: &mut Tx<'_>, meter: Meter, at: Timestamp, amount: u64) -> Result<(), WriteError> {
    let mut usage = current(tx)?;
    match meter {
        Meter::Seats => usage.seats = amount,
        Meter::Projects => usage.projects = amount,
        Meter::StorageBytes => {
            let time = stored_time(tx, usage.storage_bytes)?;
            tx.put(&time)?;
            usage.storage_bytes = amount;
        }
        Meter::VideoSeconds => return tx.put(&MonthUsage { month: month(at), video_seconds: amount }),
    }
    tx.put(&usage)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{Clock as _, SystemTask};
    use store::EventDraft;

    use super::*;
    use crate::world::{Place, tenant};

    const LIMITS: Limits = Limits {
        minutes_per_month: 1,
        storage_bytes: 10,
        max_height_px: 1080,
        concurrent_jobs: 1,
        seats: 1,
        requests_per_second: 1,
        projects: 2,
    };

    fn write(place: &Place, change: impl FnOnce(&mut Tx<'_>) -> Result<(), LimitError>) -> Result<(), LimitError> {
        let event = EventDraft::system(SystemTask::Retention, tenant(1).erase());
        place.store.tenant(tenant(1)).unwrap().write(event, change)
    }

    #[test]
    fn a_limit_is_reached_and_not_passed() {
        let place = Place::new();
        write(&place, |tx| take(tx, Meter::Projects, 2, &LIMITS)).unwrap();
        let refused = write(&place, |tx| take(tx, Meter::Projects, 1, &LIMITS)).unwrap_err();
        assert!(matches!(refused, LimitError::Reached { limit: "projects", allowed: 2, used: 2 }), "{refused}");
        assert!(write(&place, |tx| take(tx, Meter::Projects, u64::MAX, &LIMITS)).is_err());
        write(&place, |tx| give_back(tx, Meter::Projects, 1, tx.now())).unwrap();
        write(&place, |tx| take(tx, Meter::Projects, 1, &LIMITS)).unwrap();
        let file = place.store.tenant(tenant(1)).unwrap();
        assert_eq!(current(&file.read().unwrap()).unwrap().projects, 2);

        let begun = place.clock.now();
        write(&place, |tx| take(tx, Meter::VideoSeconds, 41, &LIMITS)).unwrap();
        let refused = write(&place, |tx| take(tx, Meter::VideoSeconds, 20, &LIMITS)).unwrap_err();
        assert!(matches!(refused, LimitError::Reached { allowed: 1, used: 1, .. }), "{refused}");
        // A new month, and a render of the old one that failed.
        place.clock.advance(Duration::from_secs(32 * 86_400));
        write(&place, |tx| take(tx, Meter::VideoSeconds, 60, &LIMITS)).unwrap();
        write(&place, |tx| give_back(tx, Meter::VideoSeconds, 40, begun)).unwrap();
        let view = file.read().unwrap();
        assert_eq!(video_seconds(&view, begun).unwrap(), 1);
        assert_eq!(video_seconds(&view, place.clock.now()).unwrap(), 60);
    }

    #[test]
    fn stored_bytes_are_counted_by_the_hour_and_none_is_lost() {
        let limits = Limits { storage_bytes: 1_000, ..LIMITS };
        let place = Place::new();
        let hours = |minutes: u64| {
            place.clock.advance(Duration::from_secs(minutes * 60));
            let event = EventDraft::system(SystemTask::Metering, tenant(1).erase());
            place.store.tenant(tenant(1)).unwrap().write::<_, LimitError>(event, take_byte_hours).unwrap()
        };
        write(&place, |tx| take(tx, Meter::StorageBytes, 100, &limits)).unwrap();
        assert_eq!(hours(30), 50);
        place.clock.advance(Duration::from_secs(60));
        write(&place, |tx| give_back(tx, Meter::StorageBytes, 40, Timestamp::default())).unwrap();
        // A minute of 100 bytes and two of 60: three and two thirds byte-hours.
        assert_eq!(hours(2), 3);
        assert_eq!(hours(0), 0);
        // Forty byte-minutes are left of 220; with the next sixty another hour is whole.
        assert_eq!(hours(1), 1);
        write(&place, |tx| give_back(tx, Meter::StorageBytes, 60, Timestamp::default())).unwrap();
        assert_eq!(hours(60_000), 0);
    }

    #[test]
    fn months() {
        let at = |text: &str| {
            let moment: jiff::Timestamp = text.parse().unwrap();
            month(Timestamp::from_millis(moment.as_millisecond().try_into().unwrap()))
        };
        assert_eq!(at("1970-01-01T00:00:00Z"), 1970 * 12);
        assert_eq!(at("2026-12-31T23:59:59.999Z"), 2026 * 12 + 11);
        assert_eq!(at("2027-01-01T00:00:00Z"), 2027 * 12);
        assert_eq!(month(Timestamp::from_millis(u64::MAX)), 9999 * 12 + 11);
    }

    #[test]
    fn resolution() {
        assert!(LIMITS.check_height(1080).is_ok());
        assert!(LIMITS.check_height(1081).is_err());
    }
}
