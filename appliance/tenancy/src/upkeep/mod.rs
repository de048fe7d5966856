//! Long work on the appliance's files: backups, restores and their rehearsal, moves, exports, new keys. One piece after the other on a thread of its own,
//! each with a record that says what became of it.

mod drill;
mod errand;
mod error;
mod run;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use model::{AnyId, Id, SystemTask, noun};
use serde::{Deserialize, Serialize};
use store::{EventDraft, Progress, Query, Read, Store, Tx, WriteError, backup};

pub use drill::{Drills, Standing};
pub use errand::{End, Errand, KeyKind, Task};
pub use error::UpkeepError;

/// Why an errand ended that the appliance's end has ended.
const CUT_OFF: &str = "cut_off";
/// The most errands that wait.
const MOST_WAITING: usize = 100;

/// Where copies and tenants may lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpkeepConfig {
    /// The folder of backups and exports. Without one there are none by the API.
    pub backups: Option<PathBuf>,
    /// After a backup of the whole appliance, so many of the newest stay…
    pub keep_backups: u32,
    /// …and those of so many days; the rest is removed. With both at 0 nothing is removed by itself.
    pub keep_backup_days: u32,
    /// Every so many days the newest backup of the whole appliance is put back into a scratch folder and read, to know that it can be. With
    /// 0 when somebody asks only.
    pub drill_days: u32,
    /// Where the scratch folder is made; in the data folder without a word.
    pub drill_folder: Option<PathBuf>,
    /// Folders for tenants that are not to lie on the shared volume, by name.
    pub volumes: BTreeMap<String, PathBuf>,
}

impl Default for UpkeepConfig {
    fn default() -> Self {
        UpkeepConfig {
            backups: None,
            keep_backups: 0,
            keep_backup_days: 0,
            drill_days: 7,
            drill_folder: None,
            volumes: BTreeMap::new(),
        }
    }
}

/// An errand and, while it is under way, how far it has come.
pub type Found = (Errand, Option<Arc<Progress>>);

/// Does the errands of an appliance.
#[derive(Debug)]
pub struct Upkeep {
    shop: Arc<Shop>,
}

#[derive(Debug)]
struct Shop {
    store: Arc<Store>,
    config: UpkeepConfig,
    key_file: Option<PathBuf>,
    queue: Mutex<Queue>,
    drilled: Mutex<drill::Remembered>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Errand>,
    running: Option<(Id<noun::Job>, Arc<Progress>)>,
    /// A thread is at work.
    busy: bool,
    /// Errands wait until they are asked for.
    paused: bool,
}

impl Upkeep {
    /// For this store. `key_file` is the file with the appliance's key, if that is what it runs with.
    pub fn new(store: Arc<Store>, config: UpkeepConfig, key_file: Option<PathBuf>) -> Self {
        Upkeep { shop: Arc::new(Shop { store, config, key_file, queue: Mutex::default(), drilled: Mutex::default() }) }
    }

    /// Does nothing by itself, but when [`Upkeep::run_all`] is called. For tests.
    #[must_use]
    pub fn paused(self) -> Self {
        self.shop.queue().paused = true;
        self
    }

    /// The folder of backups.
    ///
    /// # Errors
    /// `NoBackups` when none is configured.
    pub fn backups(&self) -> Result<&PathBuf, UpkeepError> {
        self.shop.config.backups.as_ref().ok_or(UpkeepError::NoBackups)
    }

