//! Jobs that are made again and again.

mod cadence;
mod record;

pub use cadence::{Cadence, TimeOfDay, Weekdays};
pub use record::{NewSchedule, Schedule, ScheduleChange, ScheduleError, change, create, delete, list};
pub(crate) use record::{any, due, fire, next_due};
