//! What operators see of a running appliance: what it is, finds, serves, is set to, has, and has logged.

use serde_json::{Value, json};

use crate::{appliance::serve, run::Scene, serve::curl};

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn an_operator_sees_the_appliance_as_it_runs() {
    let scene = Scene::new();
    let secret = "planted-account@mail.example";
    scene.file(
        "audiagram.toml",
        format!("region = 'jp'\n[log]\nfilter = 'info'\n[mail]\nuser = '{secret}'\n[store]\nmax_open = 64\n"),
    );
    let appliance = serve(&scene, &["--config", "audiagram.toml"]);
    let ask = |method: &str, path: &str, body: Option<&Value>| curl(&scene, &appliance, method, path, body);
    let code = appliance.code.as_deref().unwrap();
    let first = json!({ "code": code, "name": "Root", "email": "root@example.org", "password": PASSWORD });
    assert_eq!(ask("POST", "/v1/setup", Some(&first)).0, 201);
    let sign_in = json!({ "tenant": "appliance", "email": "root@example.org", "password": PASSWORD });
    assert_eq!(ask("POST", "/v1/session", Some(&sign_in)).0, 201);
    let get = |path: &str| {
        let (status, body) = ask("GET", &format!("/v1/appliance/{path}"), None);
        assert_eq!(status, 200, "{path}: {body}");
        assert!(!body.to_string().contains(secret) && !body.to_string().contains(code), "{path}: {body}");
        body
    };

    let about = get("about");
    assert_eq!((&about["version"], &about["region"]), (&json!(env!("CARGO_PKG_VERSION")), &json!("jp")));
    assert!(about["libraries"].as_array().unwrap().iter().any(|one| one["name"] == "libavcodec"), "{about}");
    assert!(get("licences")["packages"].as_array().unwrap().len() > 100);

    let found = get("doctor");
    let check =
        |name: &str| found["checks"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned().unwrap();
    assert_eq!(
        (&check("appliance")["detail"], &check("appliance")["area"]),
        (&json!("runs and is ready"), &json!("appliance"))
    );
    assert_eq!(check("sandbox calls")["area"], "videos");
    assert_eq!(get("doctor")["looked"], found["looked"], "what was found is kept");
    assert_ne!(get("doctor?anew=true")["looked"], found["looked"]);

    let certificates = get("certificates");
    let leaf = &certificates["served"]["chain"][0];
    assert_eq!((&leaf["names"], &leaf["self_signed"]), (&json!(["localhost", "127.0.0.1"]), &json!(true)));
    assert_eq!(
        format!("made by the appliance, sha256:{}", leaf["fingerprint"].as_str().unwrap()),
        check("certificate")["detail"]
    );

    let configuration = get("configuration");
    let setting = |told: &Value, key: &str| {
        let all = told["settings"].as_array().unwrap();
        let one = all.iter().find(|one| one["key"] == key).unwrap_or_else(|| panic!("{key} in {told}"));
        (one["value"].clone(), one["source"].clone(), one["differs"].clone())
    };
    assert_eq!(setting(&configuration, "store.max_open"), (json!(64), json!("file"), json!(true)));
    assert_eq!(setting(&configuration, "listen.address").1, "flag");
    assert_eq!(setting(&configuration, "mail.user").0, "(set)");
    assert_eq!(setting(&configuration, "http.idle_s"), (json!(120), json!("default"), json!(false)));
    assert_eq!(configuration["stale"], false);
    // What is written now holds from the next start on; what cannot be read is told.
    scene.file("audiagram.toml", "region = 'us'\n");
    let changed = get("configuration");
    assert_eq!((&changed["stale"], &setting(&changed, "region").0), (&json!(true), &json!("jp")));
    scene.file("audiagram.toml", "regoin = 'us'\n");
    assert!(get("configuration")["fault"].as_str().unwrap().contains("regoin"));

    let capacity = get("capacity");
    assert_eq!(capacity["disks"][0]["folders"][0]["setting"], "data", "{capacity}");
    assert!(capacity["memory"]["process_bytes"].as_u64().unwrap() > 1 << 20, "{capacity}");

    let log = get("log?text=sign_in&limit=1");
    let line = &log["lines"][0];
    assert_eq!((&line["level"], &line["target"]), (&json!("info"), &json!("api::router")), "{log}");
    assert_eq!(log["filter"], "info");
    assert!(log["targets"].as_array().unwrap().contains(&json!("api")), "{log}");
}
