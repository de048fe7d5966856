//! One file: opened, read, written by many threads at once, closed.

use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use model::{AnyId, Clock, ErrorKind, IdSource};
use redb::ReadableDatabase as _;

use crate::{
    aside,
    chain::{self, Frontier, Hash},
    copy::Tap,
    health::Fault,
    key, once,
    read::{Layer, Read, ReadError, TABLE, Table, View, storage},
    write::{EventDraft, MAX_DETAIL_BYTES, Tx, WriteError},
};

/// The version of the file's own structure.
const FORMAT: u32 = 1;
const FORMAT_KEY: &str = "format";
pub(crate) const FRONTIER_KEY: &str = "frontier";
/// Above this size redb keeps what it needs to open without a repair after a crash; below, a repair takes milliseconds and
/// commits stay one sync.
const QUICK_REPAIR_FROM: u64 = 64 << 20;

/// Why what a file holds cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Written by a newer appliance.
    #[error("the file has format {0}; this appliance knows format {FORMAT}: upgrade the appliance")]
    Format(u32),
    /// What is read from it makes no sense.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl BeginError {
    /// How a caller sees it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            BeginError::Format(_) => ErrorKind::Corrupt,
            BeginError::Read(error) => error.kind(),
        }
    }
}

/// An open file.
///
/// Writers run one after the other on what is laid in memory over the last commit; one of them then commits for all that
/// waited meanwhile (group commit). A write returns when it is durable.
pub struct Database {
    log: AnyId,
    /// Before the database, since it is to be let go of first.
    snapshot: Mutex<Snapshot>,
    db: redb::Database,
    state: Mutex<State>,
    committed: Condvar,
    broken: AtomicBool,
    /// Why it is broken.
    fault: Mutex<Option<Fault>>,
    generations: [AtomicU64; 256],
    large: bool,
    /// Copies in the making that follow the commits.
    taps: Mutex<Vec<Weak<Tap>>>,
    clock: Arc<dyn Clock>,
    ids: Arc<IdSource>,
}

struct State {
    frontier: Frontier,
    pending: Layer,
    /// The batch that `pending` will be.
    batch: u64,
    committing: Option<Arc<Layer>>,
    /// The last batch that is durable.
    durable: u64,
}

/// What readers share until the next commit: beginning a transaction of redb costs more than most reads.
#[derive(Default)]
struct Snapshot {
    /// Counts the commits since the file was opened.
    commits: u64,
    table: Option<Arc<Table>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Database {
    /// Uses an open file, and writes what every file begins with where it is empty.
    ///
    /// `log` is whose audit log it holds: the tenant or the appliance. `bytes` is the file's size.
    pub fn begin(
        log: AnyId,
        db: redb::Database,
        bytes: u64,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Result<Self, BeginError> {
        let table = match db.begin_read().map_err(storage)?.open_table(TABLE) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => {
                start(&db)?;
                db.begin_read().map_err(storage)?.open_table(TABLE).map_err(storage)?
            }
            Err(error) => return Err(ReadError::Storage(error.into()).into()),
        };
        let view = View { table: Arc::new(table) };
        let format =
            view.value(&key::meta(FORMAT_KEY))?.and_then(|bytes| Some(u32::from_be_bytes(bytes.try_into().ok()?)));
        if format != Some(FORMAT) {
            return Err(BeginError::Format(format.unwrap_or(0)));
        }
        let frontier = match view.value(&key::meta(FRONTIER_KEY))? {
            None => Frontier::default(),
            Some(bytes) => Frontier::decode(&bytes).map_err(|_| ReadError::Index("audit log"))?,
        };
        drop(view);
        Ok(Database {
            log,
            snapshot: Mutex::default(),
            db,
            state: Mutex::new(State { frontier, pending: Layer::new(), batch: 1, committing: None, durable: 0 }),
            committed: Condvar::new(),
            broken: AtomicBool::new(false),
            fault: Mutex::default(),
            // From a random start, so that no count of an earlier opening comes again.
            generations: {
                let start = random();
                std::array::from_fn(|_| AtomicU64::new(start))
            },
            large: bytes > QUICK_REPAIR_FROM,
            taps: Mutex::default(),
            clock,
            ids,
        })
    }

    /// A snapshot of what is durable.
    pub fn read(&self) -> Result<View, ReadError> {
        let commits = {
            let snapshot = self.snapshot();
            if let Some(table) = &snapshot.table {
                return Ok(View { table: table.clone() });
            }
            snapshot.commits
        };
        let table = Arc::new(self.db.begin_read().map_err(storage)?.open_table(TABLE).map_err(storage)?);
        let mut snapshot = self.snapshot();
        // What a commit has made old meanwhile is nobody else's.
        if snapshot.commits == commits {
            snapshot.table = Some(table.clone());
        }
        Ok(View { table })
    }

    /// Makes a change and its one audit row, durable when it returns. What `change` refuses leaves no trace.
    ///
    /// `change` runs once, in this thread, while other writers of the same file wait: it must not do slow things.
    pub fn write<T, E: From<WriteError>>(
        &self,
        event: EventDraft,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        aside::wait(|| self.write_in_turn(event, change))
    }

    fn write_in_turn<T, E: From<WriteError>>(
        &self,
        event: EventDraft,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock();
        let table = self.read().map_err(WriteError::from)?.table;
        let committing = state.committing.clone();
        let nothing = Layer::new();
        let mut tx = Tx {
            table: &table,
            under: [&state.pending, committing.as_deref().unwrap_or(&nothing)],
            changes: Layer::new(),
            bytes: 0,
            event,
            clock: &*self.clock,
            ids: &self.ids,
        };
        let value = change(&mut tx)?;
        once::claim(&mut tx)?;
        let frontier = append(self.log, &mut tx, state.frontier.clone())?;
        let changes = tx.changes;
        state.pending.extend(changes);
        state.frontier = frontier;
        let batch = state.batch;
        self.commit(state, batch)?;
        Ok(value)
    }

    /// Waits until `batch` is durable, committing it when nobody else is at it.
    fn commit<'a>(&'a self, mut state: MutexGuard<'a, State>, batch: u64) -> Result<(), WriteError> {
        loop {
            if self.is_broken() {
                return Err(WriteError::Commit);
            }
            if state.durable >= batch {
                return Ok(());
            }
            if state.committing.is_some() {
                state = self.committed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let layer = Arc::new(std::mem::take(&mut state.pending));
            let now_durable = state.batch;
            state.batch += 1;
            state.committing = Some(layer.clone());
            drop(state);
            let done = self.store(&layer);
            state = self.lock();
            state.committing = None;
            match done {
                Ok(()) => {
                    self.count(&layer);
                    self.tell(&layer);
                    state.durable = now_durable;
                }
                // What was laid over the failed batch is not durable either: every waiting writer is told so, and the file
                // is opened anew.
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a commit failed; the file is closed");
                    *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(Fault::of_redb(&error));
                    self.broken.store(true, Ordering::SeqCst);
                }
            }
            self.committed.notify_all();
        }
    }

