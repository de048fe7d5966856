//! Blobs as their callers see them.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{
    chunk::{HEAD, SEALED},
    note::Note,
    *,
};
use crate::vault::{KeyFile, Vault};

const NO_LIMIT: u64 = u64::MAX;

struct Place {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Box::new(KeyFile::create(&folder.path().join("root")).unwrap());
        let vault = Vault::create(&folder.path().join("keys.redb"), root).unwrap();
        vault.create_many(&[Id::from_bits(1), Id::from_bits(2)]).unwrap();
        Self { folder, vault }
    }

    /// The store of a tenant; both keep their files in the same folder.
    fn store(&self, tenant: u128) -> BlobStore {
        let keys = self.vault.keys(Id::from_bits(tenant)).unwrap();
        BlobStore::new(&self.folder.path().join("files"), Arc::new(keys))
    }
}

fn content(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn digest(content: &[u8]) -> BlobDigest {
    BlobDigest(Sha256::digest(content).into())
}

fn store(place: &BlobStore, content: &[u8]) -> BlobDigest {
    let mut writer = place.writer(NO_LIMIT).unwrap();
    writer.write_all(content).unwrap();
    let finished = writer.finish().unwrap();
    assert_eq!(finished, Finished { digest: digest(content), length: content.len() as u64 });
    finished.digest
}

fn load(store: &BlobStore, digest: &BlobDigest) -> Result<Vec<u8>, BlobError> {
    let mut found = Vec::new();
    store.reader(digest)?.read_to_end(&mut found)?;
    Ok(found)
}

fn files(place: &Place) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            if entry.path().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
        }
    }
    let mut found = Vec::new();
    walk(&place.folder.path().join("files"), &mut found);
    found.sort();
    found
}

const SIZES: [usize; 8] = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7, 5 << 20];

#[test]
fn sizes_round_trip() {
    let place = Place::new();
    let blobs = place.store(1);
    for size in SIZES {
        let content = content(size, size as u64);
        let digest = store(&blobs, &content);
        assert!(load(&blobs, &digest).unwrap() == content, "{size} bytes");
        let mut reader = blobs.reader(&digest).unwrap();
        assert_eq!(reader.len(), size as u64);
        reader.verify().unwrap();
        let file = fs::read(blobs.path(&blobs.names(&digest).next().unwrap())).unwrap();
        assert_eq!(Some(file.len() as u64), chunk::file_length(size as u64));
        let canary = &content[..size.min(24)];
        assert!(size < 24 || !file.windows(24).any(|window| window == canary), "{size} bytes stand there plain");
    }
    assert_eq!(files(&place).len(), SIZES.len());
    assert_eq!(blobs.list().count(), SIZES.len());
}

#[test]
fn the_same_content_is_stored_once_in_a_tenant() {
    let place = Place::new();
    let (one, two) = (place.store(1), place.store(2));
    let content = content(1000, 1);
    let digest = store(&one, &content);
    assert_eq!(store(&one, &content), digest);
    assert_eq!(files(&place).len(), 1);
    assert!(matches!(load(&two, &digest), Err(BlobError::Missing(_))));
    store(&two, &content);
    let [first, second] = &files(&place)[..] else { panic!("one file a tenant") };
    assert!(fs::read(first).unwrap() != fs::read(second).unwrap());
    assert!(!first.to_str().unwrap().contains(&digest.to_string()[2..]));
    assert!(one.delete(&digest).unwrap());
    assert!(!one.delete(&digest).unwrap());
    assert!(load(&two, &digest).unwrap() == content);
}

#[test]
fn unfinished_blobs_leave_nothing() {
    let place = Place::new();
    let blobs = place.store(1);
    let mut writer = blobs.writer(NO_LIMIT).unwrap();
    writer.append(&content(3 * CHUNK, 1)).unwrap();
    assert_eq!(files(&place).len(), 1);
    drop(writer);
    assert_eq!(files(&place).len(), 0);
    // What a killed process left is swept away by age; an upload is not.
    std::mem::forget(blobs.writer(NO_LIMIT).unwrap());
    drop(blobs.part(Id::from_bits(1), NO_LIMIT).unwrap());
    assert_eq!(blobs.sweep(Timestamp::from_millis(0)).unwrap(), 0);
    assert_eq!(blobs.sweep(Timestamp::from_millis(u64::MAX)).unwrap(), 1);
    assert_eq!(files(&place).len(), 1);
}

