//! Tenants, for those who run the appliance.

use std::time::Duration;

use identity::{Email, PeopleError};
use model::{
    Id, Region, SystemTask, noun,
    permission::{SystemRead, SystemTenantCreate},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::EventDraft;
use tenancy::{
    CreateError, Filter, Limits, NewTenant, Newcomer, Onboarded, Plan, State, StateKind, Tenant, TenantChange,
};

use super::view::{PageQuery, PageView, given, moment, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch, post},
    guard::{InTenant, Listing},
    problem::{Code, Problem},
    reply::{Json, Versioned},
    request::Request,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<SystemRead>>("/v1/tenants", "list_tenants", "Tenants of the appliance, newest first")
            .query::<ListQuery>()
            .by(list),
        post::<InTenant<SystemTenantCreate>>(
            "/v1/tenants",
            "create_tenant",
            "Make a tenant with its keys and its first owner's invitation; can be sent again",
        )
        .takes::<NewTenantBody>()
        .creates()
        .by(create),
        post::<InTenant<SystemTenantCreate>>(
            "/v1/tenants/batch",
            "create_tenants",
            "Make up to 1,000 tenants, all or none; can be sent again",
        )
        .takes::<BatchBody>()
        .creates()
        .by(create_many),
        get::<InTenant<SystemRead>>("/v1/tenants/{tenant}", "read_tenant", "A tenant").by(read),
        patch::<InTenant<SystemTenantCreate>>(
            "/v1/tenants/{tenant}",
            "update_tenant",
            "Change a tenant's name, plan or agreed limits",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
    ]
}

/// A plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlanView {
    /// To look around.
    Trial,
    /// For a team.
    Team,
    /// For a department.
    Business,
    /// For a company.
    Enterprise,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        match plan {
            Plan::Trial => Self::Trial,
            Plan::Team => Self::Team,
            Plan::Business => Self::Business,
            Plan::Enterprise => Self::Enterprise,
        }
    }
}

impl From<PlanView> for Plan {
    fn from(view: PlanView) -> Self {
        match view {
            PlanView::Trial => Self::Trial,
            PlanView::Team => Self::Team,
            PlanView::Business => Self::Business,
            PlanView::Enterprise => Self::Enterprise,
        }
    }
}

/// Where a tenant is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StateView {
    /// At work.
    Active,
    /// Nobody of it can do anything; its data rest.
    Suspended,
    /// On its way out.
    Closed,
    /// Nothing of it is left.
    Erased,
}

impl From<StateKind> for StateView {
    fn from(state: StateKind) -> Self {
        match state {
            StateKind::Active => Self::Active,
            StateKind::Suspended => Self::Suspended,
            StateKind::Closed => Self::Closed,
            StateKind::Erased => Self::Erased,
        }
    }
}

impl From<StateView> for StateKind {
    fn from(view: StateView) -> Self {
        match view {
            StateView::Active => Self::Active,
            StateView::Suspended => Self::Suspended,
            StateView::Closed => Self::Closed,
            StateView::Erased => Self::Erased,
        }
    }
}

/// What a tenant may use. Zero means none.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Limits")]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsView {
    /// Rendered minutes a calendar month (UTC).
    minutes_per_month: u64,
    /// Stored bytes.
    storage_bytes: u64,
    /// The height of a video's frames, in pixels.
    max_height_px: u32,
    /// Jobs that run at the same time.
    concurrent_jobs: u32,
    /// Users that are not removed.
    seats: u32,
    /// Requests a second over all users and keys.
    requests_per_second: u32,
    /// Projects, those in the trash too.
    projects: u32,
}

impl From<Limits> for LimitsView {
    fn from(limits: Limits) -> Self {
        let Limits {
            minutes_per_month,
            storage_bytes,
            max_height_px,
            concurrent_jobs,
            seats,
            requests_per_second,
            projects,
        } = limits;
        LimitsView {
            minutes_per_month,
            storage_bytes,
            max_height_px,
            concurrent_jobs,
            seats,
            requests_per_second,
            projects,
        }
    }
}

impl From<LimitsView> for Limits {
    fn from(view: LimitsView) -> Self {
        let LimitsView {
            minutes_per_month,
            storage_bytes,
            max_height_px,
            concurrent_jobs,
            seats,
            requests_per_second,
            projects,
        } = view;
        Limits {
            minutes_per_month,
            storage_bytes,
            max_height_px,
            concurrent_jobs,
            seats,
            requests_per_second,
            projects,
        }
    }
}

