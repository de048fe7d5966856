//! Copies of the vault. They are kept apart from the backups of data and for a short time only, so that destroyed keys die in them too.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use model::Timestamp;
use redb::{ReadableDatabase as _, ReadableTable as _};

use super::{META, SCRUB, TENANTS, Vault, VaultError, open_database};

const PREFIX: &str = "keys-";
const SUFFIX: &str = ".redb";

impl Vault {
    /// Writes a copy of the vault into the folder and removes copies that are older than `keep`, overwriting them first. With a `keep` of zero
    /// the new copy is the only one: do that after a tenant was destroyed. A copy is used by putting it in the vault's place.
    ///
    /// # Errors
    /// When the folder cannot be written, or has a copy of this very moment.
    pub fn copy(&self, folder: &Path, now: Timestamp, keep: Duration) -> Result<PathBuf, VaultError> {
        let path = folder.join(format!("{PREFIX}{:013}{SUFFIX}", now.millis()));
        if path.exists() {
            return Err(VaultError::Exists(path));
        }
        let unfinished = path.with_extension("unfinished");
        if let Err(error) = self.write_copy(&unfinished).and_then(|()| Ok(fs::rename(&unfinished, &path)?)) {
            fs::remove_file(&unfinished).ok();
            return Err(error);
        }
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let made = entry.file_name().to_str().and_then(made_at);
            if made.is_some_and(|made| entry.path() != path && now.since(made) >= keep) {
                destroy_file(&entry.path())?;
            }
        }
        File::open(folder)?.sync_all()?;
        Ok(path)
    }

    /// Row by row into a new file, so that no free page with old keys comes along.
    fn write_copy(&self, path: &Path) -> Result<(), VaultError> {
        fs::remove_file(path)
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let mut copy = open_database(path, file)?;
        let (read, write) = (self.database.begin_read()?, copy.begin_write()?);
        {
            let mut meta = write.open_table(META)?;
            for entry in read.open_table(META)?.iter()? {
                let (name, value) = entry?;
                meta.insert(name.value(), value.value())?;
            }
            let mut tenants = write.open_table(TENANTS)?;
            for entry in read.open_table(TENANTS)?.iter()? {
                let (tenant, row) = entry?;
                tenants.insert(tenant.value(), row.value())?;
            }
            write.open_table(SCRUB)?;
        }
        write.commit()?;
        copy.compact().map_err(redb::Error::from)?;
        drop(copy);
        Ok(File::open(path)?.sync_all()?)
    }
}

/// When a copy with this file name was made; nothing for other files.
fn made_at(name: &str) -> Option<Timestamp> {
    let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let plain = digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok().map(Timestamp::from_millis)).flatten()
}

/// Overwrites a file with zeros and removes it.
fn destroy_file(path: &Path) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    let mut left = file.metadata()?.len() as usize;
    let zeros = [0; 1 << 16];
    while left > 0 {
        let piece = &zeros[..left.min(zeros.len())];
        file.write_all(piece)?;
        left -= piece.len();
    }
    file.sync_data()?;
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::KeyFile;
    use model::Id;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn copies_open_and_die() {
        let folder = tempfile::tempdir().unwrap();
        let (key, copies) = (folder.path().join("key"), folder.path().join("copies"));
        fs::create_dir(&copies).unwrap();
        let vault = Vault::create(&folder.path().join("keys.redb"), Box::new(KeyFile::create(&key).unwrap())).unwrap();
        let (kept, gone) = (Id::from_bits(1), Id::from_bits(2));
        vault.create_many(&[kept, gone]).unwrap();
        let week = Duration::from_secs(7 * 86_400);
        fs::write(copies.join("keys-other.redb"), b"not ours").unwrap();
        let first = vault.copy(&copies, at(0), week).unwrap();
        let second = vault.copy(&copies, at(1), week).unwrap();
        assert!(matches!(vault.copy(&copies, at(1), week), Err(VaultError::Exists(_))));
        assert!(first.exists() && second.exists());
        vault.destroy(gone, at(2)).unwrap();
        let third = vault.copy(&copies, at(2), Duration::ZERO).unwrap();
        assert!(!first.exists() && !second.exists() && third.exists());
        assert_eq!(fs::read_dir(&copies).unwrap().count(), 2, "the foreign file stays");

        let copy = Vault::open(&third, Box::new(KeyFile::open(&key).unwrap())).unwrap();
        assert!(copy.keys(kept).is_ok());
        assert!(matches!(copy.keys(gone), Err(VaultError::Destroyed(_))));
        assert_eq!(copy.public_key(), vault.public_key());
        drop(copy);
        vault.copy(&copies, at(2 + week.as_millis() as u64), week).unwrap();
        assert!(!third.exists(), "old copies die of age");
    }

    #[test]
    fn names_of_copies() {
        assert_eq!(made_at("keys-1700000000000.redb"), Some(at(0)));
        for other in [
            "keys.redb",
            "keys-1.redb",
            "keys-17000000000x0.redb",
            "keys-1700000000000.unfinished",
            "-1700000000000.redb",
        ] {
            assert_eq!(made_at(other), None, "{other}");
        }
    }
}
