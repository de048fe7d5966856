//! What `--help` teaches, as goldens: a change of the command line is seen in review.

use crate::run::Scene;

#[track_caller]
fn check(arguments: &[&str]) {
    let ran = Scene::new().run(arguments).exits(0);
    let name = arguments.iter().filter(|a| !a.starts_with('-')).copied().collect::<Vec<_>>().join("-");
    let name = if name.is_empty() { "audiagram".to_owned() } else { name };
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("help-{name}"), ran.out);
    });
}

#[test]
fn of_the_program() {
    check(&["--help"]);
}

#[test]
fn of_every_command() {
    for command in [
        "make",
        "transcribe",
        "outline",
        "render",
        "export",
        "validate",
        "edit",
        "schema",
        "model",
        "doctor",
        "completions",
    ] {
        check(&[command, "--help"]);
    }
}

#[test]
fn of_what_operators_do() {
    for command in [
        "tenant",
        "user",
        "role",
        "key",
        "audit",
        "config",
        "healthcheck",
        "openapi",
        "support-bundle",
        "sql",
        "connector",
        "table",
        "backup",
        "restore",
    ] {
        check(&[command, "--help"]);
    }
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let scene = Scene::new();
    scene.run(&["maek", "talk.m4a"]).exits(2).says("make");
    scene.run(&["make"]).exits(2);
    scene.run(&["make", "talk.m4a", "--size", "1601x900"]).exits(2).says("even");
    scene.run(&["outline", "x.txt", "--kind", "cloud"]).exits(2).says("one of flow");
    scene.run(&[]).exits(2);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = Scene::new().run(&["completions", shell]).exits(0);
        assert!(ran.out.contains("transcribe") && ran.out.contains("glossary"), "{shell}");
    }
}
