//! `audiagram backup` and `audiagram restore`: what they do away from the appliance, over a folder of backups and the appliance's key.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use model::{Id, IdSource, SystemClock, noun};
use serde_json::{Value, json};
use store::{
    Progress,
    backup::{self, Backup, BackupError, Depth},
    vault::{KeyFile, RootKey, Vault},
};

use super::{Form, text};
use crate::{
    console::{Console, table::Column},
    failure::{Failure, Kind},
    serve::Place,
};

const COLUMNS: [Column; 6] = [
    ("id", "/id"),
    ("made", "/made"),
    ("whole", "/whole"),
    ("tenants", "/tenants"),
    ("failed", "/failed"),
    ("MiB", "/mib"),
];

/// List and verify the backups in a folder
#[derive(Debug, Args)]
#[command(after_help = "\
Works without the appliance: all that is needed is the folder and the appliance's key.

Examples:
  audiagram backup list /backup --key appliance.key
  audiagram backup verify /backup --key appliance.key --deep")]
pub(crate) struct BackupCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the backups in a folder, newest first
    List(List),
    /// Read a backup and check that all of it is whole
    Verify(Verify),
}

/// A folder of backups and the key that opens it.
#[derive(Debug, Args)]
struct Folder {
    /// The folder of backups
    folder: PathBuf,
    /// File with the appliance's key; the configured one when absent
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    folder: Folder,
    /// Which backup; the newest when absent
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    /// Read every recording and video to its end, too
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    form: Form,
}

/// Make an appliance's data folder from a backup
#[derive(Debug, Args)]
#[command(after_help = "\
The folder is made whole or not at all, and must not be there yet. Start the appliance with it afterwards: it needs the same key.

Example:
  audiagram restore /backup --to /srv/audiagram --key appliance.key
  audiagram doctor --data /srv/audiagram")]
pub(crate) struct Restore {
    #[command(flatten)]
    folder: Folder,
    /// The new data folder
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Which backup; the newest of the whole appliance when absent
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    #[command(flatten)]
    form: Form,
}

impl BackupCommand {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::List(List { folder, form }) => {
                let items: Vec<Value> = folder.list(&folder.vault()?)?.iter().map(view).collect();
                form.list(&COLUMNS, &items, "there are no backups in this folder")
            }
            Verb::Verify(verify) => verify.run(),
        }
    }
}

fn failed(error: &BackupError) -> Failure {
    let kind = match error.kind() {
        model::ErrorKind::NotFound | model::ErrorKind::Conflict => Kind::Conflict,
        model::ErrorKind::Invalid | model::ErrorKind::Corrupt => Kind::BadInput,
        _ => Kind::Failed,
    };
    Failure::of(kind, error)
}

fn view(backup: &Backup) -> Value {
    json!({
        "id": backup.id,
        "made": jiff::Timestamp::from_millisecond(i64::try_from(backup.made.millis()).unwrap_or(i64::MAX))
            .map_or_else(|_| String::new(), |at| at.to_string()),
        "whole": backup.whole,
        "tenants": backup.tenants,
        "failed": backup.failed,
        "bytes": backup.bytes,
        "mib": backup.bytes >> 20,
    })
}

impl Folder {
    fn roots(&self) -> Result<Vec<Box<dyn RootKey>>, Failure> {
        let path = match &self.key {
            Some(path) => path.clone(),
            None => self.place.load()?.key_path(),
        };
        let key = KeyFile::open(&path).map_err(|e| Failure::of(Kind::BadInput, &e).file(&path).remedy("--key FILE"))?;
        Ok(vec![Box::new(key)])
    }

    fn vault(&self) -> Result<Vault, Failure> {
        backup::open_keys(&self.folder, self.roots()?).map_err(|e| failed(&e).file(&self.folder))
    }

    fn list(&self, vault: &Vault) -> Result<Vec<Backup>, Failure> {
        let (backups, strange) =
            backup::list(&self.folder, &vault.public_key()).map_err(|e| failed(&e).file(&self.folder))?;
        if strange > 0 {
            crate::console::err_line(&format!(
                "warning: {strange} lists in this folder do not verify and are left out"
            ));
        }
        Ok(backups)
    }

    /// The backup that is named, or the newest that `fits`.
    fn choose(
        &self,
        vault: &Vault,
        id: Option<&str>,
        fits: impl Fn(&Backup) -> bool,
    ) -> Result<Id<noun::Backup>, Failure> {
        match id {
            Some(id) => id.parse().map_err(|e| Failure::of(Kind::Usage, &e).remedy("audiagram backup list")),
            None => self.list(vault)?.iter().find(|backup| fits(backup)).map(|backup| backup.id).ok_or_else(|| {
                Failure::new(Kind::Conflict, "there is no such backup in this folder").file(&self.folder)
            }),
        }
    }
}

impl Verify {
    fn run(&self) -> Result<(), Failure> {
        let vault = self.folder.vault()?;
        let id = self.folder.choose(&vault, self.backup.as_deref(), |_| true)?;
        let depth = if self.deep { Depth::Blobs } else { Depth::Rows };
        let found = backup::verify(&self.folder.folder, id, &vault, depth, &Progress::default())
            .map_err(|e| failed(&e).file(&self.folder.folder))?;
        let findings: Vec<Value> = found
            .findings
            .iter()
            .map(|finding| json!({ "tenant": finding.tenant, "detail": finding.detail }))
            .collect();
        self.form.thing(&json!({
            "id": id,
            "tenants": found.tenants,
            "rows": found.rows,
            "blobs": found.blobs,
            "erased": found.erased.len(),
            "findings": findings,
        }))?;
        match findings.first() {
            None => Ok(()),
            Some(first) => {
                let message = format!("{} parts are not whole: {}", findings.len(), text(first, "detail"));
                Err(Failure::new(Kind::BadInput, message).file(&self.folder.folder).remedy("another backup"))
            }
        }
    }
}

impl Restore {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let Folder { folder, .. } = &self.folder;
        let id = self.folder.choose(&self.folder.vault()?, self.backup.as_deref(), |backup| backup.whole)?;
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
        let restored = backup::restore(folder, id, self.folder.roots()?, &self.to, clock, ids, &Progress::default())
            .map_err(|e| failed(&e).file(&self.to))?;
        self.form.thing(&json!({
            "id": id,
            "tenants": restored.tenants,
            "failed": restored.failed,
            "erased": restored.erased.len(),
        }))?;
        console.info(format!(
            "{} holds the appliance; start it with the same key: audiagram serve --data {0}",
            self.to.display()
        ));
        Ok(())
    }
}
