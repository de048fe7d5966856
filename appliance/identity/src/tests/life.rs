//! Users, groups, invitations and the first owner, from beginning to end.

use std::time::Duration;

use model::{Classification, ErrorKind, Id, Level, Permission, PermissionSet, Timestamp, noun};

use super::{MINUTE, World, new_user};
use crate::{
    ApiKey, AuthError, Authenticator, Credential, Email, Invitation, InvitationToken, NewInvitation, NewKey,
    PeopleError, Secret, UserChange, UserState, api_key, group, invitation, session, setup, user,
};

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn key(world: &World, user: Id<noun::User>) -> (Secret, ApiKey) {
    let new = NewKey {
        owner: user.erase(),
        name: "script".to_owned(),
        scopes: PermissionSet::of(&[Permission::ProjectRead]),
        expires: world.db.clock().now().after(60 * MINUTE),
    };
    world.write(|tx| api_key::create(tx, &world.realm, &new, world.grants.0, &crate::KeyRules::default())).unwrap()
}

fn passes(world: &World, credential: &Credential) -> Result<(), AuthError> {
    let auth = Authenticator::new(&world.rules);
    auth.authenticate(credential, &world.db, &world.realm, &world.grants, None).map(|_| ())
}

#[test]
fn users_are_made_changed_and_found() {
    let world = World::new();
    let ann = world.user("ann");
    assert_eq!(world.last_row().subject, ann.erase());
    let view = world.db.read().unwrap();
    assert_eq!(user::by_email(&view, &email("ANN@example.org")).unwrap().unwrap().id(), ann);
    let header = user::get(&view, ann).unwrap().header;
    assert_eq!((header.class, header.version, header.tenant), (model::DataClass::K5, 1, world.realm.tenant));
    let taken = world.write(|tx| user::create(tx, &world.realm, new_user("ann", None))).unwrap_err();
    assert!(matches!(taken, PeopleError::Taken("user")) && taken.kind() == ErrorKind::Conflict);
    let nameless =
        world.write(|tx| user::create(tx, &world.realm, crate::NewUser { name: " ".into(), ..new_user("x", None) }));
    assert_eq!(nameless.unwrap_err().kind(), ErrorKind::Invalid);
    let bob = world.user("bob");
    let change = |email| UserChange { email: Some(email), ..UserChange::default() };
    assert!(matches!(
        world.write(|tx| user::update(tx, bob, change(email("ann@example.org")))),
        Err(PeopleError::Taken("user"))
    ));
    world.write(|tx| user::update(tx, ann, change(email("ann@new.example")))).unwrap();
    world.write(|tx| user::update(tx, bob, change(email("ann@example.org")))).unwrap();
    assert_eq!(user::get(&world.db.read().unwrap(), ann).unwrap().header.version, 2);
    assert!(!format!("{:?}", world.last_row()).contains("ann@"), "no address in the audit log");
    let page = user::list(&world.db.read().unwrap(), None, 1, |_| true).unwrap();
    assert!(page.items.len() == 1 && page.next.is_some());
    assert!(matches!(user::get(&world.db.read().unwrap(), Id::from_bits(9)), Err(PeopleError::NotFound("user"))));
}

#[test]
fn who_is_suspended_or_removed_is_out_at_once() {
    for end in [user::suspend, user::remove] {
        let world = World::new();
        let ann = world.user("ann");
        let group = world.write(|tx| group::create(tx, &world.realm, ann.erase(), "Staff")).unwrap().header.id;
        world.write(|tx| group::add(tx, group, ann)).unwrap();
        let cookie = Credential::Session(world.session(ann));
        let bearer = Credential::from_bearer(key(&world, ann).0.expose()).unwrap();
        passes(&world, &cookie).unwrap();
        passes(&world, &bearer).unwrap();
        let state = world.write(|tx| end(tx, ann)).unwrap().state;
        let row = world.last_row();
        assert_eq!((row.detail["sessions_ended"].as_str(), row.detail["keys_revoked"].as_str()), ("1", "1"));
        passes(&world, &cookie).unwrap_err();
        passes(&world, &bearer).unwrap_err();
        let device = crate::Device::default();
        let begun =
            world.write(|tx| session::begin(tx, &world.realm, ann, crate::Factor::Password, &device, &world.rules));
        assert!(matches!(begun, Err(PeopleError::Inactive("user"))));
        if state == UserState::Suspended {
            world.write(|tx| user::resume(tx, ann)).unwrap();
            passes(&world, &cookie).unwrap_err();
            passes(&world, &bearer).unwrap_err();
            passes(&world, &Credential::Session(world.session(ann))).unwrap();
        } else {
            let gone = user::get(&world.db.read().unwrap(), ann).unwrap();
            assert!(gone.name.is_empty() && gone.email.is_none() && !gone.has_password());
            assert!(group::members(&world.db.read().unwrap(), group, None, 10).unwrap().items.is_empty());
            assert!(matches!(world.write(|tx| user::resume(tx, ann)), Err(PeopleError::NotFound(_))));
            assert_ne!(world.user("ann"), ann, "the address is free again");
        }
    }
}

