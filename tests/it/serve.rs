//! The appliance from outside: a tenant made, the listener started, and the way from invitation to project over TLS.

use std::process::Command;

use serde_json::{Value, json};

use crate::{
    appliance::{Running, serve},
    run::Scene,
};

fn curl(scene: &Scene, appliance: &Running, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let mut command = Command::new("curl");
    command.current_dir(scene.folder.path());
    command.args(["--silent", "--insecure", "--cookie", "jar", "--cookie-jar", "jar", "--write-out", "\n%{http_code}"]);
    command.args(["--request", method, "--header", "sec-fetch-site: same-origin"]);
    if let Some(body) = body {
        command.args(["--header", "content-type: application/json", "--data", &body.to_string()]);
    }
    let out = command.arg(format!("https://{}{path}", appliance.address)).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
}

#[test]
fn from_a_new_tenant_to_its_first_project() {
    let scene = Scene::new();
    let made = scene
        .command()
        .args(["tenant", "create", "acme", "--owner", "ada@example.org", "--json", "--data", "data"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let tenant: Value = serde_json::from_slice(&made.stdout).unwrap();
    let appliance = serve(&scene, &[]);

    let ask = |method: &str, path: &str, body: Option<&Value>| curl(&scene, &appliance, method, path, body);
    assert_eq!(ask("GET", "/readyz", None).0, 200);
    assert_eq!(ask("GET", "/v1/projects", None).0, 401);
    let accept = json!({
        "tenant": "acme", "code": tenant["invitation"], "name": "Ada", "password": "correct horse battery staple",
    });
    let accepted = ask("POST", "/v1/invitations/accept", Some(&accept));
    assert_eq!(accepted.0, 201, "{}", accepted.1);
    let sign_in = json!({ "tenant": "acme", "email": "ada@example.org", "password": "correct horse battery staple" });
    assert_eq!(ask("POST", "/v1/session", Some(&sign_in)).0, 201);
    let made = ask("POST", "/v1/projects", Some(&json!({ "title": "Orders" })));
    assert_eq!(made.0, 201, "{}", made.1);
    let listed = ask("GET", "/v1/projects", None);
    assert_eq!(listed.1["items"][0]["title"], "Orders");
    drop(appliance);

    // What was acknowledged is there after a kill.
    let appliance = serve(&scene, &[]);
    let listed = curl(&scene, &appliance, "GET", "/v1/projects", None);
    assert_eq!(listed.1["items"][0]["title"], "Orders");
}

#[test]
fn two_appliances_do_not_share_a_folder() {
    let scene = Scene::new();
    let first = serve(&scene, &[]);
    let second = scene.command().args(["serve", "--data", "data", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("in use"), "{said}");
    drop(first);
}
