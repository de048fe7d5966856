//! API keys: secrets that sign programs in.

use identity::{ApiKey, NewKey, PeopleError, api_key};
use model::{
    Actor, AnyId, PermissionSet, SystemTask, Timestamp, noun,
    permission::{ApikeyCreate, ApikeyRead, ApikeyRevoke},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Headed as _, Read, Record as _};

use super::{
    own_event,
    people::must_outrank,
    view::{PageQuery, PageView, codes, moment, parse_any, parse_id, parse_moment, parse_permissions, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::{InTenant, Listing, On, SignedIn},
    problem::Problem,
    reply::{Json, Nothing},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<ApikeyRead>>("/v1/api-keys", "list_api_keys", "API keys without their secrets, newest first")
            .query::<ListQuery>()
            .by(list),
        post::<InTenant<ApikeyCreate>>(
            "/v1/api-keys",
            "create_api_key",
            "Make an API key for yourself or for a service account; shows the secret once",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        get::<SignedIn>("/v1/me/api-keys", "list_own_api_keys", "Your own API keys").by(list_own),
        delete::<SignedIn>("/v1/me/api-keys/{api_key}", "revoke_own_api_key", "Revoke an API key of your own")
            .silently()
            .by(revoke_own),
        delete::<On<ApikeyRevoke, ApiKey>>("/v1/api-keys/{api_key}", "revoke_api_key", "Revoke an API key")
            .silently()
            .by(revoke),
    ]
}

/// An API key without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
struct KeyView {
    /// The id.
    id: String,
    /// What it is for.
    name: String,
    /// The user or service account for which it acts.
    owner: String,
    /// What it may, as far as its owner may.
    permissions: Vec<&'static str>,
    /// When it ends (RFC 3339).
    expires: String,
    /// When it was revoked (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
    /// When it was last used, to within a few minutes (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    /// When it was made (RFC 3339).
    created: String,
}

impl KeyView {
    fn of(key: ApiKey, last_used: Option<Timestamp>) -> Self {
        KeyView {
            id: key.id().to_string(),
            name: key.name,
            owner: key.header.owner.to_string(),
            permissions: codes(key.scopes),
            expires: moment(key.expires),
            revoked: key.revoked.map(moment),
            last_used: last_used.map(moment),
            created: moment(key.header.created),
        }
    }
}

/// A new API key.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKeySecret")]
struct SecretView {
    #[serde(flatten)]
    key: KeyView,
    /// The secret, to be sent as bearer token. It is shown this once.
    secret: String,
}

/// One's own API keys.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnApiKeys")]
struct OwnView {
    /// Oldest first, revoked and expired ones too.
    items: Vec<KeyView>,
}

/// Which API keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Those of this user or service account.
    #[schemars(length(max = 64))]
    owner: Option<String>,
}

/// An API key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewApiKey")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is for.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What it may, of what you may yourself: codes like `project:read`.
    #[schemars(length(min = 1, max = 64))]
    permissions: Vec<String>,
    /// When it ends (RFC 3339), within a year.
    #[schemars(length(max = 64))]
    expires: String,
    /// The service account for which it acts; for yourself when absent.
    #[serde(default)]
    #[schemars(length(max = 64))]
    service_account: Option<String>,
}

fn list(call: Call<'_, Listing<ApikeyRead>, ListQuery, Empty>) -> Result<Json<PageView<KeyView>>, Problem> {
    let ListQuery { after, limit, owner } = call.query;
    let owner: Option<AnyId> = owner.map(|owner| parse_any("owner", &owner)).transpose()?;
    let (permit, query) = (call.pass, PageQuery { after, limit });
    let keep =
        |key: &ApiKey| owner.is_none_or(|owner| key.header.owner == owner) && permit.visible(&key.header().subject());
    let view = permit.read()?;
    let page = api_key::list(&view, query.cursor()?.as_ref(), query.limit()?, keep)?;
    let last_used = last_uses(&view, &page.items)?;
    let mut last_used = last_used.into_iter();
    Ok(Json(PageView::of(page, |key| KeyView::of(key, last_used.next().flatten()))))
}

fn last_uses(read: &impl Read, keys: &[ApiKey]) -> Result<Vec<Option<Timestamp>>, Problem> {
    Ok(keys.iter().map(|key| key.last_used(read)).collect::<Result<_, _>>()?)
}

fn create(call: Call<'_, InTenant<ApikeyCreate>, Empty, NewBody>) -> Result<Json<SecretView>, Problem> {
    let NewBody { name, permissions, expires, service_account } = call.body;
    let actor = call.request.actor()?;
    let account = service_account.map(|id| parse_id::<noun::ServiceAccount>("/service_account", &id)).transpose()?;
    let new = NewKey {
        owner: account.map_or(actor.id, |id| id.erase()),
        name,
        scopes: parse_permissions("/permissions", &permissions)?,
        expires: parse_moment("/expires", &expires)?,
    };
    if new.scopes.is_empty() {
        return Err(Problem::at("/permissions", "a key needs at least one permission"));
    }
    let (realm, rules) = (call.services.realm(actor)?, &call.services.identity.keys);
    let (secret, key) = call.pass.write::<_, Problem>(|tx| {
        let held = match account {
            None => anywhere(actor, tx.now()),
            Some(_) => {
                // Who has the key acts as the service account.
                must_outrank(tx, actor, new.owner)?;
                actor.tenant_wide(tx.now())
            }
        };
        Ok(api_key::create(tx, &realm, &new, held, rules)?)
    })?;
    Ok(Json(SecretView { key: KeyView::of(key, None), secret: secret.expose().to_owned() }))
}

/// What `actor` may in the tenant or in any one project.
fn anywhere(actor: &Actor, now: Timestamp) -> PermissionSet {
    let projects = actor.grants.iter().filter_map(|grant| match grant.scope {
        model::Scope::Tenant => None,
        model::Scope::Project(project) => Some(project),
    });
    projects.fold(actor.tenant_wide(now), |held, project| held.union(actor.within(Some(project), now)))
}

fn list_own(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<OwnView>, Problem> {
    let view = call.services.file(&call.pass)?.read()?;
    let keys = api_key::of_owner(&view, call.pass.id)?;
    let last_used = last_uses(&view, &keys)?;
    Ok(Json(OwnView { items: keys.into_iter().zip(last_used).map(|(key, used)| KeyView::of(key, used)).collect() }))
}

fn revoke_own(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, id) = (&call.pass, path_id::<noun::ApiKey>(call.request)?);
    let event = own_event(call.request, actor, SystemTask::SessionLife, id.erase());
    call.services.file(actor)?.write(event, |tx| {
        // That there is such a key of another is not to be learnt.
        if api_key::get(tx, id)?.header.owner != actor.id {
            return Err(PeopleError::NotFound(ApiKey::NAME));
        }
        tx.note("key", "revoked");
        api_key::revoke(tx, id)
    })?;
    Ok(Nothing)
}

fn revoke(call: Call<'_, On<ApikeyRevoke, ApiKey>, Empty, Empty>) -> Result<Nothing, Problem> {
    let id = path_id(call.request)?;
    call.pass.write(|tx| api_key::revoke(tx, id))?;
    Ok(Nothing)
}
