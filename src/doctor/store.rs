//! What is in the files: whether the key opens them, and whether the audit logs are what was signed.

use std::{collections::BTreeSet, os::unix::fs::MetadataExt as _, path::Path};

use ::store::{
    Database, MAX_PAGE, Placement, Query, Read as _, Store, backup,
    chain::Frontier,
    vault::{KeyFile, Vault},
};
use tenancy::Tenant;

use super::{Check, Health};
use crate::serve::{Config, open_store};

/// How many tenants' files are looked into.
const SAMPLE: usize = 8;
/// How many rows of a log are recomputed; longer ones are what `audit export --format bundle` and `audit verify` are for.
const ROWS: u64 = 500_000;
/// How many folders are held against the register.
const FOLDERS: usize = 200_000;

const KEY: &str = "with another key nothing of the data can be read";
const SYSTEM: &str = "it holds the register of tenants, without which no file is found";
const CHAIN: &str = "a log that was altered no longer leads to the root that was written with it";
const ORPHANS: &str = "folders that belong to nobody take room, and may be remains of an interrupted erasure";

pub(super) fn checks(config: &Config, runs: bool) -> Vec<Check> {
    let kept = backups(config);
    let names = ["key", "system file", "audit chain", "tenants' files", "orphans"];
    let reasons = [KEY, SYSTEM, CHAIN, CHAIN, ORPHANS];
    let skipped = |detail: &str, remedy: &str| {
        let one = |(name, why): (&'static str, &'static str)| Check::bad(name, Health::Skip, detail, remedy).why(why);
        names.into_iter().zip(reasons).map(one).collect()
    };
    if runs {
        let mut checks: Vec<Check> =
            skipped("open in the appliance that runs", "look again when it is stopped, or verify a backup");
        checks.push(kept);
        return checks;
    }
    let owner = std::fs::metadata(config.data.join("system.redb")).map_or(u32::MAX, |found| found.uid());
    if owner != rustix::process::geteuid().as_raw() {
        return skipped("the files belong to someone else", &format!("sudo --user='#{owner}' audiagram doctor"));
    }
    let key = key(config);
    if key.state == Health::Fail {
        let rest: Vec<Check> = skipped("cannot be read without the key", "the remedy of the check `key`");
        return [key, kept].into_iter().chain(rest.into_iter().skip(1)).collect();
    }
    let mut checks = vec![key, kept];
    match open_store(config) {
        Ok(store) => {
            checks.push(system(&store));
            checks.push(chain("audit chain", "the appliance's", store.system()).why(CHAIN));
            checks.push(sample(&store).why(CHAIN));
            checks.push(orphans(&store, &config.data).why(ORPHANS));
        }
        Err(e) => {
            let detail = crate::failure::Failure::of(crate::failure::Kind::Failed, &e).to_string().replace('\n', "; ");
            checks.push(
                Check::bad("system file", Health::Fail, detail, "audiagram restore, from the last good backup")
                    .why(SYSTEM),
            );
        }
    }
    checks
}

/// How old the newest backup is.
fn backups(config: &Config) -> Check {
    let (name, why) = ("backups", "what is lost without a backup is lost");
    let Some(folder) = &config.upkeep.backups else {
        return Check::bad(
            name,
            Health::Warn,
            "no folder is configured",
            "the setting upkeep.backups, on another disk",
        )
        .why(why);
    };
    let found = KeyFile::open(&config.key_path())
        .map_err(|e| e.to_string())
        .and_then(|key| backup::open_keys(folder, vec![Box::new(key)]).map_err(|e| e.to_string()))
        .and_then(|vault| backup::list(folder, &vault.public_key()).map_err(|e| e.to_string()));
    let newest = match found {
        Ok((backups, _)) => backups.into_iter().filter(|backup| backup.whole).map(|backup| backup.made.millis()).max(),
        Err(e) => return Check::bad(name, Health::Warn, e, "audiagram backup create").why(why),
    };
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0);
    match newest {
        None => Check::bad(name, Health::Warn, "there is none", "audiagram backup create"),
        Some(made) => {
            let hours = now.saturating_sub(made) / 3_600_000;
            let detail = format!("the newest is {hours} hours old");
            Check::that(hours <= 48, Health::Warn, name, detail, "audiagram backup create, every night")
        }
    }
    .why(why)
}

/// Whether the key is the one that the vault was made with.
fn key(config: &Config) -> Check {
    let opened = KeyFile::open(&config.key_path())
        .map_err(|e| e.to_string())
        .and_then(|key| Vault::open(&config.data.join("keys.redb"), Box::new(key)).map_err(|e| e.to_string()));
    match opened.and_then(|vault| vault.tenants().map_err(|e| e.to_string())) {
        Ok(tenants) => Check::ok("key", format!("opens the vault with the keys of {tenants} tenants")),
        Err(e) => Check::bad("key", Health::Fail, e, "put the copy of this appliance's own key back"),
    }
    .why(KEY)
}

