//! The twelve ways out of a worker, tried by a real worker in the real sandbox. Each must be contained and the
//! parent unaffected.
//!
//! Kernels differ: where Landlock is missing, the attempts that only it contains are skipped with the kernel's reason.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::run::{Ran, Scene, events, listing};

const SECRET: &str = "what another tenant said";

/// Lets a worker try `way`; returns how the parent ended, after checking that nothing outside was touched. Nothing
/// where only Landlock contains this way and the kernel lacks it.
fn attempt(way: &str, deadline_ms: u64, by_landlock: bool) -> Option<Ran> {
    let scene = Scene::new();
    let (listener, secret) = (lay_out(&scene), scene.path("other/secret"));
    let ran = launch(&scene, &listener, way, &["--deadline-ms", &deadline_ms.to_string()]);
    if let Some(reason) = no_landlock(&ran).filter(|_| by_landlock) {
        eprintln!("skipped: {way} is contained by Landlock alone; {reason}");
        return None;
    }
    assert!(listener.accept().is_err(), "{way}: somebody connected");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), SECRET, "{way}: the secret was changed");
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o640, "{way}: the mode was changed");
    assert_eq!(listing(&scene.path("other")), ["secret"], "{way}: something was put outside");
    Some(ran)
}

/// A work folder, somebody else's folder with a secret, a planted link to it, and somebody who listens.
fn lay_out(scene: &Scene) -> TcpListener {
    for folder in ["work", "other"] {
        std::fs::create_dir(scene.path(folder)).unwrap();
    }
    let secret = scene.file("other/secret", SECRET);
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&secret, scene.path("work/planted")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

fn launch(scene: &Scene, listener: &TcpListener, way: &str, more: &[&str]) -> Ran {
    let port = listener.local_addr().unwrap().port().to_string();
    let (work, secret) = (scene.path("work"), scene.path("other/secret"));
    let (work, secret) = (work.to_str().unwrap(), secret.to_str().unwrap());
    let arguments = ["worker", "--attempt", way, "--secret", secret, "--port", &port, "--work", work];
    scene.run(&[&arguments, more].concat())
}

/// Why files are not confined here, if they are not.
fn no_landlock(ran: &Ran) -> Option<String> {
    let event = events(&ran.out).into_iter().find(|e| e["event"] == "sandbox").expect("the worker tells its sandbox");
    (event["files"]["state"] == "off").then(|| event["files"]["detail"].as_str().unwrap().to_owned())
}

/// An attempt after which the worker goes on and ends well.
#[track_caller]
fn contained(way: &str, by_landlock: bool) {
    let Some(ran) = attempt(way, 60_000, by_landlock) else { return };
    let ran = ran.exits(0);
    assert!(ran.out.contains("contained: "), "{way} was not tried:\n{}", ran.out);
    assert!(!ran.out.contains("ESCAPED"), "{way}:\n{}", ran.out);
    assert!(ran.out.contains("parent: unaffected"), "{way}:\n{}", ran.out);
}

/// An attempt that the parent ends with a typed error.
#[track_caller]
fn ended(way: &str, deadline_ms: u64, code: i32, part: &str) {
    let ran = attempt(way, deadline_ms, false).expect("this way does not need Landlock").exits(code);
    let last = events(&ran.out).pop().unwrap();
    assert_eq!(last["event"], "error", "{}", ran.out);
    assert!(last["message"].as_str().unwrap().contains(part), "{}", ran.out);
}

#[test]
fn connect() {
    contained("connect", false);
}

#[test]
fn open_a_file_of_another_tenant() {
    contained("other-tenant", true);
}

#[test]
fn ptrace() {
    contained("ptrace", false);
}

#[test]
fn fork_bomb() {
    contained("fork-bomb", false);
}

#[test]
fn ten_gigabytes() {
    contained("allocate", false);
}

#[test]
fn symlink_out() {
    contained("symlink", true);
}

#[test]
fn proc_of_others() {
    contained("proc", true);
}

#[test]
fn write_outside() {
    contained("write-outside", true);
}

#[test]
fn shell() {
    contained("shell", false);
}

#[test]
fn long_sleep() {
    ended("sleep", 500, 5, "deadline");
}

#[test]
fn kill_the_parent() {
    contained("kill-parent", false);
}

#[test]
fn huge_output() {
    ended("flood", 60_000, 5, "wrote more than");
}

#[test]
fn the_attempts_are_real() {
    for way in ["connect", "other-tenant", "symlink", "fork-bomb"] {
        let scene = Scene::new();
        let listener = lay_out(&scene);
        let ran = launch(&scene, &listener, way, &["--unconfined"]).exits(6);
        assert!(ran.out.contains("ESCAPED"), "{way} fails even without the sandbox:\n{}", ran.out);
    }
}

#[test]
fn a_crash_ends_one_job_with_a_typed_error() {
    ended("crash", 60_000, 1, "SIGABRT");
}

#[test]
fn a_worker_does_not_outlive_its_parent() {
    let scene = Scene::new();
    let mut command = scene.command();
    command.args(["worker", "--attempt", "sleep", "--work", "."]).stdout(std::process::Stdio::piped());
    let mut parent = command.spawn().unwrap();
    // The sandbox line comes from the worker, which then sleeps.
    let mut lines = std::io::BufReader::new(parent.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut lines, &mut line).unwrap();
    assert!(line.contains("sandbox"), "{line}");
    let worker = child_of(parent.id()).expect("the worker runs");
    parent.kill().unwrap();
    parent.wait().unwrap();
    for _ in 0..500 {
        // Gone, or dead and waiting for whoever collects orphans here.
        let state = std::fs::read_to_string(format!("/proc/{worker}/stat")).unwrap_or_default();
        if state.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with('Z')) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("worker {worker} still runs");
}

fn child_of(parent: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}
