//! Reports over the API: documents, runs, files, and who sees what.

use std::{io::Read as _, time::Duration};

use axum::http::{Method, StatusCode};
use model::Level;
use reports::{Form, TEMPLATES};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::Read as _;

use super::world::{Answer, Person, World};

const ANY: &[(&str, &str)] = &[("if-match", "*")];

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

async fn post(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send(Some(who), Method::POST, path, body).await
}

pub(super) fn event(id: &str, meter: &str, quantity: i64, at: &str) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "crm", "type": meter, "time": at, "data": { "quantity": quantity } })
}

/// Mails by day, and what they cost. The clock of tests stands at 15 January 2027, 08:00.
fn document(dated: bool) -> Value {
    let mails = "SELECT date_trunc($bucket, at) AS day, sum(quantity) AS n FROM usage WHERE at >= $from AND at < $to GROUP BY 1 ORDER BY 1";
    let cost = "SELECT sum(amount_micros) AS amount, max(currency) AS currency FROM Charges WHERE period_start >= $from AND period_start < $to";
    let mut sections =
        vec![json!({ "id": "mails", "chart": { "type": "bar", "title": "Mails", "query": { "sql": mails } } })];
    if dated {
        let chart = json!({ "type": "value", "title": "Cost", "query": { "sql": cost }, "format": { "unit": "micros", "decimals": 2 } });
        sections.push(json!({ "id": "cost", "chart": chart }));
    }
    json!({ "title": "Mails", "period": "last_week", "zone": "Europe/Berlin", "sections": sections, "words": { "de": { "Mails": "Briefe" } } })
}

async fn fill(world: &World, ada: &Person) {
    let events = json!([
        event("1", "mails", 5, "2027-01-05T10:00:00Z"),
        event("2", "mails", 7, "2027-01-09T23:00:00Z"),
        // Sunday in London, Monday in Berlin.
        event("3", "mails", 90, "2027-01-10T23:30:00Z"),
    ]);
    let sent = post(world, ada, "/v1/usage/events", events).await;
    assert_eq!(sent.body["accepted"], 3, "{}", sent.body);
    let rate = json!({ "meter": "mails", "price_micros": 10_000, "block": 1 });
    let card = json!({ "from": "2026-12-01T00:00:00Z", "currency": "EUR", "rates": [rate] });
    let sent = post(world, ada, "/v1/rate-cards", card).await;
    assert!(sent.status.is_success(), "{}", sent.body);
}

