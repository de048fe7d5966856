//! Customers' own meters, and what meters cost.

use access::Permit;
use metering::{
    Event, Fault, LedgerError, Verdict, cloud_event, ingest,
    rate::{self, Rate, RateCard, RateError},
};
use model::{
    Timestamp,
    permission::{ChargebackManage, CostRead},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Tx, WriteError};

use super::{
    query::no_engine,
    view::{moment, parse_moment},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, Part, get, post},
    guard::InTenant,
    problem::{Code, Problem},
    reply::Json,
    request::Request,
    services::Services,
    strict,
};

/// The most bytes of a body of events.
const MAX_EVENTS: usize = 8 << 20;
/// So many rows of one tenant are sealed without waiting for their hour.
const FULL: u64 = 65_536;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<InTenant<ChargebackManage>>(
            "/v1/usage/events",
            "send_usage_events",
            "Count what your own meters say: CloudEvents, one or many, or rows of Arrow; each is counted once however often it is sent",
        )
        .takes::<EventsBody>()
        .by(send),
        get::<InTenant<CostRead>>("/v1/rate-cards", "list_rate_cards", "What meters cost, the oldest card first")
            .by(list),
        post::<InTenant<ChargebackManage>>(
            "/v1/rate-cards",
            "create_rate_card",
            "Say what meters cost from a moment on",
        )
        .takes::<NewCard>()
        .creates()
        .by(create),
    ]
}

/// The media type of a stream of Arrow IPC.
const ARROW: &str = "application/vnd.apache.arrow.stream";

/// Events as they came.
enum EventsBody {
    /// One object, or an array of them.
    Json(Vec<Value>),
    /// Rows; the handler finds the stream in the request.
    Arrow,
}

/// An event of CloudEvents 1.0: `type` is the meter, `subject` what was worked on.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "UsageEvent")]
#[expect(dead_code, reason = "it is the schema; events are read one by one, so that a bad one spoils no other")]
struct EventView {
    /// `1.0`.
    specversion: String,
    /// With the source it says which event it is.
    #[schemars(length(min = 1, max = 256))]
    id: String,
    /// Who says so.
    #[schemars(length(min = 1, max = 128))]
    source: String,
    /// The meter; names that begin with `audiagram.` are the appliance's own.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 128))]
    kind: String,
    /// What was worked on.
    #[schemars(length(max = 128))]
    subject: Option<String>,
    /// When (RFC 3339), at most 35 days back; now without one.
    time: Option<String>,
    /// How much.
    data: DataView,
}

/// How much was used.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "UsageData")]
#[expect(dead_code, reason = "it is the schema")]
struct DataView {
    /// In the meter's unit, a whole number; below zero it takes back what was counted too much.
    quantity: i64,
    /// What the quantity counts.
    unit: Option<String>,
    /// The id of the event of the same source that this one corrects.
    corrects: Option<String>,
    /// What else it can be sorted by, at most 8.
    dimensions: Option<std::collections::BTreeMap<String, String>>,
}

/// One event or many.
#[derive(JsonSchema)]
#[schemars(rename = "UsageEvents")]
#[serde(untagged)]
#[expect(dead_code, reason = "it is the schema")]
enum EventsView {
    /// One, as `application/cloudevents+json`.
    One(Box<EventView>),
    /// Up to 10,000, as `application/cloudevents-batch+json`.
    Many(Vec<EventView>),
}

impl Part for EventsBody {
    const ALSO: &'static [&'static str] = &[ARROW];
    const LIMIT: usize = MAX_EVENTS;
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<EventsView>())
    }
    fn of_query(_: &Request) -> Result<Self, Problem> {
        Ok(EventsBody::Json(Vec::new()))
    }
    fn of_body(request: &Request) -> Result<Self, Problem> {
        const KINDS: [&str; 3] =
            ["application/cloudevents+json", "application/cloudevents-batch+json", "application/json"];
        let kind = request.media_type();
        if kind.eq_ignore_ascii_case(ARROW) {
            return Ok(EventsBody::Arrow);
        }
        if !KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            let detail = format!("the body must have content-type {}, {} or {ARROW}", KINDS[0], KINDS[1]);
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let unreadable = |error: serde_json::Error| Problem::new(Code::BadRequest, error.to_string());
        strict::check(&request.body).map_err(unreadable)?;
        match serde_json::from_slice(&request.body).map_err(unreadable)? {
            Value::Array(events) => Ok(EventsBody::Json(events)),
            event => Ok(EventsBody::Json(vec![event])),
        }
    }
}

/// What became of the events.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UsageVerdicts")]
struct VerdictsView {
    /// How many are counted now.
    accepted: usize,
    /// How many were counted before.
    duplicate: usize,
    /// How many are not counted.
    rejected: usize,
    /// What became of each, in the order in which they came.
    events: Vec<VerdictView>,
}

