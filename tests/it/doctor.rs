//! `audiagram doctor`.

use crate::run::Scene;

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
    for name in ["processor", "work folder", "model", "fonts", "encoder"] {
        assert!(checks.iter().any(|c| c["name"] == name), "{name}");
    }
    assert!(checks.iter().all(|c| c["state"] == "ok" || c["remedy"].is_string()), "{checks:?}");
}
