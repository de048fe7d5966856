//! What a failure means, and how long to wait after it.

use std::time::Duration;

use model::{Id, noun};
use serde::{Deserialize, Serialize};

use crate::{codes::codes, kind::JobKind};

codes! {
    /// Why an attempt came to nothing.
    Reason, "unknown reason of a failure" {
        /// What it was given cannot be used; it never will.
        BadInput "bad_input";
        /// What it was to work on is gone.
        Missing "missing";
        /// The tenant may not have it: plan, quota, budget.
        NotAllowed "not_allowed";
        /// More memory, disk or output than one job may take.
        Limit "limit";
        /// It took longer than one attempt may.
        Deadline "deadline";
        /// Its worker said nothing for too long.
        Stalled "stalled";
        /// Its worker died.
        Crashed "crashed";
        /// The appliance went down under it.
        Interrupted "interrupted";
        /// Something it needs is not there now: disk, model, peer.
        Unavailable "unavailable";
        /// Our mistake.
        Defect "defect";
    }
}

impl Reason {
    /// Whether another attempt may fare better.
    pub const fn is_retryable(self) -> bool {
        match self {
            Reason::BadInput | Reason::Missing | Reason::NotAllowed => false,
            Reason::Limit
            | Reason::Deadline
            | Reason::Stalled
            | Reason::Crashed
            | Reason::Interrupted
            | Reason::Unavailable
            | Reason::Defect => true,
        }
    }
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// For people: one sentence. It may name the tenant's things, so it is content.
    pub message: String,
}

impl Failure {
    /// The longest message, in bytes.
    pub const MAX_MESSAGE: usize = 500;

    /// A failure; what is too long of the message is cut off.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        let mut message: String = message.into();
        message.truncate(message.floor_char_boundary(Self::MAX_MESSAGE));
        Failure { reason, message }
    }
}

/// How long `job` waits after its `failures`th failure: twice as long as before each time, less up to a half so that what
/// failed together does not come back together. The same for the same job and failure.
pub fn wait(kind: JobKind, job: Id<noun::Job>, failures: u32) -> Duration {
    let rule = kind.rule();
    let doubled = 1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    let full = rule.first_wait.saturating_mul(doubled).min(rule.longest_wait);
    let millis = u64::try_from(full.as_millis()).unwrap_or(u64::MAX);
    let less = millis / 2;
    let draw = mix((job.bits() as u64) ^ u64::from(failures).rotate_left(32));
    Duration::from_millis(millis - if less == 0 { 0 } else { draw % (less + 1) })
}

/// The finisher of SplitMix64 (Steele, Lea, Flood 2014): every bit of the result hangs on every bit of `seed`.
const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        for kind in JobKind::ALL {
            let rule = kind.rule();
            for failures in [1, 2, 3, 8, 31, 32, 33, 40, u32::MAX] {
                let job = Id::from_bits(u128::from(failures) * 77);
                let full = rule.first_wait.saturating_mul(1u32.checked_shl(failures - 1).unwrap_or(u32::MAX));
                let full = full.min(rule.longest_wait);
                let waited = wait(*kind, job, failures);
                assert!(waited <= full && waited >= full / 2, "{kind} {failures}: {waited:?} of {full:?}");
                assert_eq!(waited, wait(*kind, job, failures));
            }
        }
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let waits: std::collections::BTreeSet<_> =
            (0..50).map(|job| wait(JobKind::Deliver, Id::from_bits(job), 4)).collect();
        assert!(waits.len() > 45, "{}", waits.len());
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let failure = Failure::new(Reason::BadInput, "é".repeat(400));
        assert!(failure.message.len() <= Failure::MAX_MESSAGE && failure.message.chars().all(|c| c == 'é'));
    }
}
