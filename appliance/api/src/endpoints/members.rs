//! Members: the users of a tenant.

use access::{
    assignment::take_all,
    usage::{self, Meter},
};
use identity::{
    Email, User, UserChange, UserState, setup,
    user::{self, By},
};
use library::notice::Wishes;
use model::{
    noun,
    permission::{MemberRead, MemberRemove, MemberUpdate},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Headed as _;

use super::{
    people::{must_be_at, must_be_cleared, must_not_be_last_owner, must_outrank},
    view::{ClassificationView, PageQuery, PageView, Sorted, moment, path_id, sorts, state},
};
use crate::{
    endpoint::{Call, Empty, Endpoint, delete, get, patch, post},
    guard::{Listing, On},
    problem::{Code, Problem},
    reply::{Json, Nothing, Versioned},
};

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<Listing<MemberRead>>("/v1/members", "list_members", "Users of the tenant")
            .query::<ListQuery>()
            .by(list),
        get::<On<MemberRead, User>>("/v1/members/{user}", "read_member", "A user").briskly().by(read),
        patch::<On<MemberUpdate, User>>("/v1/members/{user}", "update_member", "Change, suspend or resume a user")
            .takes::<ChangeBody>()
            .versioned()
            .by(update),
        post::<On<MemberUpdate, User>>(
            "/v1/members/{user}/password",
            "reset_password",
            "Give a user a password for one sign-in, at which they choose another; shows it once and ends their sessions",
        )
        .creates()
        .by(reset_password),
        delete::<On<MemberRemove, User>>(
            "/v1/members/{user}",
            "remove_member",
            "Remove a user for good, with their roles, sessions and keys",
        )
        .versioned()
        .silently()
        .by(remove),
    ]
}

/// A user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub(super) struct MemberView {
    /// The id.
    id: String,
    /// The name; empty once removed.
    name: String,
    /// The address to sign in with; absent once removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `active`, `suspended` or `removed`.
    state: &'static str,
    /// The highest classification the user may see.
    clearance: ClassificationView,
    /// Whether too many failed sign-ins have locked the user out.
    locked: bool,
    /// The hour of the last sign-in (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in: Option<String>,
    /// Counts changes from 1; the entity tag.
    version: u64,
    /// When it was made (RFC 3339).
    created: String,
}

impl From<User> for MemberView {
    fn from(user: User) -> Self {
        MemberView {
            id: user.id().to_string(),
            state: state(user.state),
            clearance: user.clearance.into(),
            locked: user.is_locked(),
            last_sign_in: user.last_sign_in.map(moment),
            version: user.header.version,
            created: moment(user.header.created),
            email: user.email.map(|email| email.to_string()),
            name: user.name,
        }
    }
}

/// A change of a user: what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "MemberChange")]
#[serde(deny_unknown_fields, default)]
struct ChangeBody {
    /// Another name.
    #[schemars(length(min = 1, max = 100))]
    name: Option<String>,
    /// Another address to sign in with; ends no session, but renews them.
    #[schemars(length(min = 3, max = 254))]
    email: Option<String>,
    /// Another clearance, at most your own.
    clearance: Option<ClassificationView>,
    /// Suspends the user, which ends sessions and keys, or lets them sign in again.
    suspended: Option<bool>,
    /// `false` unlocks a user whom too many failed sign-ins have locked out.
    locked: Option<bool>,
}

/// In what order.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ListQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 400))]
    after: Option<String>,
    /// How many items, 50 without a word.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// In what order: by a field, with `-` before it from the greatest down; newest first without a word. What says nothing there
    /// comes last.
    #[schemars(schema_with = "sorts::<By>")]
    sort: Option<String>,
}

/// A password for one sign-in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OneTimePassword")]
struct PasswordView {
    /// Whose it is.
    user: String,
    /// The password. It is shown this once.
    password: String,
}

