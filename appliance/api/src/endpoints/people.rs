//! What the endpoints about people have in common: who may rule over whom. Identity knows people and access knows rights; here the
//! two come together, inside the write that depends on it.

use access::{
    RightsError,
    assignment::{grants_of, is_last_owner, outranks},
};
use identity::{Group, PeopleError, Realm, ServiceAccount, User, UserState, group, service_account, session, user};
use model::{Actor, ActorKind, AnyId, Assurance, Classification, Grant, Id, NounKind, Origin, PermissionSet, noun};
use store::{Headed, Read, ReadError, Tx};

use crate::problem::{Code, Problem};

/// All that a user or service account may.
pub(super) fn grants(read: &impl Read, principal: AnyId) -> Result<Vec<Grant>, ReadError> {
    let groups = match principal.typed::<noun::User>() {
        Some(user) => group::of_user(read, user)?,
        None => Vec::new(),
    };
    grants_of(read, principal, &groups)
}

/// That `actor` may do to `principal` what would give the one the other's rights, or take them away.
pub(super) fn must_outrank(tx: &Tx<'_>, actor: &Actor, principal: AnyId) -> Result<(), Problem> {
    let grants = grants(tx, principal)?;
    Ok(outranks(actor, tx.now(), &grants)?)
}

/// That `actor` may see what it lets another see.
pub(super) fn must_be_cleared(actor: &Actor, clearance: Classification) -> Result<(), Problem> {
    if clearance <= actor.clearance {
        return Ok(());
    }
    Err(Problem::new(Code::Denied, "nobody gives a higher clearance than their own"))
}

/// That the tenant keeps an owner without `user`.
pub(super) fn must_not_be_last_owner(tx: &Tx<'_>, user: Id<noun::User>) -> Result<(), Problem> {
    if is_last_owner(tx, user)? { Err(RightsError::LastOwner.into()) } else { Ok(()) }
}

/// That what is stored is what the caller has read.
pub(super) fn must_be_at(base: Option<u64>, now: u64) -> Result<(), Problem> {
    match base {
        Some(base) if base != now => Err(RightsError::Version { base, now }.into()),
        _ => Ok(()),
    }
}

/// That there is an active principal to give a role to, and that its sessions are renewed. Of a group, the members' rights count
/// with their next request.
pub(super) fn receives(tx: &mut Tx<'_>, principal: AnyId) -> Result<(), RightsError> {
    let is_active = match principal.kind {
        NounKind::User => principal.typed().map(|id| user::get(tx, id).map(|user| user.state == UserState::Active)),
        NounKind::Group => principal.typed().map(|id| group::get(tx, id).map(|_| true)),
        _ => principal
            .typed()
            .map(|id| service_account::get(tx, id).map(|account: ServiceAccount| account.state == UserState::Active)),
    };
    match is_active {
        Some(Ok(true)) => rights_change(tx, principal),
        Some(Err(PeopleError::Store(error))) => Err(RightsError::Store(error)),
        _ => Err(RightsError::NotFound(principal.kind.label())),
    }
}

/// Asks for new tokens for the sessions of a user, or of all members of a group, whose rights change.
pub(super) fn rights_change(tx: &mut Tx<'_>, principal: AnyId) -> Result<(), RightsError> {
    let demanded = match (principal.typed::<noun::User>(), principal.typed::<noun::Group>()) {
        (Some(user), _) => session::demand_rotation(tx, user),
        (None, Some(group)) => group::demand_rotation(tx, group),
        (None, None) => Ok(()),
    };
    demanded.map_err(|error| match error {
        PeopleError::Store(error) => RightsError::Store(error),
        _ => RightsError::NotFound(principal.kind.label()),
    })
}

/// A user as it would be were it signed in by a session, with one factor.
pub(crate) fn as_if_signed_in(read: &impl Read, realm: &Realm, user: &User) -> Result<Actor, ReadError> {
    let id = user.id().erase();
    Ok(Actor {
        tenant: realm.tenant,
        home: realm.home,
        kind: ActorKind::User,
        id,
        origin: Origin::Session(Id::from_bits(0)),
        grants: grants(read, id)?,
        ceiling: PermissionSet::TENANT,
        clearance: user.clearance,
        assurance: Assurance { level: 1, second_factor: None },
        suspended: realm.suspended || user.state != UserState::Active,
        address: None,
    })
}

/// What a principal is called; nothing once it is removed.
pub(super) fn name(read: &impl Read, principal: AnyId) -> Result<String, ReadError> {
    let name = match principal.kind {
        NounKind::User => typed::<User>(read, principal)?.map(|user| user.name),
        NounKind::Group => typed::<Group>(read, principal)?.map(|group| group.name),
        _ => typed::<ServiceAccount>(read, principal)?.map(|account| account.name),
    };
    Ok(name.unwrap_or_default())
}

fn typed<R: Headed>(read: &impl Read, id: AnyId) -> Result<Option<R>, ReadError> {
    id.typed().map_or(Ok(None), |id| read.get::<R>(&id))
}
