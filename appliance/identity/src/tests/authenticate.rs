//! Who is found behind a credential, and when nobody is.

use std::time::Duration;

use model::{ActorKind, Classification, ErrorKind, Id, Origin, Permission, PermissionSet, noun};

use super::{MINUTE, World};
use crate::{
    AuthError, Authenticated, Authenticator, Credential, Device, Factor, NewKey, PeopleError, Secret, ServiceAccount,
    SessionRules, UserChange, api_key, group, service_account, session, user,
};

fn ask(world: &World, auth: &Authenticator, credential: &Credential) -> Result<Authenticated, AuthError> {
    auth.authenticate(credential, &world.db, &world.realm, &world.grants, Some("192.0.2.1".parse().unwrap()))
}

fn auth() -> Authenticator {
    Authenticator::new(&SessionRules::default())
}

#[test]
fn a_session_leads_to_its_user() {
    let world = World::new();
    let user = world.user("ann");
    let token = world.session(user);
    let cookie = Credential::from_cookie(token.reveal().expose()).unwrap();
    let auth = auth();
    for _ in 0..2 {
        let found = ask(&world, &auth, &cookie).unwrap();
        assert_eq!(found.actor.kind, ActorKind::User);
        assert_eq!(found.actor.id, user.erase());
        assert_eq!(found.actor.origin, Origin::Session(token.id()));
        assert_eq!(found.actor.tenant, world.realm.tenant);
        assert_eq!(found.actor.tenant_wide(world.db.clock().now()), world.grants.0);
        assert_eq!(found.actor.assurance.level, 1);
        assert_eq!(found.actor.address, Some("192.0.2.1".parse().unwrap()));
        assert!(!found.actor.suspended && !found.must_rotate && found.must_change_password.is_none());
        assert_eq!(auth.remembered(), 1);
    }
}

