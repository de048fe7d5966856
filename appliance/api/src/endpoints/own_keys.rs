//! One's own API keys. Operators have no other way to one: what makes keys for others is a permission of tenants.

use identity::{ApiKey, NewKey, PeopleError, api_key};
use model::{Actor, ActorKind, NounKind, Origin, SystemTask, noun, permission::ApikeyCreate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Record as _;

use super::{
    api_keys::{KeyView, SecretView},
    session::own_event,
    view::{parse_moment, parse_permissions, path_id},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, post},
    guard::SignedIn,
    problem::{Code, Problem},
    reply::{Json, Nothing},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<SignedIn>("/v1/me/api-keys", "list_own_api_keys", "Your API keys without their secrets, oldest first")
            .by(list),
        post::<SignedIn>(
            "/v1/me/api-keys",
            "create_own_api_key",
            "Make an API key for yourself, which in a tenant takes `apikey:create`; shows the secret once",
        )
        .takes::<NewBody>()
        .creates()
        .by(create),
        delete::<SignedIn>("/v1/me/api-keys/{api_key}", "revoke_own_api_key", "Revoke an API key of yours")
            .silently()
            .by(revoke),
    ]
}

/// One's own keys.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnApiKeys")]
struct OwnView {
    /// Oldest first.
    items: Vec<KeyView>,
}

/// A key of one's own to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewOwnApiKey")]
#[serde(deny_unknown_fields)]
struct NewBody {
    /// What it is for.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What it may, of what you may yourself: codes like `system:read`.
    #[schemars(length(min = 1, max = 64))]
    permissions: Vec<String>,
    /// When it ends (RFC 3339), within a year.
    #[schemars(length(max = 64))]
    expires: String,
}

/// That someone with an account calls: the console is nobody who could have a key.
fn account(actor: &Actor) -> Result<&Actor, Problem> {
    match actor.id.kind {
        NounKind::User | NounKind::ServiceAccount => Ok(actor),
        _ => Err(Problem::new(Code::Conflict, "the console has no account; sign in to make or see your keys")),
    }
}

fn list(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<OwnView>, Problem> {
    let actor = account(&call.pass)?;
    let view = call.services.file(actor)?.read()?;
    let keys = api_key::of_owner(&view, actor.id)?;
    let shown = keys.into_iter().map(|key| {
        let used = key.last_used(&view)?;
        Ok(KeyView::of(key, used))
    });
    Ok(Json(OwnView { items: shown.collect::<Result<_, Problem>>()? }))
}

fn create(call: Call<'_, SignedIn, Empty, NewBody>) -> Result<Json<SecretView>, Problem> {
    let NewBody { name, permissions, expires } = call.body;
    let actor = account(&call.pass)?;
    let scopes = parse_permissions("/permissions", &permissions)?;
    if scopes.is_empty() {
        return Err(Problem::at("/permissions", "a key needs at least one permission"));
    }
    let new = NewKey { owner: actor.id, name, scopes, expires: parse_moment("/expires", &expires)? };
    let (realm, rules) = (call.services.realm(actor)?, &call.services.identity.keys);
    let make = |tx: &mut store::Tx<'_>| {
        let held = actor.tenant_wide(tx.now());
        api_key::create(tx, &realm, &new, held, rules)
    };
    let (secret, key) = if actor.kind == ActorKind::Operator {
        // A key that makes keys would never end.
        if !matches!(actor.origin, Origin::Session(_)) {
            return Err(Problem::new(Code::Denied, "an operator's key is made by signing in, not with another key"));
        }
        let event = own_event(call.request, actor, SystemTask::SessionLife, actor.id);
        call.services.file(actor)?.write::<_, PeopleError>(event, make)?
    } else {
        let gate = &call.services.gate;
        let permit = gate.permit::<ApikeyCreate>(actor, &gate.realm(actor), &call.request.context())?;
        permit.write::<_, PeopleError>(make)?
    };
    Ok(Json(SecretView { key: KeyView::of(key, None), secret: secret.expose().to_owned() }))
}

fn revoke(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, id) = (account(&call.pass)?, path_id::<noun::ApiKey>(call.request)?);
    let event = own_event(call.request, actor, SystemTask::SessionLife, id.erase());
    call.services.file(actor)?.write(event, |tx| {
        // That there is such a key of someone else is not to be learnt.
        if api_key::get(tx, id)?.header.owner != actor.id {
            return Err(PeopleError::NotFound(ApiKey::NAME));
        }
        tx.note("key", "revoked");
        api_key::revoke(tx, id).map(drop)
    })?;
    Ok(Nothing)
}