/// What became of an event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UsageVerdict")]
struct VerdictView {
    /// `accepted`, `duplicate` or `rejected`.
    status: &'static str,
    /// Why it is rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn send(call: Call<'_, InTenant<ChargebackManage>, Empty, EventsBody>) -> Result<Json<VerdictsView>, Problem> {
    let permit: Permit<ChargebackManage> = call.pass;
    let now = permit.now();
    let events: Vec<Result<Event, Fault>> = match call.body {
        EventsBody::Json(values) => {
            at_most(values.len())?;
            let moment = |text: &str| parse_moment("time", text).ok();
            values.into_iter().map(|value| cloud_event::read(value, now, moment)).collect()
        }
        EventsBody::Arrow => {
            let analyst = call.services.analyst.as_deref().ok_or_else(no_engine)?;
            let said = analyst.read_events(&call.request.body);
            let said = said.map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
            at_most(said.len())?;
            said.into_iter().map(|said| said.and_then(|said| said.event(now))).collect()
        }
    };
    let sieve = call.services.sieves.of(permit.tenant());
    let (verdicts, counts) = counted(call.services, permit, |tx| ingest(tx, &sieve, events))?;
    let view = |verdict: Verdict| VerdictView {
        status: name(&verdict),
        reason: if let Verdict::Rejected(fault) = verdict { Some(fault.to_string()) } else { None },
    };
    let [accepted, duplicate, rejected] = counts;
    let events = verdicts.into_iter().map(view).collect();
    Ok(Json(VerdictsView { accepted, duplicate, rejected, events }))
}

/// Counts events in one commit, whose audit row says how many are accepted, known already and rejected; and has many of them sealed soon.
pub(super) fn counted(
    services: &Services,
    permit: Permit<ChargebackManage>,
    ingest: impl FnOnce(&mut Tx<'_>) -> Result<Vec<Verdict>, LedgerError>,
) -> Result<(Vec<Verdict>, [usize; 3]), Problem> {
    let tenant = permit.tenant();
    let counted = permit.write(|tx| {
        let verdicts = ingest(tx)?;
        let count = |status| verdicts.iter().filter(|verdict| name(verdict) == status).count();
        let counts = ["accepted", "duplicate", "rejected"].map(|status| (status, count(status)));
        for (status, count) in counts {
            tx.note(status, count.to_string());
        }
        let waiting = metering::head(tx)?.waiting();
        Ok::<_, LedgerError>((verdicts, counts.map(|(_, count)| count), waiting))
    });
    let (verdicts, counts, waiting) = counted.map_err(|error| ledger(&error))?;
    if waiting >= FULL {
        services.full.tell(tenant);
    }
    Ok((verdicts, counts))
}

pub(super) fn at_most(events: usize) -> Result<(), Problem> {
    match events {
        0 => Err(Problem::new(Code::Invalid, "there are no events")),
        1..=metering::MAX_BATCH => Ok(()),
        _ => Err(ledger(&LedgerError::TooMany)),
    }
}

const fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Duplicate => "duplicate",
        Verdict::Rejected(_) => "rejected",
    }
}

fn ledger(error: &LedgerError) -> Problem {
    match error {
        LedgerError::Write(WriteError::TooLarge) => Problem::new(Code::TooLarge, "send fewer events at once"),
        error => Problem::of(error.kind(), error),
    }
}

/// The price of a meter.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Rate")]
#[serde(deny_unknown_fields)]
struct RateView {
    /// The meter's name.
    #[schemars(length(min = 1, max = 128))]
    meter: String,
    /// Millionths of the currency's unit for a block.
    #[schemars(range(min = 0, max = 1_000_000_000_000i64))]
    price_micros: i64,
    /// How many of the meter's units a block is.
    #[schemars(range(min = 1, max = 1_000_000_000_000_000i64))]
    block: i64,
}

/// A new rate card.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewRateCard")]
#[serde(deny_unknown_fields)]
struct NewCard {
    /// From when on it holds (RFC 3339): later than the card before, and not past if there is one.
    #[schemars(length(max = 64))]
    from: String,
    /// The currency (ISO 4217), that of the cards before.
    #[schemars(length(equal = 3))]
    currency: String,
    /// A price for each meter.
    #[schemars(length(min = 1, max = 200))]
    rates: Vec<RateView>,
}

/// A rate card.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RateCard")]
struct CardView {
    /// Its number.
    version: u64,
    /// From when on it holds (RFC 3339), until the next one does.
    from: String,
    /// The currency (ISO 4217).
    currency: String,
    /// A price for each meter.
    rates: Vec<RateView>,
}

impl From<RateCard> for CardView {
    fn from(card: RateCard) -> Self {
        let view = |Rate { meter, price_micros, block }| RateView { meter, price_micros, block };
        let RateCard { version, from, currency, lines } = card;
        CardView { version, from: moment(from), currency, rates: lines.into_iter().map(view).collect() }
    }
}

/// All rate cards.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RateCards")]
struct CardsView {
    /// The cards, the oldest first.
    items: Vec<CardView>,
}

fn list(call: Call<'_, InTenant<CostRead>, Empty, Empty>) -> Result<Json<CardsView>, Problem> {
    let cards = rate::cards(&call.pass.read()?)?;
    Ok(Json(CardsView { items: cards.into_iter().map(CardView::from).collect() }))
}

fn create(call: Call<'_, InTenant<ChargebackManage>, Empty, NewCard>) -> Result<Json<CardView>, Problem> {
    let NewCard { from, currency, rates } = call.body;
    let from: Timestamp = parse_moment("/from", &from)?;
    let line = |RateView { meter, price_micros, block }| Rate { meter, price_micros, block };
    let lines = rates.into_iter().map(line).collect();
    let card = call.pass.write(|tx| {
        let card = rate::add(tx, from, currency, lines)?;
        tx.note("version", card.version.to_string());
        Ok::<_, RateError>(card)
    });
    match card {
        Ok(card) => Ok(Json(card.into())),
        Err(RateError::Field { field, fault }) => Err(Problem::at(format!("/{field}"), fault)),
        Err(error) => Err(Problem::of(error.kind(), &error)),
    }
}
