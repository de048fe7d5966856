//! `audiagram doctor`: what this machine and its appliance have and lack, why it matters, and what to do.

#[cfg(feature = "appliance")]
mod appliance;
#[cfg(feature = "appliance")]
mod certificate;
#[cfg(feature = "appliance")]
mod data;
mod job;
mod machine;
#[cfg(feature = "appliance")]
mod store;

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::console::{self, Console};
use crate::failure::{Failure, Kind};
#[cfg(feature = "appliance")]
use crate::serve::Place;
use crate::worker::sandbox::Report;

/// Check this machine and its appliance, with a remedy for each gap
#[derive(Debug, Args)]
#[command(after_help = "\
Looks at what videos need (models, fonts, processor, codecs, confinement), at the machine (memory, clock, limits, disks) and
at the appliance, if there is one: its configuration, data, keys, certificate, audit logs and backups. Nothing is changed. While the
appliance runs its files are its own; what can only be seen in them is marked `skip`.

Exit code 1 when something is missing without which it does not work.

Examples:
  audiagram doctor
  audiagram doctor --data /srv/audiagram --why
  audiagram doctor --json | jq '.checks[] | select(.state != \"ok\")'")]
pub(crate) struct Doctor {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Say of each check why it matters
    #[arg(long)]
    why: bool,
    #[cfg(feature = "appliance")]
    #[command(flatten)]
    place: Place,
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Findings {
    pub(crate) checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<Report>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    state: Health,
    /// What was found.
    detail: String,
    /// Why it matters.
    why: &'static str,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    /// As it should be.
    Ok,
    /// It works, and could be better or safer.
    Warn,
    /// It does not work.
    Fail,
    /// It cannot be seen from here now.
    #[cfg(feature = "appliance")]
    Skip,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: Health::Ok, detail: detail.into(), why: "", remedy: None }
    }

    fn bad(name: &'static str, state: Health, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state, detail: detail.into(), why: "", remedy: Some(remedy.into()) }
    }

    /// Ok when `holds`, else of `state`.
    fn that(
        holds: bool,
        state: Health,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        if holds { Self::ok(name, detail) } else { Self::bad(name, state, detail, remedy) }
    }

    fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }
}

impl Doctor {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        #[cfg(feature = "appliance")]
        let findings = findings(&self.place);
        #[cfg(not(feature = "appliance"))]
        let findings = findings();
        let missing = findings.checks.iter().filter(|check| check.state == Health::Fail).count();
        if self.json {
            let text = serde_json::to_string_pretty(&findings).expect("findings are plain data");
            console::print(&format!("{text}\n"))?;
        } else {
            console::print(&console::shown(&table(&findings.checks, self.why)))?;
        }
        match missing {
            0 => Ok(()),
            _ if self.json => Err(Failure::new(Kind::Failed, format!("{missing} of the checks failed"))),
            _ => {
                console.info(String::new());
                Err(Failure::new(Kind::Failed, format!("{missing} of the checks failed")))
            }
        }
    }
}

/// Checks whose findings are numbers and words of this program, whatever is found.
#[cfg(feature = "appliance")]
const PLAIN: [&str; 17] = [
    "memory",
    "service limits",
    "file handles",
    "processes",
    "clock",
    "clock steadiness",
    "random numbers",
    "time zones",
    "odd settings",
    "handles for data",
    "memory for caches",
    "data access",
    "data space",
    "data inodes",
    "file system",
    "clock and data",
    "certificate end",
];

#[cfg(feature = "appliance")]
impl Findings {
    /// What may be shown to strangers: of most checks that they were made and how they ended.
    pub(crate) fn harmless(&self) -> Vec<serde_json::Value> {
        let told = |check: &Check| {
            let mut told = serde_json::json!({ "name": check.name, "state": check.state });
            if PLAIN.contains(&check.name) {
                told["detail"] = check.detail.as_str().into();
            }
            told
        };
        self.checks.iter().map(told).collect()
    }
}

/// Looks at everything.
#[cfg(feature = "appliance")]
pub(crate) fn findings(place: &Place) -> Findings {
    let (mut checks, sandbox) = job::checks();
    checks.extend(machine::checks());
    checks.extend(appliance::checks(place));
    Findings { checks, sandbox }
}

#[cfg(not(feature = "appliance"))]
fn findings() -> Findings {
    let (mut checks, sandbox) = job::checks();
    checks.extend(machine::checks());
    Findings { checks, sandbox }
}

fn table(checks: &[Check], why: bool) -> String {
    let mut text = String::new();
    for check in checks {
        let state = match check.state {
            Health::Ok => "ok  ",
            Health::Warn => "warn",
            Health::Fail => "FAIL",
            #[cfg(feature = "appliance")]
            Health::Skip => "skip",
        };
        text.push_str(&format!("{state}  {:<17} {}\n", check.name, check.detail));
        if why && !check.why.is_empty() {
            text.push_str(&format!("      {:<17} why: {}\n", "", check.why));
        }
        if let Some(remedy) = &check.remedy {
            text.push_str(&format!("      {:<17} try: {remedy}\n", ""));
        }
    }
    text
}

/// Free bytes on the disk of `path` for who is not root.
fn disk_free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}