async fn made(world: &World, who: &Person, document: Value) -> String {
    let made = post(world, who, "/v1/reports", document).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    format!("/v1/reports/{}", made.body["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_asked_once_and_written_in_every_form() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    fill(&world, &ada).await;
    let report = made(&world, &ada, document(true)).await;
    let run = post(&world, &ada, &format!("{report}/runs"), Value::Null).await;
    assert_eq!(run.status, StatusCode::CREATED, "{}", run.body);
    // Monday to Sunday in Berlin.
    assert_eq!(
        (run.body["from"].as_str(), run.body["to"].as_str()),
        (Some("2027-01-03T23:00:00Z"), Some("2027-01-10T23:00:00Z"))
    );
    assert_eq!((&run.body["sections"], &run.body["unanswered"]), (&json!(2), &json!(0)));
    verified(&world, &run.body);
    let path = format!("/v1/report-runs/{}", run.body["id"].as_str().unwrap());
    // What comes later changes nothing of what was found.
    post(&world, &ada, "/v1/usage/events", event("4", "mails", 1_000, "2027-01-06T10:00:00Z")).await;
    let file = get(&world, &ada, &format!("{path}/file?form=json")).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    let sections = &file.body["sections"];
    assert_eq!(sections[0]["rows"], json!([["2027-01-05T00:00:00Z", 5], ["2027-01-09T00:00:00Z", 7]]));
    assert_eq!((&sections[1]["rows"], &sections[1]["format"]["currency"]), (&json!([[120_000, "EUR"]]), &json!("EUR")));
    for form in Form::ALL {
        let file = get(&world, &ada, &format!("{path}/file?form={}", form.code())).await;
        assert_eq!(file.status, StatusCode::OK, "{}: {}", form.code(), file.body);
        let begins: &[u8] = match form {
            Form::Pdf => b"%PDF-1.7",
            Form::Xlsx | Form::Csv | Form::Parquet => b"PK",
            Form::Html => b"<!doctype html>",
            Form::Json => b"{",
        };
        assert!(file.bytes.starts_with(begins), "{}", form.code());
        assert_eq!(file.headers["content-type"], form.media_type());
        let name = file.headers["content-disposition"].to_str().unwrap();
        assert!(name.ends_with(&format!("Mails{}", form.suffix())), "{name}");
    }
    // What is kept can be verified by whoever has it, without the appliance.
    let archive = get(&world, &ada, &format!("{path}/archive")).await;
    assert_eq!(archive.headers["content-type"], "application/zip");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let (kept, statement) = (read("findings.json"), read("statement.txt"));
    let digest = store::blob::BlobDigest(Sha256::digest(kept).into()).to_string();
    assert_eq!(run.body["digest"], digest);
    assert!(String::from_utf8(statement.clone()).unwrap().ends_with(&format!("{digest}\n")));
    let key = world.services.store.vault().public_key();
    assert!(key.verifies(&statement, &read("statement.sig").try_into().unwrap()));
    assert!(String::from_utf8(read("key.pem")).unwrap().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let csv = get(&world, &ada, &format!("{path}/file?form=csv&section=cost")).await;
    assert_eq!(String::from_utf8(csv.bytes).unwrap(), "amount (EUR),currency\r\n0.12,EUR\r\n");
    for (query, code) in
        [("form=docx", "invalid"), ("form=pdf&section=cost", "invalid"), ("form=csv&section=no", "invalid")]
    {
        assert_eq!(get(&world, &ada, &format!("{path}/file?{query}")).await.code(), code, "{query}");
    }
    // A second run is another one, and found more.
    let again = post(&world, &ada, &format!("{report}/runs"), Value::Null).await;
    assert_ne!(again.body["digest"], run.body["digest"]);
    let listed = get(&world, &ada, &format!("{report}/runs")).await;
    let ids: Vec<_> = listed.body["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [again.body["id"].clone(), run.body["id"].clone()]);
    // What goes takes its runs with it.
    let gone = world.send(Some(&ada), Method::DELETE, &path, Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    let gone = world.send_with(Some(&ada), Method::DELETE, &report, Value::Null, ANY).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    let other = format!("/v1/report-runs/{}", again.body["id"].as_str().unwrap());
    assert_eq!(get(&world, &ada, &other).await.code(), "not_found");
    world.verify(tenant.id);
}

/// The run is signed by the appliance.
fn verified(world: &World, run: &Value) {
    let statement = run["statement"].as_str().unwrap();
    for key in ["id", "report", "digest"] {
        assert!(statement.contains(run[key].as_str().unwrap()), "{key}");
    }
    let signature = world.services.store.vault().sign(statement.as_bytes());
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(run["signature"], hex);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_by_a_report_what_they_may_not_see() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let (eve, vera) = (world.person(&tenant, "eve", Level::Editor), world.person(&tenant, "vera", Level::Viewer));
    fill(&world, &ada).await;
    let report = made(&world, &ada, document(true)).await;
    let run = post(&world, &ada, &format!("{report}/runs"), Value::Null).await;
    let path = format!("/v1/report-runs/{}", run.body["id"].as_str().unwrap());
    // Those who may not see costs see neither the run nor that there is one; they draw it up as they may see it.
    for person in [&eve, &vera] {
        assert_eq!(get(&world, person, &format!("{report}/runs")).await.body["items"], json!([]));
        let refused = get(&world, person, &path).await;
        assert!(refused.body["detail"].as_str().unwrap().contains("cost:read"), "{}", refused.body);
    }
    assert_eq!(post(&world, &vera, &format!("{report}/runs"), Value::Null).await.code(), "denied");
    let own = post(&world, &eve, &format!("{report}/runs"), Value::Null).await;
    assert_eq!(own.body["unanswered"], 1, "{}", own.body);
    // To take a file is another right than to read, and leaves a row.
    let own = format!("/v1/report-runs/{}", own.body["id"].as_str().unwrap());
    assert_eq!(get(&world, &eve, &format!("{own}/file?form=json")).await.code(), "denied");
    let mia = world.person(&tenant, "mia", Level::Manager);
    let rows = world.rows(tenant.id);
    let taken = get(&world, &mia, &format!("{own}/file?form=json")).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let why = taken.body["sections"][1]["problem"].as_str().unwrap();
    assert!(why.contains("cost:read"), "{why}");
    assert_eq!(world.rows(tenant.id), rows + 1);
    // SQL is written by those who may ask in SQL; templates and dashboards by whoever makes reports.
    assert_eq!(post(&world, &eve, "/v1/reports", document(false)).await.code(), "denied");
    let templates = get(&world, &eve, "/v1/reports/templates?language=de").await;
    for template in templates.body["items"].as_array().unwrap() {
        let made = post(&world, &eve, "/v1/reports", template["report"].clone()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}: {}", template["name"], made.body);
    }
    // Nor does a dashboard that is gone.
    let gone = json!({ "title": "x", "period": "last_day", "dashboard": "dsh_00000000000000000000000001" });
    let gone = made(&world, &eve, gone).await;
    assert_eq!(post(&world, &eve, &format!("{gone}/runs"), Value::Null).await.code(), "not_found");
    world.verify(tenant.id);
}

/// Every template can be drawn up, with something in every table it can have, in every language, in every form.
#[tokio::test(flavor = "multi_thread")]
async fn templates_can_be_drawn_up() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    fill(&world, &ada).await;
    let project = post(&world, &ada, "/v1/projects", json!({ "title": "Orders" })).await;
    world.upload(&ada, project.body["id"].as_str().unwrap(), "talk.m4a", b"some bytes").await;
    for (template, language) in TEMPLATES.iter().zip(["en", "de", "hi", "ar", "en", "de", "ar"]) {
        let mut document = template.report_in(language);
        "2027-01-01/2027-01-15".clone_into(&mut document.period);
        let report = made(&world, &ada, serde_json::to_value(&document).unwrap()).await;
        let run = post(&world, &ada, &format!("{report}/runs"), Value::Null).await;
        assert_eq!(run.status, StatusCode::CREATED, "{}: {}", template.name, run.body);
        let path = format!("/v1/report-runs/{}/file", run.body["id"].as_str().unwrap());
        let found = get(&world, &ada, &format!("{path}?form=json")).await;
        assert_eq!(run.body["unanswered"], 0, "{}: {:#}", template.name, found.body);
        for form in Form::ALL {
            let file = get(&world, &ada, &format!("{path}?form={}", form.code())).await;
            assert_eq!(file.status, StatusCode::OK, "{} as {}: {}", template.name, form.code(), file.body);
        }
    }
    world.verify(tenant.id);
}

/// The job that a schedule has made.
pub(super) fn job_of(world: &World, who: &Person, schedule: &str, than: Option<&str>) -> String {
    let id = schedule.parse().unwrap();
    let tenant = world.services.store.tenant(who.tenant).unwrap();
    loop {
        let last = tenant.read().unwrap().get::<jobs::Schedule>(&id).unwrap().unwrap().last.map(|job| job.to_string());
        match last {
            Some(job) if Some(job.as_str()) != than => return job,
            _ => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_draws_up_as_its_owner_sees_it_and_missed_runs_become_one() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let mia = world.person(&tenant, "mia", Level::Manager);
    fill(&world, &ada).await;
    let report = made(&world, &ada, document(true)).await;
    let plan = |cadence: Value| json!({ "cadence": cadence });
    for wrong in [
        json!({ "daily": { "at": "25:00" } }),
        json!({ "weekly": { "on": [], "at": "07:00" } }),
        json!({ "monthly": { "day": 32, "at": "07:00" } }),
    ] {
        assert_eq!(post(&world, &mia, &format!("{report}/schedules"), plan(wrong)).await.code(), "invalid");
    }
    let zone = json!({ "cadence": { "daily": { "at": "07:00" } }, "zone": "Mars" });
    assert_eq!(post(&world, &mia, &format!("{report}/schedules"), zone).await.code(), "invalid");
    let path = format!("{report}/schedules");
    let made = post(&world, &mia, &path, plan(json!({ "weekly": { "on": [0], "at": "07:30" } }))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    // The zone is that of the report: Monday, half past seven in Berlin.
    assert_eq!(
        (made.body["zone"].as_str(), made.body["next"].as_str()),
        (Some("Europe/Berlin"), Some("2027-01-18T06:30:00Z"))
    );
    let schedule = made.body["id"].as_str().unwrap().to_owned();

    // Three Mondays later the appliance starts again: one run, of the week before.
    let by = Duration::from_secs(3 * 7 * 86_400);
    world.later(&mut ada, by);
    world.engine.open();
    world.services.jobs.wake(tenant.id);
    let job = world.finish(&ada, &job_of(&world, &ada, &schedule, None));
    assert_eq!(job.state.kind().to_string(), "done", "{:?}", job.failure);
    let runs = get(&world, &ada, &format!("{report}/runs")).await;
    let runs = runs.body["items"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!((&runs[0]["schedule"], &runs[0]["owner"]), (&made.body["id"], &json!(mia.id.to_string())));
    assert_eq!((runs[0]["from"].as_str(), &runs[0]["unanswered"]), (Some("2027-01-24T23:00:00Z"), &json!(0)));
    verified(&world, &runs[0]);
    let listed = get(&world, &ada, &path).await;
    assert_eq!(listed.body["items"][0]["next"], "2027-02-08T06:30:00Z");

    // Whoever lost the right loses the runs.
    let path_of_mia = format!("/v1/members/{}", mia.id);
    let suspended = world.send_with(Some(&ada), Method::PATCH, &path_of_mia, json!({ "suspended": true }), ANY).await;
    assert!(suspended.status.is_success(), "{}", suspended.body);
    world.later(&mut ada, Duration::from_secs(7 * 86_400));
    world.services.jobs.wake(tenant.id);
    let next = world.finish(&ada, &job_of(&world, &ada, &schedule, Some(&job.header.id.to_string())));
    assert_eq!(next.failure.unwrap().reason.code(), "not_allowed");

    let off = world
        .send_with(Some(&ada), Method::PATCH, &format!("{path}/{schedule}"), json!({ "enabled": false }), ANY)
        .await;
    assert_eq!(
        (off.status, &off.body["enabled"], &off.body["next"]),
        (StatusCode::OK, &json!(false), &Value::Null),
        "{}",
        off.body
    );
    let gone = world.send(Some(&ada), Method::DELETE, &format!("{path}/{schedule}"), Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert_eq!(get(&world, &ada, &path).await.body["items"], json!([]));
    world.verify(tenant.id);
}
