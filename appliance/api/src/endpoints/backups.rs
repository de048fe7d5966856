//! Backups, and what else moves tenants' data as a whole. For operators, but for the export of one's own tenant.
//!
//! Long work is noted and done one piece after the other; its answer is 202 and the errand to look at.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use access::Permit;
use axum::response::Response;
use identity::Secret;
use model::{
    Id, Permitted, noun,
    permission::{SystemBackup, SystemConfigure, SystemRead, SystemRestore, TenantExport},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    Cursor, Page, Progress, Query, Read as _, WriteError, backup,
    transfer::{Lock, ReceiverKey},
};
use tenancy::{
    parcel,
    upkeep::{Drills, End, Errand, Standing, Task, UpkeepError},
};

use super::view::{PageQuery, PageView, moment, parse_id, path_id};
use crate::{
    endpoint::{Call, Empty, Endpoint, get, post},
    guard::InTenant,
    problem::{Code, Problem},
    reply::Json,
    services::Services,
    stream,
};

/// Exports that are sent at the same time.
const MOST_EXPORTS: usize = 4;

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        get::<InTenant<SystemBackup>>("/v1/backups", "list_backups", "Backups in the configured folder, newest first")
            .query::<PageQuery>()
            .by(list),
        post::<InTenant<SystemBackup>>("/v1/backups", "create_backup", "Back up the appliance, or one tenant")
            .takes::<NewBackup>()
            .accepted()
            .by(create),
        post::<InTenant<SystemBackup>>(
            "/v1/backups/prune",
            "prune_backups",
            "Remove old backups, and what only they need; the newest of each kind stays",
        )
        .takes::<Prune>()
        .accepted()
        .by(prune),
        get::<InTenant<SystemBackup>>(
            "/v1/backups/drill",
            "read_drills",
            "Restore drills: when one is done by itself, what came of the last ones, and what follows from that",
        )
        .by(drills),
        post::<InTenant<SystemBackup>>(
            "/v1/backups/drill",
            "drill_backup",
            "Rehearse a restore: a backup of the whole appliance is put back into a scratch folder, every file of it opened and read, and \
             the folder removed",
        )
        .takes::<NewDrill>()
        .accepted()
        .by(drill),
        get::<InTenant<SystemBackup>>("/v1/backups/{backup}", "read_backup", "A backup").by(read),
        post::<InTenant<SystemBackup>>(
            "/v1/backups/{backup}/verify",
            "verify_backup",
            "Check every byte of a backup, or of its records only",
        )
        .takes::<Verify>()
        .accepted()
        .by(verify),
        post::<InTenant<SystemRestore>>(
            "/v1/backups/{backup}/restore",
            "restore_backup",
            "Put one tenant back as it was; its people cannot work meanwhile",
        )
        .takes::<Restore>()
        .accepted()
        .by(restore),
        post::<InTenant<SystemConfigure>>(
            "/v1/tenants/{tenant}/move",
            "move_tenant",
            "Move a tenant's files to a volume of its own, or back, while its people work",
        )
        .takes::<Move>()
        .accepted()
        .by(relocate),
        post::<InTenant<SystemBackup>>(
            "/v1/tenants/{tenant}/export",
            "export_tenant_for_appliance",
            "Write a tenant to a file that one other appliance can read; the tenant's log tells of it",
        )
        .takes::<ExportFor>()
        .accepted()
        .by(export_for),
        post::<InTenant<TenantExport>>(
            "/v1/tenant/export",
            "export_tenant",
            "Your whole tenant as one file, sealed with a passphrase or for another appliance",
        )
        .takes::<Export>()
        .by(export),
        get::<InTenant<SystemRead>>("/v1/upkeep", "list_upkeep", "Long work on the appliance's data, newest first")
            .query::<PageQuery>()
            .by(list_errands),
        get::<InTenant<SystemRead>>("/v1/upkeep/{job}", "read_upkeep", "A piece of long work, and how far it is")
            .by(read_errand),
    ]
}

