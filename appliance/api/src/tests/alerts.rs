//! Alerts looked at by the real engine in their schedules' jobs, and what people and their programs are told.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use library::alert::Alert;
use model::Level;
use serde_json::{Value, json};
use sha2::Sha256;
use store::Read as _;

use super::{
    receiver::Receiver,
    reports::{event, job_of},
    world::{Answer, Person, World},
};

const ANY: &[(&str, &str)] = &[("if-match", "*")];
const MAILS: &str = "SELECT sum(quantity) AS n FROM usage WHERE meter = 'mails' AND at >= $from AND at < $to";
const MINUTE: u64 = 60;

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

async fn post(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send(Some(who), Method::POST, path, body).await
}

async fn patch(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send_with(Some(who), Method::PATCH, path, body, ANY).await
}

/// More than ten mails an hour, for five minutes.
fn many() -> Value {
    json!({
        "title": "Many mails",
        "question": { "sql": MAILS },
        "rule": { "threshold": { "side": "above", "bound": 10 } },
        "for_minutes": 5,
    })
}

async fn made(world: &World, who: &Person, alert: &Value, deliver: &Value) -> String {
    let made = post(world, who, "/v1/alerts", json!({ "alert": alert, "deliver": deliver })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    format!("/v1/alerts/{}", made.body["id"].as_str().unwrap())
}

async fn send(world: &World, who: &Person, events: Value) {
    let sent = post(world, who, "/v1/usage/events", events).await;
    assert!(sent.status.is_success() && sent.body["rejected"] == 0, "{}", sent.body);
}

fn schedule_of(world: &World, who: &Person, path: &str) -> model::Id<model::noun::Schedule> {
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let file = world.services.store.tenant(who.tenant).unwrap();
    file.read().unwrap().get::<Alert>(&id).unwrap().unwrap().schedule
}

/// Lets `minutes` pass and waits until the alert has been looked at once more; how it stands then.
async fn look(world: &World, who: &mut Person, path: &str, minutes: u64) -> Value {
    let schedule = schedule_of(world, who, path);
    let file = world.services.store.tenant(who.tenant).unwrap();
    let last = file.read().unwrap().get::<jobs::Schedule>(&schedule).unwrap().unwrap().last.map(|job| job.to_string());
    world.later(who, Duration::from_secs(minutes * MINUTE));
    world.engine.open();
    world.services.jobs.wake(who.tenant);
    let job = world.finish(who, &job_of(world, who, &schedule.to_string(), last.as_deref()));
    assert_eq!(job.state.kind().to_string(), "done", "{:?}", job.failure);
    get(world, who, path).await.body
}

/// What somebody was told, the oldest first: what happened.
async fn told(world: &World, who: &Person) -> Vec<String> {
    let told = get(world, who, "/v1/notifications").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let items = told.body["items"].as_array().unwrap();
    items.iter().rev().map(|one| one["happening"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_fires_after_its_time_and_is_told_once() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let mut vera = world.person(&tenant, "vera", Level::Viewer);
    send(&world, &ada, json!([event("1", "mails", 5, "2027-01-15T07:50:00Z")])).await;
    let alert = made(&world, &ada, &many(), &json!({ "users": [vera.id.to_string()] })).await;
    let fresh = get(&world, &ada, &alert).await.body;
    assert_eq!((&fresh["phase"], &fresh["looked"]), (&json!("inactive"), &Value::Null), "{fresh}");
    let calm = look(&world, &mut ada, &alert, 5).await;
    assert_eq!((&calm["phase"], &calm["series"][0]["value"]), (&json!("inactive"), &json!(5.0)), "{calm}");
    assert_eq!(calm["looked"], "2027-01-15T08:05:00Z");

    send(&world, &ada, json!([event("2", "mails", 7, "2027-01-15T08:05:00Z")])).await;
    assert_eq!(look(&world, &mut ada, &alert, 5).await["phase"], "pending");
    let fires = look(&world, &mut ada, &alert, 5).await;
    assert_eq!((&fires["phase"], &fires["firing"]), (&json!("firing"), &json!(1)));
    assert_eq!(look(&world, &mut ada, &alert, 5).await["phase"], "firing");
    world.later(&mut vera, Duration::ZERO);
    assert_eq!(told(&world, &vera).await, ["alert.firing"]);

    // The mails of before 8 leave the hour: 7 are left.
    let over = look(&world, &mut ada, &alert, 40).await;
    assert_eq!((&over["phase"], &over["series"][0]["value"]), (&json!("resolved"), &json!(7.0)), "{over}");
    world.later(&mut vera, Duration::ZERO);
    assert_eq!(told(&world, &vera).await, ["alert.firing", "alert.resolved"]);

    // It comes again the same day: seen, and not told.
    send(&world, &ada, json!([event("3", "mails", 12, "2027-01-15T08:59:00Z")])).await;
    look(&world, &mut ada, &alert, 5).await;
    assert_eq!(look(&world, &mut ada, &alert, 5).await["phase"], "firing");
    world.later(&mut vera, Duration::ZERO);
    assert_eq!(told(&world, &vera).await.len(), 2);

    let history = get(&world, &ada, &format!("{alert}/history")).await.body;
    let phases: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|one| one["to"].as_str().unwrap()).collect();
    assert_eq!(phases, ["firing", "pending", "resolved", "firing", "pending"]);
    // Who is told sees where it stands, and changes nothing.
    assert_eq!(get(&world, &vera, &alert).await.body["phase"], "firing");
    assert_eq!(patch(&world, &vera, &alert, json!({ "enabled": false })).await.code(), "denied");

    let inbox = get(&world, &vera, "/v1/notifications").await.body;
    assert_eq!((&inbox["unread"], &inbox["items"][1]["data"]["series"][0]["value"]), (&json!(2), &json!(12.0)));
    let first = format!("/v1/notifications/{}/read", inbox["items"][0]["id"].as_str().unwrap());
    let rows = world.rows(tenant.id);
    assert_eq!(post(&world, &ada, &first, Value::Null).await.code(), "not_found");
    assert_eq!(post(&world, &vera, &first, Value::Null).await.body["unread"], 1);
    assert_eq!(post(&world, &vera, "/v1/notifications/read", Value::Null).await.body["unread"], 0);
    assert_eq!(world.rows(tenant.id), rows + 2);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_hides_it_and_a_restart_forgets_nothing() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let mut document = many();
    document["for_minutes"] = json!(10);
    document["window_minutes"] = json!(600);
    let alert = made(&world, &ada, &document, &json!({ "users": [ada.id.to_string()] })).await;
    for (wrong, code) in [
        (json!({ "to": "2027-01-15T07:00:00Z", "reason": "late" }), "invalid"),
        (json!({ "to": "2027-01-15T09:00:00Z", "reason": "" }), "invalid"),
        (json!({ "to": "tomorrow", "reason": "when" }), "invalid"),
    ] {
        assert_eq!(post(&world, &ada, &format!("{alert}/silences"), wrong).await.code(), code);
    }
    let silence = json!({ "to": "2027-01-15T12:00:00Z", "reason": "moving house" });
    let silence = post(&world, &ada, &format!("{alert}/silences"), silence).await;
    assert_eq!(silence.status, StatusCode::CREATED, "{}", silence.body);
    assert_eq!((&silence.body["number"], &silence.body["by"]), (&json!(1), &json!(ada.id.to_string())));
    send(&world, &ada, json!([event("1", "mails", 50, "2027-01-15T07:59:00Z")])).await;
    let pending = look(&world, &mut ada, &alert, 5).await;
    assert_eq!((&pending["phase"], &pending["silent"]), (&json!("pending"), &json!(true)));

    // Started again, it goes on where it was.
    let world = world.restart();
    assert_eq!(get(&world, &ada, &alert).await.body["phase"], "pending");
    let fires = look(&world, &mut ada, &alert, 10).await;
    assert_eq!((&fires["phase"], told(&world, &ada).await.len()), (&json!("firing"), 0), "{fires}");
    let gone = world.send(Some(&ada), Method::DELETE, &format!("{alert}/silences/7"), Value::Null).await;
    assert_eq!(gone.code(), "not_found");
    let ended = world.send(Some(&ada), Method::DELETE, &format!("{alert}/silences/1"), Value::Null).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
    // What fires still is told now.
    let fires = look(&world, &mut ada, &alert, 5).await;
    assert_eq!((&fires["silent"], told(&world, &ada).await), (&json!(false), vec!["alert.firing".to_owned()]));
    // What was missed becomes one look.
    let jobs = |world: &World| {
        let view = world.services.store.tenant(tenant.id).unwrap().read().unwrap();
        let about = alert.rsplit('/').next().unwrap().parse().unwrap();
        jobs::queue::about(&view, about, None, 100, |_| true).unwrap().items.len()
    };
    let before = jobs(&world);
    look(&world, &mut ada, &alert, 90).await;
    assert_eq!(jobs(&world), before + 1);
    // Of many looks, only the last ones' jobs stay; theirs ends after the others were counted.
    for _ in 0..4 {
        look(&world, &mut ada, &alert, 5).await;
    }
    assert_eq!(jobs(&world), 6);
    let gone = world.send_with(Some(&ada), Method::DELETE, &alert, Value::Null, ANY).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert_eq!(get(&world, &ada, &alert).await.code(), "not_found");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_and_what_is_unusual() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    // The same hour of five weeks, and now.
    let weeks = ["2026-12-18", "2026-12-25", "2027-01-01", "2027-01-08"];
    let past = weeks.iter().zip([10, 12, 11, 9]).map(|(day, n)| event(day, "mails", n, &format!("{day}T07:30:00Z")));
    send(&world, &ada, past.collect()).await;
    send(&world, &ada, json!([event("now", "mails", 40, "2027-01-15T07:30:00Z")])).await;
    let by_meter = "SELECT meter, sum(quantity) AS n FROM usage WHERE at >= $from AND at < $to GROUP BY meter";
    let unusual = json!({ "title": "Unusual", "question": { "sql": by_meter }, "rule": { "anomaly": { "weeks": 4, "deviations": 3.5 } } });
    let unusual = made(&world, &ada, &unusual, &json!({})).await;
    let absent =
        json!({ "title": "Silent", "question": { "sql": by_meter }, "rule": { "absence": {} }, "window_minutes": 45 });
    let absent = made(&world, &ada, &absent, &json!({ "users": [ada.id.to_string()] })).await;

    let rows = world.rows(tenant.id);
    let tested = post(&world, &ada, &format!("{unusual}/test"), Value::Null).await;
    // The median of 9, 10, 11 and 12 is 10.5, that of the distances 1: 19.9 spreads.
    let judged = &tested.body["series"][0];
    assert_eq!((&judged["series"], &judged["met"], &judged["median"]), (&json!("mails"), &json!(true), &json!(10.5)));
    assert_eq!((&judged["spread"], world.rows(tenant.id)), (&json!(1.4826), rows + 1), "{}", tested.body);
    assert_eq!(get(&world, &ada, &unusual).await.body["phase"], "inactive", "to try is not to look");

    assert_eq!(look(&world, &mut ada, &absent, 5).await["phase"], "inactive");
    let other = schedule_of(&world, &ada, &unusual).to_string();
    world.finish(&ada, &job_of(&world, &ada, &other, None));
    assert_eq!(get(&world, &ada, &unusual).await.body["phase"], "firing");
    // At 8:20 nothing came for 45 minutes.
    let gone = look(&world, &mut ada, &absent, 15).await;
    assert_eq!((&gone["phase"], &gone["series"][0]["series"]), (&json!("firing"), &json!("mails")), "{gone}");
    assert_eq!(told(&world, &ada).await, ["alert.firing"]);
    let listed = get(&world, &ada, "/v1/alerts").await.body;
    let titles: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| one["title"].clone()).collect();
    assert_eq!(titles, ["Silent", "Unusual"]);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_by_an_alert_what_they_may_not_see() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let (mut mia, mut vera) =
        (world.person(&tenant, "mia", Level::Manager), world.person(&tenant, "vera", Level::Viewer));
    let eve = world.person(&tenant, "eve", Level::Editor);
    let rate = json!({ "meter": "mails", "price_micros": 10_000, "block": 1 });
    let card = json!({ "from": "2026-12-01T00:00:00Z", "currency": "EUR", "rates": [rate] });
    assert!(post(&world, &ada, "/v1/rate-cards", card).await.status.is_success());
    let prices = "SELECT count(*) AS n FROM prices";
    let costs = json!({ "title": "Costs", "question": { "sql": prices }, "rule": { "threshold": { "side": "above", "bound": 0 } } });
    let users = json!({ "users": [mia.id.to_string(), vera.id.to_string()] });
    let alert = made(&world, &mia, &costs, &users).await;
    // Who may not see costs sees it nowhere, and is not told.
    assert_eq!(get(&world, &vera, "/v1/alerts").await.body["items"], json!([]));
    assert!(get(&world, &vera, &alert).await.body["detail"].as_str().unwrap().contains("cost:read"));
    assert_eq!(post(&world, &eve, "/v1/alerts", json!({ "alert": costs })).await.code(), "denied");
    assert_eq!(look(&world, &mut ada, &alert, 5).await["phase"], "firing");
    world.later(&mut mia, Duration::ZERO);
    world.later(&mut vera, Duration::ZERO);
    assert_eq!((told(&world, &mia).await.len(), told(&world, &vera).await.len()), (1, 0));

    // It is asked as its owner is then: one who is suspended asks nothing, and the alert says so.
    let path_of_mia = format!("/v1/members/{}", mia.id);
    let suspended = patch(&world, &ada, &path_of_mia, json!({ "suspended": true })).await;
    assert!(suspended.status.is_success(), "{}", suspended.body);
    let trouble = look(&world, &mut ada, &alert, 5).await;
    assert!(trouble["trouble"]["why"].as_str().unwrap().contains("suspended"), "{trouble}");
    assert_eq!(trouble["phase"], "firing", "what was known stays");
    // Whoever changes it takes it over.
    let own = patch(&world, &ada, &alert, json!({ "deliver": { "users": [ada.id.to_string()] } })).await;
    assert_eq!((own.status, &own.body["owner"]), (StatusCode::OK, &json!(ada.id.to_string())), "{}", own.body);
    let well = look(&world, &mut ada, &alert, 5).await;
    assert_eq!((&well["trouble"], &well["phase"]), (&Value::Null, &json!("firing")), "{well}");
    assert_eq!(told(&world, &ada).await, ["alert.firing"]);
    // Off is off.
    let off = patch(&world, &ada, &alert, json!({ "enabled": false })).await;
    assert_eq!((&off.body["enabled"], &off.body["phase"]), (&json!(false), &json!("firing")), "{}", off.body);

    let nobody = json!({ "alert": many(), "deliver": { "users": ["usr_00000000000000000000000001"] } });
    assert_eq!(post(&world, &ada, "/v1/alerts", nobody).await.code(), "invalid");
    let wrong = json!({ "alert": { "title": "x", "question": { "sql": "SELECT $x" }, "rule": { "absence": {} } } });
    let wrong = post(&world, &ada, "/v1/alerts", wrong).await;
    assert_eq!(
        (wrong.code(), &wrong.body["errors"][0]["at"]),
        ("invalid", &json!("/alert/question/sql")),
        "{}",
        wrong.body
    );
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_of_dashboards_can_be_watched() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    send(&world, &ada, json!([event("1", "mails", 5, "2027-01-15T07:50:00Z")])).await;
    let tile = |tile: &str| {
        let question = json!({ "tile": { "dashboard": "usage", "tile": tile } });
        json!({ "title": "Events", "question": question, "rule": { "threshold": { "side": "above", "bound": 0 } } })
    };
    let alert = made(&world, &ada, &tile("events"), &json!({})).await;
    let seen = look(&world, &mut ada, &alert, 5).await;
    assert_eq!((&seen["phase"], &seen["series"][0]["value"]), (&json!("firing"), &json!(1.0)), "{seen}");
    let gone = post(&world, &ada, "/v1/alerts", json!({ "alert": tile("nothing") })).await;
    assert_eq!(gone.code(), "invalid", "{}", gone.body);
    // A question that has no answer is no answer: the alert says why, and is told once.
    let mut broken = many();
    broken["question"] = json!({ "sql": "SELECT nothing FROM nowhere" });
    let broken = made(&world, &ada, &broken, &json!({ "users": [ada.id.to_string()] })).await;
    let first = look(&world, &mut ada, &broken, 5).await;
    assert!(first["trouble"]["why"].as_str().unwrap().contains("nowhere"), "{first}");
    look(&world, &mut ada, &broken, 5).await;
    assert_eq!(told(&world, &ada).await, ["alert.trouble"]);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_told_until_they_take_it() {
    let receiver = Receiver::answering(&[500, 302]);
    let world = World::calling(receiver.client());
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    for url in ["http://hooks.example.com/", "https://user@hooks.example.com/", "hooks.example.com"] {
        let wrong = post(&world, &ada, "/v1/webhooks", json!({ "title": "x", "url": url })).await;
        assert_eq!(wrong.code(), "invalid", "{url}");
    }
    let url = format!("https://127.0.0.1:{}/hook?team=blue", receiver.port);
    let webhook = post(&world, &ada, "/v1/webhooks", json!({ "title": "Pager", "url": url })).await;
    assert_eq!(webhook.status, StatusCode::CREATED, "{}", webhook.body);
    let (id, key) = (webhook.body["id"].as_str().unwrap().to_owned(), webhook.body["key"].as_str().unwrap().to_owned());
    let path = format!("/v1/webhooks/{id}");
    assert!(!get(&world, &ada, &path).await.body.to_string().contains(&key), "the key is shown once");
    send(&world, &ada, json!([event("1", "mails", 50, "2027-01-15T07:59:00Z")])).await;
    let mut document = many();
    document["for_minutes"] = json!(0);
    let alert = made(&world, &ada, &document, &json!({ "webhooks": [id] })).await;
    look(&world, &mut ada, &alert, 5).await;
    let first = receiver.next();
    let job = first.header("webhook-id").to_owned();
    world.until_next_attempt(&ada, &job, 1);
    let second = receiver.next();
    world.until_next_attempt(&ada, &job, 2);
    let third = receiver.next();
    assert_eq!(world.finish(&ada, &job).state.kind().to_string(), "done");
    assert!(receiver.is_quiet(), "a redirect is not followed");
    for message in [&first, &second, &third] {
        assert_eq!((message.path.as_str(), message.header("webhook-id")), ("/hook?team=blue", job.as_str()));
        assert_eq!(message.header("content-type"), "application/json");
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&STANDARD.decode(key.strip_prefix("whsec_").unwrap()).unwrap()).unwrap();
        mac.update(format!("{job}.{}.{}", message.header("webhook-timestamp"), message.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(message.header("webhook-signature"), expected);
        let body: Value = serde_json::from_str(&message.body).unwrap();
        assert_eq!((&body["type"], &body["timestamp"]), (&json!("alert.firing"), &json!("2027-01-15T08:05:00Z")));
        assert_eq!((&body["data"]["title"], &body["data"]["series"][0]["value"]), (&json!("Many mails"), &json!(50.0)));
    }
    assert_ne!(first.header("webhook-timestamp"), third.header("webhook-timestamp"));
    world.later(&mut ada, Duration::ZERO);
    let deliveries = get(&world, &ada, &format!("{path}/deliveries")).await.body;
    let told = &deliveries["items"][0];
    assert_eq!((&told["type"], &told["state"], &told["attempts"]), (&json!("alert.firing"), &json!("done"), &json!(3)));
    assert!(told["why"].is_null(), "{told}");
    // Counted once, when it was taken: not at the tries before.
    let taken = json!({ "sql": "SELECT quantity, unit, resource, job_id FROM usage WHERE meter = 'audiagram.deliveries'" });
    let taken = post(&world, &ada, "/v1/query", taken).await;
    assert_eq!(taken.body["rows"], json!([[1, "message", id, job]]), "{}", taken.body);

    // Off is off; a message that failed can be sent again.
    let off = patch(&world, &ada, &path, json!({ "enabled": false })).await;
    assert_eq!(off.body["enabled"], false, "{}", off.body);
    let tried = post(&world, &ada, &format!("{path}/test"), Value::Null).await;
    assert_eq!(tried.status, StatusCode::ACCEPTED, "{}", tried.body);
    let job = tried.body["id"].as_str().unwrap();
    assert_eq!(world.finish(&ada, job).failure.unwrap().reason.code(), "not_allowed");
    let renewed = post(&world, &ada, &format!("{path}/key"), Value::Null).await;
    assert_ne!(renewed.body["key"], json!(key));
    patch(&world, &ada, &path, json!({ "enabled": true })).await;
    let again = post(&world, &ada, &format!("{path}/deliveries/{job}/replay"), Value::Null).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.body);
    let message = receiver.next();
    assert_eq!(message.header("webhook-signature").split(' ').count(), 2, "the former key counts for a day");
    world.finish(&ada, job);
    let twice = post(&world, &ada, &format!("{path}/deliveries/{job}/replay"), Value::Null).await;
    assert_eq!(twice.code(), "conflict", "{}", twice.body);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_where_they_may_only() {
    // This one trusts nobody's certificate but the receiver's, and calls the public Internet only.
    let receiver = Receiver::answering(&[]);
    let world = World::calling(outbound::Client::new(outbound::Rules::default(), receiver.tls()));
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    world.engine.open();
    let url = format!("https://127.0.0.1:{}/", receiver.port);
    let webhook = post(&world, &ada, "/v1/webhooks", json!({ "title": "Inside", "url": url })).await;
    let path = format!("/v1/webhooks/{}", webhook.body["id"].as_str().unwrap());
    let tried = post(&world, &ada, &format!("{path}/test"), Value::Null).await;
    let job = tried.body["id"].as_str().unwrap();
    world.until(&ada, job, |update| update.reason.is_some());
    let told = get(&world, &ada, &format!("{path}/deliveries")).await.body;
    let why = told["items"][0]["why"].as_str().unwrap();
    assert!(why.contains("cannot be reached") && !why.contains("127"), "{why}");
    assert!(receiver.is_quiet());
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_reports_are_told_to_those_who_may_see_them() {
    let receiver = Receiver::answering(&[]);
    let world = World::calling(receiver.client());
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let mut vera = world.person(&tenant, "vera", Level::Viewer);
    let url = format!("https://127.0.0.1:{}/", receiver.port);
    let webhook = post(&world, &ada, "/v1/webhooks", json!({ "title": "Inbox", "url": url })).await;
    let report = |sql: &str| {
        let chart = json!({ "type": "value", "title": "N", "query": { "sql": sql } });
        json!({ "title": "Weekly", "period": "last_week", "sections": [{ "id": "n", "chart": chart }] })
    };
    for (sql, for_vera) in [("SELECT count(*) AS n FROM projects", 1), ("SELECT count(*) AS n FROM prices", 1)] {
        let made = post(&world, &ada, "/v1/reports", report(sql)).await;
        let path = format!("/v1/reports/{}/schedules", made.body["id"].as_str().unwrap());
        let deliver = json!({ "users": [ada.id.to_string(), vera.id.to_string()], "webhooks": [webhook.body["id"]] });
        let plan = json!({ "cadence": { "daily": { "at": "07:00" } }, "deliver": deliver });
        let plan = post(&world, &ada, &path, plan).await;
        assert_eq!(
            (plan.status, &plan.body["deliver"]["webhooks"]),
            (StatusCode::CREATED, &deliver["webhooks"]),
            "{}",
            plan.body
        );
        let schedule = plan.body["id"].as_str().unwrap();
        world.later(&mut ada, Duration::from_secs(86_400));
        world.engine.open();
        world.services.jobs.wake(tenant.id);
        let job = world.finish(&ada, &job_of(&world, &ada, schedule, None));
        assert_eq!(job.state.kind().to_string(), "done", "{:?}", job.failure);
        let message: Value = serde_json::from_str(&receiver.next().body).unwrap();
        assert_eq!((&message["type"], &message["data"]["title"]), (&json!("report.made"), &json!("Weekly")));
        assert_eq!(message["data"]["id"], json!(job.result.unwrap().to_string()));
        world.later(&mut vera, Duration::ZERO);
        let seen = told(&world, &vera).await;
        assert_eq!(seen, vec!["report.made".to_owned(); for_vera], "{sql}");
        // Nobody any more.
        let off = patch(&world, &ada, &format!("{path}/{schedule}"), json!({ "deliver": {}, "enabled": false })).await;
        let nobody = json!({ "users": [], "webhooks": [], "forms": [], "connectors": [], "each": false });
        assert_eq!(off.body["deliver"], nobody, "{}", off.body);
    }
    assert_eq!(told(&world, &ada).await.len(), 2);
    world.verify(tenant.id);
}
