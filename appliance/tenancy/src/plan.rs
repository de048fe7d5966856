//! Plans and what they allow.

use access::usage::Limits;
use serde::{Deserialize, Serialize};

/// A plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// To look around.
    Trial,
    /// For a team.
    Team,
    /// For a department.
    Business,
    /// For a company; limits are agreed one by one.
    Enterprise,
}

impl Plan {
    /// Every plan.
    pub const ALL: &[Plan] = &[Plan::Trial, Plan::Team, Plan::Business, Plan::Enterprise];

    /// What it allows where nothing else is agreed.
    pub const fn limits(self) -> Limits {
        const GIB: u64 = 1 << 30;
        match self {
            Plan::Trial => Limits {
                minutes_per_month: 60,
                storage_bytes: 2 * GIB,
                max_height_px: 1080,
                concurrent_jobs: 1,
                seats: 5,
                requests_per_second: 20,
                projects: 20,
            },
            Plan::Team => Limits {
                minutes_per_month: 1_000,
                storage_bytes: 50 * GIB,
                max_height_px: 1080,
                concurrent_jobs: 2,
                seats: 50,
                requests_per_second: 100,
                projects: 1_000,
            },
            Plan::Business => Limits {
                minutes_per_month: 10_000,
                storage_bytes: 500 * GIB,
                max_height_px: 2160,
                concurrent_jobs: 4,
                seats: 500,
                requests_per_second: 300,
                projects: 10_000,
            },
            Plan::Enterprise => Limits {
                minutes_per_month: 100_000,
                storage_bytes: 5_000 * GIB,
                max_height_px: 2160,
                concurrent_jobs: 16,
                seats: 20_000,
                requests_per_second: 1_000,
                projects: 100_000,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_plan_allows_no_less() {
        for pair in Plan::ALL.windows(2) {
            let (less, more) = (pair[0].limits(), pair[1].limits());
            assert!(less.minutes_per_month <= more.minutes_per_month && less.storage_bytes <= more.storage_bytes);
            assert!(less.max_height_px <= more.max_height_px && less.concurrent_jobs <= more.concurrent_jobs);
            assert!(less.seats <= more.seats && less.requests_per_second <= more.requests_per_second);
            assert!(less.projects <= more.projects);
        }
    }
}
