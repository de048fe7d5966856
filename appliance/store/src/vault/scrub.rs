//! Overwriting of wrapped keys that nothing refers to any more.
//!
//! redb copies on write: a deleted or replaced row stays in the file, in pages that are free. The vault remembers the nonces of the wrapped
//! keys that a change replaced (as their complements, or it would find its own notes), and after the commit overwrites every place
//! of the file where one of them stands, with the key that follows it. Random nonces of 96 bits stand nowhere else.
//!
//! What lies below the file system (journals, copy-on-write volumes, worn flash) is out of reach; there, only a new appliance key helps.

use std::{collections::BTreeSet, fs::File, io, os::unix::fs::FileExt as _, path::Path};

use super::wrap::{NONCE, WRAPPED};

/// How much of the file is looked at together.
const WINDOW: usize = 1 << 20;

/// Overwrites with zeros every wrapped key in the file that begins with one of these nonces. Returns how many there were.
///
/// Nothing else may write to the file meanwhile.
pub(super) fn overwrite(path: &Path, nonces: &[[u8; NONCE]]) -> io::Result<u64> {
    let file = File::options().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let wanted: BTreeSet<[u8; NONCE]> = nonces.iter().copied().collect();
    // Most places are ruled out by their first two bytes.
    let mut begins = vec![false; 1 << 16];
    for nonce in &wanted {
        begins[usize::from(u16::from_be_bytes([nonce[0], nonce[1]]))] = true;
    }
    let mut window = vec![0; WINDOW + NONCE - 1];
    let mut found = 0;
    for start in (0..length).step_by(WINDOW) {
        let size = window.len().min((length - start) as usize);
        file.read_exact_at(&mut window[..size], start)?;
        for (place, bytes) in window[..size].array_windows::<NONCE>().enumerate() {
            if begins[usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))] && wanted.contains(bytes) {
                let at = start + place as u64;
                file.write_all_at(&[0; WRAPPED][..WRAPPED.min((length - at) as usize)], at)?;
                found += 1;
            }
        }
    }
    file.sync_data()?;
    Ok(found)
}

/// Nonces as they are noted until the work is done.
pub(super) fn note(nonces: &[[u8; NONCE]]) -> Vec<u8> {
    nonces.iter().flatten().map(|byte| !byte).collect()
}

/// The nonces of a note.
pub(super) fn noted(note: &[u8]) -> impl Iterator<Item = [u8; NONCE]> {
    note.as_chunks().0.iter().map(|nonce: &[u8; NONCE]| nonce.map(|byte| !byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overwrites_every_copy_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let nonces = [*b"nonce number", *b"nonce no two"];
        let mut content = vec![7u8; 3 * WINDOW + 40];
        let mut expected = content.clone();
        let end = content.len();
        for (place, nonce) in
            [(0, 0), (100, 1), (WINDOW - 5, 0), (2 * WINDOW - NONCE, 1), (2 * WINDOW + 500, 0), (end - 20, 1)]
        {
            content[place..place + NONCE].copy_from_slice(&nonces[nonce]);
            expected[place..end.min(place + WRAPPED)].fill(0);
        }
        // A nonce that is cut off, and its note, are none.
        content[end - 60..end - 49].copy_from_slice(&nonces[0][..11]);
        expected[end - 60..end - 49].copy_from_slice(&nonces[0][..11]);
        let note = note(&nonces);
        assert!(noted(&note).eq(nonces));
        content[4000..4024].copy_from_slice(&note);
        expected[4000..4024].copy_from_slice(&note);
        std::fs::write(&path, &content).unwrap();
        assert_eq!(overwrite(&path, &nonces).unwrap(), 6);
        assert!(std::fs::read(&path).unwrap() == expected);
        assert_eq!(overwrite(&path, &nonces).unwrap(), 0);
    }
}