fn system(store: &Store) -> Check {
    let count = || -> Result<(u64, u64), ::store::ReadError> {
        let (view, mut tenants, mut active, mut after) = (store.system().read()?, 0, 0, None);
        loop {
            let query = Query { after: after.as_ref(), ..Query::newest(MAX_PAGE) };
            let page = view.list::<Tenant>(&query, |_| true)?;
            tenants += page.items.len() as u64;
            active += page.items.iter().filter(|tenant| tenant.is_active()).count() as u64;
            after = page.next;
            if after.is_none() {
                return Ok((tenants, active));
            }
        }
    };
    match count() {
        Ok((tenants, active)) => Check::ok("system file", format!("{tenants} tenants, {active} of them at work")),
        Err(e) => {
            Check::bad("system file", Health::Fail, e.to_string(), "audiagram restore, from the last good backup")
        }
    }
    .why(SYSTEM)
}

/// Recomputes a log from its rows and holds it against the root that was written with the last of them.
fn recompute(db: &Database) -> Result<(u64, bool, bool), ::store::ReadError> {
    let (size, root) = db.audit_head()?;
    if size > ROWS {
        return Ok((size, true, false));
    }
    let (view, mut frontier) = (db.read()?, Frontier::default());
    while frontier.size() < size {
        let leaves = view.audit_leaves(frontier.size(), 10_000)?;
        if leaves.is_empty() {
            break;
        }
        for (_, leaf) in leaves {
            frontier.append(leaf.hash(), &mut |_, _, _| ());
        }
    }
    Ok((size, frontier.size() == size && frontier.root() == root, true))
}

fn chain(name: &'static str, whose: &str, db: &Database) -> Check {
    match recompute(db) {
        Ok((size, true, true)) => Check::ok(name, format!("{whose} {size} rows lead to the root")),
        Ok((size, true, false)) => Check::ok(name, format!("{whose} {size} rows are too many to recompute here")),
        Ok((size, false, _)) => {
            let detail = format!("{whose} {size} rows do not lead to the root that was written with them");
            Check::bad(name, Health::Fail, detail, "stop the appliance, keep a copy of the files, restore a backup")
        }
        Err(e) => Check::bad(name, Health::Fail, e.to_string(), "audiagram restore, from the last good backup"),
    }
}

/// Opens some tenants' files and recomputes their logs.
fn sample(store: &Store) -> Check {
    let name = "tenants' files";
    let begun = store.system().read().and_then(|view| {
        let page = view.list::<Placement>(&Query::newest(SAMPLE), |placement| placement.begun)?;
        Ok(page.items)
    });
    let begun = match begun {
        Ok(begun) => begun,
        Err(e) => return Check::bad(name, Health::Fail, e.to_string(), "audiagram restore, from the last good backup"),
    };
    let mut wrong = Vec::new();
    for placement in &begun {
        let found = store.tenant(placement.tenant).map_err(|e| e.to_string());
        match found.and_then(|tenant| recompute(&tenant).map_err(|e| e.to_string())) {
            Ok((_, true, _)) => {}
            Ok((_, false, _)) => wrong.push(format!("{}: its audit log was altered", placement.tenant)),
            Err(e) => wrong.push(format!("{}: {e}", placement.tenant)),
        }
    }
    if wrong.is_empty() {
        return Check::ok(name, format!("{} of them were opened, and their audit logs are whole", begun.len()));
    }
    Check::bad(name, Health::Fail, wrong.join("; "), "audiagram restore of these tenants, from the last good backup")
}

/// Folders of tenants that the register does not know.
fn orphans(store: &Store, data: &Path) -> Check {
    let name = "orphans";
    let known = || -> Result<BTreeSet<String>, ::store::ReadError> {
        let (view, mut known, mut after) = (store.system().read()?, BTreeSet::new(), None);
        loop {
            let query = Query { after: after.as_ref(), ..Query::newest(MAX_PAGE) };
            let page = view.list::<Placement>(&query, |_| true)?;
            known.extend(page.items.iter().map(|placement| format!("{:032x}", placement.tenant.bits())));
            after = page.next;
            if after.is_none() {
                return Ok(known);
            }
        }
    };
    let known = match known() {
        Ok(known) => known,
        Err(e) => return Check::bad(name, Health::Fail, e.to_string(), "audiagram restore, from the last good backup"),
    };
    let below = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let leaves =
        below(&data.join("tenants")).into_iter().flat_map(|first| below(&first)).flat_map(|second| below(&second));
    let strange: Vec<String> = leaves
        .take(FOLDERS)
        .filter(|path| path.file_name().is_none_or(|name| !known.contains(&*name.to_string_lossy())))
        .map(|path| path.display().to_string())
        .collect();
    let detail = match strange.len() {
        0 => "none".to_owned(),
        many => format!("{many}, like {}", strange[0]),
    };
    Check::that(strange.is_empty(), Health::Warn, name, detail, "move them away while the appliance does not run")
}
