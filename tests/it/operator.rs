//! An operator at the command line: the same commands over a stopped appliance, over the control socket of a running one, and over
//! HTTPS with an API key.

use std::{
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    appliance::{Running, serve},
    run::{Ran, Scene, events},
    serve::curl,
};

const PASSWORD: &str = "correct horse battery staple";

/// A command over the data folder of the scene.
fn here(scene: &Scene, arguments: &[&str]) -> Ran {
    scene.run(&[arguments, &["--data", "data"]].concat())
}

fn in_acme(scene: &Scene, arguments: &[&str]) -> Ran {
    here(scene, &[arguments, &["--tenant", "acme"]].concat())
}

/// Makes the first operator with the code that the appliance prints.
fn operator(scene: &Scene, appliance: &Running) {
    let code = appliance.code.as_deref().expect("there is no operator yet");
    let body = json!({ "code": code, "name": "Root", "email": "root@example.org", "password": PASSWORD });
    assert_eq!(curl(scene, appliance, "POST", "/v1/setup", Some(&body)).0, 201);
}

#[test]
fn a_stopped_appliance_a_running_one_and_one_elsewhere_obey_the_same_commands() {
    let scene = Scene::new();
    // Stopped: served in the command's own process.
    let made = here(&scene, &["tenant", "create", "acme", "--name", "Acme Ltd", "--owner", "ada@example.org"]).exits(0);
    assert!(made.out.contains("tnt_") && made.out.contains("shown once"), "{}", made.out);
    let listed = here(&scene, &["tenant", "list"]).exits(0);
    assert!(listed.out.contains("SHORT NAME") && listed.out.contains("Acme Ltd"), "{}", listed.out);

    // Running: over the socket, which is for its own user only.
    let appliance = serve(&scene, &[]);
    let socket = std::fs::symlink_metadata(scene.path("data/control.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    let listed = events(&here(&scene, &["tenant", "list", "--json"]).exits(0).out);
    assert_eq!((listed.len(), listed[0]["slug"].as_str()), (1, Some("acme")));
    in_acme(&scene, &["user", "invite", "bob@example.org", "--role", "editor"]).exits(0);
    let rows = events(&in_acme(&scene, &["audit", "search", "--action", "member:invite", "--json"]).exits(0).out);
    let row = rows.iter().find(|row| row["detail"]["console"] == "true").unwrap_or_else(|| panic!("{rows:?}"));
    assert_eq!(row["detail"]["break_glass"], "true");

    // Elsewhere: over HTTPS, with a key that an operator makes by signing in.
    operator(&scene, &appliance);
    let sign_in =
        ["key", "create", "ops", "--permission", "system:read", "--sign-in", "root@example.org", "--data", "data"];
    let key = scene.run_with(&sign_in, &format!("{PASSWORD}\n")).exits(0);
    scene.file("key", key.out.trim());
    std::fs::set_permissions(scene.path("key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let url = format!("https://{}", appliance.address);
    let remote = |arguments: &[&str], more: &[&str]| {
        scene.run(&[arguments, &["--server", &url, "--api-key-file", "key"], more].concat())
    };
    let trusted = ["--ca", "data/tls/cert.pem"];
    let listed = events(&remote(&["tenant", "list", "--json"], &trusted).exits(0).out);
    assert_eq!(listed[0]["slug"], "acme");
    // The key may read and nothing else.
    remote(&["tenant", "suspend", "acme"], &trusted).exits(7).says("system:tenant_suspend");
    remote(&["user", "list", "--tenant", "acme"], &trusted).exits(2).says("the API key says which tenant");
    // A certificate that nobody vouches for is not trusted, unless it is the very one that was pinned.
    remote(&["tenant", "list"], &[]).exits(9).says("--fingerprint");
    let doctor: Value = here(&scene, &["doctor", "--json"]).json();
    let checks = doctor["checks"].as_array().unwrap();
    let certificate = checks.iter().find(|check| check["name"] == "certificate").unwrap();
    let pin = certificate["detail"].as_str().unwrap().split("sha256:").nth(1).unwrap().to_owned();
    remote(&["tenant", "list"], &["--fingerprint", &pin]).exits(0);
    remote(&["tenant", "list"], &["--fingerprint", &"00".repeat(32)]).exits(9);
    // A key that others may read is not taken.
    std::fs::set_permissions(scene.path("key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    remote(&["tenant", "list"], &trusted).exits(3).says("chmod 600");
}

#[test]
fn the_life_of_a_tenant_and_its_users() {
    let scene = Scene::new();
    let created = ["tenant", "create", "acme", "--owner", "ada@example.org", "--json"];
    let made = here(&scene, &created).exits(0).json();
    let appliance = serve(&scene, &[]);
    let accept = json!({ "tenant": "acme", "code": made["invitation"]["code"], "name": "Ada", "password": PASSWORD });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/invitations/accept", Some(&accept)).0, 201);
    let shown = in_acme(&scene, &["user", "show", "ada@example.org", "--json"]).exits(0).json();
    assert_eq!(shown["roles"], json!(["owner"]));
    let code = in_acme(&scene, &["user", "invite", "bob@example.org"]).exits(0).out;
    let accept = json!({ "tenant": "acme", "code": code.trim(), "name": "Bob", "password": PASSWORD });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/invitations/accept", Some(&accept)).0, 201);

    in_acme(&scene, &["role", "assign", "bob@example.org", "editor"]).exits(0);
    let report = in_acme(&scene, &["role", "report", "--principal", "bob@example.org"]).exits(0).out;
    assert!(report.contains("editor") && report.contains("viewer"), "{report}");
    in_acme(&scene, &["role", "unassign", "bob@example.org", "editor"]).exits(0);
    in_acme(&scene, &["role", "unassign", "bob@example.org", "editor"]).exits(8);
    let changes = ["role", "changes", "--from", "2026-11-01"];
    in_acme(&scene, &changes).exits(0).says("not looked at yet");
    in_acme(&scene, &["user", "suspend", "bob@example.org"]).exits(0);
    let listed = in_acme(&scene, &["user", "list"]).exits(0).out;
    assert!(listed.contains("suspended"), "{listed}");
    in_acme(&scene, &["user", "resume", "bob@example.org"]).exits(0);
    let password = in_acme(&scene, &["user", "reset-password", "bob@example.org"]).exits(0).out;
    let sign_in = json!({ "tenant": "acme", "email": "bob@example.org", "password": password.trim() });
    let signed_in = curl(&scene, &appliance, "POST", "/v1/session", Some(&sign_in));
    assert_eq!((signed_in.0, &signed_in.1["must_change_password"]), (201, &json!(true)));
    // What cannot be undone is asked for.
    in_acme(&scene, &["user", "remove", "bob@example.org"]).exits(2).says("--yes");
    in_acme(&scene, &["user", "remove", "bob@example.org", "--yes"]).exits(0);
    in_acme(&scene, &["user", "show", "bob@example.org"]).exits(8).says("nobody here");

    here(&scene, &["tenant", "suspend", "acme", "--reason", "a test"]).exits(0);
    assert!(here(&scene, &["tenant", "show", "acme"]).exits(0).out.contains("suspended"));
    here(&scene, &["tenant", "resume", "acme"]).exits(0);
    here(&scene, &["tenant", "show", "acm"]).exits(8);
    here(&scene, &["tenant", "erase", "acme"]).exits(2).says("--yes");
    let receipt = here(&scene, &["tenant", "erase", "acme", "--yes", "--json"]).exits(0).json();
    assert!(receipt.to_string().contains("signature"), "{receipt}");
    here(&scene, &["tenant", "create", "acme owner"]).exits(3).says("acme owner");
}

#[test]
fn an_exported_trail_verifies_and_an_altered_one_does_not() {
    let scene = Scene::new();
    here(&scene, &["tenant", "create", "acme", "--owner", "ada@example.org"]).exits(0);
    in_acme(&scene, &["audit", "export", "--format", "bundle", "--out", "acme.audit"]).exits(0);
    let report = scene.run(&["audit", "verify", "acme.audit", "--json"]).exits(0).json();
    assert!(report["rows"].as_u64().unwrap() >= 1, "{report}");
    let text = std::fs::read_to_string(scene.path("acme.audit")).unwrap();
    scene.file("altered", text.replacen("\"done\"", "\"fail\"", 1));
    scene.run(&["audit", "verify", "altered"]).exits(3).says("altered");
    let csv = in_acme(&scene, &["audit", "export", "--format", "csv"]).exits(0).out;
    assert!(csv.lines().count() >= 2, "{csv}");
}

#[test]
fn health_is_one_line_and_an_exit_code() {
    let scene = Scene::new();
    here(&scene, &["healthcheck"]).exits(9).says("does not run");
    assert!(!scene.path("data").exists(), "asking makes nothing");
    let appliance = serve(&scene, &[]);
    assert_eq!(here(&scene, &["healthcheck"]).exits(0).out, "ready\n");
    drop(appliance);
    here(&scene, &["healthcheck"]).exits(9);
    here(&scene, &["user", "list"]).exits(2).says("--tenant");
    scene.run(&["tenant", "list", "--data", "nowhere"]).exits(9).says("there is no appliance here");
}

#[test]
fn the_document_of_the_interface_needs_no_appliance() {
    let document = Scene::new().run(&["openapi"]).exits(0).json();
    assert_eq!(document["openapi"].as_str().map(|version| version.starts_with("3.1")), Some(true));
    assert!(document["paths"]["/v1/me/api-keys"].is_object());
}

#[test]
fn settings_tell_where_they_come_from_and_secrets_are_not_shown() {
    let scene = Scene::new();
    scene.file("a.toml", "region = 'jp'\n[store]\nmax_open = 64\n");
    let show = |more: &[&str]| {
        let mut command: Command = scene.command();
        command.args(["config", "show", "--config", "a.toml", "--json"]).args(more);
        command.env("AUDIAGRAM_HTTP__STREAMS", "7").env("AUDIAGRAM_API_KEY", "adg_secret");
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        events(&String::from_utf8(out.stdout).unwrap())
    };
    let changed = show(&["--changed", "--data", "elsewhere"]);
    let told: Vec<_> = changed.iter().map(|s| (s["key"].as_str().unwrap(), s["source"].as_str().unwrap())).collect();
    let expected =
        [("data", "flag"), ("region", "file"), ("store.max_open", "file"), ("http.streams", "AUDIAGRAM_HTTP__STREAMS")];
    assert_eq!(told, expected);
    assert!(show(&[]).iter().all(|setting| !setting["meaning"].as_str().unwrap().is_empty()));
    scene.run(&["config", "check", "--config", "a.toml"]).exits(0);
    scene.file("b.toml", "[store]\nmax_opne = 64\n");
    scene.run(&["config", "check", "--config", "b.toml"]).exits(3).says("max_opne");
    let example = scene.run(&["config", "example"]).exits(0).out;
    scene.file("example.toml", example);
    assert!(scene.run(&["config", "show", "--config", "example.toml"]).exits(0).out.contains("store.max_open"));
}

#[test]
fn questions_in_sql_of_a_stopped_appliance_and_a_running_one() {
    let scene = Scene::new();
    here(&scene, &["tenant", "create", "acme", "--owner", "ada@example.org"]).exits(0);
    let tables = "SELECT table_name FROM table_columns WHERE column_name IS NULL ORDER BY 1";
    let stopped = in_acme(&scene, &["sql", tables, "--format", "csv"]).exits(0);
    assert!(
        stopped.out.starts_with("table_name\naudit\ncharges\ncost_focus\ncost_focus_1_2\njobs\nprices\nprojects\n"),
        "{}",
        stopped.out
    );
    let _appliance = serve(&scene, &[]);
    let running = in_acme(&scene, &["sql", tables, "--format", "csv"]).exits(0);
    assert_eq!(running.out, stopped.out);
    let shown = in_acme(&scene, &["sql", "SELECT count(*) AS rows, 'a' AS b FROM usage"]).exits(0);
    assert_eq!(shown.out, "rows  b\n0     a\n(1 row)\n");
    in_acme(&scene, &["sql", "SELECT count(*) FROM users", "--format", "parquet", "--out", "users.parquet"]).exits(0);
    let file = std::fs::read(scene.path("users.parquet")).unwrap();
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    in_acme(&scene, &["sql", "DROP TABLE usage"]).exits(3).says("statements that read");
    in_acme(&scene, &["sql", "SELECT * FROM nothing"]).exits(3).says("nothing");
}
