//! `audiagram worker`: one job from standard input.

use serde_json::{Value, json};

use crate::run::{Ran, Scene, events};

fn job(scene: &Scene, change: impl FnOnce(&mut Value)) -> Ran {
    let mut spec = json!({ "schema": "audiagram.job/1", "task": "probe", "work": scene.folder.path() });
    change(&mut spec);
    scene.run_with(&["worker"], &spec.to_string())
}

#[track_caller]
fn refused(ran: Ran, part: &str) {
    let ran = ran.exits(2);
    let last = events(&ran.out).pop().unwrap();
    assert_eq!((&last["event"], &last["kind"]), (&"error".into(), &"usage".into()), "{}", ran.out);
    assert!(last.to_string().contains(part), "{}", ran.out);
}

#[test]
fn it_tells_how_it_is_confined_and_that_it_is_done() {
    let scene = Scene::new();
    let told = events(&job(&scene, |_| {}).exits(0).out);
    let names: Vec<&str> = told.iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["sandbox", "done"]);
}

#[test]
fn what_is_required_is_there_or_the_job_is_refused() {
    let scene = Scene::new();
    let ran = job(&scene, |spec| spec["sandbox"] = "require".into());
    match ran.code {
        Some(0) => assert_ne!(events(&ran.out)[0]["files"]["state"], "off"),
        Some(6) => assert!(ran.out.contains("cannot confine"), "{}", ran.out),
        _ => panic!("{ran:?}"),
    }
}

#[test]
fn what_is_no_job_is_refused() {
    let scene = Scene::new();
    refused(scene.run_with(&["worker"], ""), "not a job");
    refused(scene.run_with(&["worker"], "{\"schema\":"), "not a job");
    refused(job(&scene, |spec| spec["schema"] = "audiagram.job/9".into()), "audiagram.job/9");
    refused(job(&scene, |spec| spec["shell"] = "rm".into()), "shell");
    refused(job(&scene, |spec| spec["task"] = "transcribe".into()), "recording");
}
