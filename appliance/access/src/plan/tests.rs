use std::collections::BTreeMap;

use model::{DataClass, Header, Permission};

use super::*;
use crate::{
    CustomRole,
    world::{NOW, project, region, tenant},
};

const CUTTER: Id<noun::Role> = Id::from_bits(5);
const TEAM: Id<Group> = Id::from_bits(9);

fn person(number: u128) -> Id<User> {
    Id::from_bits(number)
}

fn given(number: u128, principal: AnyId, role: RoleRef, place: Option<Id<Project>>) -> Assignment {
    let mut header = Header::new(Id::from_bits(number), tenant(1), region("eu"), principal, DataClass::K4, NOW);
    header.project = place;
    Assignment { header, principal, role, expires: None }
}

/// An owner; an editor in the whole tenant who is a manager in project 1; a team that cuts in project 2.
fn snapshot() -> Snapshot {
    let cutter = CustomRole {
        header: Header::new(CUTTER, tenant(1), region("eu"), person(1).erase(), DataClass::K6, NOW),
        name: "Cutter".to_owned(),
        permissions: PermissionSet::of(&[Permission::RenderRead, Permission::RenderSubmit]),
    };
    Snapshot {
        at: NOW,
        assignments: vec![
            given(1, person(1).erase(), RoleRef::Level(Level::Owner), None),
            given(2, person(2).erase(), RoleRef::Level(Level::Editor), None),
            given(3, person(2).erase(), RoleRef::Level(Level::Manager), Some(project(1))),
            given(4, TEAM.erase(), RoleRef::Custom(CUTTER), Some(project(2))),
        ],
        roles: vec![cutter],
        groups: BTreeMap::from([(TEAM, vec![person(3)])]),
    }
}

fn give(principal: AnyId, role: RoleRef, place: Option<Id<Project>>) -> Plan {
    Plan::Give(Box::new(given(0, principal, role, place)))
}

/// What would come of it, in words: who, where, and how many permissions more, fewer and kept.
fn outlook(plan: &Plan) -> String {
    let outlook = snapshot().outlook(plan).unwrap();
    let place =
        |place: Option<Id<Project>>| place.map_or("everywhere".to_owned(), |at| format!("in {}", at.bits() - 100));
    let line = |effect: &Effect| {
        let (gained, lost, kept) = (effect.gained.len(), effect.lost.len(), effect.kept.len());
        format!("{} {} +{gained} -{lost} ={kept}", effect.principal.bits(), place(effect.project))
    };
    let mut lines: Vec<_> = outlook.effects.iter().map(line).collect();
    lines.extend(outlook.without_owner.then(|| "without owner".to_owned()));
    lines.join("; ")
}

#[test]
fn what_is_given_adds_to_what_there_is() {
    let (viewer, editor) = (Level::Viewer.permissions().len(), Level::Editor.permissions().len());
    assert_eq!(
        outlook(&give(person(3).erase(), RoleRef::Level(Level::Viewer), None)),
        format!("3 everywhere +{viewer} -0 =0")
    );
    // An editor of the whole tenant gains nothing as the editor of a project.
    assert_eq!(outlook(&give(person(2).erase(), RoleRef::Level(Level::Editor), Some(project(7)))), "");
    let more = Level::Manager.permissions().without(Level::Editor.permissions()).len();
    assert_eq!(
        outlook(&give(person(2).erase(), RoleRef::Level(Level::Manager), None)),
        format!("2 everywhere +{more} -0 =0")
    );
    // The team's one member gains beyond what the team gave in that project.
    let beyond = Level::Editor.permissions().without(snapshot().roles[0].permissions).len();
    let plan = give(TEAM.erase(), RoleRef::Level(Level::Editor), Some(project(2)));
    assert_eq!(outlook(&plan), format!("3 in 2 +{beyond} -0 =0"));
    assert!(beyond < editor);
}

