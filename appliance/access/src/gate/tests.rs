use model::{
    Assurance, Classification, Grant, Level, PermissionSet, Scope,
    permission::{AuditExport, ProjectDelete, ProjectRead, ProjectUpdate, SystemRead, TenantDelete, TenantUpdate},
};
use store::Read as _;

use super::*;
use crate::{
    NetworkList,
    world::{NOW, Place, grant, project, region, tenant, thing, user},
};

fn request() -> RequestContext {
    RequestContext { id: "r-1".to_owned(), ..RequestContext::default() }
}

#[test]
fn a_permit_makes_one_change_with_one_row() {
    let place = Place::new();
    let actor = user(&[grant(Level::Editor, Scope::Tenant)]);
    let permit = place.gate.permit::<ProjectUpdate>(&actor, &thing(), &request()).unwrap();
    assert_eq!((permit.tenant(), permit.home(), permit.actor()), (tenant(1), region("eu"), actor.id));
    assert_eq!(permit.holds(None), Level::Editor.permissions());
    assert_eq!(permit.read().unwrap().audit_rows(0, 9).unwrap().len(), 0, "reading leaves no row");
    permit.write::<(), WriteError>(|tx| tx.put(&NetworkList::default())).unwrap();
    let view = place.store.tenant(tenant(1)).unwrap().read().unwrap();
    assert_eq!(view.get::<NetworkList>(&NetworkList::KEY).unwrap(), Some(NetworkList::default()));
    let rows = view.audit_rows(0, 9).unwrap();
    let event = rows[0].1.clone().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((event.actor, event.subject, event.request.as_deref()), (Some(actor.id), thing().id, Some("r-1")));
    assert_eq!(event.credential, Some(Id::<model::noun::Session>::from_bits(1).erase()));
}

/// Asks for two permissions on a thing; how they end, as the caller sees it.
#[track_caller]
fn check(actor: &Actor, subject: &Subject, expected: ErrorKind) {
    let place = Place::new();
    let refusal = place.gate.permit::<ProjectDelete>(actor, subject, &request()).unwrap_err();
    assert_eq!(refusal.kind(), expected);
    let rows = place.rows();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].starts_with("project:delete Denied "), "{rows:?}");
}

#[test]
fn refusals_tell_no_more_than_one_could_read() {
    let viewer = user(&[grant(Level::Viewer, Scope::Tenant)]);
    check(&viewer, &thing(), ErrorKind::Denied);
    check(&user(&[]), &thing(), ErrorKind::NotFound);
    check(&user(&[grant(Level::Viewer, Scope::Project(project(2)))]), &thing(), ErrorKind::NotFound);
    check(&user(&[grant(Level::Owner, Scope::Tenant)]), &Subject { tenant: tenant(2), ..thing() }, ErrorKind::NotFound);
    check(&viewer, &Subject { residency: [region("in")].into(), ..thing() }, ErrorKind::NotFound);
    let secret = Subject { classification: Classification::Secret, ..thing() };
    check(&Actor { clearance: Classification::Internal, ..viewer.clone() }, &secret, ErrorKind::NotFound);
    check(&Actor { suspended: true, ..viewer }, &thing(), ErrorKind::Denied);
    let owner = user(&[grant(Level::Owner, Scope::Tenant)]);
    check(&owner, &Subject { legal_hold: true, ..thing() }, ErrorKind::Denied);
    let key = Actor { ceiling: PermissionSet::of(&[Permission::RenderRead]), ..owner };
    check(&key, &thing(), ErrorKind::NotFound);
}

#[test]
fn a_stale_second_factor_is_told() {
    let place = Place::new();
    let mut actor = user(&[grant(Level::Owner, Scope::Tenant)]);
    actor.assurance = Assurance { level: 2, second_factor: None };
    let realm = place.gate.realm(&actor);
    let refusal = place.gate.permit::<TenantDelete>(&actor, &realm, &request()).unwrap_err();
    assert!(refusal.needs_step_up() && refusal.kind() == ErrorKind::Denied);
    let refusal = place.gate.permit::<TenantDelete>(&user(&[]), &realm, &request()).unwrap_err();
    assert!(!refusal.needs_step_up());
    assert_eq!(place.rows(), ["tenant:delete Denied guarded: guard.step_up", "tenant:delete Denied not granted"]);
}

