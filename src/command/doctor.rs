//! `audiagram doctor`: what this machine has and lacks.

use clap::Args;
use media::encode::TakeEncoder;
use serde::Serialize;

use super::model;
use crate::console::event::Event;
use crate::console::{self, Console};
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::{Hearing, JobSpec, Limits, Look, Policy, SCHEMA, Task};
use crate::worker::launch;
use crate::worker::sandbox::{Report, State};

/// Free space below which a long job may not finish.
const DISK: u64 = 2 << 30;

/// Check models, fonts, processor, codecs, disk and confinement, with a remedy for each gap
#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 when something is missing without which no video can be made.")]
pub(crate) struct Doctor {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
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
    state: Health,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Ok,
    Warn,
    Fail,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: Health::Ok, detail: detail.into(), remedy: None }
    }

    fn bad(name: &'static str, state: Health, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, state, detail: detail.into(), remedy: Some(remedy.into()) }
    }
}

impl Doctor {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let (mut checks, sandbox) = sandbox();
        let mut first = vec![processor(), cache()];
        first.extend(models());
        first.extend([fonts(), codecs()]);
        checks.splice(0..0, first);
        let missing = checks.iter().filter(|c| c.state == Health::Fail).count();
        let findings = Findings { checks, sandbox };
        if self.json {
            let text = serde_json::to_string_pretty(&findings).expect("findings are plain data");
            console::print(&format!("{text}\n"))?;
        } else {
            console::print(&table(&findings.checks))?;
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

fn table(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let state = match check.state {
            Health::Ok => "ok  ",
            Health::Warn => "warn",
            Health::Fail => "FAIL",
        };
        text.push_str(&format!("{state}  {:<16} {}\n", check.name, check.detail));
        if let Some(remedy) = &check.remedy {
            text.push_str(&format!("      {:<16} try: {remedy}\n", ""));
        }
    }
    text
}

fn processor() -> Check {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    #[cfg(target_arch = "x86_64")]
    {
        let needs = [
            ("sse4.2", is_x86_feature_detected!("sse4.2")),
            ("avx2", is_x86_feature_detected!("avx2")),
            ("fma", is_x86_feature_detected!("fma")),
            ("f16c", is_x86_feature_detected!("f16c")),
            ("bmi2", is_x86_feature_detected!("bmi2")),
        ];
        let lacks: Vec<_> = needs.iter().filter(|(_, has)| !has).map(|(name, _)| *name).collect();
        if !lacks.is_empty() {
            let detail = format!("lacks {}; speech recognition needs x86-64-v3", lacks.join(", "));
            return Check::bad(
                "processor",
                Health::Fail,
                detail,
                "a machine from 2013 or later, or a build for this one",
            );
        }
    }
    Check::ok("processor", format!("{}, {threads} threads", std::env::consts::ARCH))
}

fn cache() -> Check {
    let name = "work folder";
    let folder = match files::cache() {
        Ok(folder) => folder,
        Err(e) => return Check::bad(name, Health::Fail, e.message, "set HOME, or XDG_CACHE_HOME to a writable folder"),
    };
    if let Err(e) = std::fs::create_dir_all(&folder)
        .map_err(|e| files::unwritable(&folder, &e))
        .and_then(|()| files::check_writable(&folder))
    {
        return Check::bad(
            name,
            Health::Fail,
            e.to_string().replace('\n', ";"),
            "set XDG_CACHE_HOME to a writable folder",
        );
    }
    let free = rustix::fs::statvfs(&folder).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let detail = format!("{}, {} GiB free", folder.display(), free >> 30);
    if free < DISK {
        return Check::bad(name, Health::Warn, detail, "free some space, or set XDG_CACHE_HOME to a larger disk");
    }
    Check::ok(name, detail)
}

fn models() -> Vec<Check> {
    let check = |(name, state): (&'static str, Result<std::path::PathBuf, Failure>)| match state {
        Ok(path) => Check::ok("model", format!("{name}, {}", path.display())),
        Err(e) => Check::bad("model", Health::Fail, e.message, format!("audiagram model fetch {name}")),
    };
    model::health().into_iter().map(check).collect()
}

fn fonts() -> Check {
    let found = crate::job::fonts::system_fonts();
    if found.iter().any(|path| path.to_string_lossy().contains("CJK")) {
        return Check::ok("fonts", format!("bundled, and {} of the system for Chinese and Japanese", found.len()));
    }
    let remedy = "apt-get install fonts-noto-cjk, for talks in Chinese or Japanese";
    Check::bad("fonts", Health::Warn, "bundled: Latin, Greek, Cyrillic, Devanagari, Arabic, Hebrew", remedy)
}

/// Opens the encoder for real.
fn codecs() -> Check {
    let opened = tempfile::tempdir().map_err(|e| e.to_string()).and_then(|folder| {
        TakeEncoder::create(&folder.path().join("trial.reel"), (240, 240), 30).map(drop).map_err(|e| e.to_string())
    });
    match opened {
        Ok(()) => Check::ok("encoder", "H.264 and AAC in MP4"),
        Err(e) => Check::bad("encoder", Health::Fail, e, "apt-get install libavcodec59 libavformat59"),
    }
}

/// Has a worker confine itself for real and asks what holds.
fn sandbox() -> (Vec<Check>, Option<Report>) {
    let report = probe();
    let checks = match &report {
        Ok(report) => report
            .parts()
            .into_iter()
            .map(|(name, part)| {
                let name = match name {
                    "files" => "sandbox files",
                    "calls" => "sandbox calls",
                    "network" => "sandbox network",
                    _ => "sandbox limits",
                };
                match part.state {
                    State::On | State::Partly => Check::ok(name, part.detail.clone()),
                    State::Off => {
                        let remedy = "a newer kernel; until then make videos only from files that you trust";
                        Check::bad(name, Health::Warn, part.detail.clone(), remedy)
                    }
                }
            })
            .collect(),
        Err(e) => {
            vec![Check::bad("sandbox", Health::Fail, e.to_string().replace('\n', ";"), "is /proc mounted here?")]
        }
    };
    (checks, report.ok())
}

fn probe() -> Result<Report, Failure> {
    let folder = tempfile::tempdir().map_err(|e| files::unwritable(&std::env::temp_dir(), &e))?;
    let spec = JobSpec {
        schema: SCHEMA.to_owned(),
        task: Task::Probe,
        recording: None,
        transcript: None,
        redactions: None,
        storyboard: None,
        work: folder.path().to_owned(),
        hearing: Hearing::default(),
        look: Look::default(),
        limits: Limits { deadline_ms: 10_000, ..Limits::default() },
        sandbox: Policy::Prefer,
        verbose: 0,
    };
    let mut found = None;
    launch(&spec, &mut || None, &mut |event| {
        if let Event::Sandbox(report) = event {
            found = Some(report.clone());
        }
    })?;
    found.ok_or_else(|| Failure::new(Kind::Failed, "the worker did not tell how it is confined"))
}
