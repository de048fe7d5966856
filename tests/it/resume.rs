//! Stopping and going on: Ctrl-C and kill -9 lose at most the window that was being heard.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::run::{Scene, events, listing};

const ARGUMENTS: [&str; 8] = ["transcribe", "talk.ogg", "--model", "tiny.en", "--format", "json", "--progress", "json"];

/// A scene with a recording of several windows.
fn talk() -> Option<Scene> {
    let scene = Scene::with_models()?;
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/windows.ogg");
    scene.file("talk.ogg", std::fs::read(sample).unwrap());
    Some(scene)
}

/// Starts the job and returns when `share` of it is heard.
fn start_until(scene: &Scene, share: f64) -> (Child, Vec<Value>) {
    let mut command = scene.command();
    let mut child = command.args(ARGUMENTS).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = Vec::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        let event: Value = serde_json::from_str(&line).unwrap();
        let done = event["event"] == "progress" && event["share"].as_f64().unwrap() > share;
        told.push(event);
        if done {
            // The rest must find a reader.
            std::thread::spawn(move || lines.for_each(drop));
            return (child, told);
        }
    }
    panic!("the job ended before {share} of it was done: {told:?}");
}

/// How much an earlier run had done, as this run tells.
fn resumed(told: &[Value]) -> f64 {
    told.iter().filter_map(|e| e["resumed"].as_f64()).fold(0.0, f64::max)
}

#[test]
fn kill_9_loses_at_most_one_window_and_nothing_of_the_result() {
    let Some(scene) = talk() else { return };
    let whole = scene.run(&ARGUMENTS).exits(0).out;
    // Forget what is kept of the first run.
    std::fs::remove_dir_all(scene.path("home/.cache")).unwrap();
    let (mut child, told) = start_until(&scene, 0.0);
    let before = told.iter().filter_map(|e| e["share"].as_f64()).fold(0.0, f64::max);
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = scene.run(&ARGUMENTS).exits(0);
    let resumed = resumed(&events(&ran.err));
    assert!(resumed >= before - 1e-9, "{resumed} of {before} was taken up again");
    assert_eq!(ran.out, whole);
}

#[test]
fn ctrl_c_stops_cleanly_and_the_same_command_goes_on() {
    let Some(scene) = talk() else { return };
    let (mut child, _) = start_until(&scene, 0.0);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let jobs = scene.path("home/.cache/audiagram/jobs");
    assert_eq!(listing(&jobs).len(), 1, "what was heard is kept");
    let ran = scene.run(&ARGUMENTS).exits(0);
    assert!(resumed(&events(&ran.err)) > 0.0, "{}", ran.err);
    assert_eq!(listing(&jobs), Vec::<String>::new(), "work folders are left");
}

#[test]
fn two_runs_of_one_job_do_not_meet() {
    let Some(scene) = talk() else { return };
    let (mut child, _) = start_until(&scene, 0.0);
    scene.run(&ARGUMENTS).exits(1).says("another run");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
}
