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
use crate::serve::{Config, Place, Settings};
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
struct Findings {
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<Report>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    area: Area,
    state: Health,
    /// What was found.
    detail: String,
    /// Why it matters.
    why: &'static str,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Area {
    /// What videos need.
    Videos,
    /// The machine.
    Machine,
    /// The appliance and its data; also what has not been told apart yet.
    Appliance,
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
        Self { name, area: Area::Appliance, state: Health::Ok, detail: detail.into(), why: "", remedy: None }
    }

    fn bad(name: &'static str, state: Health, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, area: Area::Appliance, state, detail: detail.into(), why: "", remedy: Some(remedy.into()) }
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
        let findings = findings(self.place.settings());
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

/// What may be shown to strangers: of most checks that they were made and how they ended.
#[cfg(feature = "appliance")]
pub(crate) fn harmless(findings: &api::host::Findings) -> Vec<serde_json::Value> {
    let told = |check: &api::host::Finding| {
        let mut told = serde_json::json!({ "name": check.name, "state": check.state });
        if PLAIN.contains(&check.name.as_str()) {
            told["detail"] = check.detail.as_str().into();
        }
        told
    };
    findings.checks.iter().map(told).collect()
}

/// What is wrong with the certificate of an appliance: check, finding and remedy.
#[cfg(feature = "appliance")]
pub(crate) fn certificate_faults(config: &Config) -> Vec<(&'static str, String, Option<String>)> {
    let checks = certificate::checks(config).into_iter();
    checks.filter(|check| check.state != Health::Ok).map(|check| (check.name, check.detail, check.remedy)).collect()
}

/// Looks at everything, as the API tells of it.
#[cfg(feature = "appliance")]
pub(crate) fn look(settings: Result<Settings, Failure>) -> api::host::Findings {
    use api::host::{Area as To, Finding, FindingState};
    let (began, clock) = (jiff::Timestamp::now(), std::time::Instant::now());
    let told = |check: Check| Finding {
        name: check.name.to_owned(),
        area: match check.area {
            Area::Videos => To::Videos,
            Area::Machine => To::Machine,
            Area::Appliance => To::Appliance,
        },
        state: match check.state {
            Health::Ok => FindingState::Ok,
            Health::Warn => FindingState::Warn,
            Health::Fail => FindingState::Fail,
            Health::Skip => FindingState::Skip,
        },
        detail: check.detail,
        why: check.why.to_owned(),
        remedy: check.remedy,
    };
    let checks = findings(settings).checks.into_iter().map(told).collect();
    let took_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    api::host::Findings { looked: began.to_string(), took_ms, checks }
}

/// Looks at everything.
#[cfg(feature = "appliance")]
fn findings(settings: Result<Settings, Failure>) -> Findings {
    let (mut checks, sandbox) = of_machine();
    checks.extend(appliance::checks(settings));
    Findings { checks, sandbox }
}

#[cfg(not(feature = "appliance"))]
fn findings() -> Findings {
    let (checks, sandbox) = of_machine();
    Findings { checks, sandbox }
}

fn of_machine() -> (Vec<Check>, Option<Report>) {
    let of = |area: Area| move |check: Check| Check { area, ..check };
    let (videos, sandbox) = job::checks();
    let videos = videos.into_iter().map(of(Area::Videos));
    (videos.chain(machine::checks().into_iter().map(of(Area::Machine))).collect(), sandbox)
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
