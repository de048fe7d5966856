//! What the main job needs: processor, models, fonts, codecs, a work folder, and a kernel that confines workers.

use media::encode::{Container, NEAR_DB, TakeEncoder, VideoSpec};

use super::{Check, Health, disk_free};
use crate::command::model;
use crate::console::event::Event;
use crate::failure::{Failure, Kind};
use crate::files;
use crate::job::assist::nobody;
use crate::job::graphics::Found;
use crate::job::{Device, Hearing, JobSpec, Limits, Look, Policy, SCHEMA, Task, hearing};
use crate::worker::launch;
use crate::worker::sandbox::{Report, State};

/// Free space below which a long job may not finish.
const DISK: u64 = 2 << 30;

const PROCESSOR: &str = "speech is recognised with instructions that older processors lack";
const MODEL: &str = "without it nothing that is said can be heard";
const CONFINED: &str =
    "recordings come from strangers; a decoder that is taken over must not reach your files or the network";

/// All checks of the main job, and how a worker confines itself.
pub(super) fn checks() -> (Vec<Check>, Option<Report>) {
    let (sandbox, report) = sandbox();
    let mut checks = vec![processor(), cache(), leftovers()];
    checks.extend(models());
    checks.extend([fonts(), codecs(), graphics(), hardware_encoder(), engine()]);
    checks.extend(sandbox);
    (checks, report)
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
            )
            .why(PROCESSOR);
        }
    }
    Check::ok("processor", format!("{}, {threads} threads", std::env::consts::ARCH)).why(PROCESSOR)
}

fn cache() -> Check {
    cache_state().why("jobs keep their finished parts there, so that they go on where they were stopped")
}

fn cache_state() -> Check {
    let name = "work folder";
    let folder = match files::cache() {
        Ok(folder) => folder,
        Err(e) => return Check::bad(name, Health::Fail, e.message, "set HOME, or XDG_CACHE_HOME to a writable folder"),
    };
    let made = std::fs::create_dir_all(&folder).map_err(|e| files::unwritable(&folder, &e));
    if let Err(e) = made.and_then(|()| files::check_writable(&folder)) {
        let detail = e.to_string().replace('\n', ";");
        return Check::bad(name, Health::Fail, detail, "set XDG_CACHE_HOME to a writable folder");
    }
    let free = disk_free(&folder).unwrap_or(u64::MAX);
    let detail = format!("{}, {} GiB free", folder.display(), free >> 30);
    if free < DISK {
        return Check::bad(name, Health::Warn, detail, "free some space, or set XDG_CACHE_HOME to a larger disk");
    }
    Check::ok(name, detail)
}

/// Work that was begun and not finished.
fn leftovers() -> Check {
    let jobs = files::cache().map(|cache| cache.join("jobs")).unwrap_or_default();
    let unfinished = std::fs::read_dir(&jobs).map_or(0, |entries| entries.flatten().count());
    let why = "work that nobody takes up again takes room";
    if unfinished == 0 {
        return Check::ok("unfinished jobs", "none").why(why);
    }
    Check::bad(
        "unfinished jobs",
        if unfinished > 100 { Health::Warn } else { Health::Ok },
        format!("{unfinished} in {}", jobs.display()),
        "run the same command again to finish one, or remove its folder",
    )
    .why(why)
}

fn models() -> Vec<Check> {
    let check = |(name, state): (&'static str, Result<std::path::PathBuf, Failure>)| match state {
        Ok(path) => Check::ok("model", format!("{name}, {}", path.display())).why(MODEL),
        Err(e) => Check::bad("model", Health::Fail, e.message, format!("audiagram model fetch {name}")).why(MODEL),
    };
    model::health().into_iter().map(check).collect()
}

fn fonts() -> Check {
    font_state().why("a character that no font has is drawn as a box")
}

fn font_state() -> Check {
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
        let trial = folder.path().join("trial.reel");
        let spec = |container| VideoSpec { container, size: (240, 240), fps: 30, ..VideoSpec::default() };
        let opens = |container| TakeEncoder::create(&trial, &spec(container)).map_err(|e| e.to_string());
        opens(Container::Mp4).map(|_| opens(Container::Webm).map(drop))
    });
    let why = "without it no video can be written";
    match opened {
        Ok(Ok(())) => Check::ok("encoder", "H.264 and AAC in MP4, VP9 and Opus in WebM").why(why),
        Ok(Err(e)) => Check::ok("encoder", format!("H.264 and AAC in MP4; no WebM: {e}")).why(why),
        Err(e) => Check::bad("encoder", Health::Fail, e, "apt-get install libavcodec59 libavformat59").why(why),
    }
}