#[test]
fn sensitive_reads_are_recorded_once() {
    let place = Place::new();
    let actor = user(&[grant(Level::Auditor, Scope::Tenant)]);
    let realm = place.gate.realm(&actor);
    let permit = place.gate.permit::<AuditExport>(&actor, &realm, &request()).unwrap();
    permit.read().unwrap();
    permit.read().unwrap();
    place.gate.list::<AuditExport>(&actor, &request()).unwrap().read().unwrap();
    assert_eq!(place.rows(), ["audit:export Done", "audit:export Done"]);
}

#[test]
fn lists_show_what_each_may_see() {
    let place = Place::new();
    let (mine, shared, other) = (
        Subject { owner: Some(user(&[]).id), ..thing() },
        Subject { id: project(2).erase(), project: Some(project(2)), ..thing() },
        Subject { id: project(3).erase(), project: Some(project(3)), ..thing() },
    );
    let foreign = Subject { tenant: tenant(2), ..mine.clone() };
    let secret = Subject { classification: Classification::Restricted, ..other.clone() };
    let seen = |actor: &Actor| {
        let list = place.gate.list::<ProjectRead>(actor, &request()).unwrap();
        let seen = [&mine, &shared, &other, &foreign, &secret].map(|subject| list.visible(subject));
        (list.is_whole(), list.projects(), seen)
    };
    let low = |grants: &[Grant]| Actor { clearance: Classification::Internal, ..user(grants) };
    assert_eq!(seen(&low(&[])), (false, vec![], [true, false, false, false, false]));
    let viewer = grant(Level::Viewer, Scope::Project(project(2)));
    assert_eq!(seen(&low(&[viewer])), (false, vec![project(2)], [true, true, false, false, false]));
    let all = grant(Level::Viewer, Scope::Tenant);
    assert_eq!(seen(&low(&[all])), (true, vec![], [true, true, true, false, false]));
    assert_eq!(seen(&user(&[all])).2, [true, true, true, false, true]);
    assert!(place.rows().is_empty());

    let refusal = place.gate.list::<TenantUpdate>(&low(&[all]), &request()).unwrap_err();
    assert_eq!(refusal.kind(), ErrorKind::Denied);
    assert_eq!(place.rows(), ["tenant:update Denied not granted"]);
}

#[test]
fn operators_reach_the_system_file_and_no_tenant() {
    let place = Place::new();
    let appliance_wide = Grant { scope: Scope::Tenant, permissions: PermissionSet::APPLIANCE, expires: None };
    let operator = Actor { kind: ActorKind::Operator, tenant: SYSTEM, ..user(&[appliance_wide]) };
    let realm = place.gate.realm(&operator);
    let permit = place.gate.permit::<SystemRead>(&operator, &realm, &request()).unwrap();
    assert!(permit.files().is_none());
    assert!(permit.read().unwrap().get::<store::Placement>(&tenant(1)).unwrap().is_some(), "it is the system's file");
    assert!(place.gate.permit::<ProjectRead>(&operator, &thing(), &request()).is_err());
    assert!(place.gate.permit::<SystemRead>(&user(&[appliance_wide]), &realm, &request()).is_err());
    assert_eq!(place.rows().len(), 1, "the tenant's log has its own refusal only");
}

#[test]
fn a_role_taken_away_counts_at_once() {
    let place = Place::new();
    let mut actor = user(&[grant(Level::Editor, Scope::Tenant)]);
    let update = |actor: &Actor| place.gate.permit::<ProjectUpdate>(actor, &thing(), &request()).is_ok();
    assert!(update(&actor));
    actor.grants[0].expires = Some(NOW.after(std::time::Duration::from_secs(1)));
    assert!(update(&actor));
    place.clock.advance(std::time::Duration::from_secs(1));
    assert!(!update(&actor));
}

#[test]
fn the_system_works_by_tasks() {
    let place = Place::new();
    let permit = place.gate.system(SystemTask::Retention, tenant(1), tenant(1).erase()).unwrap();
    permit.write::<(), WriteError>(|tx| tx.put(&NetworkList::default())).unwrap();
    assert_eq!(place.rows(), ["task:retention Done"]);
    assert!(matches!(
        place.gate.system(SystemTask::Retention, tenant(9), tenant(9).erase()),
        Err(StoreError::NoTenant)
    ));
}

#[test]
fn every_family_has_its_reader() {
    for permission in Permission::ALL {
        assert_eq!(reading(reading(*permission)), reading(*permission), "{permission}");
        assert_eq!(permission.is_of_appliance(), reading(*permission).is_of_appliance());
        let family = permission.code().split(':').next().unwrap();
        let read = Permission::ALL.iter().find(|other| other.code() == format!("{family}:read"));
        assert!(read.is_none_or(|read| reading(*permission) == *read), "{permission}");
    }
}
