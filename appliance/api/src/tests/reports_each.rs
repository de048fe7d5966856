//! Schedules that draw a report up for each of its readers, as they see the answers.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::{
    reports::job_of,
    world::{Answer, Person, World},
};

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

async fn made(world: &World, who: &Person, path: &str, body: Value) -> String {
    let made = world.send(Some(who), Method::POST, path, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{path}: {}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

fn document() -> Value {
    let section =
        |id: &str, sql: &str| json!({ "id": id, "chart": { "type": "table", "title": id, "query": { "sql": sql } } });
    let sections = [
        section("mails", "SELECT sum(quantity) AS n FROM usage"),
        section("projects", "SELECT title FROM projects ORDER BY title"),
        section("trail", "SELECT count(*) > 0 AS n FROM audit"),
    ];
    json!({ "title": "Mails", "period": "last_week", "sections": sections })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reader_gets_the_numbers_that_they_may_see() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let (mut rex, mut bob) = (world.newcomer(&tenant, "rex"), world.newcomer(&tenant, "bob"));
    let (nil, gus) = (world.newcomer(&tenant, "nil"), world.person(&tenant, "gus", Level::Manager));
    let red = made(&world, &ada, "/v1/projects", json!({ "title": "Red" })).await;
    let blue = made(&world, &ada, "/v1/projects", json!({ "title": "Blue" })).await;
    world.give(&rex, Some(red.parse().unwrap()), Level::Manager);
    world.give(&bob, Some(blue.parse().unwrap()), Level::Manager);
    for (what, quantity, project) in [("a", 5, None), ("b", 20, Some(&red)), ("c", 100, Some(&blue))] {
        world.heard(tenant.id, what, quantity, project.map(String::as_str));
    }
    let gone = json!({ "suspended": true });
    let path = format!("/v1/members/{}", gus.id);
    world.send_with(Some(&ada), Method::PATCH, &path, gone, &[("if-match", "*")]).await;

    let report = made(&world, &ada, "/v1/reports", document()).await;
    let users: Vec<_> = [&rex, &bob, &nil, &gus].iter().map(|person| person.id.to_string()).collect();
    let plan = json!({
        "cadence": { "daily": { "at": "07:00" } }, "deliver": { "users": users, "forms": ["json"], "each": true },
    });
    let schedule = made(&world, &ada, &format!("/v1/reports/{report}/schedules"), plan).await;
    world.later(&mut ada, Duration::from_secs(86_400));
    world.engine.open();
    world.services.jobs.wake(tenant.id);
    let job = world.finish(&ada, &job_of(&world, &ada, &schedule, None));
    assert_eq!(job.state.kind().to_string(), "done", "{:?}", job.failure);

    // The archive has the owner's, which says who has none and why; those of single people are theirs alone.
    let runs = get(&world, &ada, &format!("/v1/reports/{report}/runs")).await;
    let runs = runs.body["items"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let passed_over = json!([
        { "user": nil.id.to_string(), "why": "lacks the permission report:read" },
        { "user": gus.id.to_string(), "why": "is suspended or gone" },
    ]);
    let mut said = runs[0]["passed_over"].as_array().unwrap().clone();
    said.sort_by_key(|one| one["why"].as_str().map(|why| std::cmp::Reverse(why.to_owned())));
    assert_eq!(json!(said), passed_over);
    let main = runs[0]["id"].as_str().unwrap().to_owned();
    let found =
        async |who: &Person, run: &str| get(&world, who, &format!("/v1/report-runs/{run}/file?form=json")).await;
    let whole = found(&ada, &main).await;
    assert_eq!(whole.body["sections"][0]["rows"], json!([[125]]), "{}", whole.body);
    assert_eq!(whole.body["sections"][1]["rows"], json!([["Blue"], ["Red"]]));

    let mut own = Vec::new();
    for (person, sum, title) in [(&mut rex, 20, "Red"), (&mut bob, 100, "Blue")] {
        world.later(person, Duration::ZERO);
        let told = get(&world, person, "/v1/notifications").await;
        let items = told.body["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "of their own and of no other: {items:?}");
        let run = items[0]["about"].as_str().unwrap().to_owned();
        let seen = get(&world, person, &format!("/v1/report-runs/{run}")).await;
        assert_eq!(
            (&seen.body["with"], &seen.body["owner"]),
            (&json!(main), &json!(person.id.to_string())),
            "{}",
            seen.body
        );
        assert_eq!(seen.body["unanswered"], 1, "the trail is not theirs to see");
        let file = found(person, &run).await;
        assert_eq!(file.body["sections"][0]["rows"], json!([[sum]]), "{}", file.body);
        assert_eq!(file.body["sections"][1]["rows"], json!([[title]]));
        assert_eq!(found(person, &main).await.code(), "not_found");
        own.push(run);
    }
    // Not even those who may see everything take what was drawn up for another.
    assert_eq!(found(&bob, &own[0]).await.code(), "not_found");
    assert_eq!(found(&ada, &own[0]).await.code(), "not_found");
    assert_eq!(get(&world, &ada, &format!("/v1/report-runs/{}", own[0])).await.code(), "not_found");
    // They go with the run they were drawn up with.
    let removed = world.send(Some(&ada), Method::DELETE, &format!("/v1/report-runs/{main}"), Value::Null).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.body);
    assert_eq!(get(&world, &rex, &format!("/v1/report-runs/{}", own[0])).await.code(), "not_found");
    world.verify(tenant.id);
}