/// Has a confined worker open a graphics processor for real, be it a program.
fn graphics() -> Check {
    let mut found = None;
    let asked = probe(Look { rasterizer: Device::Gpu, ..Look::default() }, Device::Cpu, &mut |event| {
        if let Event::Graphics(graphics) = event {
            found = Some(graphics.clone());
        }
    });
    let detail = match (asked, found) {
        (Ok(()), Some(Found::Hardware(name))) => format!("{name}; draws videos, unless --rasterizer cpu"),
        (Ok(()), Some(Found::Software(name))) => format!("{name}, a program: draws with --rasterizer gpu only"),
        (Ok(()), Some(Found::None(reason))) => format!("the processor draws: {reason}"),
        (Ok(()), None) => "the processor draws".to_owned(),
        (Err(e), _) => format!("the processor draws: {}", e.to_string().replace('\n', ";")),
    };
    Check::ok("rasterizer", detail).why("a graphics processor draws moves of the camera faster; pictures are the same")
}

/// Has a confined worker code a short film with a graphics processor and look at it.
fn hardware_encoder() -> Check {
    let mut found = None;
    let asked = probe(Look { encoder: Device::Auto, ..Look::default() }, Device::Cpu, &mut |event| {
        if let Event::Encoder(encoder) = event {
            found = Some(encoder.clone());
        }
    });
    let detail = match (asked, found) {
        (Ok(()), Some(Found::Hardware(name) | Found::Software(name))) => {
            format!("{name}, {NEAR_DB} dB or better beside what is drawn; used with --encoder gpu")
        }
        (Ok(()), Some(Found::None(reason))) => format!("x264 alone: {reason}"),
        (Ok(()), None) => "x264 alone: no graphics processor was found".to_owned(),
        (Err(e), _) => format!("x264 alone: {}", e.to_string().replace('\n', ";")),
    };
    Check::ok("hardware encoder", detail)
        .why("it codes large pictures faster, but not to the same bytes on every machine")
}

/// Has a confined worker ask the engine what it can hear with.
fn engine() -> Check {
    let mut found = None;
    let asked = probe(Look::default(), Device::Gpu, &mut |event| {
        if let Event::Engine(engine) = event {
            found = Some(engine.clone());
        }
    });
    let detail = match (asked, found) {
        (Ok(()), Some(Found::Hardware(name))) => format!("{name}; hears, unless --hearing cpu"),
        (Ok(()), Some(Found::Software(name))) => format!("{name}, a program: hears with --hearing gpu only"),
        (Ok(()), Some(Found::None(reason))) => format!("the processor hears: {reason}"),
        (Ok(()), None) => format!("the processor hears: {}", hearing::lacking()),
        (Err(e), _) => format!("the processor hears: {}", e.to_string().replace('\n', ";")),
    };
    Check::ok("speech engine", detail).why("a graphics processor hears with large models many times as fast")
}

/// Has a worker confine itself for real and asks what holds.
fn sandbox() -> (Vec<Check>, Option<Report>) {
    let mut told = None;
    let asked = probe(Look::default(), Device::Cpu, &mut |event| {
        if let Event::Sandbox(report) = event {
            told = Some(report.clone());
        }
    });
    let silent = || Failure::new(Kind::Failed, "the worker did not tell how it is confined");
    let report = asked.and_then(|()| told.ok_or_else(silent));
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
                    State::On | State::Partly => Check::ok(name, part.detail.clone()).why(CONFINED),
                    State::Off => {
                        let remedy = "a newer kernel; until then make videos only from files that you trust";
                        Check::bad(name, Health::Warn, part.detail.clone(), remedy).why(CONFINED)
                    }
                }
            })
            .collect(),
        Err(e) => {
            let detail = e.to_string().replace('\n', ";");
            vec![Check::bad("sandbox", Health::Fail, detail, "is /proc mounted here?").why(CONFINED)]
        }
    };
    (checks, report.ok())
}

/// Runs a worker that only tells what it finds to draw, to code and to hear with.
fn probe(look: Look, device: Device, tell: &mut dyn FnMut(&Event)) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|e| files::unwritable(&std::env::temp_dir(), &e))?;
    let spec = JobSpec {
        schema: SCHEMA.to_owned(),
        task: Task::Probe,
        recording: None,
        transcript: None,
        redactions: None,
        storyboard: None,
        work: folder.path().to_owned(),
        hearing: Hearing { device, ..Hearing::default() },
        look,
        assistant: None,
        limits: Limits { deadline_ms: 10_000, ..Limits::default() },
        sandbox: Policy::Prefer,
        verbose: 0,
    };
    launch(&spec, &mut |_| (), &mut || None, &mut nobody, tell).map(drop)
}
