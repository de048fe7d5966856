//! Dashboards over the API: documents, versions, and what their charts show to whom.

use axum::http::{Method, StatusCode};
use jobs::{Reason, StateKind};
use library::dashboard::{BUILT_IN, BuiltIn};
use metering::Meter;
use model::{Level, SystemTask};
use serde_json::{Value, json};
use store::{EventDraft, WriteError};

use super::{
    engine::Act,
    world::{Answer, Person, World},
};

const ANY: &[(&str, &str)] = &[("if-match", "*")];

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

fn event(id: &str, meter: &str, quantity: i64, at: &str) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "crm", "type": meter, "time": at, "data": { "quantity": quantity } })
}

fn board(sql: &str) -> Value {
    json!({
        "title": "Mails", "range": "7d",
        "tiles": [{ "id": "mails", "x": 0, "y": 0, "w": 6, "h": 4, "chart": { "type": "stacked_bar", "title": "Mails", "query": { "sql": sql } },
                    "select": { "column": "meter", "variable": "meter" } }],
        "variables": [{ "name": "meter", "title": "Meter", "query": "SELECT DISTINCT meter FROM usage ORDER BY meter" }],
        "words": { "de": { "Mails": "Briefe", "mails": "Briefe" } },
    })
}

const BY_DAY: &str = "SELECT date_trunc($bucket, at) AS day, meter, sum(quantity) AS n FROM usage \
                      WHERE at >= $from AND at < $to AND ($meter IS NULL OR meter = $meter) GROUP BY 1, 2 ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_shows_what_was_used() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    // The clock of tests stands at 15 January 2027, 08:00.
    let events = json!([
        event("1", "mails", 5, "2027-01-14T10:00:00Z"),
        event("2", "mails", 7, "2027-01-14T23:00:00Z"),
        event("3", "calls", 3, "2027-01-13T00:00:00Z"),
        event("4", "mails", 90, "2026-12-20T00:00:00Z"),
    ]);
    let sent = world.send(Some(&ada), Method::POST, "/v1/usage/events", events).await;
    assert_eq!(sent.body["accepted"], 4, "{}", sent.body);
    let made = world.send(Some(&ada), Method::POST, "/v1/dashboards", board(BY_DAY)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let path = format!("/v1/dashboards/{}", made.body["id"].as_str().unwrap());

    let shown = get(&world, &ada, &format!("{path}/tiles/mails")).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert_eq!(shown.body["bucket"], "day");
    assert_eq!(shown.body["from"], "2027-01-09T00:00:00Z");
    assert_eq!(
        shown.body["table"]["rows"],
        json!([["2027-01-13T00:00:00Z", "calls", 3], ["2027-01-14T00:00:00Z", "mails", 12]])
    );
    let series = shown.body["option"]["series"].as_array().unwrap();
    assert_eq!(series[0]["name"], "mails");
    assert_eq!(series[0]["data"], json!([["2027-01-13T00:00:00Z", 0], ["2027-01-14T00:00:00Z", 12]]));
    assert_eq!(shown.body["summary"]["most"]["value"], 12.0);

    // A choice, a longer time, and another language.
    let chosen = "range=90d&variables=%7B%22meter%22%3A%22mails%22%7D&language=de";
    let chosen = get(&world, &ada, &format!("{path}/tiles/mails?{chosen}")).await;
    assert_eq!(
        chosen.body["table"]["rows"],
        json!([["2026-12-20T00:00:00Z", "Briefe", 90], ["2027-01-14T00:00:00Z", "Briefe", 12]])
    );
    let choices = get(&world, &ada, &format!("{path}/variables/meter?language=de")).await;
    let choices: Vec<_> =
        choices.body["choices"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(choices, ["calls", "Briefe"]);
    // What is chosen is never read as SQL.
    let hostile = "variables=%7B%22meter%22%3A%22x%27%20OR%201%3D1%20--%22%7D";
    let hostile = get(&world, &ada, &format!("{path}/tiles/mails?{hostile}")).await;
    assert_eq!(hostile.body["table"]["rows"], json!([]), "{}", hostile.body);

    for (query, code) in [("range=7x", "invalid"), ("variables=%5B1%5D", "invalid"), ("colour=red", "invalid")] {
        assert_eq!(get(&world, &ada, &format!("{path}/tiles/mails?{query}")).await.code(), code, "{query}");
    }
    assert_eq!(get(&world, &ada, &format!("{path}/tiles/nothing")).await.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_in_sql_sees_charts_with_what_they_may_see() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let (ada, vera) = (world.person(&tenant, "ada", Level::Owner), world.person(&tenant, "vera", Level::Viewer));
    world.send(Some(&ada), Method::POST, "/v1/usage/events", event("1", "mails", 5, "2027-01-14T10:00:00Z")).await;
    let make = async |sql: &str| {
        let made = world.send(Some(&ada), Method::POST, "/v1/dashboards", board(sql)).await;
        format!("/v1/dashboards/{}", made.body["id"].as_str().unwrap())
    };
    let usage = make(BY_DAY).await;
    let rows = world.rows(tenant.id);
    let shown = get(&world, &vera, &format!("{usage}/tiles/mails")).await;
    assert_eq!(shown.body["summary"]["sum"], 5.0, "{}", shown.body);
    assert_eq!(world.rows(tenant.id), rows, "to look is no event");
    // Costs and the trail are for others; the chart says which permission it would take.
    for (sql, needs) in [
        ("SELECT 'a' AS a, sum(amount_micros) AS n FROM charges WHERE period_start < $to", "cost:read"),
        ("SELECT action, count(*) AS n FROM audit GROUP BY 1", "audit:read"),
    ] {
        let path = make(sql).await;
        let refused = get(&world, &vera, &format!("{path}/tiles/mails")).await;
        assert_eq!(refused.code(), "denied", "{}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains(needs), "{}", refused.body);
        assert_eq!(get(&world, &ada, &format!("{path}/tiles/mails")).await.status, StatusCode::OK);
    }
    // No chart of their own making, and no change of others'.
    let draft = json!({ "chart": board(BY_DAY)["tiles"][0]["chart"], "range": "7d", "variables": { "meter": null } });
    let drawn = world.send(Some(&ada), Method::POST, "/v1/charts", draft.clone()).await;
    assert_eq!(drawn.body["summary"]["sum"], 5.0, "{}", drawn.body);
    assert_eq!(world.send(Some(&vera), Method::POST, "/v1/charts", draft).await.code(), "denied");
    let change = json!({ "board": board("SELECT 1") });
    assert_eq!(world.send_with(Some(&vera), Method::PATCH, &usage, change, ANY).await.code(), "denied");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_have_versions() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let made = world.send(Some(&ada), Method::POST, "/v1/dashboards", board(BY_DAY)).await;
    let path = format!("/v1/dashboards/{}", made.body["id"].as_str().unwrap());
    let mut other = board(BY_DAY);
    other["title"] = json!("Post");
    let tag = [("if-match", "\"1\"")];
    let body = json!({ "board": other });
    let changed = world.send_with(Some(&ada), Method::PATCH, &path, body.clone(), &tag).await;
    assert_eq!((changed.body["version"].as_u64(), changed.etag().as_str()), (Some(2), "\"2\""), "{}", changed.body);
    assert_eq!(world.send_with(Some(&ada), Method::PATCH, &path, body, &tag).await.code(), "version_mismatch");
    let old = get(&world, &ada, &format!("{path}?version=1")).await;
    assert_eq!(old.body["board"], made.body["board"]);
    let back =
        world.send_with(Some(&ada), Method::POST, &format!("{path}/restore"), json!({ "version": 1 }), ANY).await;
    assert_eq!((back.body["version"].as_u64(), &back.body["board"]), (Some(3), &made.body["board"]), "{}", back.body);
    let versions = get(&world, &ada, &format!("{path}/versions")).await;
    let numbers: Vec<_> =
        versions.body["items"].as_array().unwrap().iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!((numbers, versions.body["items"][0]["restored"].as_u64()), (vec![3, 2, 1], Some(1)));
    let gone = json!({ "version": 9 });
    assert_eq!(
        world.send_with(Some(&ada), Method::POST, &format!("{path}/restore"), gone, ANY).await.code(),
        "invalid"
    );
    // Out and in again is the same document.
    let again = world.send(Some(&ada), Method::POST, "/v1/dashboards", back.body["board"].clone()).await;
    assert_eq!(again.body["board"], back.body["board"]);
    for (wrong, at) in [
        (json!({ "title": "" }), "/title"),
        (json!({ "title": "x", "range": "soon" }), "/range"),
        (json!({ "title": "x", "tiles": [board("SELECT $nobody")["tiles"][0]] }), "/tiles/0/chart/query/sql"),
    ] {
        let refused = world.send(Some(&ada), Method::POST, "/v1/dashboards", wrong).await;
        assert_eq!(
            (refused.code(), refused.body["errors"][0]["at"].as_str()),
            ("invalid", Some(at)),
            "{}",
            refused.body
        );
    }
    let removed = world.send_with(Some(&ada), Method::DELETE, &path, Value::Null, ANY).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(get(&world, &ada, &path).await.code(), "not_found");
    world.verify(tenant.id);
}

/// Something of everything that a workspace does: videos made and shared, words corrected, work that waits, fails and is refused,
/// and what meters count.
pub(super) async fn work(world: &World, ada: &Person) {
    world.engine.open();
    let project = world.send(Some(ada), Method::POST, "/v1/projects", json!({ "title": "Orders" })).await;
    let project = project.body["id"].as_str().unwrap().to_owned();
    let recording = world.upload(ada, &project, "talk.m4a", b"some bytes").await;
    let order = async |recording: &str| {
        let path = format!("/v1/recordings/{recording}/videos");
        let ordered = world.send(Some(ada), Method::POST, &path, json!({})).await;
        assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
        ordered.body["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(world.finish(ada, &order(&recording).await).state.kind(), StateKind::Done);
    let videos = get(world, ada, "/v1/videos").await;
    let links = format!("/v1/subjects/{}/view-links", videos.body["items"][0]["id"].as_str().unwrap());
    assert!(world.send(Some(ada), Method::POST, &links, json!({})).await.status.is_success());
    let heard = get(world, ada, &format!("/v1/transcripts?recording={recording}")).await;
    let transcript = format!("/v1/transcripts/{}", heard.body["items"][0]["id"].as_str().unwrap());
    let right = json!({ "words": [{ "word": 0, "text": "Orders" }] });
    let corrected = world.send_with(Some(ada), Method::PATCH, &transcript, right, ANY).await;
    assert_eq!(corrected.status, StatusCode::OK, "{}", corrected.body);
    world.engine.next(&[Act::Fail(Reason::BadInput)]);
    assert_eq!(world.finish(ada, &order(&recording).await).state.kind(), StateKind::Failed);
    world.made_of(ada, &world.upload(ada, &project, "other.m4a", b"other bytes").await);
    let vera = world.person(&world.tenant_of(ada), "vera", Level::Viewer);
    assert_eq!(
        world.send(Some(&vera), Method::POST, "/v1/projects", json!({ "title": "Mine" })).await.code(),
        "denied"
    );
    let meters = [Meter::Calls, Meter::Egress, Meter::Deliveries];
    let db = world.services.store.tenant(ada.tenant).unwrap();
    let event = EventDraft::system(SystemTask::Metering, ada.tenant.erase());
    db.write::<_, WriteError>(event, |tx| {
        let now = tx.now();
        metering::record(tx, meters.map(|meter| metering::Event::own(meter, meter.name(), 7, now)).to_vec())
    })
    .unwrap();
}

/// Every chart that comes with the appliance can be asked and drawn, with something in every table it can have and with nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_built_in_can_be_drawn() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let listed = get(&world, &ada, "/v1/dashboards/built-in?language=de").await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), BUILT_IN.len());
    assert_eq!(listed.body["items"][0]["title"], "Nutzung");
    let rate = json!({ "meter": "mails", "price_micros": 10_000, "block": 1 });
    let card = json!({ "from": "2027-01-01T00:00:00Z", "currency": "EUR", "rates": [rate] });
    for filled in [false, true] {
        if filled {
            work(&world, &ada).await;
            world
                .send(Some(&ada), Method::POST, "/v1/usage/events", event("1", "mails", 5, "2027-01-14T10:00:00Z"))
                .await;
            let sent = world.send(Some(&ada), Method::POST, "/v1/rate-cards", card.clone()).await;
            assert!(sent.status.is_success(), "{}", sent.body);
        }
        for built_in in BUILT_IN {
            let path = format!("/v1/dashboards/{}", built_in.name);
            let read = get(&world, &ada, &path).await;
            assert_eq!(read.body["built_in"], true, "{}", read.body);
            for tile in built_in.board().tiles {
                for range in ["24h", "12m"] {
                    let shown = get(&world, &ada, &format!("{path}/tiles/{}?range={range}&language=ja", tile.id)).await;
                    assert_eq!(shown.status, StatusCode::OK, "{} {}: {}", built_in.name, tile.id, shown.body);
                    let rows = shown.body["table"]["rows"].as_array().unwrap();
                    let drawn = !rows.is_empty()
                        && rows.iter().filter_map(Value::as_array).flatten().any(|cell| !cell.is_null());
                    // Nothing waits for long here.
                    let may_be_empty = !filled || tile.id == "waits";
                    assert!(drawn || may_be_empty, "{} {} shows nothing of {range}", built_in.name, tile.id);
                }
            }
            for variable in built_in.board().variables {
                let choices = get(&world, &ada, &format!("{path}/variables/{}", variable.name)).await;
                assert_eq!(choices.status, StatusCode::OK, "{}", choices.body);
            }
            let change = json!({ "board": built_in.board() });
            let changed = world.send_with(Some(&ada), Method::PATCH, &path, change, ANY).await;
            assert_eq!(changed.code(), "not_found", "what is built in is changed by nobody");
        }
    }
    let cost = get(&world, &ada, "/v1/dashboards/cost/tiles/total?range=30d").await;
    assert_eq!(
        (&cost.body["single"]["value"], &cost.body["currency"]),
        (&json!(50_000.0), &json!("EUR")),
        "{}",
        cost.body
    );
}

/// What is chosen in a built-in dashboard is something that the place it leads to knows, in whatever language it is read.
#[tokio::test(flavor = "multi_thread")]
async fn what_built_in_charts_lead_to_knows_what_was_chosen() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let rate = json!({ "meter": "audiagram.speech", "price_micros": 10_000, "block": 1 });
    let card = json!({ "from": "2027-01-01T00:00:00Z", "currency": "EUR", "rates": [rate] });
    assert!(world.send(Some(&ada), Method::POST, "/v1/rate-cards", card).await.status.is_success());
    work(&world, &ada).await;
    let mut led = 0;
    for built_in in BUILT_IN {
        for tile in built_in.board().tiles {
            let Some(column) = tile.chosen_by() else { continue };
            let (there, variable) = match (&tile.select, &tile.link) {
                (Some(select), _) => (built_in.name, select.variable.clone()),
                (None, Some(link)) => (link.dashboard.as_str(), link.variable.clone().unwrap()),
                (None, None) => continue,
            };
            let here = format!("{} {}", built_in.name, tile.id);
            let target = BuiltIn::find(there).unwrap().board();
            let asks = format!("${variable}");
            let followers: Vec<_> = target
                .tiles
                .iter()
                .filter(|tile| matches!(&tile.chart.query, charts::Query::Sql(sql) if sql.contains(&asks)))
                .collect();
            assert!(target.variables.iter().any(|own| own.name == variable) && !followers.is_empty(), "{here}: {asks}");
            let mut said = Vec::new();
            for language in ["en", "de", "ar"] {
                let path = format!("/v1/dashboards/{}/tiles/{}?range=30d&language={language}", built_in.name, tile.id);
                let shown = get(&world, &ada, &path).await;
                let leads = &shown.body["leads"];
                let rows = leads["rows"].as_array().unwrap_or_else(|| panic!("{here}: {}", shown.body));
                assert_eq!(rows.len(), shown.body["table"]["rows"].as_array().unwrap().len(), "{here}");
                let parts = leads["parts"].as_array().unwrap();
                assert!(!parts.is_empty(), "{here} has no part that means one {column}: {}", shown.body);
                // Each part is called as it is drawn, and a row of the table means the same.
                let drawn = shown.body["option"].to_string();
                for part in parts {
                    assert!(rows.contains(&part["value"]), "{here}: {part}");
                    for name in part["of"].as_array().unwrap() {
                        assert!(drawn.contains(&name.to_string()), "{here} {language}: {name} is not in {drawn}");
                    }
                }
                said.push(rows.clone());
            }
            assert!(
                said.iter().all(|rows| *rows == said[0]),
                "{here} means something else in another language: {said:?}"
            );
            let mut values: Vec<&str> = said[0].iter().filter_map(Value::as_str).collect();
            values.sort_unstable();
            values.dedup();
            for value in values {
                let chosen = json!({ &variable: value }).to_string();
                let chosen: String = form_urlencoded::byte_serialize(chosen.as_bytes()).collect();
                let mut rows = 0;
                for tile in &followers {
                    let path = format!("/v1/dashboards/{there}/tiles/{}?range=30d&variables={chosen}", tile.id);
                    let shown = get(&world, &ada, &path).await;
                    assert_eq!(shown.status, StatusCode::OK, "{here}: {}", shown.body);
                    rows += shown.body["table"]["rows"].as_array().unwrap().len();
                }
                assert!(rows > 0, "{here} leads to {there} with {variable}={value}, of which nothing there knows");
                led += 1;
            }
        }
    }
    assert!(led >= 12, "{led}");
}
