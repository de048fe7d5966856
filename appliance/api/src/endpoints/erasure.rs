//! Erasing what names a person (GDPR, article 17): the user's record and the content of the audit rows about them. The hashes of
//! the rows stay, so every proof stays valid.

use access::{
    assignment::take_all,
    usage::{self, Meter},
};
use audit::{personal, search::SearchError};
use identity::{User, UserState, user};
use model::{noun, permission::ComplianceManage};
use schemars::JsonSchema;
use serde::Serialize;
use store::Database;

use super::{
    people::{must_not_be_last_owner, must_outrank},
    view::path_id,
};
use crate::{
    endpoint::{Call, Empty, Endpoint, post},
    guard::On,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<On<ComplianceManage, User>>(
            "/v1/members/{user}/erase",
            "erase_member",
            "Remove a user and what names them, in the audit trail too; its proofs stay valid",
        )
        .by(erase),
    ]
}

/// What was erased.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MemberErasure")]
struct ErasedView {
    /// The user, of whom the id is left.
    user: String,
    /// Audit rows whose content was dropped by this call.
    rows: u64,
    /// Whether nothing is left; if not, send the call again.
    complete: bool,
}

fn erase(call: Call<'_, On<ComplianceManage, User>, Empty, Empty>) -> Result<Json<ErasedView>, Problem> {
    let (actor, id) = (call.request.actor()?, path_id::<noun::User>(call.request)?);
    // Found before the write, which others wait for. What is added meanwhile is found by the next call.
    let file = call.services.file(actor)?;
    let found = personal::rows_of(&*file as &Database, id.erase()).map_err(SearchError::Trail)?;
    call.pass.write::<_, Problem>(|tx| {
        let known = user::get(tx, id)?;
        if known.state != UserState::Removed {
            must_outrank(tx, actor, id.erase())?;
            must_not_be_last_owner(tx, id)?;
            let roles = take_all(tx, id.erase())?;
            tx.note("roles_taken", roles.to_string());
            let removed = user::remove(tx, id)?;
            usage::give_back(tx, Meter::Seats, 1, removed.header.created)?;
        }
        for row in &found.rows {
            tx.erase_row(*row)?;
        }
        tx.about(id.erase());
        tx.note(personal::ERASED_ROWS, found.rows.len().to_string());
        Ok(())
    })?;
    call.services.indexes.forget(file.log());
    Ok(Json(ErasedView { user: id.to_string(), rows: found.rows.len() as u64, complete: found.complete }))
}
