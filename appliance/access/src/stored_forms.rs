//! The stored form of every record of this crate.

use model::{AnyId, Id, Level, NounKind, Permission, PermissionSet, Timestamp};
use serde_json::{from_value, json};
use store::{as_stored, full_header};

use crate::{
    Assignment, CustomRole, NetworkList, PolicyRecord, RoleRef,
    history::{Seen, Turn},
    report::Change,
    review::{Decided, Decision, Item, Review, ReviewScope},
    usage::{MonthUsage, StoredTime, Usage},
};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[test]
fn records_are_stored_as_ever() {
    let principal = AnyId::new(NounKind::Group, 3);
    let assignment = |role, expires| as_stored(&Assignment { header: full_header(1), principal, role, expires });
    let stored_time: StoredTime = from_value(json!({ "until": AT, "byte_ms": 7_000_000_000_000_u64 })).unwrap();
    let networks = ["10.0.0.0/8", "2001:db8::/32"].map(|network| network.parse().unwrap()).to_vec();
    let permissions = PermissionSet::of(&[Permission::ProjectRead, Permission::ResidencyManage]);
    let change = Change { principal, project: None, gained: permissions, lost: PermissionSet::NONE };
    let decided =
        Decided { decision: Decision::Gone, by: principal, at: AT, reason: "so".to_owned(), by_closing: true };
    let item = Item {
        review: Id::from_bits(8),
        assignment: Id::from_bits(9),
        principal,
        role: RoleRef::Level(Level::Viewer),
        project: Some(Id::from_bits(10)),
        expires: Some(AT),
        given_by: principal,
        given: AT,
        last_seen: None,
        decided: Some(decided),
    };
    let review = Review {
        header: full_header(4),
        name: "Spring".to_owned(),
        scope: ReviewScope::Role(RoleRef::Custom(Id::from_bits(5))),
        due: AT,
        reviewers: vec![Id::from_bits(6)],
        revokes_undecided: true,
        items: 4,
        kept: 1,
        revoked: 2,
        gone: 1,
        closed: Some(AT),
        signature: vec![7],
    };
    let all = [
        assignment(RoleRef::Level(Level::Auditor), None),
        assignment(RoleRef::Custom(Id::from_bits(5)), Some(AT)),
        as_stored(&CustomRole { header: full_header(2), name: "Cutter".to_owned(), permissions }),
        as_stored(&PolicyRecord {
            header: full_header(3),
            name: "No night work".to_owned(),
            text: "forbid(principal, action, resource);".to_owned(),
            enabled: true,
        }),
        as_stored(&NetworkList { networks }),
        as_stored(&Usage { seats: 1, projects: 2, storage_bytes: 3 }),
        as_stored(&MonthUsage { month: 24_000, video_seconds: 60 }),
        as_stored(&stored_time),
        as_stored(&Seen { since: AT, at: AT, held: [((principal, Some(Id::from_bits(7))), permissions)].into() }),
        as_stored(&Turn { at: AT, changes: vec![change] }),
        as_stored(&review),
        as_stored(&item),
    ];
    insta::assert_snapshot!("stored", all.concat());
}
