//! The caller's own tenant: what is set for it, what it uses, and its end.

use access::{
    Permit,
    usage::{self, Meter},
};
use library::settings::{self, Settings, SettingsChange};
use model::{
    SystemTask,
    permission::{TenantDelete, TenantRead, TenantUpdate},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenancy::{LifeError, State, Tenant, TenantChange};

use super::{
    session::own_event,
    tenants::{PlanView, StateView},
    view::{ClassificationView, given, moment},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch, post},
    guard::InTenant,
    problem::Problem,
    pulse::{Pulse, PulseQuery},
    reply::{Json, Versioned},
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<TenantRead>>("/v1/tenant", "read_own_tenant", "Your tenant and what is set for it").by(read),
        patch::<InTenant<TenantUpdate>>("/v1/tenant", "update_own_tenant", "Change your tenant's name and settings")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        get::<InTenant<TenantRead>>("/v1/tenant/usage", "read_usage", "What your tenant may use, and what it uses")
            .by(read_usage),
        get::<InTenant<TenantRead>>(
            "/v1/tenant/usage/live",
            "watch_usage",
            "What your tenant uses, every two seconds, as server-sent events: `now` with what `/v1/tenant/usage` says and how much work there is, or `closed` with a reason",
        )
        .query::<PulseQuery>()
        .by(watch_usage),
        post::<InTenant<TenantDelete>>(
            "/v1/tenant/close",
            "close_own_tenant",
            "Close your tenant: nobody signs in any more, and after 30 days nothing of it is left",
        )
        .takes::<CloseBody>()
        .by(close),
    ]
}

/// A tenant, as its own people see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
struct OwnTenantView {
    /// The id.
    id: String,
    /// The short name, in addresses and at sign-in.
    slug: String,
    /// The name for people.
    name: String,
    /// The region whose appliance holds its data.
    home: String,
    /// The plan.
    plan: PlanView,
    /// What is set for what is made in it.
    settings: SettingsView,
    /// The language model of the organisation that `settings.language_model` lets in; absent where the appliance has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    language_model: Option<String>,
    /// Counts changes of the settings from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
}

/// What is set for what is made in a tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Settings")]
struct SettingsView {
    /// The theme of new storyboards.
    theme: String,
    /// The languages of its recordings; a single one is taken as given, of several the one that is heard. All when empty.
    languages: Vec<String>,
    /// The speech model.
    model: String,
    /// How secret new things are.
    classification: ClassificationView,
    /// How long the trash is kept, in days.
    trash_days: u32,
    /// How long recordings are kept, in days; for ever when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_days: Option<u32>,
    /// How long rows of usage are kept, in days; as long as the appliance keeps them when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_days: Option<u32>,
    /// Whether a language model may look at diagrams again.
    language_model: bool,
    /// How long what reports found is kept, in days.
    report_days: u32,
}

/// A change of a tenant by its own people: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "TenantChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name for people.
    #[schemars(length(min = 1, max = 120))]
    name: Option<String>,
    /// Another theme of new storyboards.
    #[schemars(length(min = 1, max = 64))]
    theme: Option<String>,
    /// Other languages, by their codes.
    #[schemars(length(max = 16), inner(length(min = 2, max = 3)))]
    languages: Option<Vec<String>>,
    /// Another speech model.
    #[schemars(length(min = 1, max = 64))]
    model: Option<String>,
    /// How secret new things are.
    classification: Option<ClassificationView>,
    /// How long the trash is kept, in days.
    #[schemars(range(max = 36_500))]
    trash_days: Option<u32>,
    /// How long recordings are kept, in days; `null` is for ever.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u32>", range(min = 1, max = 36_500))]
    recording_days: Option<Option<u32>>,
    /// How long rows of usage are kept, in days, where that is less than the appliance keeps them; `null` is as long as it does.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<u32>", range(min = 62, max = 36_500))]
    usage_days: Option<Option<u32>>,
    /// Whether a language model may look at diagrams again. It gets the words of talks; where the appliance has none it cannot be let in.
    language_model: Option<bool>,
    /// How long what reports found is kept, in days.
    #[schemars(range(min = 1, max = 36_500))]
    report_days: Option<u32>,
}

/// What must be said to close a tenant.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "OwnClosing")]
#[serde(deny_unknown_fields)]
struct CloseBody {
    /// The tenant's short name, to confirm that it is meant.
    #[schemars(length(min = 2, max = 63))]
    confirm: String,
}

/// A tenant on its way out.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Closed")]
struct ClosedView {
    /// Where the tenant is in its life.
    state: StateView,
    /// When nothing of it will be left (RFC 3339). Until then those who run the appliance can reopen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    erase_from: Option<String>,
    /// The Ed25519 key, in hexadecimal digits, that the receipt of the erasing will be signed with. Keep it to check the receipt.
    public_key: String,
}

/// What a tenant may use, and what it uses.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Usage")]
struct UsageView {
    /// The calendar month (UTC) of what is counted by the month, like `2027-01`.
    month: String,
    /// The limits, by name.
    limits: Vec<LimitView>,
}

/// A limit and what is used of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LimitUse")]
struct LimitView {
    /// Its name, as in problems with the code `limit_reached`.
    name: &'static str,
    /// What the plan allows.
    allowed: u64,
    /// What is used; absent for limits on a single thing and on what happens at one time.
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
}

