use std::time::Duration;

use model::{Actor, ErrorKind, Permission, Subject};

use super::*;
use crate::{
    RequestContext,
    world::{NOW, Place, grant, project, tenant, thing, user},
};

fn person(number: u128) -> AnyId {
    Id::<noun::User>::from_bits(number).erase()
}

fn holder(level: Level) -> Actor {
    user(&[grant(level, Scope::Tenant)])
}

fn level(level: Level, principal: AnyId) -> NewAssignment {
    NewAssignment { principal, role: RoleRef::Level(level), expires: None }
}

fn assign(place: &Place, giver: &Actor, subject: &Subject, new: &NewAssignment) -> Result<Assignment, ErrorKind> {
    let permit = place.gate.permit(giver, subject, &RequestContext::default()).map_err(|refusal| refusal.kind())?;
    give(permit, new, |_, _| Ok(())).map_err(|error| error.kind())
}

fn undo(place: &Place, taker: &Actor, given: &Assignment) -> Result<(), ErrorKind> {
    let permit = place.gate.permit(taker, &given.header.subject(), &RequestContext::default());
    take(permit.map_err(|refusal| refusal.kind())?, |_, _| Ok(())).map_err(|error| error.kind())
}

fn grants(place: &Place, principal: AnyId, groups: &[Id<Group>]) -> Vec<Grant> {
    grants_of(&place.store.tenant(tenant(1)).unwrap().read().unwrap(), principal, groups).unwrap()
}

#[test]
fn nobody_gives_what_they_lack() {
    let place = Place::new();
    let realm = place.gate.realm(&holder(Level::Admin));
    let give = |giver, given| assign(&place, &holder(giver), &realm, &level(given, person(20))).map(drop);
    assert_eq!(give(Level::Admin, Level::Editor), Ok(()));
    assert_eq!(give(Level::Admin, Level::Editor), Err(ErrorKind::Conflict), "it is given already");
    assert_eq!(give(Level::Admin, Level::Owner), Err(ErrorKind::Denied));
    assert_eq!(give(Level::Admin, Level::Auditor), Err(ErrorKind::Denied), "audit:export is the owner's");
    assert_eq!(give(Level::Owner, Level::Owner), Ok(()));
    assert_eq!(give(Level::Manager, Level::Viewer), Err(ErrorKind::Denied), "it may not assign at all");
    let held = grants(&place, person(20), &[]);
    let expected = [Level::Editor, Level::Owner].map(|level| grant(level, Scope::Tenant));
    assert!(held.len() == 2 && expected.iter().all(|grant| held.contains(grant)), "{held:?}");
}

#[test]
fn roles_are_given_in_projects_to_groups_and_for_a_time() {
    let place = Place::new();
    let admin = holder(Level::Admin);
    let group = Id::<Group>::from_bits(30);
    let end = NOW.after(Duration::from_secs(60));
    let new = NewAssignment { expires: Some(end), ..level(Level::Viewer, group.erase()) };
    let given = assign(&place, &admin, &thing(), &new).unwrap();
    assert_eq!(given.scope(), Scope::Project(project(1)));
    assert!(grants(&place, person(20), &[]).is_empty());
    let expected = Grant { expires: Some(end), ..grant(Level::Viewer, Scope::Project(project(1))) };
    assert_eq!(grants(&place, person(20), &[group]), [expected]);
    let ended = NewAssignment { expires: Some(NOW), ..level(Level::Viewer, person(20)) };
    assert_eq!(assign(&place, &admin, &thing(), &ended), Err(ErrorKind::Invalid));
    assert_eq!(assign(&place, &admin, &thing(), &level(Level::Viewer, tenant(1).erase())), Err(ErrorKind::Invalid));
    let unknown = NewAssignment { role: RoleRef::Custom(Id::from_bits(5)), ..level(Level::Viewer, person(20)) };
    assert_eq!(assign(&place, &admin, &thing(), &unknown), Err(ErrorKind::NotFound));
}