fn list(call: Call<'_, Listing<MemberRead>, ListQuery, Empty>) -> Result<Json<PageView<MemberView>>, Problem> {
    let ListQuery { after, limit, sort } = call.query;
    let query = PageQuery { after, limit };
    let sorted = Sorted::parse(sort)?;
    let permit = call.pass;
    let keep = |user: &User| user.state != UserState::Removed && permit.visible(&user.header().subject());
    let after = sorted.cursor(&query)?;
    let page = user::listed(&permit.read()?, sorted.order, after.as_ref(), query.limit()?, keep)?;
    Ok(Json(sorted.page(page, MemberView::from)))
}

fn read(call: Call<'_, On<MemberRead, User>, Empty, Empty>) -> Result<Versioned<MemberView>, Problem> {
    let user = user::get(&call.pass.read()?, path_id(call.request)?)?;
    Ok(Versioned(user.header.version, user.into()))
}

fn update(call: Call<'_, On<MemberUpdate, User>, Empty, ChangeBody>) -> Result<Versioned<MemberView>, Problem> {
    let ChangeBody { name, email, clearance, suspended, locked } = call.body;
    let (actor, base, id) = (call.request.actor()?, call.request.base_version()?, path_id::<noun::User>(call.request)?);
    let email = email.map(|email| Email::parse(&email).map_err(identity::PeopleError::from)).transpose()?;
    if locked == Some(true) {
        return Err(Problem::at("/locked", "only failed sign-ins lock a user; suspend them instead"));
    }
    let change = UserChange { name, email, clearance: clearance.map(Into::into) };
    let user = call.pass.write::<_, Problem>(|tx| {
        let before = user::get(tx, id)?;
        must_be_at(base, before.header.version)?;
        must_outrank(tx, actor, id.erase())?;
        // Whoever lowers a clearance must have been able to see what it let through, too.
        for clearance in change.clearance.into_iter().flat_map(|clearance| [clearance, before.clearance]) {
            must_be_cleared(actor, clearance)?;
        }
        let mut user = user::update(tx, id, change)?;
        if locked == Some(false) && user.is_locked() {
            user = user::unlock(tx, id)?;
        }
        match suspended {
            Some(true) if user.state == UserState::Active => {
                must_not_be_last_owner(tx, id)?;
                user = user::suspend(tx, id)?;
            }
            Some(false) if user.state == UserState::Suspended => user = user::resume(tx, id)?,
            _ => (),
        }
        Ok(user)
    })?;
    Ok(Versioned(user.header.version, user.into()))
}

fn reset_password(call: Call<'_, On<MemberUpdate, User>, Empty, Empty>) -> Result<Json<PasswordView>, Problem> {
    let (actor, id) = (call.request.actor()?, path_id::<noun::User>(call.request)?);
    if actor.id == id.erase() {
        // Else whoever finds an open browser would have the account.
        return Err(Problem::new(Code::Denied, "your own password is changed with your old one: POST /v1/me/password"));
    }
    let password = setup::fresh();
    // It is hashed before the write, which must be short.
    let hash = call.services.sign_in.passwords().accept(&password, &[], false)?;
    let user = call.pass.write::<_, Problem>(|tx| {
        // Who has the password has the rights.
        must_outrank(tx, actor, id.erase())?;
        Ok(user::set_password(tx, id, hash, true, None)?)
    })?;
    Ok(Json(PasswordView { user: user.id().to_string(), password: password.expose().to_owned() }))
}

fn remove(call: Call<'_, On<MemberRemove, User>, Empty, Empty>) -> Result<Nothing, Problem> {
    let (actor, base, id) = (call.request.actor()?, call.request.base_version()?, path_id::<noun::User>(call.request)?);
    call.pass.write::<_, Problem>(|tx| {
        must_be_at(base, user::get(tx, id)?.header.version)?;
        must_outrank(tx, actor, id.erase())?;
        let roles = take_all(tx, id.erase())?;
        tx.note("roles_taken", roles.to_string());
        Wishes::forget(tx, id)?;
        let removed = user::remove(tx, id)?;
        Ok(usage::give_back(tx, Meter::Seats, 1, removed.header.created)?)
    })?;
    Ok(Nothing)
}
