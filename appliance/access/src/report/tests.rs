use model::{DataClass, Header, Level};

use super::*;
use crate::world::{NOW, context, grant, project, region, tenant, thing, user};

fn person(number: u128) -> Id<User> {
    Id::from_bits(number)
}

fn given(
    number: u128,
    principal: AnyId,
    role: RoleRef,
    place: Option<Id<Project>>,
    expires: Option<u64>,
) -> Assignment {
    let mut header = Header::new(Id::from_bits(number), tenant(1), region("eu"), principal, DataClass::K4, NOW);
    header.project = place;
    Assignment { header, principal, role, expires: expires.map(Timestamp::from_millis) }
}

fn snapshot() -> Snapshot {
    let custom = CustomRole {
        header: Header::new(Id::from_bits(5), tenant(1), region("eu"), person(1).erase(), DataClass::K6, NOW),
        name: "=Cut, \"fine\"".to_owned(),
        permissions: PermissionSet::of(&[Permission::RenderRead, Permission::RenderSubmit]),
    };
    let group = Id::<Group>::from_bits(9);
    Snapshot {
        at: NOW,
        assignments: vec![
            given(1, person(2).erase(), RoleRef::Level(Level::Billing), None, None),
            given(2, group.erase(), RoleRef::Custom(custom.header.id), Some(project(1)), None),
            given(3, person(1).erase(), RoleRef::Level(Level::Viewer), Some(project(2)), None),
            given(4, person(1).erase(), RoleRef::Level(Level::Owner), None, Some(NOW.millis())),
            given(5, person(1).erase(), RoleRef::Custom(Id::from_bits(404)), None, None),
        ],
        roles: vec![custom],
        groups: BTreeMap::from([(group, vec![person(1), person(2)])]),
    }
}

#[test]
fn paths_say_who_where_and_why() {
    let snapshot = snapshot();
    let short = |paths: Vec<Path>| -> Vec<(u128, u128)> {
        paths.iter().map(|path| (path.principal.bits(), path.assignment.bits())).collect()
    };
    assert_eq!(short(snapshot.paths()), [(1, 2), (1, 3), (2, 1), (2, 2)], "what ended or has no role is left out");
    assert_eq!(short(snapshot.by_principal(person(2).erase())), [(2, 1), (2, 2)]);
    assert_eq!(short(snapshot.by_role(RoleRef::Level(Level::Viewer))), [(1, 3)]);
    let report = snapshot.by_resource(&thing(), region("in"));
    assert_eq!(short(report.paths), [(1, 2), (2, 1), (2, 2)], "project 2 is another");
    assert!(!report.usable_here && report.owner_permissions == OWNER_SELF);
}

#[test]
fn csv() {
    let snapshot = snapshot();
    let mut text = String::new();
    snapshot.write_csv(&snapshot.by_role(RoleRef::Custom(Id::from_bits(5))), &mut text).unwrap();
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    principal,permission,project,role,group,assignment,expires_ms
    usr_00000000000000000000000001,render:read,prj_00000000000000000000000035,"'=Cut, ""fine""",grp_00000000000000000000000009,asg_00000000000000000000000002,
    usr_00000000000000000000000001,render:submit,prj_00000000000000000000000035,"'=Cut, ""fine""",grp_00000000000000000000000009,asg_00000000000000000000000002,
    usr_00000000000000000000000002,render:read,prj_00000000000000000000000035,"'=Cut, ""fine""",grp_00000000000000000000000009,asg_00000000000000000000000002,
    usr_00000000000000000000000002,render:submit,prj_00000000000000000000000035,"'=Cut, ""fine""",grp_00000000000000000000000009,asg_00000000000000000000000002,
    "#);
}

#[test]
fn differences() {
    let before = snapshot();
    let mut after = snapshot();
    after.groups.clear();
    after.assignments[0].role = RoleRef::Level(Level::Auditor);
    let changes = difference(&before.held(), &after.held());
    let mut text = String::new();
    write_changes_csv(&changes, &mut text).unwrap();
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    principal,project,change,permission
    usr_00000000000000000000000001,prj_00000000000000000000000035,lost,render:read
    usr_00000000000000000000000001,prj_00000000000000000000000035,lost,render:submit
    usr_00000000000000000000000002,,gained,member:read
    usr_00000000000000000000000002,,gained,role:read
    usr_00000000000000000000000002,,gained,group:read
    usr_00000000000000000000000002,,gained,sso:read
    usr_00000000000000000000000002,,gained,authpolicy:read
    usr_00000000000000000000000002,,gained,session:read
    usr_00000000000000000000000002,,gained,apikey:read
    usr_00000000000000000000000002,,gained,webhook:read
    usr_00000000000000000000000002,,gained,connector:read
    usr_00000000000000000000000002,,gained,audit:read
    usr_00000000000000000000000002,,gained,audit:export
    usr_00000000000000000000000002,,gained,compliance:read
    usr_00000000000000000000000002,,lost,report:export
    usr_00000000000000000000000002,,lost,dashboard:read
    usr_00000000000000000000000002,,lost,budget:manage
    usr_00000000000000000000000002,,lost,chargeback:manage
    usr_00000000000000000000000002,prj_00000000000000000000000035,lost,render:read
    usr_00000000000000000000000002,prj_00000000000000000000000035,lost,render:submit
    "#);
    assert!(difference(&before.held(), &before.held()).is_empty());
    let json = serde_json::to_string(&changes[0]).unwrap();
    assert_eq!(serde_json::from_str::<Change>(&json).unwrap(), changes[0]);

    let earlier = Snapshot { at: Timestamp::from_millis(NOW.millis() - 1), ..snapshot() };
    assert_eq!(difference(&earlier.held(), &before.held())[0].lost, PermissionSet::TENANT, "time takes rights too");
}

#[test]
fn simulations() {
    let actor = user(&[grant(Level::Editor, model::Scope::Tenant)]);
    let held = Subject { legal_hold: true, ..thing() };
    let answer = simulate(&actor, Permission::AssetDelete, &held, &context(), None);
    insta::assert_json_snapshot!(answer, @r#"
    {
      "principal": "usr_00000000000000000000000007",
      "permission": "asset:delete",
      "subject": "prj_00000000000000000000000035",
      "allowed": false,
      "determining": [
        "guard.legal_hold"
      ],
      "guards": [
        "guard.legal_hold"
      ],
      "granting": [
        "role.editor"
      ]
    }
    "#);
}

/// Many people with one role each through a group: the whole report is made in one pass.
#[test]
fn many_people() {
    let group = Id::<Group>::from_bits(9);
    let snapshot = Snapshot {
        at: NOW,
        roles: Vec::new(),
        assignments: vec![given(1, group.erase(), RoleRef::Level(Level::Owner), None, None)],
        groups: BTreeMap::from([(group, (0..2_000).map(person).collect())]),
    };
    let mut text = String::new();
    snapshot.write_csv(&snapshot.paths(), &mut text).unwrap();
    assert_eq!(text.lines().count(), 1 + 2_000 * 64);
}
