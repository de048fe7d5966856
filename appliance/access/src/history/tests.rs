use model::{Level, Permission, PermissionSet, Scope, SystemTask};

use super::*;
use crate::{
    Assignment, RoleRef,
    world::{NOW, Place, grant, project, tenant, user},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// The rights of a tenant in which one person has these roles.
fn rights(at: Timestamp, roles: &[Level]) -> Snapshot {
    let who = user(&[grant(Level::Viewer, Scope::Tenant)]);
    let given = |(role, number): (&Level, u128)| Assignment {
        header: model::Header::new(
            model::Id::from_bits(number),
            tenant(1),
            who.home,
            who.id,
            model::DataClass::K4,
            NOW,
        ),
        principal: who.id,
        role: RoleRef::Level(*role),
        expires: None,
    };
    Snapshot { at, assignments: roles.iter().zip(1..).map(given).collect(), ..Snapshot::default() }
}

fn look(place: &Place, at: Timestamp, roles: &[Level]) -> bool {
    let permit = place.gate.system(SystemTask::RightsHistory, tenant(1), tenant(1).erase()).unwrap();
    super::look(permit, &rights(at, roles)).unwrap()
}

#[test]
fn what_changed_between_two_moments() {
    let place = Place::new();
    let at = |hours: u32| NOW.after(HOUR * hours);
    let view = || place.store.tenant(tenant(1)).unwrap().read().unwrap();
    let before = between(&view(), &rights(at(0), &[]), at(0), at(9)).unwrap();
    assert_eq!(before, History { since: None, changes: Vec::new() });

    let rows = place.rows().len();
    assert!(look(&place, at(1), &[Level::Viewer]));
    assert!(!look(&place, at(2), &[Level::Viewer]), "nothing is written where nothing changed");
    assert!(look(&place, at(3), &[Level::Viewer, Level::Billing]));
    assert!(look(&place, at(4), &[Level::Editor]));
    assert!(look(&place, at(5), &[Level::Viewer]));
    assert_eq!(place.rows().len(), rows + 4);

    let present = rights(at(8), &[Level::Manager]);
    let of = |from: u32, to: u32| {
        let History { since, changes } = between(&view(), &present, at(from), at(to)).unwrap();
        assert_eq!(since, Some(at(1)));
        assert!(changes.len() < 2, "there is one person, and one place");
        changes.first().map_or_else(Default::default, |change| (change.gained, change.lost))
    };
    let [viewer, billing, editor, manager] =
        [Level::Viewer, Level::Billing, Level::Editor, Level::Manager].map(Level::permissions);
    let none = PermissionSet::NONE;
    assert_eq!(of(1, 2), (none, none));
    assert_eq!(of(1, 3), (billing.without(viewer), none));
    let (gained, lost) = (editor.without(viewer), viewer.union(billing).without(editor));
    assert_eq!(of(3, 4), (gained.without(billing), lost));
    assert_eq!(of(1, 5), (none, none), "it came and went");
    assert_eq!(of(1, 7), (none, none));
    assert_eq!(of(1, 8), (manager.without(viewer), viewer.without(manager)), "what is not looked at yet is seen too");
    assert_eq!(of(8, 9), (none, none), "that has changed before");
}

fn change(gained: &[Permission], lost: &[Permission]) -> Vec<Change> {
    let (gained, lost) = (PermissionSet::of(gained), PermissionSet::of(lost));
    vec![Change { principal: user(&[]).id, project: Some(project(1)), gained, lost }]
}

#[test]
fn changes_that_follow_each_other() {
    let (read, create, update) = (Permission::ProjectRead, Permission::ProjectCreate, Permission::ProjectUpdate);
    let mut net = Net::default();
    net.follow(change(&[read], &[create, update]));
    net.follow(change(&[create], &[read]));
    net.follow(change(&[read], &[]));
    net.follow(change(&[], &[create]));
    assert_eq!(net.changes(), change(&[read], &[create, update]));
}

#[test]
fn old_turns_go() {
    let place = Place::new();
    let at = |days: u64| NOW.after(Duration::from_secs(days * 86_400));
    for (day, level) in [(0, Level::Viewer), (1, Level::Editor), (2, Level::Viewer)] {
        assert!(look(&place, at(day), &[level]));
    }
    assert!(look(&place, at(1_102), &[Level::Editor]));
    let view = place.store.tenant(tenant(1)).unwrap().read().unwrap();
    let History { since, changes } = between(&view, &rights(at(1_102), &[Level::Editor]), at(0), at(2_000)).unwrap();
    assert_eq!(
        (since, changes.len()),
        (Some(at(1)), 0),
        "the step of the first day is forgotten, the others cancel out"
    );
}
