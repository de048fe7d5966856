//! `audiagram doctor`.

use serde_json::Value;

use crate::{appliance::serve, run::Scene};

#[test]
fn tells_what_is_missing_and_what_to_do() {
    let scene = Scene::new();
    let ran = scene.run(&["doctor"]).exits(1).says("failed");
    assert!(ran.out.contains("audiagram model fetch"), "{}", ran.out);
    assert!(ran.out.contains("sandbox calls"), "{}", ran.out);
}

#[test]
fn machines_get_the_sandbox_of_a_real_worker() {
    let told = Scene::new().run(&["doctor", "--json"]).json();
    for part in ["files", "calls", "network", "limits"] {
        let state = told["sandbox"][part]["state"].as_str().unwrap();
        assert!(["on", "partly", "off"].contains(&state), "{part}: {state}");
        assert!(!told["sandbox"][part]["detail"].as_str().unwrap().is_empty());
    }
    let checks = told["checks"].as_array().unwrap();
    for name in ["processor", "work folder", "model", "fonts", "encoder", "rasterizer", "speech engine"] {
        assert!(checks.iter().any(|c| c["name"] == name), "{name}");
    }
    assert!(checks.iter().all(|c| c["state"] == "ok" || c["remedy"].is_string()), "{checks:?}");
}

/// The state of a check in what `doctor --json` told, with its detail.
fn check<'a>(told: &'a Value, name: &str) -> (&'a str, &'a str) {
    let checks = told["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name} in {told:#}"));
    (check["state"].as_str().unwrap(), check["detail"].as_str().unwrap())
}

#[test]
fn an_appliance_is_looked_at_whether_it_runs_or_not() {
    let scene = Scene::new();
    let doctor = || scene.run(&["doctor", "--json", "--data", "data"]).json();
    let before = doctor();
    assert_eq!(check(&before, "appliance").0, "ok");
    assert!(!scene.path("data").exists(), "looking makes nothing");

    scene.run(&["tenant", "create", "acme", "--owner", "ada@example.org", "--data", "data"]).exits(0);
    let running = serve(&scene, &[]);
    let told = doctor();
    assert_eq!(check(&told, "appliance"), ("ok", "runs and is ready"));
    assert_eq!(check(&told, "audit chain").0, "skip");
    assert_eq!(check(&told, "control socket"), ("ok", "mode 600"));
    drop(running);

    let told = doctor();
    let checks = told["checks"].as_array().unwrap();
    assert!(checks.len() >= 40, "{} checks", checks.len());
    assert!(checks.iter().all(|check| !check["why"].as_str().unwrap().is_empty()), "{told:#}");
    for name in ["key", "system file", "audit chain", "tenants' files", "orphans", "certificate key", "data access"] {
        assert_eq!(check(&told, name).0, "ok", "{name} in {told:#}");
    }
    assert!(check(&told, "tenants' files").1.starts_with("1 of them"), "{told:#}");
}

#[test]
fn what_is_wrong_is_found() {
    let scene = Scene::new();
    scene.run(&["tenant", "create", "acme", "--data", "data"]).exits(0);
    drop(serve(&scene, &[]));
    let mode = |path: &str, mode| {
        std::fs::set_permissions(scene.path(path), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    mode("data", 0o755);
    std::fs::create_dir_all(scene.path("data/tenants/00/00/00000000000000000000000000000007")).unwrap();
    scene.file("data/tls/cert.pem", "nothing");
    let told = scene.run(&["doctor", "--json", "--data", "data"]).exits(1).json();
    assert_eq!(check(&told, "data access"), ("warn", "mode 755"));
    assert_eq!(check(&told, "certificate").0, "fail");
    assert!(check(&told, "orphans").1.starts_with("1, like"), "{told:#}");
    mode("data/appliance.key", 0o644);
    let told = scene.run(&["doctor", "--json", "--data", "data"]).exits(1).json();
    assert_eq!((check(&told, "key file").0, check(&told, "key").0), ("fail", "fail"));

    // A key that is another one.
    let key = std::fs::read(scene.path("data/appliance.key")).unwrap();
    scene.run(&["tenant", "create", "acme", "--data", "other"]).exits(0);
    std::fs::copy(scene.path("other/appliance.key"), scene.path("data/appliance.key")).unwrap();
    mode("data/appliance.key", 0o600);
    let told = scene.run(&["doctor", "--json", "--data", "data"]).exits(1).json();
    assert_eq!((check(&told, "key").0, check(&told, "system file").0), ("fail", "skip"));
    std::fs::write(scene.path("data/appliance.key"), key).unwrap();

    scene.file("c.toml", "[store]\nmax_opne = 3\n");
    let told = scene.run(&["doctor", "--json", "--config", "c.toml"]).exits(1).json();
    assert_eq!(check(&told, "configuration").0, "fail");
    scene.file("c.toml", "[store]\nmax_open = 3\n[http]\nheader_s = 600\n");
    let told = scene.run(&["doctor", "--json", "--config", "c.toml", "--data", "none"]).json();
    assert_eq!(check(&told, "odd settings").0, "warn");
}
