//! Jobs that are made again and again.

mod cadence;
mod record;

pub use cadence::{Cadence, TimeOfDay, Weekdays};
pub use record::{
    NewSchedule, Schedule, ScheduleChange, ScheduleError, change, create, delete, due, list_schedules, next_due,
};
pub(crate) use record::{any, fire};
