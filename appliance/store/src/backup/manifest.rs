//! The list of what belongs to a backup: a JSON line each, and a signature over them at the end.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
};

use model::{Id, Timestamp, noun};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{BackupError, place::Place};
use crate::{
    store::sync_folder,
    vault::{PublicKey, Vault},
};

/// The form of the list.
const VERSION: u32 = 1;
/// The longest line.
const LONGEST: u64 = 4 << 10;
/// What is signed, besides the digest of the lines.
const SIGNED: &str = "audiagram backup manifest 1";

/// A file with rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name in the folder of the tenant's copies.
    pub file: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// The version of the backup key.
    pub key: u32,
    /// Rows in it.
    pub rows: u64,
    /// Blobs that it names.
    pub blobs: u64,
    /// Their bytes on the disk.
    pub blob_bytes: u64,
    /// Rows of the audit log.
    pub audit_rows: u64,
    /// Its root, in hexadecimal digits.
    pub audit_root: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Head {
        version: u32,
        backup: Id<noun::Backup>,
        made: Timestamp,
        whole: bool,
        appliance: String,
    },
    System {
        part: Part,
    },
    Tenant {
        tenant: Id<noun::Tenant>,
        part: Part,
    },
    /// A tenant without a file.
    Empty {
        tenant: Id<noun::Tenant>,
    },
    /// A tenant whose file could not be read.
    Failed {
        tenant: Id<noun::Tenant>,
        code: String,
    },
    End {
        tenants: u64,
        failed: u64,
        bytes: u64,
        signature: String,
    },
}

/// A backup, as its list tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its id.
    pub id: Id<noun::Backup>,
    /// When it was begun.
    pub made: Timestamp,
    /// Whether it is of the whole appliance.
    pub whole: bool,
    /// Tenants with a file in it.
    pub tenants: u64,
    /// Tenants whose files could not be read.
    pub failed: u64,
    /// Bytes that a restore reads.
    pub bytes: u64,
}

pub(super) struct Writer {
    file: BufWriter<File>,
    hash: Sha256,
    unfinished: PathBuf,
    path: PathBuf,
    tenants: u64,
    failed: u64,
    bytes: u64,
}

impl Writer {
    pub(super) fn begin(place: &Place, head: &Line, backup: Id<noun::Backup>) -> Result<Self, BackupError> {
        let path = place.manifest(backup);
        let unfinished = path.with_extension("unfinished");
        let file = BufWriter::new(File::create(&unfinished)?);
        let mut writer = Writer { file, hash: Sha256::new(), unfinished, path, tenants: 0, failed: 0, bytes: 0 };
        writer.line(head)?;
        Ok(writer)
    }

    pub(super) fn line(&mut self, line: &Line) -> Result<(), BackupError> {
        match line {
            Line::Tenant { part, .. } | Line::System { part } => {
                self.tenants += u64::from(matches!(line, Line::Tenant { .. }));
                self.bytes = self.bytes.saturating_add(part.bytes).saturating_add(part.blob_bytes);
            }
            Line::Failed { .. } => self.failed += 1,
            _ => {}
        }
        let mut text = serde_json::to_vec(line).expect("texts and numbers are written without failure");
        text.push(b'\n');
        self.hash.update(&text);
        Ok(self.file.write_all(&text)?)
    }

    /// Signs the list and gives it its name.
    pub(super) fn finish(mut self, vault: &Vault) -> Result<(u64, u64, u64), BackupError> {
        let counts = (self.tenants, self.failed, self.bytes);
        let (tenants, failed, bytes) = counts;
        let message = message(self.hash.clone(), counts);
        self.line(&Line::End { tenants, failed, bytes, signature: hex(&vault.sign(&message)) })?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.unfinished, &self.path)?;
        sync_folder(self.path.parent().unwrap_or(Path::new(".")))?;
        Ok(counts)
    }
}

fn message(lines: Sha256, (tenants, failed, bytes): (u64, u64, u64)) -> Vec<u8> {
    format!("{SIGNED}\n{}\n{tenants} {failed} {bytes}\n", hex(&lines.finalize())).into_bytes()
}

