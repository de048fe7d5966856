//! What the doctor finds, and that it looks once at a time.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use schemars::JsonSchema;
use serde::Serialize;

use super::Host;
use crate::problem::{Code, Problem};

/// What the doctor has found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Findings {
    /// When it began to look (RFC 3339).
    pub looked: String,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// What it has looked at.
    pub checks: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// Its name.
    pub name: String,
    /// What it is a part of.
    pub area: Area,
    /// How it is.
    pub state: FindingState,
    /// What was found.
    pub detail: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// What videos need.
    Videos,
    /// The machine.
    Machine,
    /// The appliance and its data.
    Appliance,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// As it should be.
    Ok,
    /// It works, and could be better or safer.
    Warn,
    /// It does not work.
    Fail,
    /// It cannot be seen from here now.
    Skip,
}

/// Has the host look: on a thread of its own, once at a time, and nobody waits longer than they want to.
#[derive(Debug, Default)]
pub(crate) struct Doctor(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    sight: Mutex<Sight>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Sight {
    /// Looks that have ended.
    ended: u64,
    under_way: bool,
    last: Option<Arc<Findings>>,
}

impl Shared {
    fn sight(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A look under way. It ends even if the host panics.
struct Look(Arc<Shared>);

impl Drop for Look {
    fn drop(&mut self) {
        let mut sight = self.0.sight();
        sight.under_way = false;
        sight.ended += 1;
        self.0.changed.notify_all();
    }
}

impl Doctor {
    /// What was found last; looks where nothing was yet, or when it shall look `anew`. Who comes while it looks gets what that finds.
    pub(crate) fn ask(&self, host: &Arc<dyn Host>, anew: bool, patience: Duration) -> Result<Arc<Findings>, Problem> {
        let mut sight = self.0.sight();
        if let Some(last) = sight.last.clone().filter(|_| !anew) {
            return Ok(last);
        }
        let before = sight.ended;
        if !sight.under_way {
            let (look, host) = (Look(self.0.clone()), host.clone());
            sight.under_way = true;
            // Said already, for a thread that cannot be had drops the look, which wants the lock.
            drop(sight);
            let run = move || {
                let found = Arc::new(host.look());
                look.0.sight().last = Some(found);
            };
            let spawned = thread::Builder::new().name("doctor".into()).spawn(run);
            spawned.map_err(|error| Problem::new(Code::Unavailable, error.to_string()))?;
            sight = self.0.sight();
        }
        let waited = self.0.changed.wait_timeout_while(sight, patience, |sight| sight.ended == before);
        let (sight, over) = waited.unwrap_or_else(PoisonError::into_inner);
        if over.timed_out() {
            let mut problem = Problem::new(Code::Unavailable, "the doctor is still looking; ask again in some seconds");
            problem.retry_after_s = Some(5);
            return Err(problem);
        }
        let failed = || Problem::new(Code::Unavailable, "the doctor could not end its look; the log says why");
        sight.last.clone().ok_or_else(failed)
    }
}
