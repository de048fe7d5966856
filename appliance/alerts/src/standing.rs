//! Where a series stands, and when somebody is told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a series stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AlertPhase")]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The rule does not hold.
    #[default]
    Inactive,
    /// It did, and does not any more.
    Resolved,
    /// It holds, but not yet for long enough.
    Pending,
    /// It has held for long enough.
    Firing,
}

impl Phase {
    /// The name in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Phase::Inactive => "inactive",
            Phase::Resolved => "resolved",
            Phase::Pending => "pending",
            Phase::Firing => "firing",
        }
    }
}

/// Times of an alert, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How long the rule must hold.
    pub holds: i64,
    /// The least time between two messages that a series fires.
    pub quiet: i64,
    /// Whether it is told again that it still fires.
    pub repeats: bool,
}

/// A series as it is remembered between two looks. Moments are milliseconds since 1970 (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Where it stands.
    pub phase: Phase,
    /// Since when.
    pub since: i64,
    /// Its number at the last look.
    pub value: Option<f64>,
    /// When it last had a number.
    pub seen: i64,
    /// When it was last told that it fires.
    pub told: Option<i64>,
    /// Whether those who are told believe that it fires.
    pub knows: bool,
}

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tell {
    /// It fires.
    Firing,
    /// It still fires.
    Still,
    /// It does not fire any more.
    Resolved,
}

impl Standing {
    /// The series after a look at `now`, at which the rule held or not; and what somebody is told. While `silenced` all goes on but
    /// the telling: what fires still when the silence is over is told then.
    #[must_use]
    pub fn step(
        self,
        met: bool,
        value: Option<f64>,
        now: i64,
        timing: &Timing,
        silenced: bool,
    ) -> (Standing, Option<Tell>) {
        let mut next = Standing { value, seen: if value.is_some() { now } else { self.seen }, ..self };
        // The clock was put back: what was in its future begins now.
        next.since = next.since.min(now);
        next.told = next.told.map(|told| told.min(now));
        let lasts = |since: i64| now - since >= timing.holds;
        let turn = |next: &mut Standing, phase| (next.phase, next.since) = (phase, now);
        match (self.phase, met) {
            (Phase::Inactive | Phase::Resolved, true) if timing.holds == 0 => turn(&mut next, Phase::Firing),
            (Phase::Inactive | Phase::Resolved, true) => turn(&mut next, Phase::Pending),
            (Phase::Pending, true) if lasts(next.since) => turn(&mut next, Phase::Firing),
            (Phase::Pending, false) => turn(&mut next, Phase::Inactive),
            (Phase::Firing, false) => turn(&mut next, Phase::Resolved),
            _ => {}
        }
        let quiet = next.told.is_some_and(|told| now - told < timing.quiet);
        let tell = match next.phase {
            _ if silenced => None,
            Phase::Firing if !next.knows && !quiet => Some(Tell::Firing),
            Phase::Firing if next.knows && timing.repeats && !quiet => Some(Tell::Still),
            Phase::Resolved | Phase::Inactive if next.knows => Some(Tell::Resolved),
            _ => None,
        };
        match tell {
            Some(Tell::Firing | Tell::Still) => (next.told, next.knows) = (Some(now), true),
            Some(Tell::Resolved) => next.knows = false,
            None => {}
        }
        (next, tell)
    }

    /// Whether nothing is lost when it is forgotten: nobody is to be told anything, and no message of it holds another back.
    pub fn is_idle(&self, now: i64, timing: &Timing) -> bool {
        let over = matches!(self.phase, Phase::Inactive | Phase::Resolved);
        over && !self.knows && self.told.is_none_or(|told| now - told >= timing.quiet)
    }
}
