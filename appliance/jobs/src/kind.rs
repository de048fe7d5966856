//! The kinds of work and what holds for each.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::codes::codes;

codes! {
    /// What a job does.
    JobKind, "unknown kind of job" {
        /// From a recording to a video in one go.
        MakeVideo "video.make";
        /// Words out of a recording.
        Transcribe "recording.transcribe";
        /// Scenes out of a transcript.
        Outline "storyboard.outline";
        /// A video out of a storyboard.
        Render "video.render";
        /// A few frames out of a storyboard, for someone who waits.
        Preview "video.preview";
        /// A file of pictures, slides or captions out of a storyboard.
        Convert "video.convert";
        /// Search over titles, transcripts and labels brought up to date.
        Index "library.index";
        /// What is past its retention removed.
        Sweep "tenant.retention";
        /// A tenant's data written into one file.
        Export "tenant.export";
        /// A tenant's data read from one file.
        Import "tenant.import";
        /// A closed tenant erased.
        Erase "tenant.erase";
        /// A copy of a tenant's data.
        Backup "tenant.backup";
        /// A report drawn up.
        Report "report.make";
        /// An event sent to a tenant's own systems.
        Deliver "webhook.deliver";
        /// An alert's question asked and judged.
        Alert "alert.look";
        /// A mail sent to a person.
        Mail "mail.send";
        /// A table written as files into a place of the tenant's own.
        ExtractTable "table.export";
        /// Files of a report's run put into a place of the tenant's own.
        Deposit "report.deposit";
    }
}

/// What a tenant's jobs queue for, the first before the second; see [`Priority::handicap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Priority {
    /// Someone waits for it.
    Interactive = 0,
    /// Someone will ask for it.
    Batch = 1,
    /// Nobody asks for it.
    Maintenance = 2,
}

impl Priority {
    /// All of them, the first first.
    pub const ALL: [Priority; 3] = [Priority::Interactive, Priority::Batch, Priority::Maintenance];

    /// How much later than it is a job counts as ready. The job that has been ready longest, so counted, is next: what is of
    /// more weight overtakes, but nothing is overtaken for longer than its handicap.
    pub const fn handicap(self) -> Duration {
        match self {
            Priority::Interactive => Duration::ZERO,
            Priority::Batch => Duration::from_secs(10 * 60),
            Priority::Maintenance => Duration::from_secs(60 * 60),
        }
    }
}

/// What holds for the jobs of one kind unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRule {
    /// Where they queue.
    pub priority: Priority,
    /// Seconds of work they are taken to be, for the shares of the tenants.
    pub cost_s: u32,
    /// How often one may fail before it is given up.
    pub failures: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// How long one attempt may take.
    pub deadline: Duration,
    /// How long a worker may say nothing before it is taken to hang.
    pub silence: Duration,
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const HOUR: u64 = 3_600;

impl JobKind {
    /// What holds for this kind.
    pub const fn rule(self) -> KindRule {
        use Priority::{Batch, Interactive, Maintenance};
        let media = KindRule {
            priority: Batch,
            cost_s: 120,
            failures: 3,
            first_wait: secs(10),
            longest_wait: secs(1_800),
            deadline: secs(6 * HOUR),
            silence: secs(600),
        };
        let quick = KindRule { priority: Interactive, cost_s: 5, deadline: secs(600), silence: secs(120), ..media };
        let upkeep = KindRule { priority: Maintenance, cost_s: 30, failures: 8, first_wait: secs(60), ..media };
        match self {
            JobKind::MakeVideo | JobKind::Transcribe => media,
            JobKind::Render => KindRule { cost_s: 60, ..media },
            JobKind::Outline | JobKind::Preview => quick,
            JobKind::Convert => KindRule { cost_s: 15, ..quick },
            JobKind::ExtractTable => KindRule { cost_s: 60, ..media },
            // As patient as messages: a weekend's outage.
            JobKind::Deposit => KindRule {
                cost_s: 5,
                failures: 18,
                longest_wait: secs(12 * HOUR),
                deadline: secs(600),
                silence: secs(600),
                ..media
            },
            JobKind::Report => KindRule { priority: Batch, cost_s: 15, deadline: secs(HOUR), ..media },
            // The next look comes by itself, so one is tried twice at most, and soon.
            JobKind::Alert => KindRule {
                priority: Batch,
                cost_s: 2,
                failures: 2,
                longest_wait: secs(60),
                deadline: secs(300),
                silence: secs(300),
                ..media
            },
            JobKind::Index => KindRule { cost_s: 2, ..upkeep },
            JobKind::Sweep | JobKind::Export | JobKind::Import | JobKind::Erase | JobKind::Backup => upkeep,
            // Eighteen tries, ten seconds to twelve hours apart, span nearly three days: a weekend's outage.
            JobKind::Deliver | JobKind::Mail => KindRule {
                cost_s: 1,
                failures: 18,
                longest_wait: secs(12 * HOUR),
                deadline: secs(60),
                silence: secs(60),
                ..media
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_found_again() {
        for kind in JobKind::ALL {
            assert_eq!(JobKind::from_code(kind.code()), Some(*kind));
            let stored = postcard::to_allocvec(kind).unwrap();
            assert_eq!(postcard::from_bytes::<JobKind>(&stored).unwrap(), *kind);
        }
        assert_eq!(JobKind::from_code("video"), None);
    }

    #[test]
    fn rules_make_sense() {
        for kind in JobKind::ALL {
            let rule = kind.rule();
            assert!(rule.failures >= 1 && rule.cost_s >= 1 && rule.cost_s <= crate::MAX_COST_S, "{kind}");
            assert!(rule.first_wait <= rule.longest_wait && rule.silence <= rule.deadline, "{kind}");
        }
    }
}
