//! The jobs of all tenants as those who run the appliance see them.

use std::{collections::BTreeSet, time::Duration};

use axum::http::{Method, StatusCode};
use jobs::StateKind;
use model::{Level, Permission};
use serde_json::{Value, json};

use super::{
    engine::Act,
    world::{Person, World},
};

/// Orders a video of a new recording; the id of the job.
async fn order(world: &World, who: &Person, title: &str) -> String {
    let project = world.send(Some(who), Method::POST, "/v1/projects", json!({ "title": title })).await;
    let recording = world.upload(who, project.body["id"].as_str().unwrap(), "secret-talk.m4a", title.as_bytes()).await;
    let path = format!("/v1/recordings/{recording}/videos");
    let ordered = world.send(Some(who), Method::POST, &path, json!({})).await;
    assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
    ordered.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_runs_and_waits_of_all_tenants_and_nothing_of_what_it_is_about() {
    let world = World::new();
    world.engine.open();
    world.engine.next(&[Act::Hold, Act::Hold]);
    let (acme, umbra) = (world.tenant("acme"), world.tenant("umbra"));
    let (ada, mia) = (world.person(&acme, "ada", Level::Owner), world.person(&umbra, "mia", Level::Owner));
    let root = world.operator("root");
    let get = async |path: &str| world.send(Some(&root), Method::GET, path, Value::Null).await;

    // Acme has both slots, and one more that waits; umbra waits behind it.
    let mut acmes = Vec::new();
    for title in ["Titled One", "Titled Two"] {
        let job = order(&world, &ada, title).await;
        world.until(&ada, &job, |update| update.state == StateKind::Running && !update.progress.stage.is_empty());
        acmes.push(job);
    }
    world.clock.advance(Duration::from_secs(30));
    acmes.push(order(&world, &ada, "Titled Three").await);
    let waits = order(&world, &mia, "Titled Four").await;
    world.clock.advance(Duration::from_secs(90));

    let all = get("/v1/appliance/jobs").await;
    assert_eq!(all.status, StatusCode::OK, "{}", all.body);
    let items = all.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 4, "{}", all.body);
    for secret in ["Titled", "secret-talk", "about", "message", "prj_", "rec_"] {
        assert!(!all.body.to_string().contains(secret), "{secret} in {}", all.body);
    }
    let by_id = |id: &str| items.iter().find(|item| item["id"] == json!(id)).unwrap();
    let first = by_id(&acmes[0]);
    assert_eq!((&first["slug"], &first["state"], &first["attempts"]), (&json!("acme"), &json!("running"), &json!(1)));
    assert_eq!(first["worker"]["stage"], "transcribe", "{first}");
    assert!(first["worker"]["since"].is_string());
    let last = by_id(&waits);
    assert_eq!((&last["tenant"], &last["state"]), (&json!(umbra.id.to_string()), &json!("queued")));
    assert!(last.get("worker").is_none());

    // One after the other over both files, in an order of the caller's.
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("/v1/appliance/jobs?sort=-created&limit=1{after}")).await.body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 4);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 4, "each once: {seen:?}");
    // The first two were ordered in the same moment.
    assert!(acmes[..2].contains(&seen[3]) && acmes[..2].contains(&seen[2]), "the oldest last: {seen:?}");
    let of = get(&format!("/v1/appliance/jobs?tenant={}&state=queued", umbra.id)).await.body;
    assert_eq!((of["items"].as_array().unwrap().len(), &of["items"][0]["id"]), (1, &json!(waits)));
    assert_eq!(get("/v1/appliance/jobs?state=done").await.body["items"], json!([]));
    for wrong in ["sort=title", "state=lost", "tenant=prj_1", "limit=0", "after=%25"] {
        let status = get(&format!("/v1/appliance/jobs?{wrong}")).await.status;
        assert!(status.is_client_error(), "{wrong}: {status}");
    }

    let fair = get("/v1/appliance/jobs/fairness").await.body;
    let turns = |fair: &Value, slug: &str| {
        let found = fair["tenants"].as_array().unwrap().iter().find(|tenant| tenant["slug"] == slug);
        found.unwrap_or_else(|| panic!("{slug} in {fair}")).clone()
    };
    let (acme_has, umbra_has) = (turns(&fair, "acme"), turns(&fair, "umbra"));
    assert_eq!([&acme_has["running"], &acme_has["waiting"]], [&json!(2), &json!(1)], "{fair}");
    assert_eq!([&umbra_has["running"], &umbra_has["waiting"]], [&json!(0), &json!(1)], "{fair}");
    assert_eq!(umbra_has["longest_wait_s"], 90.0, "{fair}");
    // Two that run for two minutes.
    assert_eq!([&acme_has["worked_s"], &fair["worked_s"]], [&json!(240.0), &json!(240.0)], "{fair}");
    assert_eq!([&acme_has["share"], &umbra_has["share"]], [&json!(1.0), &json!(0.0)]);
    assert_eq!((&fair["job_slots"], &fair["jobs_at_work"], &fair["left_out"]), (&json!(2), &json!(true), &json!(0)));

    // When one slot is free, it is umbra's turn or acme's: then what ended is counted all the same.
    for _ in 0..2 {
        world.engine.let_go();
    }
    for job in &acmes {
        world.finish(&ada, job);
    }
    world.finish(&mia, &waits);
    let fair = get("/v1/appliance/jobs/fairness").await.body;
    assert_eq!(turns(&fair, "acme")["worked_s"], 240.0, "{fair}");
    assert_eq!(get("/v1/appliance/jobs").await.body["items"], json!([]));
    let done = get("/v1/appliance/jobs?state=done&sort=-kind").await.body;
    assert_eq!(done["items"].as_array().unwrap().len(), 4, "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_see_the_appliance_sees_its_jobs() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    for path in ["/v1/appliance/jobs", "/v1/appliance/jobs/fairness"] {
        let refused = world.send(Some(&ada), Method::GET, path, Value::Null).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}: {}", refused.body);
        assert!(refused.body.to_string().contains(Permission::SystemRead.code()), "{}", refused.body);
    }
}
