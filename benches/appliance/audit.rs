//! The audit log of a tenant: rows appended by many writers at once, each durable before its writer goes on, and proofs from a log
//! of ten million rows.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use clap::Args;
use model::SystemTask;
use store::{
    EventDraft, Store, WriteError, backend,
    chain::{Frontier, Hash, inclusion_proof, verify_inclusion},
    vault::Purpose,
};
use tenancy::Plan;

use crate::{Done, draw::Random, machine, seed};

/// Audit rows appended and proven
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Writers at once
    #[arg(long, default_value_t = 256)]
    writers: usize,
    /// How long they write, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Rows of the log that is proven from
    #[arg(long, default_value_t = 10_000_000)]
    rows: u64,
    /// How many proofs
    #[arg(long, default_value_t = 2_000)]
    proofs: usize,
    /// Where to make the files
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: std::path::PathBuf,
}

impl Audit {
    pub(crate) fn run(self) -> Done {
        let folder = tempfile::tempdir_in(&self.folder)?;
        machine::notes(folder.path())?;
        self.append(&folder.path().join("append"))?;
        if self.rows > 0 {
            self.prove(&folder.path().join("prove"))?;
        }
        Ok(())
    }

    fn append(&self, data: &Path) -> Done {
        let store = seed::create_store(data)?;
        let tenant = seed::create(&store, 1, Plan::Team)?.swap_remove(0);
        let db = store.tenant(tenant.id)?;
        let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
        let before = db.audit_head()?.0;
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..self.writers {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let event = EventDraft::system(SystemTask::TenantLife, tenant.id.erase());
                        let written = db.write::<_, WriteError>(event, |tx| {
                            tx.note("step", "measured");
                            Ok(())
                        });
                        if written.is_ok() {
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
            std::thread::sleep(Duration::from_secs(self.seconds));
            stop.store(true, Ordering::Relaxed);
        });
        let took = start.elapsed().as_secs_f64();
        let written = count.load(Ordering::Relaxed);
        let stored = db.audit_head()?.0 - before;
        if stored != written {
            return Err(format!("{written} rows were acknowledged and {stored} are there").into());
        }
        let sync = 1.0 / machine::sync_time(data)?.as_secs_f64();
        println!(
            "{} writers, {:.1} rows for each sync that the disk could do",
            self.writers,
            written as f64 / took / sync
        );
        machine::bar("audit rows appended a second", written as f64 / took, "1/s", 5_000.0, true);
        Ok(())
    }

    fn prove(&self, data: &Path) -> Done {
        let store = seed::create_store(data)?;
        let tenant = seed::create(&store, 1, Plan::Team)?.swap_remove(0);
        let db = store.tenant(tenant.id)?;
        let (path, folder) = (db.folder.join("store.redb"), data.to_owned());
        let start = Instant::now();
        // The store has no way to append rows without a commit each, and should have none: the tree is written beside it.
        let keys = store.vault().keys(tenant.id)?;
        drop((db, store));
        let redb = backend::open(&path, keys.current(Purpose::Database), 1 << 30)?;
        grow(&redb, self.rows)?;
        drop(redb);
        println!(
            "a log of {} rows made in {:.0} s, {} MB of hashes",
            self.rows,
            start.elapsed().as_secs_f64(),
            machine::on_disk(&path)? / 1_000_000
        );

        let store: Store = seed::open_store(&folder)?;
        let db = store.tenant(tenant.id)?;
        let (size, root) = db.audit_head()?;
        let mut random = Random::new(11);
        let mut times = Vec::with_capacity(self.proofs);
        for _ in 0..self.proofs {
            let leaf = random.below(size as usize) as u64;
            let start = Instant::now();
            let proof = inclusion_proof(leaf, size, &db.read()?)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            verify_inclusion(&hash_of(leaf), leaf, size, &root, &proof)?;
        }
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| times[(times.len() as f64 * share) as usize];
        println!("inclusion proof at {size} rows: p50 {:.3} ms, p99 {:.3} ms", at(0.5), at(0.99));
        machine::bar("inclusion proof, p95", at(0.95), "ms", 5.0, false);
        Ok(())
    }
}

/// The hash of a row that nobody wrote.
fn hash_of(leaf: u64) -> Hash {
    let mut hash = [0x5a; 32];
    hash[..8].copy_from_slice(&leaf.to_be_bytes());
    hash
}

const TABLE: redb::TableDefinition<'static, &[u8], &[u8]> = redb::TableDefinition::new("kv");
/// Inner and outer hashes by level and index, and the right edge: the keys of `store::key`.
const NODE: u8 = 0x11;
const FRONTIER: &[u8] = b"\0frontier";

fn grow(redb: &redb::Database, rows: u64) -> Done {
    let mut frontier = Frontier::default();
    let (mut leaf, mut later) = (0, Vec::new());
    while leaf < rows {
        let write = redb.begin_write()?;
        {
            let mut table = write.open_table(TABLE)?;
            let end = rows.min(leaf + 1_000_000);
            let mut key = [NODE; 10];
            while leaf < end {
                let mut failed = None;
                frontier.append(hash_of(leaf), &mut |level, index, hash| {
                    if level > 0 {
                        later.push((level, index, hash));
                        return;
                    }
                    key[1] = level;
                    key[2..].copy_from_slice(&index.to_be_bytes());
                    failed = table.insert(key.as_slice(), hash.as_slice()).err();
                });
                failed.map_or(Ok(()), Err)?;
                leaf += 1;
            }
            for (level, index, hash) in later.drain(..) {
                key[1] = level;
                key[2..].copy_from_slice(&index.to_be_bytes());
                table.insert(key.as_slice(), hash.as_slice())?;
            }
            table.insert(FRONTIER, frontier.encode().as_slice())?;
        }
        write.commit()?;
    }
    Ok(())
}
