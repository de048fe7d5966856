//! `audiagram backup` and `audiagram restore`: by the appliance into its configured folder, or away from it over a folder of backups and
//! the appliance's key.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use model::{Id, IdSource, SystemClock, noun};
use serde_json::{Value, json};
use store::{
    Progress,
    backup::{self, Backup, BackupError, Depth},
    vault::{KeyFile, RootKey, Vault},
};

use super::{Consent, Form, errand, tenant, text};
use crate::{
    client::{Reach, encoded},
    console::{Console, table::Column},
    failure::{Failure, Kind},
};

const COLUMNS: [Column; 6] = [
    ("id", "/id"),
    ("made", "/made"),
    ("whole", "/whole"),
    ("tenants", "/tenants"),
    ("failed", "/failed"),
    ("MiB", "/mib"),
];

/// Make, list, verify, try and prune backups
#[derive(Debug, Args)]
#[command(after_help = "\
The appliance backs up into the folder that `upkeep.backups` names, while everybody works; what an earlier backup has already is not
copied again. With a FOLDER, backups are listed and verified without the appliance: all it takes is the folder and the key.

Examples:
  audiagram backup create
  audiagram backup create --of acme
  audiagram backup drill
  audiagram backup prune --keep 7 --days 30
  audiagram backup list /backup --key appliance.key
  audiagram backup verify /backup --key appliance.key --deep")]
pub(crate) struct BackupCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Back up the appliance, or one tenant, and wait until it is done
    Create(Create),
    /// List backups, newest first
    List(List),
    /// Read a backup and check that all of it is whole
    Verify(Verify),
    /// Rehearse a restore in a scratch folder, and wait until it is done
    Drill(Drill),
    /// Remove old backups, and what only they need
    Prune(Prune),
}

#[derive(Debug, Args)]
struct Create {
    /// Only this tenant: short name or id
    #[arg(long, value_name = "TENANT")]
    of: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

/// A folder of backups and the key that opens it.
#[derive(Debug, Args)]
struct Folder {
    /// File with the appliance's key, for a FOLDER; the configured one when absent
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
struct List {
    /// A folder of backups, to be looked into without the appliance
    folder: Option<PathBuf>,
    #[command(flatten)]
    keys: Folder,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct Verify {
    /// A folder of backups, to be verified without the appliance
    folder: Option<PathBuf>,
    /// Which backup; the newest when absent
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    /// Read every recording and video to its end, too
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    keys: Folder,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct Drill {
    /// Which backup of the whole appliance; the newest when absent
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
struct Prune {
    /// So many of the newest stay: of the whole appliance, and of each tenant that was backed up alone
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    keep: u32,
    /// Those of so many days stay, too
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=36_500))]
    days: u32,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    reach: Reach,
}

/// Put a whole appliance or one tenant back from a backup
#[derive(Debug, Args)]
#[command(after_help = "\
Whole: --to names the new data folder, which is made whole or not at all and must not be there yet. Start the appliance with it
afterwards; it needs the same key. One tenant: --of names it; it is put back by the appliance as it was, which loses what came after.

Examples:
  audiagram restore /backup --to /srv/audiagram --key appliance.key
  audiagram restore --of acme --backup bkp_…")]
pub(crate) struct Restore {
    /// The folder of backups, for --to
    #[arg(requires = "to")]
    folder: Option<PathBuf>,
    /// The new data folder
    #[arg(long, value_name = "FOLDER", requires = "folder")]
    to: Option<PathBuf>,
    /// One tenant, by the appliance: short name or id
    #[arg(long, value_name = "TENANT", conflicts_with = "to", required_unless_present = "to", requires = "backup")]
    of: Option<String>,
    /// Which backup; for --to the newest of the whole appliance when absent
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    #[command(flatten)]
    keys: Folder,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    form: Form,
}

impl BackupCommand {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::Create(create) => create.run(),
            Verb::List(list) => list.run(),
            Verb::Verify(verify) => verify.run(),
            Verb::Drill(drill) => drill.run(),
            Verb::Prune(prune) => prune.run(),
        }
    }
}

impl Create {
    fn run(&self) -> Result<(), Failure> {
        let client = &mut self.reach.client()?;
        let tenant = self.of.as_ref().map(|of| tenant::find(client, of)).transpose()?;
        let body = match &tenant {
            Some(tenant) => json!({ "tenant": tenant["id"] }),
            None => json!({}),
        };
        let done = errand(client, "/v1/backups", &body)?;
        self.form.done(&done, text(&done, "backup"))
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let none = "there are no backups in this folder";
        let Some(folder) = &self.folder else {
            return self.form.pages(&mut self.keys.reach.client()?, "/v1/backups", &COLUMNS, none);
        };
        let items: Vec<Value> = listed(folder, &self.keys.vault(folder)?)?.iter().map(view).collect();
        self.form.list(&COLUMNS, &items, none)
    }
}

