//! What was used by day and meter of the appliance: sums beside the rows, made in the same commit, for those who run the appliance and
//! see no rows. They begin with the first event after the appliance learnt to keep them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Cursor, Page, Query, Read, ReadError, Record, Tx, WriteError};

use crate::{event::Event, known::day, meter::Meter};

/// What was used on a day (UTC).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayTotals {
    /// In days since 1970.
    pub day: u32,
    /// By meter of the appliance; meters of which there was nothing are left out.
    pub own: Vec<Total>,
    /// How many events there were of meters of the tenant's own. What those are called is the tenant's affair.
    pub others: u64,
}

/// What was used of a meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The name of a [`Meter`].
    pub meter: String,
    /// The sum, in the meter's unit.
    pub quantity: i64,
    /// How many events there were.
    pub events: u64,
}

impl Record for DayTotals {
    const NAME: &'static str = "usage of a day";
    const NUMBER: u8 = 174;
    type Key = u64;
    fn key(&self) -> u64 {
        self.day.into()
    }
}

impl DayTotals {
    fn add(&mut self, event: &Event) {
        let Some(meter) = Meter::ALL.iter().map(|meter| meter.name()).find(|name| *name == event.meter) else {
            self.others += 1;
            return;
        };
        let at = self.own.iter().position(|total| total.meter == meter).unwrap_or_else(|| {
            self.own.push(Total { meter: meter.to_owned(), quantity: 0, events: 0 });
            self.own.len() - 1
        });
        let total = &mut self.own[at];
        total.quantity = total.quantity.saturating_add(event.quantity);
        total.events += 1;
    }
}

/// Adds events that are counted to the sums of their days.
pub(crate) fn add(tx: &mut Tx<'_>, events: &[Event]) -> Result<(), WriteError> {
    let mut days: BTreeMap<u32, Vec<&Event>> = BTreeMap::new();
    for event in events {
        days.entry(day(event.at)).or_default().push(event);
    }
    for (day, events) in days {
        let mut totals = tx.get::<DayTotals>(&day.into())?.unwrap_or(DayTotals { day, ..DayTotals::default() });
        events.into_iter().for_each(|event| totals.add(event));
        tx.put(&totals)?;
    }
    Ok(())
}

/// What was used by day, the oldest first.
///
/// # Errors
/// When it cannot be read.
pub fn day_totals(read: &impl Read, after: Option<&Cursor>, limit: usize) -> Result<Page<DayTotals>, ReadError> {
    read.list::<DayTotals>(&Query { index: None, after, limit, newest_first: false }, |_| true)
}
