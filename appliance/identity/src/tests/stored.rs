//! The stored form of every record.

use model::{
    AnyId, Classification, DataClass, Header, Id, Level, Noun, NounKind, Permission, PermissionSet, Timestamp,
};
use store::{Record, as_stored};

use crate::{
    ApiKey, Factor, Group, Invitation, NewUser, ServiceAccount, Session, User, UserState,
    group::Membership,
    last_use::LastUse,
    password::{PasswordLife, PasswordPolicy},
    scram::Verifier,
    second_factor::{Key, SecondFactor, SignInRules},
    secret::Digest,
    session::SessionPolicy,
    setup::Setup,
};

fn header<K: Noun>(number: u128) -> Header<K> {
    let owner = AnyId::new(NounKind::User, 0xBB);
    let made = Timestamp::from_millis(1_800_000_000_000);
    Header::new(Id::from_bits(number), Id::from_bits(0xAA), "eu".parse().unwrap(), owner, DataClass::K5, made)
}

fn show<R: Record>(list: &mut String, record: &R) {
    list.push_str(&as_stored(record));
}

#[test]
fn records_are_stored_as_ever() {
    let mut list = String::new();
    let at = Timestamp::from_millis(1_800_000_100_000);
    let NewUser { email, .. } = super::new_user("ann", None);
    let digest = Digest::fixed(0xDD);
    show(
        &mut list,
        &User {
            header: header(1),
            name: "Ann".to_owned(),
            email: Some(email.clone()),
            state: UserState::Suspended,
            clearance: Classification::Secret,
            password: Some(crate::PasswordHash::fixed(0xEE)),
            must_change: true,
            failures: 3,
            last_sign_in: Some(at),
        },
    );
    let state = UserState::Active;
    let clearance = Classification::Internal;
    show(&mut list, &ServiceAccount { header: header(2), name: "build".to_owned(), state, clearance });
    show(&mut list, &Group { header: header(3), name: "Staff".to_owned(), rights_changed: Some(at) });
    show(&mut list, &Membership { group: Id::from_bits(3), user: Id::from_bits(1) });
    show(
        &mut list,
        &Invitation {
            header: header(4),
            digest,
            email,
            level: Level::Auditor,
            project: Some(Id::from_bits(0xCC)),
            clearance,
            expires: at,
        },
    );
    let factors =
        [Factor::Password, Factor::OneTimeCode, Factor::Passkey, Factor::HardwareKey, Factor::Federated { two: true }];
    show(
        &mut list,
        &Session {
            header: header(5),
            digest,
            retired: Some((Digest::fixed(0xDE), at)),
            factors: factors.map(|factor| (factor, at)).into(),
            expires: at,
            device: "Browser".to_owned(),
            address: Some("192.0.2.1".to_owned()),
            must_rotate: true,
        },
    );
    show(
        &mut list,
        &ApiKey {
            header: header(6),
            name: "build".to_owned(),
            digest,
            scopes: PermissionSet::of(&[Permission::ProjectRead, Permission::ResidencyManage]),
            expires: at,
            revoked: Some(at),
        },
    );
    show(&mut list, &LastUse::new(AnyId::new(NounKind::ApiKey, 6), at, Some("192.0.2.1".parse().unwrap())));
    show(&mut list, &Setup { digest, expires: at });
    show(&mut list, &Verifier::fixed(Id::from_bits(6), 0xF0));
    let (since, recovery) = (Some(at), vec![digest]);
    show(&mut list, &SecondFactor { user: Id::from_bits(1), key: Key([0xF2; 20]), since, used: 60_000_003, recovery });
    show(&mut list, &SignInRules { second_factor_required: true });
    let per_user = Some(3);
    show(&mut list, &SessionPolicy { idle_s: Some(600), absolute_s: None, step_up_s: Some(300), per_user, version: 2 });
    let blocked = vec!["rocket".to_owned()];
    show(
        &mut list,
        &PasswordPolicy { min_chars: Some(20), blocked, remembered: 5, max_age_days: Some(365), version: 1 },
    );
    let former = vec![crate::PasswordHash::fixed(0xEC)];
    show(&mut list, &PasswordLife { user: Id::from_bits(1), set: at, former });
    insta::assert_snapshot!("stored", list);
}

#[test]
fn groups_of_the_first_version_are_read() {
    let hex = "00000000000000000000000000000003000000000000000000000000000000aa02657502000000000000000000000000000000bb0005\
               010000000180a0f1c2b13480a0f1c2b134055374616666";
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let group = Group::decode(1, &bytes).unwrap();
    assert_eq!((group.name.as_str(), group.rights_changed), ("Staff", None));
    assert!(Group::decode(3, &bytes).is_err());
}
