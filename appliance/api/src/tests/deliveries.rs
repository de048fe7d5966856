//! Runs of a report's schedule as files: put into a folder of the tenant's, and attached to mails of those who may take them.

use std::{fs, time::Duration};

use axum::http::{Method, StatusCode};
use model::Level;
use outbound::Mailer;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    mail::{Taken, server},
    reports::job_of,
    world::{Person, World},
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn post(world: &World, who: &Person, path: &str, body: Value) -> super::world::Answer {
    world.send(Some(who), Method::POST, path, body).await
}

/// A report with one section, and the path of its schedules.
async fn report(world: &World, who: &Person) -> String {
    let chart =
        json!({ "type": "value", "title": "Projects", "query": { "sql": "SELECT count(*) AS n FROM projects" } });
    let document =
        json!({ "title": "Projects", "period": "last_day", "sections": [{ "id": "projects", "chart": chart }] });
    let made = post(world, who, "/v1/reports", document).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    format!("/v1/reports/{}/schedules", made.body["id"].as_str().unwrap())
}

async fn folder(world: &World, who: &Person) -> String {
    let made =
        post(world, who, "/v1/connectors", json!({ "title": "Lake", "place": { "folder": { "path": "bi" } } })).await;
    made.body["id"].as_str().unwrap().to_owned()
}

/// Lets a day pass, and waits until the schedule has drawn up the report.
fn drawn(world: &World, who: &mut Person, schedule: &str) {
    world.later(who, DAY);
    world.engine.open();
    world.services.jobs.wake(who.tenant);
    let job = world.finish(who, &job_of(world, who, schedule, None));
    assert_eq!(job.state.kind().to_string(), "done", "{:?}", job.failure);
}

/// The job of a kind that works on a thing.
fn job_about(world: &World, who: &Person, thing: model::AnyId, kind: jobs::JobKind) -> String {
    let view = world.services.store.tenant(who.tenant).unwrap().read().unwrap();
    let found = jobs::queue::about(&view, thing, None, 9, |job| job.kind == kind).unwrap();
    found.items[0].header.id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_run_are_put_where_they_are_wanted() {
    let world = World::new();
    let mut ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let (path, connector) = (report(&world, &ada).await, folder(&world, &ada).await);
    let plan = |deliver: Value| json!({ "cadence": { "daily": { "at": "06:00" } }, "deliver": deliver });
    for (wrong, at) in [
        (json!({ "connectors": [connector] }), "/deliver/forms"),
        (json!({ "connectors": [connector], "forms": ["doc"] }), "/deliver/forms/0"),
        (json!({ "connectors": ["con_00000000000000000000000001"], "forms": ["pdf"] }), "/deliver/connectors"),
    ] {
        let refused = post(&world, &ada, &path, plan(wrong)).await;
        assert_eq!(refused.body["errors"][0]["at"], at, "{}", refused.body);
    }
    let deliver = json!({ "connectors": [connector], "forms": ["xlsx", "pdf"] });
    let made = post(&world, &ada, &path, plan(deliver)).await;
    assert_eq!(
        (made.status, &made.body["deliver"]["forms"]),
        (StatusCode::CREATED, &json!(["pdf", "xlsx"])),
        "{}",
        made.body
    );
    drawn(&world, &mut ada, made.body["id"].as_str().unwrap());
    let runs = path.replace("/schedules", "/runs");
    let runs = world.send(Some(&ada), Method::GET, &runs, Value::Null).await.body;
    let run = runs["items"][0]["id"].as_str().unwrap().to_owned();
    let job = job_about(&world, &ada, run.parse().unwrap(), jobs::JobKind::Deposit);
    assert_eq!(world.finish(&ada, &job).state.kind().to_string(), "done");
    let report = path.split('/').nth(3).unwrap();
    let place = world.exports().join(ada.tenant.to_string()).join("bi/reports").join(report);
    for (form, magic) in [("pdf", "%PDF"), ("xlsx", "PK")] {
        let bytes = fs::read(place.join(format!("2027-01-16_{run}.{form}"))).unwrap();
        assert!(bytes.starts_with(magic.as_bytes()), "{form}");
    }
    let rows = world.rows_from(ada.tenant, 0);
    let taken: Vec<_> = rows.iter().filter(|row| row.action.code() == "report:export").collect();
    assert_eq!(taken.len(), 1, "one row of the files that left");
    let fact = |name: &str| taken[0].detail.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
    let digest = |form: &str| {
        let bytes = fs::read(place.join(format!("2027-01-16_{run}.{form}"))).unwrap();
        format!("{form}:{}", store::blob::BlobDigest(Sha256::digest(bytes).into()))
    };
    assert_eq!(fact("to").as_deref(), Some(connector.as_str()));
    assert_eq!(fact("sha256"), Some(format!("{},{}", digest("pdf"), digest("xlsx"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_lie_in_the_mails_of_those_who_may_take_them() {
    let (server, inbox) = server();
    let world = World::mailing(Mailer::new(server).unwrap());
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let vic = world.person(&tenant, "vic", Level::Viewer);
    let path = report(&world, &ada).await;
    let deliver = json!({ "users": [ada.id.to_string(), vic.id.to_string()], "mail": "en", "forms": ["pdf"] });
    let made =
        post(&world, &ada, &path, json!({ "cadence": { "daily": { "at": "06:00" } }, "deliver": deliver })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    drawn(&world, &mut ada, made.body["id"].as_str().unwrap());
    // The server turns the first one away, which is sent again later.
    let mut mails: Vec<Taken> = Vec::new();
    while mails.len() < 2 {
        match inbox.recv_timeout(Duration::from_millis(20)) {
            Ok(mail) => mails.push(mail),
            Err(_) => {
                world.pass(Duration::from_secs(60));
                world.services.jobs.wake(ada.tenant);
            }
        }
    }
    let to = |who: &str| {
        let receiver = format!("RCPT TO:<{who}@example.org>");
        mails.iter().find(|mail| mail.commands.contains(&receiver)).unwrap()
    };
    assert!(to("ada").mail.contains("Content-Type: application/pdf"), "{}", to("ada").mail);
    assert!(to("ada").mail.contains("filename=\"Projects.pdf\""), "{}", to("ada").mail);
    // Viewers may see the run, and may not take it as a file: their mail leads to it.
    assert!(to("vic").mail.contains("/reports/") && !to("vic").mail.contains("application/pdf"), "{}", to("vic").mail);
}
