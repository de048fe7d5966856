//! Whether the clock can be trusted: it is held against a count of time that nobody can set.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::Timestamp;

use super::Store;

/// The largest step that is nothing strange: a clock that is put right, a machine that was paused for a moment.
const STEP: Duration = Duration::from_secs(600);
/// How long after a larger one nothing is erased because its time has come: somebody may notice and put it right.
const DOUBT: Duration = Duration::from_secs(24 * 3_600);

/// What was seen of the clock.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// The clock, and the uptime at that moment.
    last: Option<(Timestamp, Duration)>,
    jump: Option<Jump>,
}

/// A step of the clock that no time has passed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jump {
    /// What the clock said after it.
    pub(crate) at: Timestamp,
    /// How far.
    pub(crate) by: Duration,
    /// Whether to a later time.
    pub(crate) forward: bool,
    noticed: Duration,
}

impl ClockWatch {
    pub(crate) fn jump(&self) -> Option<Jump> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).jump
    }

    fn look(&self, now: Timestamp, uptime: Duration) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, before)) = seen.last {
            let expected = then.after(uptime.saturating_sub(before));
            let (by, forward) =
                if now >= expected { (now.since(expected), true) } else { (expected.since(now), false) };
            if by > STEP {
                let hours = by.as_secs() / 3_600;
                tracing::error!(forward, hours, "the clock was set; nothing is erased by its age for a day");
                seen.jump = Some(Jump { at: now, by, forward, noticed: uptime });
            }
        }
        if seen.jump.is_some_and(|jump| uptime.saturating_sub(jump.noticed) >= DOUBT) {
            seen.jump = None;
        }
        seen.last = Some((now, uptime));
    }
}

impl Store {
    /// Holds the clock against `uptime`, the time since some moment as a count that nobody can set. To be called every minute or so,
    /// and before anything is erased because its time has come. Says whether that may be: not for a day after the clock jumped.
    pub fn trusts_clock(&self, uptime: Duration) -> bool {
        self.clock_watch.look(self.clock.now(), uptime);
        self.clock_watch.jump().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_are_told_from_time_that_passes() {
        let (start, second) = (Timestamp::from_millis(1_800_000_000_000), Duration::from_secs(1));
        let watch = ClockWatch::default();
        let mut uptime = Duration::from_secs(5);
        let mut look = |now: Timestamp, passed: Duration| {
            uptime += passed;
            watch.look(now, uptime);
            watch.jump().map(|jump| (jump.forward, jump.by.as_secs()))
        };
        assert_eq!(look(start, second), None);
        assert_eq!(look(start.after(60 * second), 60 * second), None);
        // Put right by some minutes, both ways.
        assert_eq!(look(start.after(620 * second), 60 * second), None);
        assert_eq!(look(start.after(180 * second), 60 * second), None);
        let year = 365 * 86_400;
        let later = start.after((year + 240) * second);
        assert_eq!(look(later, 60 * second), Some((true, u64::from(year))));
        assert_eq!(look(later.after(60 * second), 60 * second), Some((true, u64::from(year))), "it stays in doubt");
        let back = start.after(360 * second);
        assert_eq!(look(back, 60 * second), Some((false, u64::from(year))));
        assert_eq!(look(back.after(86_340 * second), 86_340 * second), Some((false, u64::from(year))));
        assert_eq!(look(back.after(86_400 * second), 60 * second), None, "a day later it is as it is");
    }
}