    /// Says of the errands that were under way when the appliance stopped that they were cut off, and removes what a drill has left. To be
    /// called once at the start.
    ///
    /// # Errors
    /// When the system's file cannot be read or written.
    pub fn settle(&self) -> Result<(), UpkeepError> {
        if let Err(error) = backup::clear_scratch(&self.shop.scratch()) {
            tracing::warn!(error = &error as &dyn std::error::Error, "what a restore drill has left cannot be removed");
        }
        let system = self.shop.store.system();
        let mut after = None;
        loop {
            let query = Query { after: after.as_ref(), ..Query::newest(100) };
            let page = system.read()?.list::<Errand>(&query, |errand| errand.end.is_none())?;
            for errand in page.items {
                let end = End::Failed { code: CUT_OFF.into(), detail: "the appliance was stopped meanwhile".into() };
                self.shop.ended(errand, end, BTreeMap::new())?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Makes the folder of backups forget the tenants that were erased. To be called after every erasure; should it fail, the
    /// next backup does it.
    pub fn forget_erased(&self) {
        if let Some(folder) = &self.shop.config.backups
            && let Err(error) = backup::forget(&self.shop.store, folder)
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "backups hold keys of an erased tenant until the next one"
            );
        }
    }

    /// Whether the task can be done here at all.
    ///
    /// # Errors
    /// See [`UpkeepError`].
    pub fn check(&self, task: &Task) -> Result<(), UpkeepError> {
        let shop = &self.shop;
        if shop.queue().waiting.len() >= MOST_WAITING {
            return Err(UpkeepError::TooMany);
        }
        let (vault, view) = (shop.store.vault(), shop.store.system().read()?);
        if let Some(tenant) = task.tenant()
            && crate::find(&view, tenant)?.is_none()
        {
            return Err(UpkeepError::NotFound);
        }
        match task {
            Task::Backup { .. } | Task::Export { .. } | Task::Prune { .. } => self.backups().map(drop),
            Task::Verify { backup, .. } | Task::Restore { backup, .. } | Task::Drill { backup } => {
                Ok(backup::read(self.backups()?, *backup, &vault.public_key()).map(drop)?)
            }
            Task::Move { volume: Some(volume), .. } if !shop.config.volumes.contains_key(volume) => {
                Err(UpkeepError::Volume(volume.clone()))
            }
            Task::Rekey { tenant: None, key } if *key != KeyKind::Appliance => Err(UpkeepError::WhichTenant),
            Task::Rekey { tenant: Some(_), key: KeyKind::Appliance } => Err(UpkeepError::NoTenant),
            Task::Rekey { key: KeyKind::Appliance, .. } if shop.key_file.is_none() => Err(UpkeepError::NoKeyFile),
            Task::Move { .. } | Task::Rekey { .. } => Ok(()),
        }
    }

    /// Notes an errand within the write that asks for it. It begins when it is handed to [`Upkeep::begin`] after that.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, tx: &mut Tx<'_>, by: AnyId, task: Task) -> Result<Errand, WriteError> {
        let id = tx.new_id::<noun::Job>();
        let errand = Errand { id, task, by, asked: tx.now(), end: None, ended: None, facts: BTreeMap::new() };
        tx.about(errand.subject());
        tx.note("errand", id.to_string());
        tx.note("task", errand.task.name());
        tx.put(&errand)?;
        Ok(errand)
    }

    /// Does an errand as soon as those before it are done.
    pub fn begin(&self, errand: Errand) {
        let mut queue = self.shop.queue();
        queue.waiting.push_back(errand);
        if queue.busy || queue.paused {
            return;
        }
        queue.busy = true;
        drop(queue);
        let shop = self.shop.clone();
        let begun = thread::Builder::new().name("upkeep".into()).spawn(move || shop.work());
        if let Err(error) = begun {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "no thread for upkeep; the next errand tries again"
            );
            self.shop.queue().busy = false;
        }
    }

    /// Does all errands that wait, on this thread.
    pub fn run_all(&self) {
        self.shop.work();
    }

    /// What becomes of an errand, with how far it has come if it is under way.
    ///
    /// # Errors
    /// When the system's file cannot be read.
    pub fn find(&self, id: Id<noun::Job>) -> Result<Option<Found>, UpkeepError> {
        let errand = self.shop.store.system().read()?.get::<Errand>(&id)?;
        Ok(errand.map(|errand| (errand, self.progress(id))))
    }

    /// How far an errand that is under way has come.
    pub fn progress(&self, id: Id<noun::Job>) -> Option<Arc<Progress>> {
        let queue = self.shop.queue();
        queue.running.as_ref().filter(|(running, _)| *running == id).map(|(_, progress)| progress.clone())
    }
}

impl Shop {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        loop {
            let mut queue = self.queue();
            queue.running = None;
            let Some(errand) = queue.waiting.pop_front() else {
                queue.busy = false;
                return;
            };
            let progress = Arc::new(Progress::default());
            queue.running = Some((errand.id, progress.clone()));
            drop(queue);
            let mut facts = BTreeMap::new();
            let end = match self.run(&errand, &progress, &mut facts) {
                Ok(more) => {
                    facts.extend(more);
                    End::Done
                }
                Err(error) => {
                    tracing::error!(job.id = %errand.id, error = &error as &dyn std::error::Error, "upkeep failed");
                    let code = format!("{:?}", error.kind()).to_lowercase();
                    End::Failed { code, detail: error.to_string() }
                }
            };
            if let Err(error) = self.ended(errand, end, facts) {
                tracing::error!(error = &error as &dyn std::error::Error, "the end of an errand cannot be noted");
            }
        }
    }

    fn ended(&self, errand: Errand, end: End, facts: BTreeMap<String, String>) -> Result<(), UpkeepError> {
        let system = self.store.system();
        let event = EventDraft::system(SystemTask::Backup, errand.subject());
        Ok(system.write::<(), WriteError>(event, |tx| {
            tx.note("errand", errand.id.to_string());
            tx.note("task", errand.task.name());
            tx.note("end", end.name());
            tx.put(&Errand { end: Some(end), ended: Some(tx.now()), facts, ..errand })
        })?)
    }
}