/// A backup.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Backup")]
struct BackupView {
    /// Its id.
    id: String,
    /// When it was begun (RFC 3339).
    made: String,
    /// Whether it is of the whole appliance.
    whole: bool,
    /// Tenants with data in it.
    tenants: u64,
    /// Tenants whose data could not be read.
    failed: u64,
    /// Bytes that a restore reads.
    bytes: u64,
}

impl From<backup::Backup> for BackupView {
    fn from(backup: backup::Backup) -> Self {
        let backup::Backup { id, made, whole, tenants, failed, bytes } = backup;
        BackupView { id: id.to_string(), made: moment(made), whole, tenants, failed, bytes }
    }
}

/// Long work.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Errand")]
pub(super) struct ErrandView {
    /// Its id.
    id: String,
    /// `backup`, `verify`, `restore`, `drill`, `move`, `export`, `rekey` or `prune`.
    task: &'static str,
    /// `waiting`, `running`, `done` or `failed`. After a restart, what waited or ran has failed.
    state: &'static str,
    /// The tenant it concerns, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// The backup it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<String>,
    /// When it was asked for (RFC 3339).
    asked: String,
    /// When it ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// Bytes read or written so far, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Tenants that are done, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenants: Option<u64>,
    /// Why it failed, for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What came of it.
    facts: BTreeMap<String, String>,
}

impl ErrandView {
    pub(super) fn of(errand: Errand, progress: Option<&Progress>) -> Self {
        let (state, code, detail) = match errand.end {
            None if progress.is_some() => ("running", None, None),
            None => ("waiting", None, None),
            Some(End::Done) => ("done", None, None),
            Some(End::Failed { code, detail }) => ("failed", Some(code), Some(detail)),
        };
        let backup = match &errand.task {
            Task::Backup { backup, .. }
            | Task::Verify { backup, .. }
            | Task::Restore { backup, .. }
            | Task::Drill { backup } => Some(backup),
            _ => None,
        };
        ErrandView {
            id: errand.id.to_string(),
            task: errand.task.name(),
            state,
            tenant: errand.task.tenant().map(|tenant| tenant.to_string()),
            backup: backup.map(Id::to_string),
            asked: moment(errand.asked),
            ended: errand.ended.map(moment),
            bytes: progress.map(Progress::bytes),
            tenants: progress.map(Progress::tenants),
            code,
            detail,
            facts: errand.facts,
        }
    }
}

/// What is to be backed up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct NewBackup {
    /// One tenant; without it the appliance with all of them.
    tenant: Option<String>,
}

/// Which backups stay: whatever is in one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "PruneBackups")]
#[serde(deny_unknown_fields)]
struct Prune {
    /// So many of the newest, of the whole appliance and of each tenant that was backed up alone.
    #[schemars(range(min = 1, max = 10_000))]
    newest: u32,
    /// Those that are no older than so many days.
    #[serde(default)]
    #[schemars(range(max = 36_500))]
    days: u32,
}

/// Which backup is to be tried.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct NewDrill {
    /// A backup of the whole appliance; the newest without a word.
    backup: Option<String>,
}

/// How it stands with restore drills.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RestoreDrills")]
struct DrillsView {
    /// Days between two drills that are done by themselves (`upkeep.drill_days`); 0 where none is.
    every_days: u32,
    /// What to know.
    standing: StandingView,
    /// The newest ones, newest first. `facts` of one that has ended say how many files were put back and opened (`stores`), how many audit
    /// rows and blobs were read (`audit_rows`, `blobs`), and how long it took (`seconds`).
    newest: Vec<ErrandView>,
}

/// What to know of restore drills.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DrillStanding")]
enum StandingView {
    /// There was none yet.
    Never,
    /// The last one succeeded, not too long ago.
    Good,
    /// The last one failed.
    Failed,
    /// The last one is older than two rounds.
    Old,
}

/// How deep to look.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Verify {
    /// Leave the content of files alone: that they are there is enough.
    records_only: bool,
}

/// Whom to put back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Restore {
    /// The tenant.
    tenant: String,
}

/// Where to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "MoveTenant")]
#[serde(deny_unknown_fields, default)]
struct Move {
    /// The name of a configured volume; without it the shared one.
    #[schemars(length(max = 100))]
    volume: Option<String>,
}