/// A tenant, as those who run the appliance see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TenantRecord")]
pub(super) struct TenantView {
    /// The id.
    id: String,
    /// The short name, in addresses and at sign-in.
    slug: String,
    /// The name for people; empty once erased.
    name: String,
    /// The region whose appliance holds its data.
    home: String,
    /// The plan.
    plan: PlanView,
    /// What it may use: the plan's limits, or those agreed.
    limits: LimitsView,
    /// Whether the limits were agreed beyond the plan.
    agreed: bool,
    /// Where it is in its life.
    state: StateView,
    /// When a closed one is erased (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    erase_from: Option<String>,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        TenantView {
            id: tenant.id.to_string(),
            home: tenant.home.code().to_owned(),
            plan: tenant.plan.into(),
            limits: tenant.limits().into(),
            agreed: tenant.agreed.is_some(),
            state: tenant.state.kind().into(),
            erase_from: match tenant.state {
                State::Closed { erase_from } => Some(moment(erase_from)),
                _ => None,
            },
            version: tenant.version,
            created: moment(tenant.created),
            slug: tenant.slug,
            name: tenant.name,
        }
    }
}

/// A tenant that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NewTenantRecord")]
struct MadeView {
    #[serde(flatten)]
    tenant: TenantView,
    /// The code with which the first owner comes in. It is shown this once; sent again, the call makes a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<CodeView>,
    /// Whether it was there before this call.
    known: bool,
}

/// A code that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnerCode")]
struct CodeView {
    /// The code.
    code: String,
    /// When it ends (RFC 3339).
    expires: String,
}

impl From<Onboarded> for MadeView {
    fn from(made: Onboarded) -> Self {
        MadeView {
            tenant: made.tenant.into(),
            invitation: made
                .invitation
                .map(|(code, expires)| CodeView { code: code.expose().to_owned(), expires: moment(expires) }),
            known: made.known,
        }
    }
}

/// Tenants that were made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NewTenantRecords")]
struct BatchView {
    /// In the order of the request.
    items: Vec<MadeView>,
}

/// A new tenant.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewTenant")]
#[serde(deny_unknown_fields)]
struct NewTenantBody {
    /// Short name: 2 to 63 lower-case letters, digits and hyphens, beginning with a letter.
    #[schemars(length(min = 2, max = 63), regex(pattern = "^[a-z][a-z0-9-]*[a-z0-9]$"))]
    slug: String,
    /// Name for people; the short name without a word.
    #[serde(default)]
    #[schemars(length(min = 1, max = 120))]
    name: Option<String>,
    /// The plan; `team` without a word.
    #[serde(default)]
    plan: Option<PlanView>,
    /// The region whose appliance holds its data: this one's.
    #[serde(default)]
    #[schemars(length(min = 2, max = 8))]
    home: Option<String>,
    /// E-mail address of the first owner, who gets an invitation; nobody without one.
    #[serde(default)]
    #[schemars(length(min = 3, max = 254))]
    owner: Option<String>,
}

/// New tenants.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewTenants")]
#[serde(deny_unknown_fields)]
struct BatchBody {
    /// The tenants.
    #[schemars(length(min = 1, max = 1_000))]
    tenants: Vec<NewTenantBody>,
}

/// A change of a tenant: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "TenantRecordChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name for people.
    #[schemars(length(min = 1, max = 120))]
    name: Option<String>,
    /// Another plan.
    plan: Option<PlanView>,
    /// Limits agreed beyond the plan; `null` goes back to the plan's.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<LimitsView>")]
    agreed: Option<Option<LimitsView>>,
}

/// Which tenants.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Only those in this state; closed ones by when they are erased, the last first.
    state: Option<StateView>,
    /// Only those with this plan.
    plan: Option<PlanView>,
    /// Only those whose short name begins with this, in the order of short names.
    #[schemars(length(min = 1, max = 63))]
    slug: Option<String>,
}

