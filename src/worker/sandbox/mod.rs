//! Confinement of a worker: what it may read, write, call and use up.
//!
//! Everything here is applied by the worker to itself, before it opens a file that a stranger made, while it still
//! has one thread; every part is inherited by later threads and can only be tightened. The parts overlap on
//! purpose: no socket can be made (calls), and there is no network to reach (namespaces). Where the kernel refuses a
//! part, the report says so, and the policy decides whether the work goes on.

mod calls;
mod limits;
mod namespaces;
mod paths;

use serde::{Deserialize, Serialize};

pub(crate) use paths::Paths;

use crate::failure::{Failure, Kind};
use crate::job::{Limits, Policy};

/// What holds for one worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Landlock: only named files can be opened.
    pub(crate) files: Part,
    /// Seccomp: only the system calls that the work needs.
    pub(crate) calls: Part,
    /// Namespaces: no network devices, no shared memory of others.
    pub(crate) network: Part,
    /// Resource limits.
    pub(crate) limits: Part,
}

/// One part of the confinement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// How far it holds.
    pub(crate) state: State,
    /// What the kernel gave or refused.
    pub(crate) detail: String,
}

/// How far a part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// All of it.
    On,
    /// The kernel lacks something that another part covers.
    Partly,
    /// Not at all.
    Off,
}

impl Part {
    fn new(state: State, detail: impl Into<String>) -> Self {
        Self { state, detail: detail.into() }
    }
}

impl Report {
    /// The parts by name.
    pub(crate) fn parts(&self) -> [(&'static str, &Part); 4] {
        [("files", &self.files), ("calls", &self.calls), ("network", &self.network), ("limits", &self.limits)]
    }

    /// One line for every part that does not hold at all.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let off = |(_, part): &(&str, &Part)| part.state == State::Off;
        self.parts().into_iter().filter(off).map(|(name, p)| format!("sandbox: {name} off: {}", p.detail)).collect()
    }

    /// Whether strangers' bytes may be parsed under [`Policy::Require`]: files and calls are confined. Without a
    /// network namespace the filter of calls still lets no socket be made.
    fn contained(&self) -> bool {
        self.files.state != State::Off && self.calls.state != State::Off && self.limits.state != State::Off
    }
}

/// Confines the calling process for good.
///
/// # Errors
/// When `policy` is [`Policy::Require`] and files, calls or limits cannot be confined.
pub(crate) fn confine(paths: &Paths, limits: &Limits, policy: Policy) -> Result<Report, Failure> {
    if policy == Policy::Off {
        let off = || Part::new(State::Off, "switched off by --sandbox off");
        let limits = limits::apply(limits, false, paths.graphics);
        let report = Report { files: off(), calls: off(), network: off(), limits };
        return Ok(report);
    }
    // Order matters: namespaces need what the filter of calls takes away, and the limit on threads counts this
    // worker alone only inside a user namespace.
    let (network, own_users) = namespaces::leave();
    let limits = limits::apply(limits, own_users, paths.graphics);
    let files = paths::confine(paths);
    let calls = calls::filter(paths.graphics);
    let report = Report { files, calls, network, limits };
    if policy == Policy::Require && !report.contained() {
        return Err(Failure::new(Kind::Sandbox, "the kernel cannot confine the worker")
            .remedy("use a kernel with Landlock (5.13 or later) and seccomp, or allow --sandbox prefer")
            .causes(report.gaps()));
    }
    Ok(report)
}

impl Failure {
    fn causes(mut self, causes: Vec<String>) -> Self {
        self.causes = causes;
        self
    }
}
