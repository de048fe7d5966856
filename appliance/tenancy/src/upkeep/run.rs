//! How each task is done.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::BufWriter,
    time::Instant,
};

use store::{
    Progress, Rekey,
    backup::{self, Depth, Finding, Keep, Scope},
    transfer::{Lock, ReceiverKey},
    vault::{Purpose, rotate_key_file},
};

use super::{Errand, KeyKind, Shop, Task, UpkeepError};
use crate::parcel;

type Facts = BTreeMap<String, String>;

/// So many findings of a drill are told.
const MOST_FINDINGS: usize = 5;

impl Shop {
    /// `known`: what has come of it even where it fails.
    pub(super) fn run(&self, errand: &Errand, progress: &Progress, known: &mut Facts) -> Result<Facts, UpkeepError> {
        let store = &*self.store;
        let backups = || self.config.backups.as_ref().ok_or(UpkeepError::NoBackups);
        let fact = |name: &str, value: u64| (name.to_owned(), value.to_string());
        match &errand.task {
            Task::Backup { backup, tenant } => {
                let scope = tenant.map_or(Scope::Whole, Scope::Tenant);
                let made = backup::create_as(store, backups()?, *backup, scope, progress)?;
                let mut facts = Facts::from([
                    fact("tenants", made.tenants),
                    fact("failed", made.failed),
                    fact("bytes", made.bytes),
                ]);
                let keep = Keep { newest: self.config.keep_backups, days: self.config.keep_backup_days };
                // The new one is there, whatever becomes of the old ones.
                if made.whole && (keep.newest, keep.days) != (0, 0) {
                    match backup::prune(store, backups()?, keep, progress) {
                        Ok(pruned) => facts.extend([fact("pruned", pruned.backups)]),
                        Err(error) => {
                            tracing::error!(
                                error = &error as &dyn std::error::Error,
                                "old backups cannot be removed; the next backup tries again"
                            );
                        }
                    }
                }
                Ok(facts)
            }
            Task::Prune { newest, days } => {
                let keep = Keep { newest: *newest, days: *days };
                let pruned = backup::prune(store, backups()?, keep, progress)?;
                Ok(Facts::from([
                    fact("backups", pruned.backups),
                    fact("kept", pruned.kept),
                    fact("files", pruned.files),
                    fact("bytes", pruned.bytes),
                ]))
            }
            Task::Verify { backup, deep } => {
                let depth = if *deep { Depth::Blobs } else { Depth::Rows };
                let found = backup::verify(backups()?, *backup, store.vault(), depth, progress)?;
                if let Some(finding) = found.findings.first() {
                    let more = found.findings.len() - 1;
                    return Err(UpkeepError::Findings(format!("{} (and {more} more)", told(finding))));
                }
                let erased = found.erased.len() as u64;
                let counts = [
                    fact("tenants", found.tenants),
                    fact("rows", found.rows),
                    fact("blobs", found.blobs),
                    fact("erased", erased),
                    fact("failed", found.failed.len() as u64),
                ];
                Ok(Facts::from(counts))
            }
            Task::Drill { backup } => {
                let begun = Instant::now();
                let found = backup::drill(store, backups()?, *backup, &self.scratch(), progress)?;
                known.extend([
                    fact("stores", found.stores),
                    fact("audit_rows", found.audit_rows),
                    fact("blobs", found.blobs),
                    fact("erased", found.erased.len() as u64),
                    fact("failed", found.failed.len() as u64),
                    fact("findings", found.findings.len() as u64),
                    fact("seconds", begun.elapsed().as_secs()),
                ]);
                if found.findings.is_empty() {
                    return Ok(Facts::new());
                }
                let mut lines: Vec<_> = found.findings.iter().take(MOST_FINDINGS).map(told).collect();
                if let more @ 1.. = found.findings.len().saturating_sub(MOST_FINDINGS) {
                    lines.push(format!("and {more} more"));
                }
                Err(UpkeepError::Findings(lines.join("; ")))
            }
            Task::Restore { backup, tenant } => {
                backup::restore_tenant(store, backups()?, *backup, *tenant, progress)?;
                Ok(Facts::new())
            }
            Task::Move { tenant, volume } => {
                let unknown = |name: &String| UpkeepError::Volume(name.clone());
                let path = volume.as_ref().map(|name| self.config.volumes.get(name).ok_or_else(|| unknown(name)));
                let moved = store.relocate(*tenant, path.transpose()?.map(|path| path.as_path()), progress)?;
                Ok(Facts::from([("moved".to_owned(), moved.to_string())]))
            }
            Task::Export { tenant, receiver } => {
                let folder = backups()?.join("exports");
                fs::create_dir_all(&folder)?;
                let path = folder.join(format!("{}.tenant", errand.id));
                let unfinished = path.with_extension("unfinished");
                let out = BufWriter::new(File::create(&unfinished)?);
                let made = parcel::export(store, *tenant, Lock::Receiver(ReceiverKey(*receiver)), out, progress)
                    .inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
                File::open(&unfinished)?.sync_all()?;
                fs::rename(&unfinished, &path)?;
                File::open(&folder)?.sync_all()?;
                parcel::tell(store, *tenant)?;
                let file = ("file".to_owned(), format!("exports/{}.tenant", errand.id));
                Ok(Facts::from([file, fact("rows", made.rows), fact("blobs", made.blobs)]))
            }
            Task::Rekey { tenant, key } => {
                let what = match key {
                    KeyKind::Appliance => {
                        let path = self.key_file.as_ref().ok_or(UpkeepError::NoKeyFile)?;
                        rotate_key_file(store.vault(), path)?;
                        // The copy of the vault with the backups is under the old key still.
                        if let Some(backups) = &self.config.backups {
                            backup::forget(store, backups)?;
                        }
                        return Ok(Facts::new());
                    }
                    KeyKind::Tenant => Rekey::Tenant,
                    KeyKind::Database => Rekey::Data(Purpose::Database),
                    KeyKind::Blob => Rekey::Data(Purpose::Blob),
                    KeyKind::Search => Rekey::Data(Purpose::Search),
                    KeyKind::Backup => Rekey::Data(Purpose::Backup),
                };
                store.rekey(tenant.ok_or(UpkeepError::WhichTenant)?, what, progress)?;
                Ok(Facts::new())
            }
        }
    }
}

fn told(finding: &Finding) -> String {
    let whose = finding.tenant.map_or("the appliance".to_owned(), |tenant| tenant.to_string());
    format!("{whose}: {}", finding.detail)
}
