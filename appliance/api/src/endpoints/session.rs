//! Signing in and out, and who one is.

use model::{ActorKind, Origin};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    endpoint::{Call, Empty, Endpoint, get},
    guard::SignedIn,
    problem::Problem,
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![get::<SignedIn>("/v1/session", "read_session", "Who you are and what you may").by(read)]
}

/// Who is calling.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
struct SessionView {
    /// The user or service account.
    id: String,
    /// The tenant.
    tenant: String,
    /// `user`, `service_account` or `operator`.
    kind: &'static str,
    /// The session or API key.
    credential: Option<String>,
    /// What you may in the whole tenant.
    permissions: Vec<&'static str>,
    /// Authenticator assurance level, 1 to 3 (NIST SP 800-63B).
    assurance_level: u8,
}

fn read(call: Call<'_, SignedIn, Empty, Empty>) -> Result<Json<SessionView>, Problem> {
    let actor = call.pass;
    let now = call.services.store.clock().now();
    Ok(Json(SessionView {
        id: actor.id.to_string(),
        tenant: actor.tenant.to_string(),
        kind: match actor.kind {
            ActorKind::User => "user",
            ActorKind::ServiceAccount => "service_account",
            ActorKind::Operator => "operator",
        },
        credential: match actor.origin {
            Origin::Session(id) => Some(id.to_string()),
            Origin::Key(id) => Some(id.to_string()),
            Origin::Console => None,
        },
        permissions: actor.tenant_wide(now).iter().map(|permission| permission.code()).collect(),
        assurance_level: actor.assurance.level,
    }))
}