/// The lines of a backup, once its signature was checked.
pub(super) struct Lines {
    from: BufReader<File>,
    backup: Id<noun::Backup>,
    pub(super) summary: Backup,
}

impl Lines {
    pub(super) fn open(place: &Place, backup: Id<noun::Backup>, key: &PublicKey) -> Result<Self, BackupError> {
        let bad = |detail| BackupError::Manifest { backup, detail };
        let file = File::open(place.manifest(backup)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => BackupError::Missing(backup),
            _ => error.into(),
        })?;
        let mut from = BufReader::new(file);
        let Line::Head { version, backup: id, made, whole, .. } =
            next(&mut from, backup, |_| ())?.ok_or(bad("it is empty"))?
        else {
            return Err(bad("it has no head"));
        };
        if version != VERSION || id != backup {
            return Err(bad("it has another form"));
        }
        from = BufReader::new(File::open(place.manifest(backup))?);
        let mut hash = Sha256::new();
        loop {
            let before = hash.clone();
            let line = next(&mut from, backup, |text| hash.update(text))?.ok_or(bad("it is cut off"))?;
            if let Line::End { tenants, failed, bytes, signature } = line {
                let signature = unhex::<64>(&signature).ok_or(bad("it has no signature"))?;
                if !key.verifies(&message(before, (tenants, failed, bytes)), &signature) {
                    return Err(bad("the signature is not the appliance's"));
                }
                if next(&mut from, backup, |_| ())?.is_some() {
                    return Err(bad("it goes on after its end"));
                }
                from = BufReader::new(File::open(place.manifest(backup))?);
                let summary = Backup { id: backup, made, whole, tenants, failed, bytes };
                return Ok(Lines { from, backup, summary });
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Line>, BackupError> {
        next(&mut self.from, self.backup, |_| ())
    }

    /// The part of one tenant.
    pub(super) fn tenant(mut self, wanted: Id<noun::Tenant>) -> Result<Part, BackupError> {
        while let Some(line) = self.next()? {
            match line {
                Line::Tenant { tenant, part } if tenant == wanted => return Ok(part),
                _ => {}
            }
        }
        Err(BackupError::NotIn { backup: self.backup, tenant: wanted })
    }
}

fn next(
    from: &mut BufReader<File>,
    backup: Id<noun::Backup>,
    text: impl FnOnce(&[u8]),
) -> Result<Option<Line>, BackupError> {
    let mut line = Vec::new();
    from.take(LONGEST).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    text(&line);
    let bad = BackupError::Manifest { backup, detail: "a line makes no sense" };
    if line.last() != Some(&b'\n') {
        return Err(bad);
    }
    serde_json::from_slice(&line).map(Some).map_err(|_| bad)
}

/// The backups in a folder, the newest first; those whose lists do not verify are left out and counted.
pub fn list(root: &Path, key: &PublicKey) -> Result<(Vec<Backup>, u64), BackupError> {
    let place = Place::at(root);
    let (mut found, mut bad) = (Vec::new(), 0);
    let entries = match fs::read_dir(root.join("sets")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((found, bad)),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".manifest")).and_then(|id| id.parse().ok());
        match id.map(|id| Lines::open(&place, id, key)) {
            None => {}
            Some(Ok(lines)) => found.push(lines.summary),
            Some(Err(_)) => bad += 1,
        }
    }
    found.sort_by_key(|backup: &Backup| std::cmp::Reverse((backup.made, backup.id)));
    Ok((found, bad))
}

/// One backup of a folder.
pub fn read(root: &Path, backup: Id<noun::Backup>, key: &PublicKey) -> Result<Backup, BackupError> {
    Ok(Lines::open(&Place::at(root), backup, key)?.summary)
}

pub(super) fn head(backup: Id<noun::Backup>, made: Timestamp, whole: bool, vault: &Vault) -> Line {
    Line::Head { version: VERSION, backup, made, whole, appliance: vault.public_key().to_string() }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| (byte as char).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let bytes = pairs.iter().map(|[high, low]| Some((digit(*high)? << 4 | digit(*low)?) as u8));
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}