fn view(services: &Services, tenant: Tenant, settings: Settings) -> Versioned<OwnTenantView> {
    let Settings {
        theme,
        languages,
        model,
        classification,
        trash_days,
        recording_days,
        version,
        usage_days,
        language_model,
        report_days,
        ..
    } = settings;
    let settings = SettingsView {
        theme,
        languages,
        model,
        classification: classification.into(),
        trash_days,
        recording_days,
        usage_days,
        language_model,
        report_days,
    };
    Versioned(
        version,
        OwnTenantView {
            id: tenant.id.to_string(),
            home: tenant.home.code().to_owned(),
            plan: tenant.plan.into(),
            settings,
            language_model: services.language_model.clone(),
            version,
            created: moment(tenant.created),
            slug: tenant.slug,
            name: tenant.name,
        },
    )
}

fn read(call: Call<'_, InTenant<TenantRead>, Empty, Empty>) -> Result<Versioned<OwnTenantView>, Problem> {
    let settings = settings::read(&call.pass)?;
    Ok(view(call.services, call.services.tenant_of(call.request.actor()?)?, settings))
}

fn update(call: Call<'_, InTenant<TenantUpdate>, Empty, ChangeBody>) -> Result<Versioned<OwnTenantView>, Problem> {
    let ChangeBody {
        name,
        theme,
        languages,
        model,
        classification,
        trash_days,
        recording_days,
        usage_days,
        language_model,
        report_days,
    } = call.body;
    if language_model == Some(true) && call.services.language_model.is_none() {
        let fault = "this appliance has no language model; ask those who run it to set `language_model.url`";
        return Err(Problem::at("/language_model", fault));
    }
    let (actor, base) = (call.request.actor()?, call.request.base_version()?);
    let change = SettingsChange {
        theme,
        languages,
        model,
        classification: classification.map(Into::into),
        trash_days,
        recording_days,
        usage_days,
        language_model,
        report_days,
    };
    let mut tenant = call.services.tenant_of(actor)?;
    let name = name.filter(|name| *name != tenant.name);
    let rename = TenantChange { name, ..TenantChange::default() };
    rename.check()?;
    let also: &[&str] = if rename.name.is_some() { &["name"] } else { &[] };
    let settings = settings::update(call.pass, base, &change, also)?;
    // The name stands in the register, which is another file: a crash in between leaves the old one, and the call can be sent again.
    if rename.name.is_some() {
        let event = own_event(call.request, actor, SystemTask::TenantLife, tenant.id.erase());
        tenant = call.services.store.system().write(event, |tx| tenancy::update(tx, tenant.id, None, &rename))?;
    }
    Ok(view(call.services, tenant, settings))
}

fn read_usage(call: Call<'_, InTenant<TenantRead>, Empty, Empty>) -> Result<Json<UsageView>, Problem> {
    Ok(Json(used(call.services, &call.pass)?))
}

fn used(services: &Services, permit: &Permit<TenantRead>) -> Result<UsageView, Problem> {
    let (file, now) = (permit.read()?, permit.now());
    let limits = services.limits(permit.tenant())?;
    let counted = |meter: &Meter| {
        let (used, allowed) = meter.of(&file, now, &limits)?;
        Ok(LimitView { name: meter.limit(), allowed, used: Some(used) })
    };
    let mut all = Meter::ALL.iter().map(counted).collect::<Result<Vec<_>, store::ReadError>>()?;
    for (name, allowed) in [
        ("max_height_px", limits.max_height_px),
        ("concurrent_jobs", limits.concurrent_jobs),
        ("requests_per_second", limits.requests_per_second),
    ] {
        all.push(LimitView { name, allowed: allowed.into(), used: None });
    }
    let month = usage::month(now);
    Ok(UsageView { month: format!("{:04}-{:02}", month / 12, month % 12 + 1), limits: all })
}

/// What a tenant uses now.
#[derive(Debug, Serialize, JsonSchema)]
struct UsageNow {
    /// What it may use, and what it uses.
    usage: UsageView,
    /// Jobs that wait or run.
    jobs: u64,
    /// Rows of usage that were counted.
    events: u64,
}

fn watch_usage(call: Call<'_, InTenant<TenantRead>, PulseQuery, Empty>) -> Result<Pulse<UsageNow>, Problem> {
    Pulse::of(call.services, call.request, &call.query, |services, actor, request| {
        let permit = services.gate.permit::<TenantRead>(actor, &services.gate.realm(actor), &request.context())?;
        let view = permit.read()?;
        let (jobs, events) = (::jobs::queue::live(&view)?, metering::head(&view)?.rows);
        Ok(UsageNow { usage: used(services, &permit)?, jobs, events })
    })
}

fn close(call: Call<'_, InTenant<TenantDelete>, Empty, CloseBody>) -> Result<Json<ClosedView>, Problem> {
    let actor = call.request.actor()?;
    let tenant = call.services.tenant_of(actor)?;
    tenancy::confirm(&tenant, &call.body.confirm)?;
    // The wish goes into the tenant's trail first; what it does to the register has a row there.
    call.pass.write::<_, LifeError>(|tx| {
        tx.note("step", "closing asked for");
        Ok(())
    })?;
    let event = own_event(call.request, actor, SystemTask::TenantLife, tenant.id.erase());
    let reason = "asked for by its owner";
    let system = call.services.store.system();
    let closed = system.write(event, |tx| tenancy::close(tx, tenant.id, tenancy::GRACE, reason))?;
    let erase_from = if let State::Closed { erase_from } = closed.state { Some(moment(erase_from)) } else { None };
    let public_key = call.services.store.vault().public_key().to_string();
    Ok(Json(ClosedView { state: closed.state.kind().into(), erase_from, public_key }))
}
