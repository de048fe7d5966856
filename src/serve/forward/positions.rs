//! How far each log has been sent: a small file a log, since a row of the store would be a row to be sent.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use model::AnyId;

/// How far the logs have been sent.
#[derive(Debug)]
pub(super) struct Positions {
    folder: PathBuf,
    /// The first row that is not known to be delivered.
    delivered: BTreeMap<AnyId, u64>,
    /// The first row that has not been written.
    written: BTreeMap<AnyId, u64>,
}

impl Positions {
    /// Those noted in `folder`, which need not be there.
    pub(super) fn new(folder: PathBuf) -> Self {
        Positions { folder, delivered: BTreeMap::new(), written: BTreeMap::new() }
    }

    /// The first row to write; the first of all where nothing is noted or to be read.
    pub(super) fn next(&mut self, log: AnyId) -> u64 {
        if let Some(written) = self.written.get(&log) {
            return *written;
        }
        let noted = || fs::read_to_string(self.folder.join(log.to_string())).ok()?.trim().parse().ok();
        *self.delivered.entry(log).or_insert_with(|| noted().unwrap_or(0))
    }

    /// All before `next` has been written.
    pub(super) fn sent(&mut self, log: AnyId, next: u64) {
        if self.next(log) != next {
            self.written.insert(log, next);
        }
    }

    /// What was written is delivered.
    ///
    /// # Errors
    /// When that cannot be noted: what is written stays in memory as delivered, and is sent again after a restart.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        if self.written.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        for (log, next) in std::mem::take(&mut self.written) {
            self.delivered.insert(log, next);
            // Not synced: a position that a power cut loses only has rows come twice, and a sync for each log would slow all.
            let (new, place) = (self.folder.join(format!("{log}.new")), self.folder.join(log.to_string()));
            fs::write(&new, next.to_string())?;
            fs::rename(new, place)?;
        }
        Ok(())
    }

    /// What was written may be lost. The logs of which that is so.
    pub(super) fn take_back(&mut self) -> Vec<AnyId> {
        std::mem::take(&mut self.written).into_keys().collect()
    }
}
