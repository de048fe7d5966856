//! `audiagram support-bundle`: twenty secrets are planted, and none is found.

use std::{fs::File, io::Read as _};

use serde_json::json;

use crate::{appliance::serve, run::Scene, serve::curl};

const PASSWORD: &str = "planted horse battery staple";

/// What must not leave the machine.
const PLANTED: [&str; 20] = [
    "planted horse battery staple",
    "planted-owner@example.org",
    "planted-guest@example.org",
    "Planted Industries Ltd",
    "planted-slug",
    "Planted title of a project",
    "adg_plantedapikey0123456789",
    "planted-cookie-value",
    "planted-bearer-token",
    "planteduser:plantedpass",
    "planted.internal.example",
    "planted-log-message",
    "203.0.113.77",
    "-----BEGIN PRIVATE KEY-----",
    "MIIPLANTEDKEYBODY",
    "planted-locale",
    "planted-folder",
    "planted-request-id-1",
    "planted-query-string",
    "planted person's name",
];

/// All that a bundle holds: names and contents.
fn contents(path: &std::path::Path) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

fn no_secret_in(scene: &Scene, name: &str) -> Vec<(String, String)> {
    let files = contents(&scene.path(name));
    for (file, text) in &files {
        for secret in PLANTED {
            assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "{secret} is in {file}:\n{text}");
        }
    }
    files
}

#[test]
fn twenty_secrets_are_planted_and_none_is_found() {
    let scene = Scene::new();
    let folder = "planted-folder/planteduser:plantedpass@planted.internal.example";
    std::fs::create_dir_all(scene.path("planted-folder")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = scene.command();
        command.args(arguments).env("LC_ALL", "planted-locale").env("AUDIAGRAM_API_KEY", "adg_plantedapikey0123456789");
        let out = command.output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let created = [
        "tenant",
        "create",
        "planted-slug",
        "--name",
        "Planted Industries Ltd",
        "--owner",
        "planted-owner@example.org",
        "--json",
        "--data",
        folder,
    ];
    let made: serde_json::Value = serde_json::from_str(&run(&created)).unwrap();
    let invitation = made["invitation"]["code"].as_str().unwrap();
    scene.file(
        "config.toml",
        format!(
            "data = '{folder}'\n[listen]\naddress = '127.0.0.1:0'\n\
             names = ['planted.internal.example', '203.0.113.77', 'localhost']\n"
        ),
    );
    // Lines as `serve` writes them, and worse.
    scene.file(
        "log.jsonl",
        format!(
            "{}\n{}\nplain line with planted-bearer-token and -----BEGIN PRIVATE KEY-----\nMIIPLANTEDKEYBODY\n",
            json!({
                "timestamp": "2026-11-22T01:02:03Z", "level": "ERROR", "target": "api::router", "message": "planted-log-message",
                "http.endpoint": "planted-query-string", "request.id": "planted-request-id-1", "http.status": 500, "http.method": "GET",
            }),
            json!({
                "timestamp": "2026-11-22T01:02:04Z", "level": "planted-bearer-token", "cookie": "planted-cookie-value",
                "address": "203.0.113.77", "target": "planted-cookie-value", "method": "planted person's name",
            }),
        ),
    );
    let bundle = |out: &str| run(&["support-bundle", "--config", "config.toml", "--log", "log.jsonl", "--out", out]);

    // Stopped.
    bundle("stopped.zip");
    let files = no_secret_in(&scene, "stopped.zip");
    let named: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for name in
        ["doctor.json", "settings.json", "versions.json", "health.json", "counts.json", "log.json", "manifest.json"]
    {
        assert!(named.contains(&name), "{named:?}");
    }
    let text = |name: &str| &files.iter().find(|file| file.0 == name).unwrap().1;
    assert!(text("log.json").contains("\"status\": 500"), "{}", text("log.json"));
    assert!(text("counts.json").contains("\"tenants\": 1"), "{}", text("counts.json"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&scene.path("stopped.zip").metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    // Running, with people and content in it.
    let data = scene.path(folder);
    std::os::unix::fs::symlink(&data, scene.path("data")).unwrap();
    let appliance = serve(&scene, &["--config", "config.toml"]);
    let accept =
        json!({ "tenant": "planted-slug", "code": invitation, "name": "Planted person's name", "password": PASSWORD });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/invitations/accept", Some(&accept)).0, 201);
    let sign_in = json!({ "tenant": "planted-slug", "email": "planted-owner@example.org", "password": PASSWORD });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/session", Some(&sign_in)).0, 201);
    let project = json!({ "title": "Planted title of a project" });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/projects", Some(&project)).0, 201);
    run(&["user", "invite", "planted-guest@example.org", "--tenant", "planted-slug", "--data", folder]);
    bundle("running.zip");
    no_secret_in(&scene, "running.zip");

    // In the browser of an operator: what was told before is in it, and nothing else.
    let code = appliance.code.as_deref().unwrap();
    let first = json!({ "code": code, "name": "Planted person's name", "email": "planted-owner@example.org", "password": PASSWORD });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/setup", Some(&first)).0, 201);
    let sign_in = json!({ "tenant": "appliance", "email": "planted-owner@example.org", "password": PASSWORD });
    assert_eq!(curl(&scene, &appliance, "POST", "/v1/session", Some(&sign_in)).0, 201);
    let url = format!("https://{}/v1/appliance/support-bundle", appliance.address);
    let save = ["--silent", "--insecure", "--fail", "--cookie", "jar", "--header", "sec-fetch-site: same-origin"];
    let mut command = std::process::Command::new("curl");
    command.current_dir(scene.folder.path()).args(save).args(["--request", "POST", "--output", "browser.zip", &url]);
    assert!(command.status().unwrap().success());
    let held = no_secret_in(&scene, "browser.zip");
    let (_, told) = curl(&scene, &appliance, "GET", "/v1/appliance/support-bundle", None);
    let promised: Vec<&str> =
        told["items"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    let named: Vec<&str> = held.iter().map(|(name, _)| name.as_str()).collect();
    // A log without lines is left out.
    assert!(named.iter().all(|name| promised.contains(name)), "{named:?}");
    assert!(promised.iter().all(|name| named.contains(name) || *name == "log.json"), "{named:?}");
    let metrics = &held.iter().find(|(name, _)| name == "metrics.txt").unwrap().1;
    assert!(metrics.contains("endpoint=\"create_project\""), "{metrics}");

    // With a configuration that cannot be read, whose errors would quote it.
    scene.file(
        "config.toml",
        "planted_password = 'planted-bearer-token'\n[planted]\nurl = 'https://planteduser:plantedpass@x'\n",
    );
    bundle("broken.zip");
    no_secret_in(&scene, "broken.zip");
}
