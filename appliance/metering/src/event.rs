//! An event of use, and what one must be like to be counted.

use model::{AnyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{event_id::EventId, ledger::WINDOW, meter::Meter};

/// How many dimensions an event may have.
pub const MAX_DIMENSIONS: usize = 8;
/// The largest quantity, and the smallest below zero: a thousand million of them still sum up in an `i64`.
pub const MAX_QUANTITY: i64 = 9_000_000_000;
/// The most bytes of a name: of a meter, a unit, a source, a resource or a dimension.
const MAX_NAME: usize = 128;
/// The most bytes of a dimension's value.
const MAX_VALUE: usize = 256;
/// How far ahead of our clock a sender's may be.
const AHEAD: std::time::Duration = std::time::Duration::from_secs(300);

/// Something was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What makes it counted once.
    pub id: EventId,
    /// What was used: a [`Meter`]'s name, or a customer's own.
    pub meter: String,
    /// How much, in the meter's unit. Below zero it takes back what was counted too much.
    pub quantity: i64,
    /// What the quantity counts.
    pub unit: String,
    /// When it was used.
    pub at: Timestamp,
    /// Who says so: `appliance`, or the sender's own word.
    pub source: String,
    /// Who used it.
    pub user: Option<AnyId>,
    /// In which project.
    pub project: Option<AnyId>,
    /// By which job.
    pub job: Option<AnyId>,
    /// What was worked on, by its id or the sender's own word.
    pub resource: String,
    /// The event that this one corrects.
    pub corrects: Option<EventId>,
    /// What else it can be sorted by; in the order of their names.
    pub dimensions: Vec<(String, String)>,
}

/// Why an event is not counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A text is empty, too long or has signs that do not print.
    #[error("{field} must have 1 to {most} bytes of printable text")]
    Text {
        /// Which.
        field: &'static str,
        /// How long it may be.
        most: usize,
    },
    /// The meter is the appliance's own.
    #[error("names of meters that begin with `audiagram.` are for the appliance alone")]
    Reserved,
    /// The quantity is too large.
    #[error("the quantity must be a whole number from -{MAX_QUANTITY} to {MAX_QUANTITY}")]
    Quantity,
    /// The moment is too far ahead.
    #[error("it lies more than five minutes ahead of the appliance's clock")]
    Ahead,
    /// The moment is too long ago to know whether it was counted.
    #[error("it lies more than {} days back; send a correction with the present time", WINDOW.as_secs() / 86_400)]
    TooOld,
    /// Too many dimensions, or one twice.
    #[error("it must have at most {MAX_DIMENSIONS} dimensions, each once")]
    Dimensions,
    /// It is no event at all.
    #[error("{0}")]
    Form(String),
}

impl Event {
    /// An event of the appliance's own work; `what` tells apart the events of one meter.
    pub fn own(meter: Meter, what: &str, quantity: u64, at: Timestamp) -> Self {
        Event {
            id: EventId::of("appliance", &format!("{} {what}", meter.name())),
            meter: meter.name().to_owned(),
            quantity: i64::try_from(quantity).unwrap_or(i64::MAX),
            unit: meter.unit().to_owned(),
            at,
            source: "appliance".to_owned(),
            user: None,
            project: None,
            job: None,
            resource: String::new(),
            corrects: None,
            dimensions: Vec::new(),
        }
    }

    /// The same, where a customer may have it counted, at `now`.
    pub(crate) fn checked(self, now: Timestamp) -> Result<Self, Fault> {
        self.check(now).map(|()| self)
    }

    /// Whether a customer may have it counted, at `now`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, now: Timestamp) -> Result<(), Fault> {
        text("the meter", &self.meter, MAX_NAME)?;
        text("the unit", &self.unit, MAX_NAME)?;
        text("the source", &self.source, MAX_NAME)?;
        if !self.resource.is_empty() {
            text("the resource", &self.resource, MAX_NAME)?;
        }
        if self.meter.starts_with(Meter::PREFIX) {
            return Err(Fault::Reserved);
        }
        if self.quantity.unsigned_abs() > MAX_QUANTITY.unsigned_abs() {
            return Err(Fault::Quantity);
        }
        if self.at > now.after(AHEAD) {
            return Err(Fault::Ahead);
        }
        if now.since(self.at) > WINDOW {
            return Err(Fault::TooOld);
        }
        for (name, value) in &self.dimensions {
            text("the name of a dimension", name, MAX_NAME)?;
            text("the value of a dimension", value, MAX_VALUE)?;
        }
        let in_order = self.dimensions.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if self.dimensions.len() > MAX_DIMENSIONS || !in_order {
            return Err(Fault::Dimensions);
        }
        Ok(())
    }
}

fn text(field: &'static str, text: &str, most: usize) -> Result<(), Fault> {
    if text.is_empty() || text.len() > most || text.chars().any(char::is_control) {
        return Err(Fault::Text { field, most });
    }
    Ok(())
}