fn list(call: Call<'_, Listing<SystemRead>, ListQuery, Empty>) -> Result<Json<PageView<TenantView>>, Problem> {
    let ListQuery { after, limit, state, plan, slug } = call.query;
    let page = PageQuery { after, limit };
    let slug = slug.as_deref().filter(|slug| !slug.is_empty());
    if slug.is_some_and(|slug| slug.contains('\0')) {
        return Err(Problem::at("slug", "is no beginning of a short name"));
    }
    let filter = Filter { state: state.map(Into::into), plan: plan.map(Into::into), slug };
    let found = tenancy::list(&call.pass.read()?, &filter, page.cursor()?.as_ref(), page.limit()?)?;
    Ok(Json(PageView::of(found, TenantView::from)))
}

fn create(call: Call<'_, InTenant<SystemTenantCreate>, Empty, NewTenantBody>) -> Result<Json<MadeView>, Problem> {
    let mut made = onboard(call.services, call.request, call.pass, vec![("", call.body)])?;
    Ok(Json(made.pop().expect("one was asked for").into()))
}

fn create_many(call: Call<'_, InTenant<SystemTenantCreate>, Empty, BatchBody>) -> Result<Json<BatchView>, Problem> {
    let tenants = call.body.tenants;
    if tenants.is_empty() {
        return Err(Problem::at("/tenants", "must name at least one tenant"));
    }
    let wanted = tenants.into_iter().map(|body| ("/tenants", body)).collect();
    let items = onboard(call.services, call.request, call.pass, wanted)?;
    Ok(Json(BatchView { items: items.into_iter().map(MadeView::from).collect() }))
}

fn onboard(
    services: &Services,
    request: &Request,
    permit: access::Permit<SystemTenantCreate>,
    wanted: Vec<(&str, NewTenantBody)>,
) -> Result<Vec<Onboarded>, Problem> {
    let wanted = wanted.into_iter().map(|(at, body)| newcomer(services, at, body)).collect::<Result<_, Problem>>()?;
    // The row in each new tenant's own trail names the operator, too.
    let mut event = EventDraft::system(SystemTask::TenantCreate, permit.subject().id);
    event.actor = Some(permit.actor());
    event.request = Some(request.id.clone());
    let prepared = tenancy::prepare(&services.store, wanted)?;
    permit.write::<_, CreateError>(|tx| tenancy::register(tx, &prepared))?;
    Ok(tenancy::invite_owners(&services.store, &event, prepared)?)
}

fn newcomer(services: &Services, at: &str, body: NewTenantBody) -> Result<Newcomer, Problem> {
    let NewTenantBody { slug, name, plan, home, owner } = body;
    let home = match home {
        None => services.region,
        Some(code) => code.parse::<Region>().map_err(|error| Problem::at(format!("{at}/home"), error.to_string()))?,
    };
    if home != services.region {
        let here = services.region;
        let detail =
            format!("this appliance is the home of tenants of `{here}`; make the tenant on the appliance of `{home}`");
        return Err(Problem::at(format!("{at}/home"), detail));
    }
    let owner = owner.map(|owner| Email::parse(&owner).map_err(PeopleError::from)).transpose()?;
    let name = name.unwrap_or_else(|| slug.clone());
    Ok(Newcomer { new: NewTenant { slug, name, home, plan: plan.map_or(Plan::Team, Into::into) }, owner })
}

fn read(call: Call<'_, InTenant<SystemRead>, Empty, Empty>) -> Result<Versioned<TenantView>, Problem> {
    Ok(versioned(named(&call.pass.read()?, call.request)?))
}

fn update(call: Call<'_, InTenant<SystemTenantCreate>, Empty, ChangeBody>) -> Result<Versioned<TenantView>, Problem> {
    let (id, base) = (path_id(call.request)?, call.request.base_version()?);
    let ChangeBody { name, plan, agreed } = call.body;
    let change = TenantChange { name, plan: plan.map(Into::into), agreed: agreed.map(|limits| limits.map(Into::into)) };
    Ok(versioned(call.pass.write(|tx| tenancy::update(tx, id, base, &change))?))
}

pub(super) fn versioned(tenant: Tenant) -> Versioned<TenantView> {
    Versioned(tenant.version, tenant.into())
}

/// The tenant that the path names.
pub(super) fn named(read: &impl store::Read, request: &Request) -> Result<Tenant, Problem> {
    let id: Id<noun::Tenant> = path_id(request)?;
    tenancy::find(read, id)?.ok_or_else(|| Problem::new(Code::NotFound, ""))
}

/// Days as a duration.
pub(super) fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}
