//! Bad input: whatever is given, the program ends in time with a documented exit code and one error that names the
//! thing, or with a sound result; what was there before stays as it was.

use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::run::{Ran, Scene};

mod media;
mod text;

/// Longer than any case takes; a run that is still there then hangs.
const DEADLINE: Duration = Duration::from_secs(120);
const SMALL: [&str; 4] = ["--size", "240x240", "--fps", "5"];

/// Runs the program with nothing on standard input; fails when it hangs, dies or panics.
#[track_caller]
fn ends(scene: &Scene, arguments: &[&str]) -> Ran {
    let mut command = scene.command();
    command.args(arguments);
    ends_with(command, arguments)
}

#[track_caller]
fn ends_with(mut command: Command, arguments: &[&str]) -> Ran {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pipes = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |mut pipe: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let (out, err) = (read(Box::new(pipes.0)), read(Box::new(pipes.1)));
    let until = Instant::now() + DEADLINE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("{arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let ran = Ran { code: status.code(), out: out.join().unwrap(), err: err.join().unwrap() };
    assert!(ran.code.is_some(), "{arguments:?} ended with {status}\n{}", ran.err);
    for sign in ["panicked", "RUST_BACKTRACE", "defect", "crashed", "SIGSEGV", "SIGABRT"] {
        assert!(!ran.err.contains(sign), "{arguments:?} says `{sign}`:\n{}", ran.err);
    }
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!ran.err.contains(control), "{arguments:?} writes control characters: {:?}", ran.err);
    ran
}

/// Runs the program and expects `code` and an error that holds all of `parts`.
#[track_caller]
fn check(scene: &Scene, arguments: &[&str], code: i32, parts: &[&str]) {
    let mut ran = ends(scene, arguments).exits(code);
    if code != 0 {
        assert_eq!(ran.err.matches("error: ").count(), 1, "{}", ran.err);
    }
    for part in parts {
        ran = ran.says(part);
    }
}

/// Every file of the scene but those of the home, with its content.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() {
            found.push((name, std::fs::read(&path).unwrap()));
        } else if path.is_dir() && name != "home" {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        }
    }
    found.sort();
    found
}

/// Whether a program of the system is there; tells when not.
fn has(program: &str, trial: &[&str]) -> bool {
    let there = Command::new(program)
        .args(trial)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !there {
        eprintln!("skipped: `{program} {}` does not work here", trial.join(" "));
    }
    there
}

/// A pipe that nobody writes to, a folder, devices, a ring of links, and nothing at all.
fn oddities(scene: &Scene) -> Vec<&'static str> {
    std::fs::create_dir(scene.path("folder.wav")).unwrap();
    symlink("loop-b.wav", scene.path("loop-a.wav")).unwrap();
    symlink("loop-a.wav", scene.path("loop-b.wav")).unwrap();
    symlink("/nowhere/at/all", scene.path("dangling.wav")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, scene.path("pipe.wav"), 0o600.into()).unwrap();
    vec!["folder.wav", "loop-a.wav", "dangling.wav", "pipe.wav", "/dev/zero", "/dev/null", "missing.wav"]
}

#[test]
fn what_is_no_file_is_no_recording() {
    let scene = Scene::new();
    for name in oddities(&scene) {
        check(&scene, &["transcribe", name], 3, &[name]);
        check(&scene, &["make", name], 3, &[name]);
        let ran = ends(&scene, &["model", "import", name, "--name", "mine"]);
        assert!(matches!(ran.code, Some(1 | 3)) && ran.err.contains(name), "{ran:?}");
    }
}

#[test]
fn what_is_no_file_is_no_text() {
    let scene = Scene::new();
    for name in oddities(&scene) {
        match name {
            // Somebody may still write to it, as a shell's <(...) does.
            "pipe.wav" => {}
            "/dev/zero" => check(&scene, &["outline", name], 5, &[name, "larger than"]),
            "/dev/null" => check(&scene, &["outline", name], 0, &[]),
            name => check(&scene, &["outline", name], 3, &[name]),
        }
    }
    let shell = format!("exec '{}' outline <(printf 'Check the stock.')", env!("CARGO_BIN_EXE_audiagram"));
    let mut command = Command::new("bash");
    command.args(["-c", &shell]);
    assert_eq!(ends_with(command, &["outline", "<(...)"]).exits(0).json()["source"]["words"], 3);
}

/// A storyboard whose results cannot be written.
fn talk(scene: &Scene) {
    scene.file("talk.txt", "First the customer places an order. Then the shop checks the stock.");
    scene.run(&["outline", "talk.txt", "--out", "talk.storyboard.json"]).exits(0);
}

#[test]
fn outputs_that_cannot_be_written_are_told_and_change_nothing() {
    let scene = Scene::new();
    talk(&scene);
    let before = files(scene.folder.path());
    let render = ["render", "talk.storyboard.json", "--transcript", "talk.txt", "--out"];
    check(&scene, &[&render[..], &["/proc"], &SMALL].concat(), 1, &["/proc", "--out"]);
    check(&scene, &[&render[..], &["/dev/null/x"], &SMALL].concat(), 1, &["/dev/null/x", "--out"]);
    check(&scene, &[&render[..], &["talk.txt"], &SMALL].concat(), 1, &["talk.txt", "--out"]);
    check(&scene, &["outline", "talk.txt", "--out", "/proc/x.json"], 1, &["/proc/x.json"]);
    check(&scene, &["outline", "talk.txt", "--out", "nowhere/x.json"], 1, &["nowhere/x.json"]);
    check(&scene, &["outline", "talk.txt", "--out", "/dev/full"], 1, &["/dev/full", "No space left"]);
    check(&scene, &["outline", "talk.txt", "--out", "/dev/null"], 0, &[]);
    assert!(!Path::new("/dev/null").is_file(), "a device was replaced by a file");
    assert_eq!(files(scene.folder.path()), before);
}

