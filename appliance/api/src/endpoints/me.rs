//! What people say of themselves, without a permission.

use identity::{UserChange, user};
use model::{Actor, Id, Origin, SystemTask, noun};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{members::MemberView, people::must_be_at, session::own_event};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, patch},
    guard::SignedIn,
    problem::{Code, Problem},
    reply::Versioned,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<SignedIn>("/v1/me", "read_self", "You, as others see you").briskly().by(read),
        patch::<SignedIn>("/v1/me", "update_self", "Change the name that others see")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
    ]
}

/// What to change of oneself: what is absent stays. The address to sign in with and the clearance are for those to say who administer the
/// tenant.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "SelfChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
}

/// The person who calls: programs and the console are none.
pub(super) fn person(actor: &Actor) -> Result<Id<noun::User>, Problem> {
    actor.id.typed().ok_or_else(|| {
        Problem::new(Code::Conflict, "only people say something of themselves, and a program or the console calls")
    })
}

/// The person who calls and is signed in: what a key may does not reach who its owner is.
pub(super) fn signed_in(actor: &Actor) -> Result<Id<noun::User>, Problem> {
    let id = person(actor)?;
    match actor.origin {
        Origin::Session(_) => Ok(id),
        _ => Err(Problem::new(Code::Conflict, "an API key cannot change what concerns its owner; sign in first")),
    }
}

fn read(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Versioned<MemberView>, Problem> {
    let user = user::get(&call.services.file(&call.pass)?.read()?, person(&call.pass)?)?;
    Ok(Versioned(user.header.version, user.into()))
}

fn update(call: Call<'_, SignedIn, Empty, ChangeBody>) -> Result<Versioned<MemberView>, Problem> {
    let (actor, id, base) = (&call.pass, signed_in(&call.pass)?, call.request.base_version()?);
    let event = own_event(call.request, actor, SystemTask::ProfileChange, id.erase());
    let change = UserChange { name: call.body.name, ..UserChange::default() };
    let user = call.services.file(actor)?.write::<_, Problem>(event, |tx| {
        must_be_at(base, user::get(tx, id)?.header.version)?;
        Ok(user::update(tx, id, change)?)
    })?;
    Ok(Versioned(user.header.version, user.into()))
}