/// For which appliance.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExportFor {
    /// The other appliance's key: 64 hexadecimal digits.
    #[schemars(length(equal = 64))]
    receiver: String,
}

/// How the file is sealed: one of the two.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "ExportTenant")]
#[serde(deny_unknown_fields, default)]
struct Export {
    /// A passphrase of 12 characters or more.
    #[schemars(with = "Option<String>", length(min = 12, max = 256))]
    passphrase: Option<Secret>,
    /// The other appliance's key: 64 hexadecimal digits.
    #[schemars(length(equal = 64))]
    receiver: Option<String>,
}

pub(super) type Begun = Result<Json<ErrandView>, Problem>;

/// Notes an errand in the write that the permit is for, and has it done.
pub(super) fn begin<P: Permitted>(services: &Services, permit: Permit<P>, task: Task) -> Begun {
    services.upkeep.check(&task)?;
    let by = permit.actor();
    let errand = permit.write::<_, WriteError>(|tx| services.upkeep.note(tx, by, task))?;
    services.upkeep.begin(errand.clone());
    Ok(Json(ErrandView::of(errand, None)))
}

pub(super) fn tenant_of(text: &str) -> Result<Id<noun::Tenant>, Problem> {
    parse_id("/tenant", text)
}

fn list(call: Call<'_, InTenant<SystemBackup>, PageQuery, Empty>) -> Result<Json<PageView<BackupView>>, Problem> {
    let services = call.services;
    let (mut found, _) =
        backup::list(services.upkeep.backups()?, &services.store.vault().public_key()).map_err(UpkeepError::from)?;
    let limit = call.query.limit()?;
    if let Some(Cursor(bytes)) = call.query.cursor()? {
        let after = <[u8; 16]>::try_from(bytes).map(Id::<noun::Backup>::from_bytes);
        let after = after.map_err(|_| Problem::at("after", "is not the `next` of a page"))?;
        found.retain(|backup| backup.id < after);
    }
    found.sort_by_key(|backup| std::cmp::Reverse(backup.id));
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| Cursor(last.id.to_bytes().to_vec()));
    Ok(Json(PageView::of(Page { items: found, next }, BackupView::from)))
}

fn read(call: Call<'_, InTenant<SystemBackup>, Empty, Empty>) -> Result<Json<BackupView>, Problem> {
    let key = call.services.store.vault().public_key();
    let found =
        backup::read(call.services.upkeep.backups()?, path_id(call.request)?, &key).map_err(UpkeepError::from)?;
    Ok(Json(found.into()))
}

fn create(call: Call<'_, InTenant<SystemBackup>, Empty, NewBackup>) -> Begun {
    let tenant = call.body.tenant.as_deref().map(tenant_of).transpose()?;
    let backup = call.services.store.ids().next(call.pass.now());
    begin(call.services, call.pass, Task::Backup { backup, tenant })
}

fn prune(call: Call<'_, InTenant<SystemBackup>, Empty, Prune>) -> Begun {
    let Prune { newest, days } = call.body;
    if !(1..=10_000).contains(&newest) {
        return Err(Problem::at("/newest", "is a number from 1 to 10000"));
    }
    if days > 36_500 {
        return Err(Problem::at("/days", "is a number up to 36500"));
    }
    begin(call.services, call.pass, Task::Prune { newest, days })
}

fn drill(call: Call<'_, InTenant<SystemBackup>, Empty, NewDrill>) -> Begun {
    let backup = match &call.body.backup {
        Some(backup) => parse_id("/backup", backup)?,
        None => call.services.upkeep.newest_whole()?,
    };
    begin(call.services, call.pass, Task::Drill { backup })
}

fn drills(call: Call<'_, InTenant<SystemBackup>, Empty, Empty>) -> Result<Json<DrillsView>, Problem> {
    let upkeep = &call.services.upkeep;
    let Drills { every_days, standing, newest } = upkeep.drills()?;
    let standing = match standing {
        Standing::Never => StandingView::Never,
        Standing::Good => StandingView::Good,
        Standing::Failed => StandingView::Failed,
        Standing::Old => StandingView::Old,
    };
    let view = |errand: &Errand| ErrandView::of(errand.clone(), upkeep.progress(errand.id).as_deref());
    Ok(Json(DrillsView { every_days, standing, newest: newest.iter().map(view).collect() }))
}

