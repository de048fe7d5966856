use model::{Actor, Level, Permission, Scope};

use super::*;
use crate::{
    RequestContext, RoleRef,
    assignment::{NewAssignment, give},
    world::{Place, grant, user},
};

fn admin() -> Actor {
    user(&[grant(Level::Admin, Scope::Tenant)])
}

fn make(place: &Place, actor: &Actor, called: &str, permissions: &[Permission]) -> Result<CustomRole, String> {
    let permit = place.gate.permit(actor, &place.gate.realm(actor), &RequestContext::default()).unwrap();
    create(permit, called, PermissionSet::of(permissions)).map_err(|error| error.to_string())
}

#[test]
fn roles_are_subsets_of_ones_own() {
    let place = Place::new();
    let read = [Permission::ProjectRead];
    let role = make(&place, &admin(), " Reader ", &read).unwrap();
    assert_eq!((role.name.as_str(), role.permissions), ("Reader", PermissionSet::of(&read)));
    assert_eq!(make(&place, &admin(), "reader", &read), Err("there is such a role already".to_owned()));
    assert!(make(&place, &admin(), "More", &[Permission::TenantDelete]).unwrap_err().contains("`tenant:delete`"));
    assert!(make(&place, &admin(), "Less", &[]).is_err());
    assert!(make(&place, &admin(), "System", &[Permission::SystemRead]).is_err());
    assert!(make(&place, &admin(), "", &read).is_err());
    assert_eq!(place.rows(), ["role:manage Done"]);
}

#[test]
fn roles_change_within_ones_own() {
    let place = Place::new();
    let owner = user(&[grant(Level::Owner, Scope::Tenant)]);
    let high = make(&place, &owner, "High", &[Permission::TenantDelete]).unwrap();
    let change = |actor: &Actor, base, permissions: &[Permission]| {
        let permit = place.gate.permit(actor, &high.header.subject(), &RequestContext::default()).unwrap();
        let change = RoleChange { permissions: Some(PermissionSet::of(permissions)), ..RoleChange::default() };
        update(permit, base, &change).map_err(|error| error.to_string())
    };
    assert!(change(&admin(), None, &[Permission::ProjectRead]).unwrap_err().contains("beyond"), "nor weaken it");
    assert!(change(&owner, Some(9), &[Permission::ProjectRead]).unwrap_err().contains("version 9"));
    assert_eq!(change(&owner, Some(1), &[Permission::ProjectRead]).unwrap().header.version, 2);
}

#[test]
fn roles_in_use_stay() {
    let place = Place::new();
    let role = make(&place, &admin(), "Reader", &[Permission::ProjectRead]).unwrap();
    let new = NewAssignment { principal: user(&[]).id, role: RoleRef::Custom(role.header.id), expires: None };
    let permit = place.gate.permit(&admin(), &place.gate.realm(&admin()), &RequestContext::default()).unwrap();
    let given = give(permit, &new, |_, _| Ok(())).unwrap();
    let gone = || {
        let permit = place.gate.permit(&admin(), &role.header.subject(), &RequestContext::default()).unwrap();
        delete(permit, None).map_err(|error| error.kind())
    };
    assert_eq!(gone(), Err(model::ErrorKind::Conflict));
    let permit = place.gate.permit(&admin(), &given.header.subject(), &RequestContext::default()).unwrap();
    assignment::take(permit, |_, _| Ok(())).unwrap();
    assert_eq!(gone(), Ok(()));
    assert_eq!(gone(), Err(model::ErrorKind::NotFound));
}
