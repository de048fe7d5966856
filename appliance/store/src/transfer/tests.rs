//! Tenants between two appliances, and files that are no parcels.

use model::{Id, SystemTask, noun::Tenant};
use proptest::prelude::*;

use super::*;
use crate::{
    EventDraft, Progress, Store, WriteError,
    backup::testing::{World, blob, files, put, put_blob, tenant, texts},
};

const PHRASE: &str = "a passphrase for the way";

fn pack(store: &Store, tenant: Id<Tenant>, lock: Lock<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    export(store, tenant, b"what the register says", lock, &mut out, &Progress::default()).unwrap();
    out
}

fn unpack(store: &Store, file: &[u8], opening: Opening<'_>) -> Result<Arrived, TransferError> {
    let event = EventDraft::system(SystemTask::TenantCreate, store.system().log());
    let register = |_: &mut crate::Tx<'_>, _, about: &[u8]| {
        assert_eq!(about, b"what the register says");
        Ok::<_, WriteError>(())
    };
    import(store, file, opening, 1 << 30, event, register, &Progress::default())
}

#[test]
fn a_tenant_moves_to_another_appliance() {
    let (here, there) = (World::new(), World::new());
    let (from, to) = (here.create("data"), there.create("data"));
    let one = tenant(&from, 1);
    (0..20).for_each(|number| put(&from, one, number, &format!("canary {number}")));
    let content = b"canary".repeat(50_000);
    let digest = put_blob(&from, one, &content);
    let file = pack(&from, one, Lock::Receiver(to.vault().receiver_key()));
    assert!(!file.windows(6).any(|part| part == b"canary"));

    let sender = from.vault().public_key();
    assert!(matches!(unpack(&to, &file, Opening::From(to.vault().public_key())), Err(TransferError::Sender)));
    assert!(unpack(&to, &file, Opening::Passphrase(PHRASE)).is_err());
    let arrived = unpack(&to, &file, Opening::From(sender)).unwrap();
    assert_eq!((arrived.tenant, arrived.sender, arrived.blobs), (one, sender, 1));
    assert_eq!(texts(&to, one), texts(&from, one));
    assert_eq!(blob(&to, one, &digest), content);
    put(&to, one, 100, "goes on");
    assert!(matches!(unpack(&to, &file, Opening::From(sender)), Err(TransferError::Known(_))));
    to.vault().destroy(one, to.clock().now()).unwrap();
    assert!(unpack(&to, &file, Opening::From(sender)).is_err());
    // For one appliance only.
    let third = World::new();
    assert!(unpack(&third.create("data"), &file, Opening::From(sender)).is_err());
}

#[test]
fn nothing_is_seen_of_a_changed_file() {
    let (here, there) = (World::new(), World::new());
    let (from, to) = (here.create("data"), there.create("data"));
    let one = tenant(&from, 1);
    put(&from, one, 1, "one");
    put_blob(&from, one, &[3; 100_000]);
    let file = pack(&from, one, Lock::Receiver(to.vault().receiver_key()));
    let opening = Opening::From(from.vault().public_key());
    let before = files(there.folder.path()).len();
    for place in [0, 8, 24, 56, 88, 89, 90, 122, 160, file.len() / 2, file.len() - 1] {
        let mut changed = file.clone();
        changed[place] ^= 1;
        assert!(unpack(&to, &changed, opening).is_err(), "byte {place}");
        assert!(unpack(&to, &file[..place], opening).is_err(), "cut at {place}");
        assert_eq!(files(there.folder.path()).len(), before, "something was left by byte {place}");
        assert!(to.place_of(one).is_err());
    }
    let longer = [file.as_slice(), b"x"].concat();
    assert!(unpack(&to, &longer, opening).is_err());
    // A register that refuses leaves nothing either, and the next one can take it.
    let event = EventDraft::system(SystemTask::TenantCreate, to.system().log());
    let refused = import(&to, file.as_slice(), opening, 1 << 30, event, |_, _, _| Err("no"), &Progress::default());
    assert!(matches!(refused, Err(TransferError::Register(_))));
    let event = EventDraft::system(SystemTask::TenantCreate, to.system().log());
    let small =
        import(&to, file.as_slice(), opening, 1_000, event, |_, _, _| Ok::<_, WriteError>(()), &Progress::default());
    assert!(matches!(small, Err(TransferError::TooLarge(1_000))));
    assert!(to.place_of(one).is_err());
    unpack(&to, &file, opening).unwrap();
    assert_eq!(texts(&to, one), ["one"]);
}

#[test]
fn with_a_passphrase() {
    let (here, there) = (World::new(), World::new());
    let (from, to) = (here.create("data"), there.create("data"));
    let one = tenant(&from, 1);
    put(&from, one, 1, "one");
    let short = export(&from, one, b"", Lock::Passphrase("short"), std::io::sink(), &Progress::default());
    assert!(matches!(short, Err(TransferError::Vault(_))));
    let file = pack(&from, one, Lock::Passphrase(PHRASE));
    assert!(Header::read(&mut file.as_slice()).unwrap().wants_passphrase());
    assert!(unpack(&to, &file, Opening::Passphrase("another passphrase")).is_err());
    unpack(&to, &file, Opening::Passphrase(PHRASE)).unwrap();
    assert_eq!(texts(&to, one), ["one"]);
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_a_header(mut bytes in proptest::collection::vec(any::<u8>(), 0..260), magic: bool) {
        if magic && bytes.len() >= 8 {
            bytes[..8].copy_from_slice(MAGIC);
        }
        if let Ok(header) = Header::read(&mut bytes.as_slice()) {
            prop_assert!(bytes.starts_with(MAGIC) && header.bytes.len() <= MAX_PARCEL_HEADER);
        }
    }
}
