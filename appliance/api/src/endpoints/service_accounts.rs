//! Service accounts: programs of a tenant. They have roles as users do, and sign in with API keys.

use access::assignment::take_all;
use identity::{ServiceAccount, ServiceAccountChange, UserState, service_account};
use model::{
    noun,
    permission::{ApikeyCreate, ApikeyRead, MemberRemove, MemberUpdate},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Headed as _;

use super::{
    people::{must_be_at, must_be_cleared, must_outrank},
    view::{ClassificationView, PageQuery, PageView, moment, path_id, state},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{InTenant, Listing, On},
    problem::Problem,
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ApikeyRead>>("/v1/service-accounts", "list_service_accounts", "Service accounts, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<ApikeyCreate>>("/v1/service-accounts", "create_service_account", "Make a service account")
            .takes::<NewBody>()
            .creates()
            .by(create),
        get::<On<ApikeyRead, ServiceAccount>>(
            "/v1/service-accounts/{service_account}",
            "read_service_account",
            "A service account",
        )
        .by(read),
        patch::<On<MemberUpdate, ServiceAccount>>(
            "/v1/service-accounts/{service_account}",
            "update_service_account",
            "Change, suspend or resume a service account",
        )
        .takes::<ChangeBody>()
        .versioned()
        .by(update),
        delete::<On<MemberRemove, ServiceAccount>>(
            "/v1/service-accounts/{service_account}",
            "remove_service_account",
            "Remove a service account for good, with its roles and keys",
        )
        .versioned()
        .silently()
        .by(remove),
    ]
}

/// A program of a tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ServiceAccount")]
struct ServiceAccountView {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// `active`, `suspended` or `removed`.
    state: &'static str,
    /// The highest classification it may see.
    clearance: ClassificationView,
    /// Who made it.
    owner: String,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
}

impl From<ServiceAccount> for ServiceAccountView {
    fn from(account: ServiceAccount) -> Self {
        ServiceAccountView {
            id: account.id().to_string(),
            name: account.name,
            state: state(account.state),
            clearance: account.clearance.into(),
            owner: account.header.owner.to_string(),
            version: account.header.version,
            created: moment(account.header.created),
        }
    }
}

/// A new service account.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewServiceAccount")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// The name; no two service accounts have the same.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// The highest classification it will see, at most your own; `internal` without a word.
    #[serde(default)]
    clearance: Option<ClassificationView>,
}

/// A change of a service account: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ServiceAccountChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// Another clearance, at most your own.
    clearance: Option<ClassificationView>,
    /// Suspends it, which revokes its keys, or lets it have keys again.
    suspended: Option<bool>,
}

type Done = Result<Versioned<ServiceAccountView>, Problem>;

fn versioned(account: ServiceAccount) -> Versioned<ServiceAccountView> {
    Versioned(account.header.version, account.into())
}

fn list(call: Call<'_, Listing<ApikeyRead>, PageQuery, Empty>) -> Result<Json<PageView<ServiceAccountView>>, Problem> {
    let permit = call.pass;
    let keep =
        |account: &ServiceAccount| account.state != UserState::Removed && permit.visible(&account.header().subject());
    let page = service_account::list(&permit.read()?, call.query.cursor()?.as_ref(), call.query.limit()?, keep)?;
    Ok(Json(PageView::of(page, ServiceAccountView::from)))
}

fn create(call: Call<'_, InTenant<ApikeyCreate>, Empty, NewBody>) -> Done {
    let NewBody { name, clearance } = call.body;
    let actor = call.request.actor()?;
    let clearance = clearance.map(Into::into).unwrap_or_default();
    must_be_cleared(actor, clearance)?;
    let realm = call.services.realm(actor)?;
    Ok(versioned(call.pass.write(|tx| service_account::create(tx, &realm, actor.id, &name, clearance))?))
}

fn read(call: Call<'_, On<ApikeyRead, ServiceAccount>, Empty, Empty>) -> Done {
    Ok(versioned(service_account::get(&call.pass.read()?, path_id(call.request)?)?))
}

fn update(call: Call<'_, On<MemberUpdate, ServiceAccount>, Empty, ChangeBody>) -> Done {
    let ChangeBody { name, clearance, suspended } = call.body;
    let (actor, base) = (call.request.actor()?, call.request.base_version()?);
    let id = path_id::<noun::ServiceAccount>(call.request)?;
    let change = ServiceAccountChange { name, clearance: clearance.map(Into::into) };
    let account = call.pass.write::<_, Problem>(|tx| {
        let before = service_account::get(tx, id)?;
        must_be_at(base, before.header.version)?;
        must_outrank(tx, actor, id.erase())?;
        for clearance in change.clearance.into_iter().flat_map(|clearance| [clearance, before.clearance]) {
            must_be_cleared(actor, clearance)?;
        }
        let account = service_account::update(tx, id, change)?;
        Ok(match suspended {
            Some(true) if account.state == UserState::Active => service_account::suspend(tx, id)?,
            Some(false) if account.state == UserState::Suspended => service_account::resume(tx, id)?,
            _ => account,
        })
    })?;
    Ok(versioned(account))
}

fn remove(call: Call<'_, On<MemberRemove, ServiceAccount>, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, base) = (call.request.actor()?, call.request.base_version()?);
    let id = path_id::<noun::ServiceAccount>(call.request)?;
    call.pass.write::<_, Problem>(|tx| {
        must_be_at(base, service_account::get(tx, id)?.header.version)?;
        must_outrank(tx, actor, id.erase())?;
        let roles = take_all(tx, id.erase())?;
        tx.note("roles_taken", roles.to_string());
        service_account::remove(tx, id)?;
        Ok(())
    })?;
    Ok(Nothing)
}