#[test]
fn limits_are_kept() {
    let place = Place::new();
    let blobs = place.store(1);
    let mut writer = blobs.writer(10).unwrap();
    writer.append(&[0; 10]).unwrap();
    assert!(matches!(writer.append(&[0]), Err(BlobError::TooLong { limit: 10 })));
    assert_eq!(writer.finish().unwrap().length, 10);
    let mut part = blobs.part(Id::from_bits(1), 10).unwrap();
    assert!(matches!(part.append(&[0; 11]), Err(BlobError::TooLong { limit: 10 })));
    let full = io::copy(&mut io::repeat(0), &mut blobs.writer(100).unwrap()).unwrap_err();
    assert!(matches!(BlobError::from(full), BlobError::TooLong { limit: 100 }));
}

/// Changes the file of a blob and expects reading it to fail, or at least never to give other bytes.
fn check_damage(size: usize, what: &str, change: impl Fn(&mut Vec<u8>)) {
    let place = Place::new();
    let blobs = place.store(1);
    let content = content(size, 9);
    let digest = store(&blobs, &content);
    let path = blobs.path(&blobs.names(&digest).next().unwrap());
    let mut file = fs::read(&path).unwrap();
    change(&mut file);
    fs::write(&path, file).unwrap();
    let found = load(&blobs, &digest);
    assert!(matches!(found, Err(BlobError::Corrupt(_) | BlobError::Key(_))), "{what} of {size} bytes");
    if let Ok(mut reader) = blobs.reader(&digest) {
        assert!(matches!(reader.verify(), Err(BlobError::Corrupt(_))), "{what} of {size} bytes");
    }
}

#[test]
fn damage_is_found() {
    check_damage(CHUNK, "cut to nothing", Vec::clear);
    check_damage(0, "one byte more", |file| file.push(0));
    check_damage(3 * CHUNK, "last chunk cut off", |file| file.truncate(HEAD + 2 * SEALED));
    check_damage(3 * CHUNK + 5, "last byte cut off", |file| file.truncate(file.len() - 1));
    check_damage(3 * CHUNK + 5, "one byte more", |file| file.push(0));
    check_damage(3 * CHUNK + 5, "chunks swapped", |file| {
        let (first, second) = file[HEAD..HEAD + 2 * SEALED].split_at_mut(SEALED);
        first.swap_with_slice(second);
    });
    check_damage(3 * CHUNK, "last chunk moved forward", |file| {
        file.copy_within(HEAD + 2 * SEALED..HEAD + 3 * SEALED, HEAD + SEALED);
    });
}

#[test]
fn every_flipped_byte_is_found() {
    let place = Place::new();
    let blobs = place.store(1);
    for size in [0, 40, CHUNK + 1] {
        let digest = store(&blobs, &content(size, 3));
        let path = blobs.path(&blobs.names(&digest).next().unwrap());
        let file = fs::read(&path).unwrap();
        // Every byte of the head and of a short file; a sample of a long one.
        for byte in
            (0..file.len()).filter(|byte| *byte < HEAD + 60 || byte.is_multiple_of(4099) || file.len() - byte < 20)
        {
            let mut changed = file.clone();
            changed[byte] ^= 1 << (byte % 8);
            fs::write(&path, changed).unwrap();
            let found = blobs.reader(&digest).and_then(|mut reader| reader.verify());
            assert!(
                matches!(found, Err(BlobError::Corrupt(_) | BlobError::Key(_))),
                "byte {byte} of {size}: {found:?}"
            );
        }
        fs::write(&path, &file).unwrap();
        load(&blobs, &digest).unwrap();
    }
}

#[test]
fn blobs_cannot_take_each_others_place() {
    let place = Place::new();
    let (one, two) = (place.store(1), place.store(2));
    let digests = [content(100, 1), content(100, 2)].map(|content| store(&one, &content));
    let other = store(&two, &content(100, 1));
    let path = |store: &BlobStore, digest| store.path(&store.names(digest).next().unwrap());
    fs::copy(path(&one, &digests[0]), path(&one, &digests[1])).unwrap();
    assert!(matches!(load(&one, &digests[1]), Err(BlobError::Corrupt(_))));
    fs::copy(path(&one, &digests[0]), path(&two, &other)).unwrap();
    assert!(matches!(load(&two, &other), Err(BlobError::Corrupt(_))));
}