    fn store(&self, layer: &Layer) -> Result<(), redb::Error> {
        let mut transaction = self.db.begin_write()?;
        transaction.set_quick_repair(self.large);
        {
            let mut table = transaction.open_table(TABLE)?;
            for (key, value) in layer {
                match value {
                    Some(value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                    None => drop(table.remove(key.as_slice())?),
                }
            }
        }
        let done = transaction.commit();
        // Whatever became of it: nobody is told of a commit while others still read what was before it.
        let mut snapshot = self.snapshot();
        snapshot.commits += 1;
        let before = snapshot.table.take();
        drop(snapshot);
        drop(before);
        Ok(done?)
    }

    /// Counts the records that changed, before any writer is told that its change is durable.
    fn count(&self, layer: &Layer) {
        let mut last = None;
        for key in layer.keys().filter(|key| key.first() == Some(&(key::Area::Record as u8))) {
            if last != Some(key[1]) {
                self.generations[usize::from(key[1])].fetch_add(1, Ordering::SeqCst);
                last = Some(key[1]);
            }
        }
    }

    /// Follows the commits from now on, for as long as the tap lives: those that a snapshot taken after this does not hold are all told.
    pub(crate) fn tap(&self) -> Arc<Tap> {
        let tap = Arc::new(Tap::default());
        self.taps.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&tap));
        tap
    }

    fn tell(&self, layer: &Arc<Layer>) {
        let mut taps = self.taps.lock().unwrap_or_else(PoisonError::into_inner);
        taps.retain(|tap| tap.upgrade().inspect(|tap| tap.tell(layer)).is_some());
    }

    /// A number that changes with every commit that touches a record of this [`crate::Record::NUMBER`]: what was derived from
    /// such records holds as long as it stands.
    pub fn generation(&self, number: u8) -> u64 {
        self.generations[usize::from(number)].load(Ordering::SeqCst)
    }

    /// Whether a commit failed, after which the file must be opened anew.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    /// Why a commit failed, if one did.
    pub fn fault(&self) -> Option<Fault> {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose audit log it holds.
    pub fn log(&self) -> AnyId {
        self.log
    }

    /// The time, as this file's writes see it.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// How many rows the audit log has, and the root hash over them, as of the last durable commit.
    pub fn audit_head(&self) -> Result<(u64, Hash), ReadError> {
        let frontier = match self.read()?.value(&key::meta(FRONTIER_KEY))? {
            None => Frontier::default(),
            Some(bytes) => Frontier::decode(&bytes).map_err(|_| ReadError::Index("audit log"))?,
        };
        Ok((frontier.size(), frontier.root()))
    }

    fn snapshot(&self) -> MutexGuard<'_, Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic inside a change leaves the state as it was: it is altered only after the change has succeeded.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the audit row to the changes.
fn append(log: AnyId, tx: &mut Tx<'_>, mut frontier: Frontier) -> Result<Frontier, WriteError> {
    let event = tx.event.clone().complete(tx.new_id(), tx.now());
    if event.detail.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_DETAIL_BYTES {
        return Err(WriteError::TooLarge);
    }
    let json = chain::row_json(log, &event)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the operating system gives random numbers");
    let leaf = frontier.size();
    let mut nodes = Vec::new();
    frontier.append(chain::leaf_hash(&salt, &json), &mut |level, index, hash| nodes.push((level, index, hash)));
    let mut row = salt.to_vec();
    row.extend_from_slice(&json);
    tx.change(key::leaf(leaf), Some(row))?;
    for (level, index, hash) in nodes {
        tx.change(key::node(level, index), Some(hash.to_vec()))?;
    }
    tx.change(key::meta(FRONTIER_KEY), Some(frontier.encode()))?;
    Ok(frontier)
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    u64::from_be_bytes(bytes)
}

fn start(db: &redb::Database) -> Result<(), ReadError> {
    let transaction = db.begin_write().map_err(storage)?;
    let mut table = transaction.open_table(TABLE).map_err(storage)?;
    table.insert(key::meta(FORMAT_KEY).as_slice(), FORMAT.to_be_bytes().as_slice()).map_err(storage)?;
    drop(table);
    transaction.commit().map_err(storage)
}
