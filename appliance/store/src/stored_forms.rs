//! The stored form of every record of this crate.

use model::{AnyId, Id, NounKind, Timestamp};
use serde_json::{from_value, json};

use crate::{Done, Placement, as_stored, relocate::Moving};

#[test]
fn records_are_stored_as_ever() {
    let done = Done {
        key: [1; 32],
        fingerprint: [2; 32],
        attempt: [3; 16],
        subject: AnyId::new(NounKind::Project, 4),
        at: Timestamp::from_millis(1_800_000_000_000),
        answer: Some(vec![5, 6]),
    };
    let tenant = Id::from_bits(0xAA);
    let placement = Placement { tenant, folder: Some("large/acme".into()), begun: true };
    let moving: Moving = from_value(json!({ "tenant": tenant, "folder": "large/acme" })).unwrap();
    insta::assert_snapshot!("stored", [as_stored(&done), as_stored(&placement), as_stored(&moving)].concat());
}