#[test]
fn uploads_go_on_where_they_were_synced() {
    let place = Place::new();
    let blobs = place.store(1);
    let upload = Id::from_bits(7);
    let whole = content(4 * CHUNK + 123, 5);
    let pieces = [0, 10, 10, CHUNK, CHUNK + 1, 3 * CHUNK - 1, 3 * CHUNK, 4 * CHUNK + 123];
    for pair in pieces.windows(2) {
        let mut part = blobs.part(upload, NO_LIMIT).unwrap();
        // Chunks that were whole when the connection broke count, synced or not.
        let start = part.len() as usize;
        assert!((pair[0]..=pair[0] + 50).contains(&start) && (start == pair[0] || start.is_multiple_of(CHUNK)));
        assert!(matches!(blobs.part(upload, NO_LIMIT), Err(BlobError::Busy)));
        part.append(&whole[start..start.max(pair[1])]).unwrap();
        assert_eq!(part.sync().unwrap(), start.max(pair[1]) as u64);
        // The connection breaks in the middle of the next piece.
        part.append(&whole[part.len() as usize..whole.len().min(pair[1] + 50)]).unwrap();
    }
    let part = blobs.part(upload, NO_LIMIT).unwrap();
    let wrong = digest(b"something else");
    assert!(matches!(part.finish(Some(&wrong)), Err(BlobError::Digest { .. })));
    let part = blobs.part(upload, NO_LIMIT).unwrap();
    let finished = part.finish(Some(&digest(&whole))).unwrap();
    assert_eq!(finished.length, whole.len() as u64);
    assert!(load(&blobs, &finished.digest).unwrap() == whole);
    // Asked again, before the caller noted it, it tells the same.
    let again = blobs.part(upload, NO_LIMIT).unwrap();
    assert_eq!(again.len(), finished.length);
    assert_eq!(again.finish(None).unwrap(), finished);
    assert!(blobs.delete_part(upload).unwrap());
    assert_eq!(files(&place).len(), 1);
    assert_eq!(blobs.part(upload, NO_LIMIT).unwrap().len(), 0);
}

#[test]
fn uploads_survive_power_cuts() {
    let place = Place::new();
    let blobs = place.store(1);
    let upload = Id::from_bits(7);
    let whole = content(5 * CHUNK, 6);
    let (path, _) = blobs.part_paths(upload).unwrap();
    let synced = 2 * CHUNK + 100;
    let mut part = blobs.part(upload, NO_LIMIT).unwrap();
    part.append(&whole[..synced]).unwrap();
    part.sync().unwrap();
    part.append(&whole[synced..]).unwrap();
    drop(part);
    let file = fs::read(&path).unwrap();
    assert_eq!(file.len(), HEAD + 4 * SEALED);
    let check = |file: &[u8], expected: usize| {
        fs::write(&path, file).unwrap();
        let mut part = blobs.part(upload, NO_LIMIT).unwrap();
        assert_eq!(part.len(), expected as u64);
        part.append(&whole[expected..]).unwrap();
        assert!(part.digest().unwrap() == digest(&whole));
    };
    check(&file, 4 * CHUNK);
    check(&file[..HEAD + 3 * SEALED + 99], 3 * CHUNK);
    check(&file[..HEAD + 2 * SEALED], synced);
    // The length reached the disk, the bytes did not.
    let mut hollow = file.clone();
    hollow[HEAD + 2 * SEALED..].fill(0);
    check(&hollow, synced);
    // What was synced is gone: that is damage, and told.
    for lost in [0, HEAD - 1, HEAD + 2 * SEALED - 1] {
        fs::write(&path, &file[..lost]).unwrap();
        assert!(matches!(blobs.part(upload, NO_LIMIT), Err(BlobError::Corrupt(_))), "{lost} bytes left");
    }
}

#[test]
fn a_finish_that_was_cut_off_is_repeated() {
    let place = Place::new();
    let blobs = place.store(1);
    let upload = Id::from_bits(7);
    let whole = content(CHUNK + 10, 8);
    let mut part = blobs.part(upload, NO_LIMIT).unwrap();
    part.append(&whole).unwrap();
    part.sync().unwrap();
    // Cut off before the note: the last chunk is taken back.
    let digest = part.digest().unwrap();
    part.stream.finish(&digest).unwrap();
    drop(part);
    let mut part = blobs.part(upload, NO_LIMIT).unwrap();
    assert_eq!(part.len(), whole.len() as u64);
    // Cut off between note and publishing.
    let length = part.stream.finish(&digest).unwrap();
    Note::from(Finished { digest, length }).write(&blobs.part_paths(upload).unwrap().1, upload, blobs.key()).unwrap();
    drop(part);
    assert!(matches!(load(&blobs, &digest), Err(BlobError::Missing(_))));
    let part = blobs.part(upload, NO_LIMIT).unwrap();
    assert_eq!(part.finish(Some(&digest)).unwrap(), Finished { digest, length });
    assert!(load(&blobs, &digest).unwrap() == whole);
}

