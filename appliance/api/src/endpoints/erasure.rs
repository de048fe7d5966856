//! Erasing what names a person (GDPR, article 17): the user's record and the content of the audit rows about them. The hashes of
//! the rows stay, so every proof stays valid.

use access::{
    Permit,
    assignment::take_all,
    usage::{self, Meter},
};
use audit::{personal, search::SearchError};
use identity::{User, UserState, user};
use library::notice::Wishes;
use model::{
    Id, Permitted, noun,
    permission::{ComplianceManage, SystemConfigure},
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Database, Tx};

use super::{
    operators,
    people::{must_not_be_last_owner, must_outrank},
    view::path_id,
};
use crate::{
    endpoint::{Call, Empty, Endpoint, post},
    guard::{InTenant, On},
    problem::Problem,
    reply::Json,
    services::Services,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<ComplianceManage, User>>(
            "/v1/members/{user}/erase",
            "erase_member",
            "Remove a user and what names them, in the audit trail too; its proofs stay valid",
        )
        .by(erase_member),
        post::<InTenant<SystemConfigure>>(
            "/v1/operators/{operator}/erase",
            "erase_operator",
            "Remove an operator and what names them, in the appliance's audit trail too; its proofs stay valid",
        )
        .by(erase_operator),
    ]
}

/// What was erased.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonErasure")]
struct ErasedView {
    /// The user, of whom the id is left.
    user: String,
    /// Audit rows whose content was dropped by this call.
    rows: u64,
    /// Whether nothing is left; if not, send the call again.
    complete: bool,
}

fn erase_member(call: Call<'_, On<ComplianceManage, User>, Empty, Empty>) -> Result<Json<ErasedView>, Problem> {
    let (actor, id) = (call.request.actor()?, path_id::<noun::User>(call.request)?);
    let file = call.services.file(actor)?;
    erase(call.services, &file, call.pass, id, |tx| {
        must_outrank(tx, actor, id.erase())?;
        must_not_be_last_owner(tx, id)?;
        let roles = take_all(tx, id.erase())?;
        tx.note("roles_taken", roles.to_string());
        Wishes::forget(tx, id)?;
        let removed = user::remove(tx, id)?;
        Ok(usage::give_back(tx, Meter::Seats, 1, removed.header.created)?)
    })
}

fn erase_operator(call: Call<'_, InTenant<SystemConfigure>, Empty, Empty>) -> Result<Json<ErasedView>, Problem> {
    let id = operators::named(call.request)?;
    erase(call.services, call.services.store.system(), call.pass, id, |tx| {
        operators::must_not_be_last(tx, id)?;
        user::remove(tx, id)?;
        Ok(())
    })
}

/// Removes a user, if that has not been done, and drops the content of the audit rows about them, in one write.
fn erase<P: Permitted>(
    services: &Services,
    file: &Database,
    permit: Permit<P>,
    id: Id<noun::User>,
    remove: impl FnOnce(&mut Tx<'_>) -> Result<(), Problem>,
) -> Result<Json<ErasedView>, Problem> {
    // Found before the write, which others wait for. What is added meanwhile is found by the next call.
    let found = personal::rows_of(file, id.erase()).map_err(SearchError::Trail)?;
    permit.write::<_, Problem>(|tx| {
        if user::get(tx, id)?.state != UserState::Removed {
            remove(tx)?;
        }
        for row in &found.rows {
            tx.erase_row(*row)?;
        }
        tx.about(id.erase());
        tx.note(personal::ERASED_ROWS, found.rows.len().to_string());
        Ok(())
    })?;
    services.indexes.forget(file.log());
    Ok(Json(ErasedView { user: id.to_string(), rows: found.rows.len() as u64, complete: found.complete }))
}