#[test]
fn managers_share_their_projects() {
    let place = Place::new();
    let manager = user(&[grant(Level::Manager, Scope::Project(project(1)))]);
    let permit = || place.gate.permit::<ProjectShare>(&manager, &thing(), &RequestContext::default()).unwrap();
    let given = share(permit(), &level(Level::Editor, person(20)), |_, _| Ok(())).unwrap();
    assert_eq!(given.scope(), Scope::Project(project(1)));
    assert_eq!(share(permit(), &level(Level::Admin, person(20)), |_, _| Ok(())).unwrap_err().kind(), ErrorKind::Denied);
    let elsewhere = Subject { id: project(2).erase(), project: Some(project(2)), ..thing() };
    let refused = place.gate.permit::<ProjectShare>(&manager, &elsewhere, &RequestContext::default());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    unshare(permit(), given.header.id, |_, _| Ok(())).unwrap();
    assert!(grants(&place, person(20), &[]).is_empty());

    let wide = assign(&place, &holder(Level::Owner), &place.gate.realm(&manager), &level(Level::Viewer, person(20)));
    assert_eq!(
        unshare(permit(), wide.unwrap().header.id, |_, _| Ok(())).unwrap_err().kind(),
        ErrorKind::NotFound,
        "not of this project"
    );
}

#[test]
fn the_last_owner_stays() {
    let place = Place::new();
    let owner = holder(Level::Owner);
    let realm = place.gate.realm(&owner);
    let group = Id::<Group>::from_bits(30).erase();
    let first = assign(&place, &owner, &realm, &level(Level::Owner, person(20))).unwrap();
    let ending = NewAssignment { expires: Some(NOW.after(Duration::from_secs(9))), ..level(Level::Owner, person(21)) };
    assign(&place, &owner, &realm, &ending).unwrap();
    assign(&place, &owner, &realm, &level(Level::Owner, group)).unwrap();
    assign(&place, &owner, &thing(), &level(Level::Owner, person(22))).unwrap();
    assert_eq!(
        undo(&place, &owner, &first),
        Err(ErrorKind::Conflict),
        "neither an end, nor a group, nor a project counts"
    );
    let view = || place.store.tenant(tenant(1)).unwrap().read().unwrap();
    assert!(is_last_owner(&view(), Id::from_bits(20)).unwrap());
    assert!(!is_last_owner(&view(), Id::from_bits(21)).unwrap());
    let second = assign(&place, &owner, &realm, &level(Level::Owner, person(23))).unwrap();
    assert_eq!(undo(&place, &holder(Level::Admin), &first), Err(ErrorKind::Denied), "an admin takes no owner's role");
    assert_eq!(undo(&place, &owner, &first), Ok(()));
    assert_eq!(undo(&place, &owner, &second), Err(ErrorKind::Conflict));

    let permit = place.gate.permit::<RoleAssign>(&owner, &realm, &RequestContext::default()).unwrap();
    assert!(matches!(permit.write(|tx| take_all(tx, person(23))), Err(RightsError::LastOwner)));
    let permit = place.gate.permit::<RoleAssign>(&owner, &realm, &RequestContext::default()).unwrap();
    assert_eq!(permit.write(|tx| take_all(tx, person(22))).unwrap(), 1);
}

#[test]
fn who_holds_less_does_not_rule() {
    let place = Place::new();
    let realm = place.gate.realm(&holder(Level::Admin));
    let permit = place.gate.permit::<RoleAssign>(&holder(Level::Admin), &realm, &RequestContext::default()).unwrap();
    let over = |grants: &[Grant]| rules_over(&permit, grants).is_ok();
    assert!(over(&[grant(Level::Admin, Scope::Tenant), grant(Level::Viewer, Scope::Project(project(1)))]));
    assert!(!over(&[grant(Level::Owner, Scope::Tenant)]));
    assert!(!over(&[grant(Level::Owner, Scope::Project(project(1)))]));
    assert!(!over(&[Grant {
        permissions: PermissionSet::of(&[Permission::AuditExport]),
        ..grant(Level::Viewer, Scope::Tenant)
    }]));
}

#[test]
fn records_keep_their_form() {
    let header = Header::new(Id::from_bits(1), tenant(1), "eu".parse().unwrap(), person(2), DataClass::K4, NOW);
    let assignment =
        Assignment { header, principal: person(3), role: RoleRef::Level(Level::Owner), expires: Some(NOW) };
    let stored = postcard::to_allocvec(&assignment).unwrap();
    assert_eq!(postcard::from_bytes::<Assignment>(&stored).unwrap(), assignment);
    let tail: Vec<u8> = stored[stored.len() - 26..].to_vec();
    // User 3 (kind and 16 bytes), level owner, a time in variable length.
    assert_eq!(tail[..1], [2]);
    assert_eq!(tail[16..19], [3, 0, 4]);
}