impl Drill {
    fn run(&self) -> Result<(), Failure> {
        let client = &mut self.reach.client()?;
        let body = self.backup.as_ref().map_or_else(|| json!({}), |backup| json!({ "backup": backup }));
        let done = errand(client, "/v1/backups/drill", &body)?;
        let fact = |name: &str| text(&done["facts"], name).to_owned();
        let said = format!(
            "{} could be restored: {} files opened, {} audit rows and {} blobs read in {} s",
            text(&done, "backup"),
            fact("stores"),
            fact("audit_rows"),
            fact("blobs"),
            fact("seconds"),
        );
        self.form.done(&done, &said)
    }
}

impl Prune {
    fn run(&self) -> Result<(), Failure> {
        let what = format!("Removing all backups but the newest {} and those of {} days", self.keep, self.days);
        self.consent.ask(&what, "prune")?;
        let client = &mut self.reach.client()?;
        let done = errand(client, "/v1/backups/prune", &json!({ "newest": self.keep, "days": self.days }))?;
        let fact = |name: &str| text(&done["facts"], name).to_owned();
        self.form.done(&done, &format!("{} backups removed, {} kept", fact("backups"), fact("kept")))
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
            None => self.reach.place.load()?.key_path(),
        };
        let key = KeyFile::open(&path).map_err(|e| Failure::of(Kind::BadInput, &e).file(&path).remedy("--key FILE"))?;
        Ok(vec![Box::new(key)])
    }

    fn vault(&self, folder: &Path) -> Result<Vault, Failure> {
        backup::open_keys(folder, self.roots()?).map_err(|e| failed(&e).file(folder))
    }
}

fn listed(folder: &Path, vault: &Vault) -> Result<Vec<Backup>, Failure> {
    let (mut backups, strange) = backup::list(folder, &vault.public_key()).map_err(|e| failed(&e).file(folder))?;
    if strange > 0 {
        crate::console::err_line(&format!("warning: {strange} lists in this folder do not verify and are left out"));
    }
    backups.sort_by_key(|backup| std::cmp::Reverse(backup.id));
    Ok(backups)
}

/// The backup that is named, or the newest that `fits`.
fn choose(
    folder: &Path,
    vault: &Vault,
    id: Option<&str>,
    fits: impl Fn(&Backup) -> bool,
) -> Result<Id<noun::Backup>, Failure> {
    if let Some(id) = id {
        return id
            .parse()
            .map_err(|e: model::ParseIdError| Failure::of(Kind::Usage, &e).remedy("audiagram backup list"));
    }
    let found = listed(folder, vault)?.into_iter().find(|backup| fits(backup));
    found
        .map(|backup| backup.id)
        .ok_or_else(|| Failure::new(Kind::Conflict, "there is no such backup in this folder").file(folder))
}

impl Verify {
    fn run(&self) -> Result<(), Failure> {
        let Some(folder) = &self.folder else { return self.by_appliance() };
        let vault = self.keys.vault(folder)?;
        let id = choose(folder, &vault, self.backup.as_deref(), |_| true)?;
        let depth = if self.deep { Depth::Blobs } else { Depth::Rows };
        let found =
            backup::verify(folder, id, &vault, depth, &Progress::default()).map_err(|e| failed(&e).file(folder))?;
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
                Err(Failure::new(Kind::BadInput, message).file(folder).remedy("another backup"))
            }
        }
    }

    fn by_appliance(&self) -> Result<(), Failure> {
        let client = &mut self.keys.reach.client()?;
        let id = match &self.backup {
            Some(id) => id.clone(),
            None => {
                let newest: Value = client.get("/v1/backups?limit=1")?.json()?;
                let id = newest["items"][0]["id"].as_str().map(str::to_owned);
                id.ok_or_else(|| {
                    Failure::new(Kind::Conflict, "there are no backups").remedy("audiagram backup create")
                })?
            }
        };
        let body = json!({ "records_only": !self.deep });
        let done = errand(client, &format!("/v1/backups/{}/verify", encoded(&id)), &body)?;
        self.form.thing(&done)
    }
}

impl Restore {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let (Some(folder), Some(to)) = (&self.folder, &self.to) else { return self.tenant() };
        let id = choose(folder, &self.keys.vault(folder)?, self.backup.as_deref(), |backup| backup.whole)?;
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(IdSource::random()));
        let restored = backup::restore(folder, id, self.keys.roots()?, to, clock, ids, &Progress::default())
            .map_err(|e| failed(&e).file(to))?;
        self.form.thing(&json!({
            "id": id,
            "tenants": restored.tenants,
            "failed": restored.failed,
            "erased": restored.erased.len(),
        }))?;
        console.info(format!("start it with the same key: audiagram serve --data {}", to.display()));
        Ok(())
    }

    fn tenant(&self) -> Result<(), Failure> {
        let client = &mut self.keys.reach.client()?;
        let tenant = tenant::find(client, self.of.as_deref().unwrap_or_default())?;
        let slug = text(&tenant, "slug");
        self.consent.ask(&format!("Putting {slug} back as it was, which loses what came after,"), slug)?;
        let path = format!("/v1/backups/{}/restore", encoded(self.backup.as_deref().unwrap_or_default()));
        let done = errand(client, &path, &json!({ "tenant": tenant["id"] }))?;
        self.form.done(&done, &format!("{slug} is as it was"))
    }
}
