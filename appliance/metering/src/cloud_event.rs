//! CloudEvents 1.0 in JSON, as events of use.
//!
//! `type` is the meter, `subject` the resource; `data` holds `quantity`, and what it likes of `unit`, `corrects` and `dimensions`.
//! An event without a time happened when it came.

use model::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    event::{Event, Fault, MAX_DIMENSIONS},
    event_id::EventId,
};

/// The longest id, in bytes.
const MAX_ID: usize = 256;

#[derive(Deserialize)]
struct Envelope {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    time: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    quantity: i64,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    corrects: Option<String>,
    #[serde(default)]
    dimensions: Map<String, Value>,
}

/// What an event says, in whatever form it came.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// With the source it says which event it is.
    pub id: String,
    /// Who says so.
    pub source: String,
    /// The meter.
    pub kind: String,
    /// What was worked on.
    pub subject: Option<String>,
    /// When; when it came without one.
    pub time: Option<Timestamp>,
    /// How much.
    pub quantity: i64,
    /// What the quantity counts.
    pub unit: Option<String>,
    /// The id of the event of the same source that this one corrects.
    pub corrects: Option<String>,
    /// What else it can be sorted by.
    pub dimensions: Vec<(String, String)>,
}

impl Said {
    /// The event that came at `now`.
    ///
    /// # Errors
    /// What is wrong with it, as far as [`Event::check`] could not tell.
    pub fn event(self, now: Timestamp) -> Result<Event, Fault> {
        let Said { id, source, kind, subject, time, quantity, unit, corrects, mut dimensions } = self;
        if id.is_empty() || id.len() > MAX_ID {
            return Err(Fault::Text { field: "the id", most: MAX_ID });
        }
        if source == "appliance" {
            return Err(Fault::Form("the source `appliance` is for the appliance alone".to_owned()));
        }
        if dimensions.len() > MAX_DIMENSIONS {
            return Err(Fault::Dimensions);
        }
        dimensions.sort();
        Ok(Event {
            id: EventId::of(&source, &id),
            corrects: corrects.map(|id| EventId::of(&source, &id)),
            meter: kind,
            quantity,
            unit: unit.unwrap_or_else(|| "1".to_owned()),
            at: time.unwrap_or(now),
            source,
            user: None,
            project: None,
            job: None,
            resource: subject.unwrap_or_default(),
            dimensions,
        })
    }
}

/// Reads one event. `moment` reads an RFC 3339 time.
///
/// # Errors
/// What is wrong with it.
pub fn read(value: Value, now: Timestamp, moment: impl Fn(&str) -> Option<Timestamp>) -> Result<Event, Fault> {
    let form = |text: &str| Fault::Form(text.to_owned());
    // A list would be read as the fields in their order.
    if !value.is_object() {
        return Err(form("an event must be an object"));
    }
    // The messages of the parser name fields and places, and never more of a value than a word.
    let Envelope { specversion, id, source, kind, subject, time, data } =
        serde_json::from_value(value).map_err(|error| Fault::Form(error.to_string()))?;
    if specversion != "1.0" {
        return Err(form("specversion must be 1.0"));
    }
    let time = match time {
        None => None,
        Some(time) => Some(moment(&time).ok_or_else(|| form("time must be a moment in RFC 3339"))?),
    };
    let Data { quantity, unit, corrects, dimensions: given } = data;
    let mut dimensions = Vec::with_capacity(given.len().min(MAX_DIMENSIONS + 1));
    for (name, value) in given {
        let value = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return Err(form("values of dimensions must be texts, numbers or booleans")),
        };
        dimensions.push((name, value));
    }
    Said { id, source, kind, subject, time, quantity, unit, corrects, dimensions }.event(now)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, expected: Result<i64, &str>) {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let found = read(value, now, |text| text.parse().ok().map(Timestamp::from_millis));
        let found = found.and_then(|event| event.check(now).map(|()| event.quantity));
        assert_eq!(found.as_ref().map_err(ToString::to_string), expected.as_ref().map_err(|e| (*e).to_owned()));
    }

    #[test]
    fn events() {
        let with = |changes: Value| {
            let mut event =
                json!({ "specversion": "1.0", "id": "1", "source": "crm", "type": "mails", "data": { "quantity": 3 } });
            for (name, value) in changes.as_object().unwrap() {
                event[name] = value.clone();
            }
            event
        };
        check(with(json!({})), Ok(3));
        check(
            with(
                json!({ "subject": "list 7", "time": "1799999999000", "data": { "quantity": -1, "dimensions": { "b": 1, "a": "x" } } }),
            ),
            Ok(-1),
        );
        check(with(json!({ "specversion": "0.3" })), Err("specversion must be 1.0"));
        check(with(json!({ "source": "appliance" })), Err("the source `appliance` is for the appliance alone"));
        check(with(json!({ "id": "" })), Err("the id must have 1 to 256 bytes of printable text"));
        check(with(json!({ "type": "a\nb" })), Err("the meter must have 1 to 128 bytes of printable text"));
        check(with(json!({ "time": "soon" })), Err("time must be a moment in RFC 3339"));
        check(
            with(json!({ "time": "1800000301000" })),
            Err("it lies more than five minutes ahead of the appliance's clock"),
        );
        check(
            with(json!({ "time": "1700000000000" })),
            Err("it lies more than 35 days back; send a correction with the present time"),
        );
        check(
            with(json!({ "type": "audiagram.video" })),
            Err("names of meters that begin with `audiagram.` are for the appliance alone"),
        );
        check(
            with(json!({ "data": { "quantity": 9_000_000_001i64 } })),
            Err("the quantity must be a whole number from -9000000000 to 9000000000"),
        );
        check(
            with(json!({ "data": { "quantity": 1, "dimensions": { "a": [] } } })),
            Err("values of dimensions must be texts, numbers or booleans"),
        );
        check(json!([1]), Err("an event must be an object"));
    }
}
