//! For tests: events, logs and random numbers that are the same on every run.

use std::sync::Mutex;

use model::{Action, AnyId, AuditEvent, IdSource, NounKind, Outcome, Permission, SystemTask, Timestamp};
use store::chain::{Frontier, Hash, Signer, leaf_hash, origin, row_json};

use crate::{
    Trail, TrailError,
    bundle::{BundleWriter, Row},
};

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

pub(crate) fn tenant(number: u128) -> AnyId {
    AnyId::new(NounKind::Tenant, number)
}

/// The key of a log.
pub(crate) fn signer(log: AnyId) -> Signer {
    Signer::new(&origin(AnyId::new(NounKind::Appliance, 1), log), &[log.bits() as u8; 32]).unwrap()
}

/// The `index`-th event of a row of different ones.
pub(crate) fn event(index: u64) -> AuditEvent {
    let at = Timestamp::from_millis(1_763_762_400_000 + index * 1_000);
    let action = if index % 5 == 4 {
        Action::System(SystemTask::ALL[index as usize % SystemTask::ALL.len()])
    } else {
        Action::Permission(Permission::ALL[index as usize * 7 % Permission::ALL.len()])
    };
    AuditEvent {
        id: IdSource::fixed(index + 1).next(at),
        at,
        action,
        actor: (index % 5 != 4).then(|| AnyId::new(NounKind::User, u128::from(index % 3))),
        credential: index.is_multiple_of(2).then(|| AnyId::new(NounKind::Session, u128::from(index % 4))),
        address: (index % 3 != 2).then(|| format!("10.0.0.{}", index % 200)),
        request: Some(format!("req-{index}")),
        subject: AnyId::new(
            if index.is_multiple_of(2) { NounKind::Project } else { NounKind::Recording },
            u128::from(index),
        ),
        outcome: [Outcome::Done, Outcome::Denied, Outcome::Failed][index as usize % 3],
        detail: [("reason".to_owned(), format!("because number {index} is \"so\""))].into(),
    }
}

/// A tenant's log in memory.
pub(crate) struct Log {
    pub(crate) log: AnyId,
    rows: Mutex<Vec<Stored>>,
}

/// Salt, content unless it was erased, leaf.
type Stored = ([u8; 16], Option<AuditEvent>, Hash);

impl Log {
    /// A log with the first `count` events.
    pub(crate) fn new(log: AnyId, count: u64) -> Self {
        let new = Self { log, rows: Mutex::default() };
        for index in 0..count {
            new.push(event(index));
        }
        new
    }

    pub(crate) fn push(&self, event: AuditEvent) {
        let mut rows = self.rows.lock().unwrap();
        let salt = (self.log.bits() << 64 | rows.len() as u128).to_be_bytes();
        let leaf = leaf_hash(&salt, &row_json(self.log, &event).unwrap());
        rows.push((salt, Some(event), leaf));
    }

    pub(crate) fn erase(&self, index: usize) {
        self.rows.lock().unwrap()[index].1 = None;
    }

    pub(crate) fn signer(&self) -> Signer {
        signer(self.log)
    }

    /// The bundle of the whole log.
    pub(crate) fn bundle(&self) -> String {
        let rows = self.rows.lock().unwrap();
        let mut frontier = Frontier::default();
        rows.iter().for_each(|(_, _, leaf)| frontier.append(*leaf, &mut |_, _, _| ()));
        let signer = self.signer();
        let mut writer = BundleWriter::new(Vec::new(), self.log, &signer).unwrap();
        for (salt, event, leaf) in rows.iter() {
            let event = event.as_ref().map(|event| row_json(self.log, event).unwrap());
            let row = match &event {
                Some(event) => Row::Kept { salt, event },
                None => Row::Erased { leaf: *leaf },
            };
            writer.row(row).unwrap();
        }
        String::from_utf8(writer.finish(frontier.size(), frontier.root()).unwrap()).unwrap()
    }
}

impl Trail for Log {
    fn size(&self) -> Result<u64, TrailError> {
        Ok(self.rows.lock().unwrap().len() as u64)
    }

    fn rows(&self, from: u64, limit: usize) -> Result<Vec<(u64, Option<AuditEvent>)>, TrailError> {
        let rows = self.rows.lock().unwrap();
        let numbered = (0u64..).zip(rows.iter().map(|(_, event, _)| event.clone()));
        Ok(numbered.skip(from as usize).take(limit).collect())
    }
}
