//! Restore drills: that backups can be put back is tried before it is needed, by itself or when somebody asks.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Duration,
};

use model::{Id, SystemTask, Timestamp, noun};
use store::{EventDraft, Query, Read, Record as _, WriteError, backup};

use super::{End, Errand, Shop, Task, Upkeep, UpkeepError};

/// So many drills are told of.
const TOLD: usize = 10;
const DAY: Duration = Duration::from_secs(86_400);
/// How soon a drill that was cut off is tried again: not at once, should it be what stops the appliance.
const AFTER_CUT_OFF: Duration = Duration::from_secs(3_600);

/// The newest drills, of a state of the records.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    generation: u64,
    drills: Option<Arc<Vec<Errand>>>,
}

/// How it stands with drills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drills {
    /// Days between two drills; 0 where none is done by itself.
    pub every_days: u32,
    /// What those who run the appliance have to know.
    pub standing: Standing,
    /// The newest ones, newest first, those that wait or run among them.
    pub newest: Arc<Vec<Errand>>,
}

/// What those who run the appliance have to know of drills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There was none yet.
    Never,
    /// The last one succeeded, not too long ago.
    Good,
    /// The last one failed.
    Failed,
    /// The last one that succeeded is older than two rounds.
    Old,
}

impl Upkeep {
    /// The newest drills and what follows from them.
    ///
    /// # Errors
    /// When the system's file cannot be read.
    pub fn drills(&self) -> Result<Drills, UpkeepError> {
        let newest = self.shop.drills()?;
        let every_days = self.shop.config.drill_days;
        let standing = standing(&newest, every_days, self.shop.store.clock().now());
        Ok(Drills { every_days, standing, newest })
    }

    /// The newest backup of the whole appliance.
    ///
    /// # Errors
    /// `NoBackups` where no folder is configured, `NothingToDrill` where it holds none.
    pub fn newest_whole(&self) -> Result<Id<noun::Backup>, UpkeepError> {
        let (found, _) = backup::list(self.backups()?, &self.shop.store.vault().public_key())?;
        let whole = found.into_iter().filter(|backup| backup.whole).map(|backup| backup.id).max();
        whole.ok_or(UpkeepError::NothingToDrill)
    }

    /// Begins a drill of the newest backup when one is due; says whether. To be called now and then.
    ///
    /// # Errors
    /// When backups or the system's file cannot be read or written.
    pub fn drill_when_due(&self) -> Result<bool, UpkeepError> {
        let days = self.shop.config.drill_days;
        if days == 0 || self.shop.config.backups.is_none() {
            return Ok(false);
        }
        let now = self.shop.store.clock().now();
        if !is_due(self.shop.drills()?.first(), days, now) {
            return Ok(false);
        }
        let backup = match self.newest_whole() {
            Err(UpkeepError::NothingToDrill) => return Ok(false),
            other => other?,
        };
        let task = Task::Drill { backup };
        self.check(&task)?;
        let system = self.shop.store.system();
        let event = EventDraft::system(SystemTask::Backup, system.log());
        let errand = system.write::<_, WriteError>(event, |tx| self.note(tx, system.log(), task))?;
        self.begin(errand);
        Ok(true)
    }
}

impl Shop {
    /// Where drills put back what they try.
    pub(super) fn scratch(&self) -> PathBuf {
        backup::scratch(&self.store, self.config.drill_folder.as_deref())
    }

    fn drills(&self) -> Result<Arc<Vec<Errand>>, UpkeepError> {
        let system = self.store.system();
        // Before they are read: what changes after that is seen the next time.
        let generation = system.generation(Errand::NUMBER);
        let mut remembered = self.drilled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(drills) = remembered.drills.as_ref().filter(|_| remembered.generation == generation) {
            return Ok(drills.clone());
        }
        let is_drill = |errand: &Errand| matches!(errand.task, Task::Drill { .. });
        let drills = Arc::new(system.read()?.list::<Errand>(&Query::newest(TOLD), is_drill)?.items);
        *remembered = Remembered { generation, drills: Some(drills.clone()) };
        Ok(drills)
    }
}

fn standing(newest: &[Errand], every_days: u32, now: Timestamp) -> Standing {
    // What was cut off says nothing of the backup.
    let told = |errand: &&Errand| match &errand.end {
        Some(End::Failed { code, .. }) => code != super::CUT_OFF,
        end => end.is_some(),
    };
    match newest.iter().find(told) {
        None => Standing::Never,
        Some(last) if last.end != Some(End::Done) => Standing::Failed,
        Some(last) if every_days > 0 && now.since(last.asked) > DAY * every_days * 2 => Standing::Old,
        Some(_) => Standing::Good,
    }
}

fn is_due(newest: Option<&Errand>, every_days: u32, now: Timestamp) -> bool {
    let Some(newest) = newest else { return true };
    let wait = match &newest.end {
        None => return false,
        Some(End::Failed { code, .. }) if code == super::CUT_OFF => AFTER_CUT_OFF,
        Some(_) => DAY * every_days,
    };
    now.since(newest.asked) >= wait
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn drill(day: u64, end: Option<End>) -> Errand {
        let asked = Timestamp::from_millis(1_800_000_000_000 + day * 86_400_000);
        let task = Task::Drill { backup: Id::from_bits(1) };
        let by = Id::<noun::User>::from_bits(1).erase();
        Errand { id: Id::from_bits(u128::from(day)), task, by, asked, end, ended: None, facts: BTreeMap::new() }
    }

    fn failed(code: &str) -> Option<End> {
        Some(End::Failed { code: code.into(), detail: String::new() })
    }

    fn day(day: u64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + day * 86_400_000)
    }

    #[test]
    fn drills_are_due_by_days_and_sooner_when_they_were_cut_off() {
        assert!(is_due(None, 7, day(0)));
        for (end, at, expected) in [
            (Some(End::Done), 6, false),
            (Some(End::Done), 7, true),
            (failed("corrupt"), 6, false),
            (failed("corrupt"), 7, true),
            (failed("cut_off"), 0, false),
            (failed("cut_off"), 1, true),
            (None, 30, false),
        ] {
            assert_eq!(is_due(Some(&drill(0, end.clone())), 7, day(at)), expected, "{end:?} after {at} days");
        }
    }

    #[test]
    fn what_to_know_is_told_by_the_last_that_ended() {
        let good = || drill(0, Some(End::Done));
        assert_eq!(standing(&[], 7, day(0)), Standing::Never);
        assert_eq!(standing(&[good()], 7, day(14)), Standing::Good);
        assert_eq!(standing(&[good()], 7, day(15)), Standing::Old);
        assert_eq!(standing(&[good()], 0, day(900)), Standing::Good, "by hand only");
        let bad = drill(3, failed("corrupt"));
        assert_eq!(standing(&[bad.clone(), good()], 7, day(3)), Standing::Failed);
        assert_eq!(standing(&[drill(4, None), bad.clone(), good()], 7, day(4)), Standing::Failed, "one runs");
        assert_eq!(standing(&[drill(4, failed("cut_off")), good()], 7, day(4)), Standing::Good);
        assert_eq!(standing(&[drill(4, Some(End::Done)), bad], 7, day(4)), Standing::Good);
    }
}