#[test]
fn wrong_secrets_and_wrong_tenants_lead_nowhere() {
    let world = World::new();
    let token = world.session(world.user("ann"));
    let auth = auth();
    let refused = |credential: &Credential, world: &World| {
        let error = ask(world, &auth, credential).unwrap_err();
        assert!(matches!(error, AuthError::Unknown), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    };
    let cookie = Credential::Session(token.clone());
    ask(&world, &auth, &cookie).unwrap();
    // The same session with another secret.
    refused(&Credential::Session(crate::Token::fresh(token.tenant(), token.id())), &world);
    // A session that does not exist.
    refused(&Credential::Session(crate::Token::fresh(token.tenant(), Id::from_bits(1))), &world);
    // A good token at another tenant's door, in both ways of getting there.
    let mut other = World::new();
    other.realm.tenant = Id::from_bits(78 << 80);
    refused(&cookie, &other);
    let confused = auth.authenticate(&cookie, &other.db, &other.realm, &other.grants, None);
    assert!(confused.is_err());
    let system = World::system();
    assert!(auth.authenticate(&cookie, &system.db, &world.realm, &world.grants, None).is_err());
    for text in ["", "x", &"A".repeat(85)] {
        assert_eq!(Credential::from_cookie(text).unwrap_err().kind(), ErrorKind::Unauthenticated);
        assert_eq!(Credential::from_bearer(text).unwrap_err().kind(), ErrorKind::Unauthenticated);
    }
}

#[test]
fn records_in_another_tenants_file_are_of_no_use_there() {
    let world = World::new();
    let user = world.user("ann");
    let token = world.session(user);
    let mut other = World::new();
    other.realm.tenant = Id::from_bits(78 << 80);
    let other = World::of(other.realm);
    let view = world.db.read().unwrap();
    let (user, session) = (user::get(&view, user).unwrap(), session::get(&view, token.id()).unwrap());
    other.write(|tx| Ok((tx.put(&user)?, tx.put(&session)?))).unwrap();
    let cookie = Credential::Session(token);
    let find = |db, realm| auth().authenticate(&cookie, db, realm, &world.grants, None).is_ok();
    assert!(find(&world.db, &world.realm));
    assert!(!find(&other.db, &other.realm), "the token names its tenant");
    assert!(!find(&other.db, &world.realm), "the file knows whose it is");
}

#[test]
fn sessions_end_when_idle_and_at_their_end() {
    let world = World::new();
    let user = world.user("ann");
    let auth = auth();
    let idle = Credential::Session(world.session(user));
    let used = Credential::Session(world.session(user));
    world.clock.advance(29 * MINUTE);
    ask(&world, &auth, &used).unwrap();
    world.clock.advance(MINUTE);
    ask(&world, &auth, &used).unwrap();
    assert!(matches!(ask(&world, &auth, &idle), Err(AuthError::Expired)));
    for _ in 0..23 {
        world.clock.advance(29 * MINUTE);
        ask(&world, &auth, &used).unwrap();
    }
    world.clock.advance(23 * MINUTE);
    assert!(matches!(ask(&world, &auth, &used), Err(AuthError::Expired)), "12 hours are over");
}

#[test]
fn uses_are_stored_now_and_then() {
    let world = World::new();
    let user = world.user("ann");
    let cookie = Credential::Session(world.session(user));
    let auth = auth();
    let rows = || world.db.audit_head().unwrap().0;
    let before = rows();
    assert!(!ask(&world, &auth, &cookie).unwrap().must_store_uses);
    world.clock.advance(Duration::from_secs(59));
    assert!(!ask(&world, &auth, &cookie).unwrap().must_store_uses);
    assert_eq!(auth.store_uses(&world.db, &world.realm).unwrap(), 0);
    world.clock.advance(5 * MINUTE);
    assert!(ask(&world, &auth, &cookie).unwrap().must_store_uses);
    assert_eq!(rows(), before, "asking writes nothing");
    assert_eq!(auth.store_uses(&world.db, &world.realm).unwrap(), 1);
    assert_eq!(auth.store_uses(&world.db, &world.realm).unwrap(), 0);
    assert_eq!(rows(), before + 1);
    assert!(!ask(&world, &auth, &cookie).unwrap().must_store_uses);
    let live = session::of_user(&world.db.read().unwrap(), user, world.db.clock().now(), &world.rules).unwrap();
    assert_eq!(live[0].last_used, world.db.clock().now());
    // Another process, or this one after a restart, goes on from what is stored.
    world.clock.advance(29 * MINUTE);
    ask(&world, &Authenticator::new(&world.rules), &cookie).unwrap();
    world.clock.advance(MINUTE);
    assert!(ask(&world, &Authenticator::new(&world.rules), &cookie).is_err());
}

#[test]
fn what_changes_counts_with_the_next_request() {
    let world = World::new();
    let user = world.user("ann");
    let token = world.session(user);
    let cookie = Credential::Session(token.clone());
    let auth = auth();
    let may = |permission| {
        ask(&world, &auth, &cookie).unwrap().actor.tenant_wide(world.db.clock().now()).contains(permission)
    };
    assert!(!may(Permission::AuditRead));
    let group = world.write(|tx| group::create(tx, &world.realm, user.erase(), "Auditors")).unwrap().header.id;
    world.write(|tx| group::add(tx, group, user)).unwrap();
    assert!(may(Permission::AuditRead));
    world.write(|tx| group::take_out(tx, group, user)).unwrap();
    assert!(!may(Permission::AuditRead));
    let change = UserChange { clearance: Some(Classification::Secret), ..UserChange::default() };
    world.write(|tx| user::update(tx, user, change)).unwrap();
    let found = ask(&world, &auth, &cookie).unwrap();
    assert_eq!(found.actor.clearance, Classification::Secret);
    assert!(found.must_rotate);
    world.write(|tx| session::revoke(tx, token.id())).unwrap();
    assert!(matches!(ask(&world, &auth, &cookie), Err(AuthError::Unknown)));
}

#[test]
fn a_renewed_token_takes_the_place_of_the_one_before() {
    let world = World::new();
    let user = world.user("ann");
    let auth = auth();
    let first = world.session(user);
    let id = first.id();
    let grace = Duration::from_secs(20);
    let second = world.write(|tx| session::rotate(tx, id, grace)).unwrap();
    assert!(first.digest() != second.digest());
    // Requests that were under way with the first still pass, and are not asked to renew it again.
    assert!(!ask(&world, &auth, &Credential::Session(first.clone())).unwrap().must_rotate);
    ask(&world, &auth, &Credential::Session(second.clone())).unwrap();
    world.clock.advance(grace);
    assert!(ask(&world, &auth, &Credential::Session(first)).is_err());
    ask(&world, &auth, &Credential::Session(second.clone())).unwrap();
    let third = world.write(|tx| session::step_up(tx, id, Factor::OneTimeCode)).unwrap();
    assert!(ask(&world, &auth, &Credential::Session(second)).is_err(), "no grace at a step up");
    let actor = ask(&world, &auth, &Credential::Session(third)).unwrap().actor;
    assert_eq!((actor.assurance.level, actor.assurance.second_factor), (2, Some(world.db.clock().now())));
}

#[test]
fn factors_make_levels() {
    let world = World::new();
    let user = world.user("ann");
    let level = |factors: &[Factor]| {
        let id = world
            .write(|tx| session::begin(tx, &world.realm, user, factors[0], &Device::default(), &world.rules))
            .unwrap()
            .1
            .id();
        for factor in &factors[1..] {
            world.write(|tx| session::step_up(tx, id, *factor)).unwrap();
        }
        let assurance = session::get(&world.db.read().unwrap(), id).unwrap().assurance();
        (assurance.level, assurance.second_factor.is_some())
    };
    assert_eq!(level(&[Factor::Password]), (1, false));
    assert_eq!(level(&[Factor::Password, Factor::Password]), (1, false));
    assert_eq!(level(&[Factor::Password, Factor::OneTimeCode]), (2, true));
    assert_eq!(level(&[Factor::Passkey]), (2, true));
    assert_eq!(level(&[Factor::Password, Factor::HardwareKey]), (3, true));
    assert_eq!(level(&[Factor::Federated { two: false }]), (1, false));
    assert_eq!(level(&[Factor::Federated { two: true }]), (2, true));
}

#[test]
fn operators_hold_the_appliance_and_no_tenant() {
    let world = World::system();
    let user = world.user("root");
    let found = ask(&world, &auth(), &Credential::Session(world.session(user))).unwrap();
    assert_eq!(found.actor.kind, ActorKind::Operator);
    assert_eq!(found.actor.tenant_wide(world.db.clock().now()), PermissionSet::APPLIANCE);
    // Their keys hold permissions of the appliance, and none of a tenant.
    let make = |permission| {
        let expires = world.db.clock().now().after(MINUTE);
        let scopes = PermissionSet::of(&[permission]);
        let new = NewKey { owner: user.erase(), name: "remote".to_owned(), scopes, expires };
        let held = PermissionSet::TENANT.union(PermissionSet::APPLIANCE);
        world.write(|tx| api_key::create(tx, &world.realm, &new, held, &crate::KeyRules::default()))
    };
    assert!(matches!(make(Permission::ProjectRead), Err(PeopleError::Scopes)));
    let bearer = Credential::from_bearer(make(Permission::SystemBackup).unwrap().0.expose()).unwrap();
    let actor = ask(&world, &auth(), &bearer).unwrap().actor;
    assert_eq!(actor.tenant_wide(world.db.clock().now()), PermissionSet::of(&[Permission::SystemBackup]));
    assert_eq!(api_key::list(&world.db.read().unwrap(), None, 10, |_| true).unwrap().items.len(), 1);
    assert_eq!(session::list(&world.db.read().unwrap(), None, 10, |_| true).unwrap().items.len(), 1);
}

#[test]
fn nobody_of_a_tenant_holds_the_appliance() {
    let mut world = World::new();
    world.grants = super::Fixed(PermissionSet::TENANT.union(PermissionSet::APPLIANCE));
    let found = ask(&world, &auth(), &Credential::Session(world.session(world.user("ann")))).unwrap();
    assert_eq!(found.actor.tenant_wide(world.db.clock().now()), PermissionSet::TENANT);
}

#[test]
fn a_suspended_tenants_people_are_known_and_marked() {
    let mut world = World::new();
    let cookie = Credential::Session(world.session(world.user("ann")));
    let auth = auth();
    assert!(!ask(&world, &auth, &cookie).unwrap().actor.suspended);
    world.realm.suspended = true;
    assert!(ask(&world, &auth, &cookie).unwrap().actor.suspended);
}

fn account(world: &World, name: &str) -> Result<ServiceAccount, PeopleError> {
    let owner = world.realm.tenant.erase();
    world.write(|tx| service_account::create(tx, &world.realm, owner, name, Classification::Internal))
}

fn key(
    world: &World,
    owner: model::AnyId,
    scopes: &[Permission],
    days: u64,
) -> Result<(Secret, Id<noun::ApiKey>), PeopleError> {
    let expires = world.db.clock().now().after(Duration::from_secs(days * 24 * 3600));
    let new = NewKey { owner, name: "build".to_owned(), scopes: PermissionSet::of(scopes), expires };
    let (text, key) =
        world.write(|tx| api_key::create(tx, &world.realm, &new, world.grants.0, &crate::KeyRules::default()))?;
    Ok((text, key.id()))
}

#[test]
fn a_key_does_what_it_may_as_far_as_its_owner_may() {
    let mut world = World::new();
    let service = account(&world, "builder").unwrap().id();
    let (text, id) = key(&world, service.erase(), &[Permission::ProjectRead], 30).unwrap();
    let bearer = Credential::from_bearer(text.expose()).unwrap();
    let auth = auth();
    let actor = ask(&world, &auth, &bearer).unwrap().actor;
    assert_eq!((actor.kind, actor.origin), (ActorKind::ServiceAccount, Origin::Key(id)));
    assert_eq!(actor.tenant_wide(world.db.clock().now()), PermissionSet::of(&[Permission::ProjectRead]));
    world.grants = super::Fixed(PermissionSet::of(&[Permission::ProjectCreate]));
    let fresh = Authenticator::new(&world.rules);
    let actor = ask(&world, &fresh, &bearer).unwrap().actor;
    assert!(actor.tenant_wide(world.db.clock().now()).is_empty(), "the owner lost what the key was for");
    world.write(|tx| api_key::revoke(tx, id)).unwrap();
    assert!(matches!(ask(&world, &auth, &bearer), Err(AuthError::Unknown)));
}

#[test]
fn the_rules_of_keys() {
    let world = World::new();
    let service = account(&world, "builder").unwrap().id().erase();
    let read = &[Permission::ProjectRead];
    assert!(matches!(key(&world, service, &[Permission::AuditRead], 30), Err(PeopleError::Scopes)));
    assert!(matches!(key(&world, service, &[Permission::SystemRead], 30), Err(PeopleError::Scopes)));
    assert!(matches!(key(&world, service, read, 0), Err(PeopleError::Expiry(365))));
    assert!(matches!(key(&world, service, read, 366), Err(PeopleError::Expiry(365))));
    assert!(matches!(key(&world, world.realm.tenant.erase(), read, 1), Err(PeopleError::NotFound(_))));
    let expires = world.db.clock().now().after(MINUTE);
    let scopes = PermissionSet::of(&[Permission::SystemRead]);
    let new = NewKey { owner: service, name: "build".to_owned(), scopes, expires };
    let all = PermissionSet::TENANT.union(PermissionSet::APPLIANCE);
    let of_appliance =
        world.write(|tx| api_key::create(tx, &world.realm, &new, all, &crate::KeyRules::default()).map(|_| ()));
    assert!(matches!(of_appliance, Err(PeopleError::Scopes)));
    let (_, first) = key(&world, service, read, 365).unwrap();
    let (second, _) = key(&world, service, read, 1).unwrap();
    assert!(matches!(key(&world, service, read, 1), Err(PeopleError::TooMany { limit: 2, .. })));
    world.write(|tx| api_key::revoke(tx, first)).unwrap();
    key(&world, service, read, 1).unwrap();
    let bearer = Credential::from_bearer(second.expose()).unwrap();
    ask(&world, &auth(), &bearer).unwrap();
    world.clock.advance(24 * 60 * MINUTE);
    assert!(matches!(ask(&world, &auth(), &bearer), Err(AuthError::Expired)));
    key(&world, service, read, 1).unwrap();
    let keys = api_key::of_owner(&world.db.read().unwrap(), service).unwrap();
    assert_eq!(keys.len(), 4);
    assert_eq!(keys[0].last_used(&world.db.read().unwrap()).unwrap(), None);
    let purged = world.write(|tx| api_key::purge(tx, Duration::from_secs(3600), 10)).unwrap();
    assert_eq!(purged, 1, "the one revoked a day ago; two expired just now");
}

#[test]
fn a_service_accounts_keys_die_with_it() {
    let world = World::new();
    let auth = auth();
    for end in [service_account::suspend, service_account::remove] {
        let service = account(&world, "builder").unwrap().id();
        let (text, _) = key(&world, service.erase(), &[Permission::ProjectRead], 30).unwrap();
        let bearer = Credential::from_bearer(text.expose()).unwrap();
        ask(&world, &auth, &bearer).unwrap();
        world.write(|tx| end(tx, service)).unwrap();
        assert!(ask(&world, &auth, &bearer).is_err());
        assert!(matches!(
            key(&world, service.erase(), &[Permission::ProjectRead], 30),
            Err(PeopleError::Inactive(_) | PeopleError::NotFound(_))
        ));
        if service_account::get(&world.db.read().unwrap(), service).unwrap().state == crate::UserState::Suspended {
            assert!(matches!(account(&world, "Builder"), Err(PeopleError::Taken("service_account"))));
            world.write(|tx| service_account::resume(tx, service)).unwrap();
            assert!(ask(&world, &auth, &bearer).is_err(), "old keys do not come back");
            world.write(|tx| service_account::remove(tx, service)).unwrap();
        }
    }
    account(&world, "builder").unwrap();
}