#[test]
fn what_is_taken_leaves_what_other_roles_give() {
    let editor = Level::Editor.permissions();
    let kept = editor.intersection(Level::Manager.permissions()).len();
    assert_eq!(
        outlook(&Plan::Take(Id::from_bits(2))),
        format!("2 everywhere +0 -{0} =0; 2 in 1 +0 -0 ={kept}", editor.len())
    );
    let lost = Level::Manager.permissions().without(editor).len();
    assert_eq!(outlook(&Plan::Take(Id::from_bits(3))), format!("2 in 1 +0 -{lost} =0"));
    assert_eq!(outlook(&Plan::Take(Id::from_bits(1))), "1 everywhere +0 -64 =0; without owner");
}

#[test]
fn roles_and_groups_change_for_all_who_have_them() {
    let other = PermissionSet::of(&[Permission::RenderRead, Permission::AssetDownload, Permission::ProjectRead]);
    assert_eq!(outlook(&Plan::Redefine(CUTTER, other)), "3 in 2 +2 -1 =0");
    assert_eq!(outlook(&Plan::Redefine(CUTTER, snapshot().roles[0].permissions)), "");
    assert_eq!(outlook(&Plan::Join(TEAM, person(4))), "4 in 2 +2 -0 =0");
    assert_eq!(outlook(&Plan::Join(TEAM, person(3))), "", "is in it");
    assert_eq!(outlook(&Plan::Join(Id::from_bits(8), person(4))), "", "a group without roles");
    assert_eq!(outlook(&Plan::Leave(TEAM, person(3))), "3 in 2 +0 -2 =0");
}

#[test]
fn what_is_not_there_is_said() {
    let missing = |plan: Plan| snapshot().outlook(&plan).unwrap_err();
    assert_eq!(missing(Plan::Take(Id::from_bits(99))), PlanError::NotFound("assignment"));
    assert_eq!(missing(Plan::Redefine(Id::from_bits(99), PermissionSet::NONE)), PlanError::NotFound("role"));
    assert_eq!(missing(Plan::Leave(TEAM, person(4))), PlanError::NotFound("member"));
    assert_eq!(missing(Plan::Leave(Id::from_bits(8), person(4))), PlanError::NotFound("member"));
    let role = RoleRef::Custom(Id::from_bits(99));
    assert_eq!(missing(give(person(3).erase(), role, None)), PlanError::NotFound("role"));
    let program = project(1).erase();
    assert_eq!(missing(give(program, RoleRef::Level(Level::Viewer), None)), PlanError::Principal);
}

/// Random changes: what is said to be gained and lost is what whoever asks the rights before and after finds.
#[test]
fn an_outlook_says_what_the_difference_is() {
    let mut random = crate::world::Random::new(20);
    for _ in 0..500 {
        let (who, place) = (person(1 + random.below(4) as u128), Some(project(1 + random.below(2) as u128)));
        let level = RoleRef::Level(random.pick(Level::ALL));
        let plan = match random.below(5) {
            0 => give(who.erase(), level, place.filter(|_| random.once_in(2))),
            1 => give(TEAM.erase(), level, place.filter(|_| random.once_in(2))),
            2 => Plan::Take(Id::from_bits(1 + random.below(4) as u128)),
            3 => Plan::Redefine(CUTTER, Level::ALL[random.below(7)].permissions()),
            _ => Plan::Join(TEAM, who),
        };
        let (before, after) = (snapshot(), snapshot().after(&plan).unwrap());
        let outlook = before.outlook(&plan).unwrap();
        for who in (1..=4).map(person) {
            for place in [None, Some(project(1)), Some(project(2))] {
                let may = |snapshot: &Snapshot| {
                    let held = snapshot.held();
                    let at = |place| held.get(&(who.erase(), place)).copied().unwrap_or_default();
                    at(None).union(at(place))
                };
                let told =
                    |place| outlook.effects.iter().find(|told| told.principal == who.erase() && told.project == place);
                let mut is = may(&before);
                for told in [told(None), place.and_then(|_| told(place))].into_iter().flatten() {
                    is = is.without(told.lost).union(told.gained).union(told.kept);
                }
                // What is kept in a project by a role there is told with what the tenant loses.
                let expected = may(&after);
                assert_eq!(is, expected, "{plan:?} {who} {place:?}");
            }
        }
    }
}