#[test]
fn a_full_disk_and_a_read_only_one_lose_nothing() {
    // A disk of one's own, that nobody else sees.
    if !has("unshare", &["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]) {
        return;
    }
    let scene = Scene::new();
    talk(&scene);
    let on_disk = |options: &str, script: &str| {
        let mut command = scene.command();
        let before = command.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect::<Vec<_>>();
        command = Command::new("unshare");
        command.current_dir(scene.folder.path());
        for (name, value) in before {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let bin = env!("CARGO_BIN_EXE_audiagram");
        let script = format!("mount -t tmpfs -o {options} none disk && P='{bin}' && {script}");
        command.args(["-rm", "bash", "-c", &script]);
        ends_with(command, &[options, &script])
    };
    std::fs::create_dir(scene.path("disk")).unwrap();
    let render = "$P render talk.storyboard.json --transcript talk.txt --size 240x240 --fps 5";
    on_disk("ro", &format!("{render} --out disk")).exits(1).says("disk").says("--out");
    on_disk("ro", "$P outline talk.txt --out disk/x.json").exits(1).says("disk/x.json");
    // Full where the results go: an earlier result stays whole.
    let fill = "printf old > disk/talk.mp4; printf old > disk/talk.srt; head -c 1M /dev/zero > disk/filler 2>/dev/null";
    let kept = "; code=$?; test \"$(cat disk/talk.mp4 disk/talk.srt)\" = oldold || exit 99; exit $code";
    on_disk("size=64k", &format!("{fill}; {render} --out disk --force{kept}")).exits(1).says("No space left");
    on_disk("size=64k", &format!("{fill}; $P outline talk.txt --out disk/talk.srt{kept}"))
        .exits(1)
        .says("No space left");
    // Full where the work is done.
    let cache = "export XDG_CACHE_HOME=$PWD/disk";
    on_disk("size=64k", &format!("{fill}; {cache}; {render} --out .{kept}")).exits(1).says("No space left");
    assert!(!scene.path("talk.mp4").exists());
}

#[test]
fn a_storyboard_that_cannot_be_written_keeps_the_old_one() {
    let scene = Scene::new();
    talk(&scene);
    let board = scene.path("talk.storyboard.json");
    let before = std::fs::read(&board).unwrap();
    if !has("unshare", &["-rm", "true"]) {
        return;
    }
    // The folder can be read only, also by root.
    let mut command = Command::new("unshare");
    let script = "mount --bind . . && mount -o remount,bind,ro . && cd . && cd \"$PWD\" && exec \"$0\" edit \
                  talk.storyboard.json change-kind s1 steps";
    command.current_dir(scene.folder.path()).args(["-rm", "bash", "-c", script, env!("CARGO_BIN_EXE_audiagram")]);
    ends_with(command, &["edit"]).exits(1).says("talk.storyboard.json");
    assert_eq!(std::fs::read(&board).unwrap(), before);
}

#[test]
fn jobs_that_are_none() {
    let scene = Scene::new();
    let work = scene.path("work");
    std::fs::create_dir(&work).unwrap();
    let whole = |task: &str| json!({ "schema": "audiagram.job/1", "task": task, "work": work });
    let with = |key: &str, value: serde_json::Value| {
        let mut job = whole("render");
        job[key] = value;
        job.to_string()
    };
    let deep = "[".repeat(100_000);
    for job in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        deep,
        "x".repeat(5 << 20),
        whole("dance").to_string(),
        whole("make").to_string(),
        whole("transcribe").to_string(),
        whole("render").to_string(),
        with("schema", json!("audiagram.job/2")),
        with("unknown", json!(1)),
        with("storyboard", json!("/dev/zero")),
        with("storyboard", json!("/nowhere")),
        with("work", json!("/nowhere")),
        with("look", json!({ "canvas": { "w": u32::MAX, "h": 0, "fps": 0 } })),
        with("limits", json!({ "memory_bytes": -1 })),
        with("limits", json!({ "memory_bytes": u64::MAX, "cpu_seconds": u64::MAX, "files": u64::MAX, "threads": 0 })),
    ] {
        let ran = scene.run_with(&["worker"], &job);
        let shown: String = job.chars().take(200).collect();
        assert!(matches!(ran.code, Some(1..=5)), "{:?} for {shown}", ran.code);
        let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap_or_default()).unwrap();
        assert_eq!(last["event"], "error", "{shown}");
        assert!(!ran.out.contains("defect"), "{shown}: {}", ran.out);
    }
}

/// A file that nobody may read; root may, so that there is nothing to see then.
#[test]
fn what_may_not_be_read_is_told() {
    let scene = Scene::new();
    let path = scene.file("secret.txt", "x");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        eprintln!("skipped: this user may read every file");
        return;
    }
    check(&scene, &["outline", "secret.txt"], 3, &["secret.txt"]);
    check(&scene, &["transcribe", "secret.txt"], 3, &["secret.txt"]);
}

/// A text of `count` sentences.
fn sentences(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, i| {
        let _ = write!(text, "First the clerk{i} checks item{i}. Then the shop{i} sends it. ");
        text
    })
}