#[test]
fn sessions_are_listed_and_ended() {
    let mut world = World::new();
    world.rules.per_user = 3;
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let other = world.session(bob);
    let tokens: Vec<_> = (0..5)
        .map(|_| {
            world.clock.advance(MINUTE);
            world.session(ann)
        })
        .collect();
    let live = |user| {
        let live = session::of_user(&world.db.read().unwrap(), user, world.db.clock().now(), &world.rules).unwrap();
        live.iter().map(|live| live.session.id()).collect::<Vec<_>>()
    };
    assert_eq!(live(ann), tokens[2..].iter().map(crate::Token::id).collect::<Vec<_>>(), "the oldest made room");
    let shown = session::get(&world.db.read().unwrap(), tokens[4].id()).unwrap();
    assert_eq!((shown.device.as_str(), shown.user()), ("Test/1.0", Some(ann)));
    world.write(|tx| session::revoke(tx, tokens[2].id())).unwrap();
    assert!(matches!(world.write(|tx| session::revoke(tx, tokens[2].id())), Err(PeopleError::NotFound("session"))));
    assert_eq!(world.write(|tx| session::revoke_all(tx, ann, Some(tokens[4].id()))).unwrap(), 1);
    assert_eq!(live(ann), [tokens[4].id()]);
    assert_eq!(live(bob), [other.id()]);
    world.clock.advance(30 * MINUTE);
    assert!(live(ann).is_empty(), "idle for too long");
    world.clock.advance(12 * 60 * MINUTE);
    assert_eq!(world.write(|tx| session::purge(tx, 1)).unwrap(), 1);
    assert_eq!(world.write(|tx| session::purge(tx, 10)).unwrap(), 1);
    assert_eq!(world.write(|tx| session::purge(tx, 10)).unwrap(), 0);
}

#[test]
fn cookies_have_the_safe_attributes() {
    let world = World::new();
    let token = world.session(world.user("ann"));
    let cookie = session::cookie(&token, &world.rules);
    let expected =
        format!("__Host-audiagram={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200", token.reveal().expose());
    assert_eq!(cookie.expose(), expected);
    assert!(session::no_cookie().starts_with("__Host-audiagram=; ") && session::no_cookie().contains("Max-Age=0"));
}

#[test]
fn groups_have_members() {
    let world = World::new();
    let ann = world.user("ann");
    let make = |name: &str| world.write(|tx| group::create(tx, &world.realm, ann.erase(), name));
    let staff = make("Staff").unwrap().header.id;
    assert!(matches!(make("STAFF"), Err(PeopleError::Taken("group"))));
    assert!(world.write(|tx| group::add(tx, staff, ann)).unwrap());
    assert!(!world.write(|tx| group::add(tx, staff, ann)).unwrap());
    assert!(world.write(|tx| group::add(tx, staff, Id::from_bits(4))).is_err());
    assert!(world.write(|tx| group::add(tx, Id::from_bits(4), ann)).is_err());
    assert_eq!(group::of_user(&world.db.read().unwrap(), ann).unwrap(), [staff]);
    for number in 1..group::MAX_GROUPS {
        let id = make(&format!("Group {number}")).unwrap().header.id;
        world.write(|tx| group::add(tx, id, ann)).unwrap();
    }
    let beyond = make("Beyond").unwrap().header.id;
    assert!(matches!(world.write(|tx| group::add(tx, beyond, ann)), Err(PeopleError::TooMany { .. })));
    world.write(|tx| group::rename(tx, staff, "Crew")).unwrap();
    assert_eq!(world.write(|tx| group::remove(tx, staff)).unwrap(), 1);
    assert_eq!(group::of_user(&world.db.read().unwrap(), ann).unwrap().len(), group::MAX_GROUPS - 1);
    assert!(group::get(&world.db.read().unwrap(), staff).is_err());
    make("Crew").unwrap();
}

fn invite(world: &World, to: &str, days: u64) -> Result<(InvitationToken, Invitation), PeopleError> {
    let new = NewInvitation {
        email: email(to),
        level: Level::Editor,
        project: None,
        clearance: Classification::Internal,
        expires: world.db.clock().now().after(Duration::from_secs(days * 24 * 3600)),
    };
    world.write(|tx| invitation::create(tx, &world.realm, world.realm.tenant.erase(), new))
}

