//! When reports are drawn up by themselves.

use jobs::{Cadence, Schedule, TimeOfDay, Weekdays};
use library::report::{Delivery, Report, schedule};
use model::{
    Id, Noun, Permission,
    permission::{ReportRead, ReportSchedule},
};
use reports::Form;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Read as _;

use super::{
    audience::AudienceView,
    view::{moment, parse_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{Listing, On},
    problem::{Code, Problem},
    reply::{Json, Nothing},
    request::Request,
    services::Services,
};

type Planning = On<ReportSchedule, Report>;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ReportRead>>(
            "/v1/reports/{report}/schedules",
            "list_report_schedules",
            "When a report is drawn up by itself",
        )
        .by(list),
        post::<Planning>(
            "/v1/reports/{report}/schedules",
            "schedule_report",
            "Have a report drawn up again and again, as you may see the answers then",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        patch::<Planning>(
            "/v1/reports/{report}/schedules/{schedule}",
            "switch_report_schedule",
            "Put a schedule on or off, or have others told of its runs",
        )
        .takes::<SwitchBody>()
        .by(switch),
        delete::<Planning>(
            "/v1/reports/{report}/schedules/{schedule}",
            "delete_report_schedule",
            "Remove a schedule; its runs stay",
        )
        .silently()
        .by(remove),
    ]
}

/// How often, at which time on the wall.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportCadence")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum CadenceView {
    /// Every day.
    Daily {
        /// The time, like `07:30`.
        #[schemars(length(min = 5, max = 5))]
        at: String,
    },
    /// On days of the week.
    Weekly {
        /// The days: 0 is Monday, 6 is Sunday.
        #[schemars(length(min = 1, max = 7))]
        on: Vec<u8>,
        /// The time, like `07:30`.
        #[schemars(length(min = 5, max = 5))]
        at: String,
    },
    /// On a day of every month.
    Monthly {
        /// The day, 1 to 31; the last one of months that have fewer.
        #[schemars(range(min = 1, max = 31))]
        day: u8,
        /// The time, like `07:30`.
        #[schemars(length(min = 5, max = 5))]
        at: String,
    },
}

impl CadenceView {
    fn cadence(&self) -> Result<Cadence, Problem> {
        let time = |text: &str| {
            let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() == 2);
            let (hour, minute) =
                text.split_once(':').and_then(|(hour, minute)| number(hour).zip(number(minute))).unzip();
            match (hour, minute) {
                (Some(hour), Some(minute)) => Ok(TimeOfDay { hour, minute }),
                _ => Err(Problem::at("/cadence", "has a time that is none like `07:30`")),
            }
        };
        Ok(match self {
            CadenceView::Daily { at } => Cadence::Days { every: 1, at: time(at)? },
            CadenceView::Weekly { on, at } => {
                let on =
                    Weekdays::of(on).ok_or_else(|| Problem::at("/cadence", "must be on days of the week, 0 to 6"))?;
                Cadence::Weekly { on, at: time(at)? }
            }
            CadenceView::Monthly { day, at } => Cadence::Monthly { day: *day, at: time(at)? },
        })
    }

    fn of(cadence: &Cadence) -> Option<Self> {
        let time = |at: &TimeOfDay| format!("{:02}:{:02}", at.hour, at.minute);
        match cadence {
            Cadence::Days { at, .. } => Some(CadenceView::Daily { at: time(at) }),
            Cadence::Weekly { on, at } => Some(CadenceView::Weekly { on: on.days(), at: time(at) }),
            Cadence::Monthly { day, at } => Some(CadenceView::Monthly { day: *day, at: time(at) }),
            Cadence::Minutes(_) | Cadence::Hours(_) => None,
        }
    }
}

/// What becomes of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReportDelivery")]
#[serde(deny_unknown_fields, default)]
struct DeliveryView {
    /// People of the tenant who are told, by their ids. Who may not see the run is passed over.
    #[schemars(length(max = 50))]
    users: Vec<String>,
    /// Webhooks that are told, by their ids.
    #[schemars(length(max = 10))]
    webhooks: Vec<String>,
    /// In which language people get a mail too: `en`, `de`, `ja`, `zh-CN`, `hi` or `ar`; none without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5))]
    mail: Option<String>,
    /// The forms of its files: `pdf`, `xlsx`, `html`, `json`, `csv`. The first two lie in mails to people who may take them, up to 10 MiB
    /// together; larger ones are behind the mail's link.
    #[schemars(length(max = 5))]
    forms: Vec<String>,
    /// Connectors into whose places its files are put, by their ids.
    #[schemars(length(max = 10))]
    connectors: Vec<String>,
    /// Whether each person gets a run of their own, drawn up as they may see the answers, in place of being told of the owner's. Who
    /// may read no report gets none, and the run says why.
    each: bool,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let AudienceView { users, webhooks, mail } = (&delivery.audience).into();
        let connectors = delivery.connectors.iter().map(ToString::to_string).collect();
        DeliveryView { users, webhooks, mail, forms: delivery.forms.clone(), connectors, each: delivery.each }
    }
}

