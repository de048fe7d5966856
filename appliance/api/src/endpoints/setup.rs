//! The first operator of the appliance: whoever has the code that the console shows.

use identity::{Email, Knock, NewUser, PeopleError, Realm, Secret, SignInError, setup};
use model::{Classification, SystemTask};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::EventDraft;

use crate::{
    endpoint::{Call, Empty, Endpoint, post},
    guard::Public,
    problem::{Code, Problem},
    reply::Json,
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        post::<Public>(
            "/v1/setup",
            "set_up",
            "Become the first operator with the code that the appliance's console shows",
        )
        .takes::<SetUp>()
        .creates()
        .by(set_up),
    ]
}

/// The first operator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    /// The code from the console.
    #[schemars(with = "String", length(min = 1, max = 64))]
    code: Secret,
    /// Your name.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Your e-mail address, to sign in with.
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// The password you choose, of 15 characters or more.
    #[schemars(with = "String", length(min = 15, max = 256))]
    password: Secret,
}

/// An operator who was made.
#[derive(Debug, Serialize, JsonSchema)]
struct Operator {
    /// Its id.
    user: String,
    /// What to sign in to as `tenant`.
    tenant: &'static str,
}

fn set_up(call: Call<'_, Public, Empty, SetUp>) -> Result<Json<Operator>, Problem> {
    let SetUp { code, name, email, password } = call.body;
    let services = call.services;
    let email = Email::parse(&email).map_err(PeopleError::from)?;
    let db = services.store.system();
    // Before the password is hashed, which costs; the write looks again.
    let now = services.store.clock().now();
    let from = Knock { address: Some(call.request.address), tenant: Realm::SYSTEM, name: "setup" };
    services.sign_in.throttle().admit(from, now).map_err(SignInError::from)?;
    setup::check(&db.read()?, &code, now).map_err(|_| wrong_code())?;
    let hash = services.sign_in.passwords().accept(&password, &[&name, email.as_str()], false)?;
    let mut event = EventDraft::system(SystemTask::InvitationAccept, db.log());
    event.address = Some(call.request.address.to_string());
    event.request = Some(call.request.id.clone());
    let realm = Realm::system(services.region);
    let new = NewUser { name, email, clearance: Classification::Public, password: Some(hash), must_change: false };
    let user = db.write::<_, PeopleError>(event, |tx| setup::claim(tx, &realm, &code, new))?;
    Ok(Json(Operator { user: user.id().to_string(), tenant: tenancy::APPLIANCE }))
}

fn wrong_code() -> Problem {
    Problem::new(
        Code::WrongCredentials,
        "the code is wrong, used up or past its time; the appliance shows a new one when it starts without an operator",
    )
}