fn accept(world: &World, token: &InvitationToken) -> Result<Id<noun::User>, PeopleError> {
    world.write(|tx| Ok(invitation::accept(tx, &world.realm, token, "New", None)?.0.id()))
}

#[test]
fn an_invitation_is_accepted_once() {
    let world = World::new();
    let (token, made) = invite(&world, "new@example.org", 7).unwrap();
    assert!(matches!(invite(&world, "NEW@example.org", 7), Err(PeopleError::Taken("invitation"))));
    let text = token.reveal();
    let token: InvitationToken = text.expose().parse().unwrap();
    let open = invitation::open(&world.db.read().unwrap(), &token, world.db.clock().now()).unwrap();
    assert_eq!((open.id(), open.level), (made.id(), Level::Editor));
    assert!(matches!(accept(&world, &InvitationToken::fresh(token.tenant(), token.id())), Err(PeopleError::Code)));
    let user = accept(&world, &token).unwrap();
    assert_eq!(world.last_row().detail["level"], "editor");
    assert_eq!(user::get(&world.db.read().unwrap(), user).unwrap().email, Some(email("new@example.org")));
    assert!(matches!(accept(&world, &token), Err(PeopleError::Code)));
    assert!(matches!(invite(&world, "new@example.org", 7), Err(PeopleError::Taken("user"))));
}

#[test]
fn of_many_who_accept_at_once_one_gets_in() {
    let world = World::new();
    let (token, _) = invite(&world, "new@example.org", 7).unwrap();
    let made = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| accept(&world, &token).is_ok())).collect();
        tries.into_iter().map(|made| made.join().unwrap()).filter(|made| *made).count()
    });
    assert_eq!(made, 1);
}

#[test]
fn invitations_end() {
    let world = World::new();
    assert!(matches!(invite(&world, "a@example.org", 0), Err(PeopleError::Expiry(30))));
    assert!(matches!(invite(&world, "a@example.org", 31), Err(PeopleError::Expiry(30))));
    let (first, made) = invite(&world, "a@example.org", 7).unwrap();
    let later = world.db.clock().now().after(Duration::from_secs(8 * 24 * 3600));
    let (second, _) = world.write(|tx| invitation::resend(tx, made.id(), later)).unwrap();
    assert!(matches!(accept(&world, &first), Err(PeopleError::Code)), "the old link is dead");
    world.write(|tx| invitation::revoke(tx, made.id())).unwrap();
    assert!(matches!(accept(&world, &second), Err(PeopleError::Code)));
    assert!(matches!(world.write(|tx| invitation::revoke(tx, made.id())), Err(PeopleError::NotFound(_))));
    let (third, _) = invite(&world, "a@example.org", 7).unwrap();
    world.clock.set(later);
    assert!(matches!(accept(&world, &third), Err(PeopleError::Code)), "past its time");
    let (fourth, _) = invite(&world, "a@example.org", 7).unwrap();
    invite(&world, "b@example.org", 1).unwrap();
    world.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(world.write(|tx| invitation::purge(tx, 10)).unwrap(), 1);
    assert_eq!(invitation::list(&world.db.read().unwrap(), None, 10, |_| true).unwrap().items.len(), 1);
    accept(&world, &fourth).unwrap();
}

#[test]
fn the_first_owner_has_the_code() {
    let world = World::new();
    let now = || world.db.clock().now();
    let is_open = |now: Timestamp| setup::is_open(&world.db.read().unwrap(), now).unwrap();
    let claim = |code: &str| world.write(|tx| setup::claim(tx, &world.realm, &code.into(), new_user("ann", None)));
    assert!(!is_open(now()));
    assert!(matches!(claim(""), Err(PeopleError::Code)));
    let void = world.write(|tx| setup::begin(tx, 60 * MINUTE)).unwrap();
    let code = world.write(|tx| setup::begin(tx, 60 * MINUTE)).unwrap();
    assert_eq!(code.expose().len(), 29);
    assert!(is_open(now()) && !is_open(now().after(60 * MINUTE)));
    assert!(matches!(claim(void.expose()), Err(PeopleError::Code)));
    assert!(matches!(claim(&format!("{}0", code.expose())), Err(PeopleError::Code)));
    let typed = code.expose().to_uppercase().replace('-', " ").replace('0', "O").replace('1', "l");
    claim(&typed).unwrap();
    assert!(!is_open(now()));
    assert!(matches!(claim(code.expose()), Err(PeopleError::Code)), "used up");
    let late = world.write(|tx| setup::begin(tx, 60 * MINUTE)).unwrap();
    world.clock.advance(60 * MINUTE);
    assert!(matches!(claim(late.expose()), Err(PeopleError::Code)));
}