#[test]
fn notes_belong_to_their_upload() {
    let place = Place::new();
    let blobs = place.store(1);
    let (one, two) = (Id::from_bits(1), Id::from_bits(2));
    for upload in [one, two] {
        let mut part = blobs.part(upload, NO_LIMIT).unwrap();
        part.append(b"some bytes").unwrap();
        part.sync().unwrap();
    }
    let (_, note) = blobs.part_paths(one).unwrap();
    fs::copy(&note, blobs.part_paths(two).unwrap().1).unwrap();
    assert!(matches!(blobs.part(two, NO_LIMIT), Err(BlobError::Corrupt(_))));
    let whole = fs::read(&note).unwrap();
    for cut in 0..whole.len() {
        fs::write(&note, &whole[..cut]).unwrap();
        assert!(matches!(blobs.part(one, NO_LIMIT), Err(BlobError::Corrupt(_) | BlobError::Key(_))), "{cut} bytes");
    }
}

#[test]
fn renewed_keys() {
    let place = Place::new();
    let old = place.store(1);
    let whole = content(CHUNK + 5, 2);
    let digest = store(&old, &whole);
    let mut part = old.part(Id::from_bits(3), NO_LIMIT).unwrap();
    part.append(&whole).unwrap();
    part.sync().unwrap();
    drop(part);
    place.vault.rotate_data_key(Id::from_bits(1), Purpose::Blob).unwrap();
    let new = place.store(1);
    assert_eq!(new.reader(&digest).unwrap().key_version(), 1);
    assert!(load(&new, &digest).unwrap() == whole);
    assert!(new.renew(&digest).unwrap());
    assert!(!new.renew(&digest).unwrap());
    assert_eq!(new.reader(&digest).unwrap().key_version(), 2);
    assert!(load(&new, &digest).unwrap() == whole);
    assert!(matches!(load(&old, &digest), Err(BlobError::Missing(_))));
    assert_eq!(new.list().count(), 1);
    new.part(Id::from_bits(3), NO_LIMIT).unwrap().finish(Some(&digest)).unwrap();
    assert!(load(&old, &digest).unwrap() == whole, "an upload stays under the key it began with");
}

#[test]
fn listing_passes_over_what_is_not_ours() {
    let place = Place::new();
    let blobs = place.store(1);
    assert_eq!(blobs.list().count(), 0);
    let digest = store(&blobs, b"x");
    let name = blobs.names(&digest).next().unwrap();
    let path = blobs.path(&name);
    fs::write(path.with_file_name("note"), b"").unwrap();
    fs::write(path.with_extension("bak"), b"").unwrap();
    let found: Vec<_> = blobs.list().map(Result::unwrap).collect();
    let [only] = found[..] else { panic!("{found:?}") };
    assert_eq!((only.name, only.size), (name, (HEAD + 17) as u64));
    assert!(only.written > Timestamp::from_millis(1_600_000_000_000));
    assert!(blobs.remove(&only.name).unwrap());
    assert!(matches!(load(&blobs, &digest), Err(BlobError::Missing(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn ranges_are_slices(start in 0..4 * CHUNK as u64, length in 0..2 * CHUNK as u64) {
        thread_local! {
            static BLOB: (Place, BlobDigest, Vec<u8>) = {
                let (place, content) = (Place::new(), content(3 * CHUNK + 77, 4));
                let digest = store(&place.store(1), &content);
                (place, digest, content)
            };
        }
        BLOB.with(|(place, digest, content)| {
            let mut reader = place.store(1).reader(digest).unwrap();
            let end = start + length;
            let clamp = |place: u64| (place as usize).min(content.len());
            let mut found = Vec::new();
            reader.range(start..end).read_to_end(&mut found).unwrap();
            prop_assert!(found == content[clamp(start)..clamp(end)]);
            let back = reader.seek(SeekFrom::End(-(length as i64))).unwrap();
            prop_assert_eq!(back, content.len() as u64 - length);
            found.clear();
            reader.read_to_end(&mut found).unwrap();
            prop_assert!(found == content[back as usize..]);
            prop_assert!(reader.seek(SeekFrom::Current(-(content.len() as i64) - 1)).is_err());
            Ok(())
        })?;
    }
}

#[test]
fn a_range_touches_its_chunks_only() {
    let place = Place::new();
    let blobs = place.store(1);
    let content = content(5 * CHUNK, 4);
    let digest = store(&blobs, &content);
    let path = blobs.path(&blobs.names(&digest).next().unwrap());
    let mut file = fs::read(&path).unwrap();
    // All chunks but the third are destroyed.
    file[HEAD..HEAD + 2 * SEALED].fill(0);
    file[HEAD + 3 * SEALED..].fill(0);
    fs::write(&path, file).unwrap();
    let mut reader = blobs.reader(&digest).unwrap();
    let mut found = Vec::new();
    reader.range(2 * CHUNK as u64..3 * CHUNK as u64).read_to_end(&mut found).unwrap();
    assert!(found == content[2 * CHUNK..3 * CHUNK]);
    assert!(reader.range(2 * CHUNK as u64..3 * CHUNK as u64 + 1).read_to_end(&mut found).is_err());
}