impl DeliveryView {
    /// The delivery that a caller names. Connectors are named by those who may see them, and files leave by those who may take them.
    fn delivery(self, services: &Services, request: &Request) -> Result<Delivery, Problem> {
        let DeliveryView { users, webhooks, mail, mut forms, connectors, each } = self;
        let audience = AudienceView { users, webhooks, mail }.audience(services, request)?;
        if let Some(at) = forms.iter().position(|form| Form::find(form).is_none()) {
            return Err(Problem::at(format!("/deliver/forms/{at}"), "must be pdf, xlsx, html, json, csv or parquet"));
        }
        forms.sort_unstable();
        forms.dedup();
        let ids = |(at, text): (usize, &String)| parse_id(&format!("/deliver/connectors/{at}"), text);
        let connectors: Vec<_> = connectors.iter().enumerate().map(ids).collect::<Result<_, _>>()?;
        let (actor, context) = (request.actor()?, request.context());
        let realm = services.gate.realm(actor);
        let asked =
            [(!connectors.is_empty(), Permission::ConnectorRead), (!forms.is_empty(), Permission::ReportExport)];
        for (_, needs) in asked.into_iter().filter(|(is_asked, _)| *is_asked) {
            if !services.gate.decide(actor, needs, &realm, &context)?.allowed {
                return Err(Problem::new(Code::Denied, format!("to have files sent you need the permission {needs}")));
            }
        }
        Ok(Delivery { audience, forms, connectors, each })
    }
}

/// A schedule to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewReportSchedule")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// How often.
    cadence: CadenceView,
    /// The zone of the wall clock, by its IANA name; that of the report without a word.
    #[serde(default)]
    #[schemars(length(max = 64))]
    zone: Option<String>,
    /// What becomes of each run.
    #[serde(default)]
    deliver: DeliveryView,
}

/// On or off, and what becomes of its runs.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ReportScheduleSwitch")]
#[serde(deny_unknown_fields)]
struct SwitchBody {
    /// Whether it is on.
    #[serde(default)]
    enabled: Option<bool>,
    /// What becomes of each run from now on.
    #[serde(default)]
    deliver: Option<DeliveryView>,
}

/// A schedule.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportSchedule")]
struct ScheduleView {
    /// The id.
    id: String,
    /// How often.
    #[serde(skip_serializing_if = "Option::is_none")]
    cadence: Option<CadenceView>,
    /// The zone of the wall clock.
    zone: String,
    /// Whether it is on.
    enabled: bool,
    /// When it is due next (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Whose it is: its runs are made as they may see the answers.
    owner: String,
    /// What becomes of each run.
    deliver: DeliveryView,
}

/// The schedules of a report.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportSchedules")]
struct SchedulesView {
    /// All of them, newest first.
    items: Vec<ScheduleView>,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        ScheduleView {
            id: schedule.header.id.to_string(),
            cadence: CadenceView::of(&schedule.cadence),
            zone: schedule.zone,
            enabled: schedule.enabled,
            next: schedule.next.filter(|_| schedule.enabled).map(moment),
            owner: schedule.header.owner.to_string(),
            // Whose form nobody knows tells nobody.
            deliver: Delivery::read(&schedule.payload.0).map(|delivery| (&delivery).into()).unwrap_or_default(),
        }
    }
}

fn list(call: Call<'_, Listing<ReportRead>, Empty, Empty>) -> Result<Json<SchedulesView>, Problem> {
    let id = named(call.request, "report")?;
    let report: Option<Report> = call.pass.read()?.get(&id)?;
    report.filter(|report| call.pass.visible(&report.header.subject())).ok_or_else(gone)?;
    let items = schedule::list(&call.pass, id)?.into_iter().map(ScheduleView::from).collect();
    Ok(Json(SchedulesView { items }))
}

fn create(call: Call<'_, Planning, Empty, NewBody>) -> Result<Json<ScheduleView>, Problem> {
    let NewBody { cadence, zone, deliver } = call.body;
    let delivery = deliver.delivery(call.services, call.request)?;
    let cadence = cadence.cadence()?;
    let zone = match zone {
        Some(zone) => zone,
        None => {
            let id = named(call.request, "report")?;
            call.pass.read()?.get::<Report>(&id)?.ok_or_else(gone)?.document()?.zone
        }
    };
    Ok(Json(schedule::create(call.pass, &call.services.jobs, cadence, zone, delivery)?.into()))
}

fn switch(call: Call<'_, Planning, Empty, SwitchBody>) -> Result<Json<ScheduleView>, Problem> {
    let id = named(call.request, "schedule")?;
    let SwitchBody { enabled, deliver } = call.body;
    let delivery = deliver.map(|deliver| deliver.delivery(call.services, call.request)).transpose()?;
    Ok(Json(schedule::switch(call.pass, &call.services.jobs, id, enabled, delivery)?.into()))
}

fn remove(call: Call<'_, Planning, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = named(call.request, "schedule")?;
    schedule::delete(call.pass, &call.services.jobs, id)?;
    Ok(Nothing)
}

fn named<K: Noun>(request: &Request, name: &'static str) -> Result<Id<K>, Problem> {
    parse_id(name, request.path.get(name).map_or("", |id| id)).map_err(|_| gone())
}

fn gone() -> Problem {
    Problem::new(Code::NotFound, "")
}