fn verify(call: Call<'_, InTenant<SystemBackup>, Empty, Verify>) -> Begun {
    let task = Task::Verify { backup: path_id(call.request)?, deep: !call.body.records_only };
    begin(call.services, call.pass, task)
}

fn restore(call: Call<'_, InTenant<SystemRestore>, Empty, Restore>) -> Begun {
    let task = Task::Restore { backup: path_id(call.request)?, tenant: tenant_of(&call.body.tenant)? };
    begin(call.services, call.pass, task)
}

fn relocate(call: Call<'_, InTenant<SystemConfigure>, Empty, Move>) -> Begun {
    let task = Task::Move { tenant: path_id(call.request)?, volume: call.body.volume.clone() };
    begin(call.services, call.pass, task)
}

fn receiver(text: &str) -> Result<ReceiverKey, Problem> {
    text.parse().map_err(|_| Problem::at("/receiver", "is not the key of an appliance: expected 64 hexadecimal digits"))
}

fn export_for(call: Call<'_, InTenant<SystemBackup>, Empty, ExportFor>) -> Begun {
    let task = Task::Export { tenant: path_id(call.request)?, receiver: receiver(&call.body.receiver)?.0 };
    begin(call.services, call.pass, task)
}

/// How an export is locked.
enum Sealed {
    Passphrase(Secret),
    Receiver(ReceiverKey),
}

/// Counts an export that is under way, until it is dropped.
struct Turn(std::sync::Arc<AtomicUsize>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn export(call: Call<'_, InTenant<TenantExport>, Empty, Export>) -> Result<Response, Problem> {
    let sealed = match (call.body.passphrase, call.body.receiver) {
        (Some(text), None) if text.expose().chars().count() < store::vault::SHORTEST_PASSPHRASE => {
            return Err(Problem::at("/passphrase", "is too short: it needs at least 12 characters"));
        }
        (Some(text), None) => Sealed::Passphrase(text),
        (None, Some(key)) => Sealed::Receiver(receiver(&key)?),
        _ => return Err(Problem::at("/passphrase", "give a passphrase or the key of a receiver, and not both")),
    };
    let (store, tenant) = (call.services.store.clone(), call.pass.tenant());
    let under_way = call.services.exports.clone();
    let turn = Turn(under_way.clone());
    if under_way.fetch_add(1, Ordering::SeqCst) >= MOST_EXPORTS {
        drop(turn);
        return Err(Problem::new(Code::Unavailable, "several exports are under way; try again when they have ended"));
    }
    call.pass.write::<(), WriteError>(|tx| {
        let lock = if matches!(sealed, Sealed::Passphrase(_)) { "passphrase" } else { "receiver" };
        tx.note("lock", lock);
        Ok(())
    })?;
    stream::file(&format!("{tenant}.tenant"), move |pipe| {
        let _turn = turn;
        let lock = match &sealed {
            Sealed::Passphrase(text) => Lock::Passphrase(text.expose()),
            Sealed::Receiver(key) => Lock::Receiver(*key),
        };
        parcel::export(&store, tenant, lock, pipe, &Progress::default()).map(drop)
    })
}

fn list_errands(call: Call<'_, InTenant<SystemRead>, PageQuery, Empty>) -> Result<Json<PageView<ErrandView>>, Problem> {
    let after = call.query.cursor()?;
    let query = Query { after: after.as_ref(), ..Query::newest(call.query.limit()?) };
    let page = call.pass.read()?.list::<Errand>(&query, |_| true)?;
    let upkeep = &call.services.upkeep;
    Ok(Json(PageView::of(page, |errand| {
        let progress = upkeep.progress(errand.id);
        ErrandView::of(errand, progress.as_deref())
    })))
}

fn read_errand(call: Call<'_, InTenant<SystemRead>, Empty, Empty>) -> Begun {
    let found = call.services.upkeep.find(path_id(call.request)?)?;
    let (errand, progress) = found.ok_or_else(|| Problem::new(Code::NotFound, ""))?;
    Ok(Json(ErrandView::of(errand, progress.as_deref())))
}
