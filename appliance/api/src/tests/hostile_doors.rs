//! The hostile statements by the other doors: as filters of OData, queries of Prometheus, charts, sections of reports, questions of
//! alerts and names of tables. Nothing of the other tenant comes back by any of them.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use library::alert::Alert;
use model::Level;
use serde_json::{Value, json};
use store::Read as _;

use super::{
    reports::{event, job_of},
    world::{Answer, Person, World},
};

/// The engine's own test asks these of two tenants.
const CORPUS: &str = include_str!("../../../../analytics/tests/it/hostile.sql");
/// Stands in all that the other tenant has.
const CANARY: &str = "kanarienvogel";
const SUM: i64 = 4_242_424_242;

/// Somebody who asks, and another tenant whose answers are none of their business.
struct Doors {
    world: World,
    ada: Person,
    eve: Person,
    statements: Vec<String>,
    rows: u64,
}

impl Doors {
    async fn new() -> Self {
        let world = World::new();
        let (acme, other) = (world.tenant("acme"), world.tenant("other"));
        let (ada, eve) = (world.person(&acme, "ada", Level::Owner), world.person(&other, "eve", Level::Owner));
        world.send(Some(&eve), Method::POST, "/v1/projects", json!({ "title": CANARY })).await;
        let theirs = event(CANARY, CANARY, SUM, "2027-01-14T10:00:00Z");
        let sent = world.send(Some(&eve), Method::POST, "/v1/usage/events", theirs).await;
        assert_eq!(sent.body["accepted"], 1, "{}", sent.body);
        let own = event("1", "mails", 1, "2027-01-14T10:00:00Z");
        world.send(Some(&ada), Method::POST, "/v1/usage/events", own).await;
        let lines = CORPUS.lines().filter(|line| !line.starts_with("-- ") && !line.is_empty());
        let file = "0".repeat(64);
        let statement = |line: &str| line.replace("{other}", &other.id.to_string()).replace("{file}", &file);
        let statements: Vec<String> = lines.map(statement).collect();
        assert!(statements.len() >= 200, "{}", statements.len());
        let rows = world.rows(other.id);
        Doors { world, ada, eve, statements, rows }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        self.world.send(Some(&self.ada), method, path, body).await
    }

    async fn get(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.send(Method::GET, &format!("{path}?{query}"), Value::Null).await
    }

    /// Nothing of the other's in an answer, whatever it is, and no fault of the appliance's own.
    #[track_caller]
    fn clean(what: &str, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.bytes);
        assert!(!text.contains(CANARY) && !text.contains(&SUM.to_string()), "{what}: {text}");
        for private in ["root:x:0", "/home/", "/root/", ".cargo"] {
            assert!(!text.contains(private) || what.contains(private), "{what}: {text}");
        }
        assert!(answer.status.as_u16() < 500, "{what}: {text}");
    }

    /// Nothing reached the other's file, and what they ask is answered as before.
    async fn end(self) {
        assert_eq!(self.world.rows(self.eve.tenant), self.rows, "nothing reached the other tenant's file");
        let body = json!({ "sql": "SELECT sum(quantity) FROM usage WHERE meter = 'kanarienvogel'" });
        let theirs = self.world.send(Some(&self.eve), Method::POST, "/v1/query", body).await;
        assert_eq!(theirs.body["rows"], json!([[SUM]]), "{}", theirs.body);
        self.world.verify(self.ada.tenant);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_as_options_of_odata() {
    let doors = Doors::new().await;
    for sql in &doors.statements {
        let filter = format!("contains(meter,'{}')", sql.replace('\'', "''"));
        let grouped = format!("filter({sql})/groupby((meter),aggregate(quantity with sum as total))");
        let closed = format!("meter eq 'x' or 1 eq 1) UNION {sql} --");
        for (option, value) in [
            ("$filter", sql.as_str()),
            ("$filter", &filter),
            ("$filter", &closed),
            ("$apply", sql),
            ("$apply", &grouped),
            ("$orderby", sql),
            ("$select", sql),
        ] {
            let answer = doors.get("/v1/odata/usage", &[(option, value)]).await;
            Doors::clean(&format!("{option}={value}"), &answer);
        }
    }
    for name in ["usage;DROP", "../usage", "information_schema.tables", CANARY] {
        let path = format!("/v1/odata/{}", form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>());
        let answer = doors.get(&path, &[]).await;
        assert!(answer.status.is_client_error(), "{name}: {}", answer.body);
    }
    doors.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_in_promql() {
    let doors = Doors::new().await;
    let now = "1800000000";
    for sql in &doors.statements {
        let quoted = sql.replace('\\', "\\\\").replace('"', "\\\"");
        let label = format!("{{meter=\"{quoted}\"}}");
        let shape = format!("sum by (meter) ({{meter=~\".*\",source!=\"{quoted}\"}}[1h])");
        for query in [sql.as_str(), &label, &shape] {
            Doors::clean(query, &doors.get("/v1/prometheus/api/v1/query", &[("query", query), ("time", now)]).await);
        }
        let range = [("query", label.as_str()), ("start", "1799990000"), ("end", now), ("step", "60")];
        Doors::clean(sql, &doors.get("/v1/prometheus/api/v1/query_range", &range).await);
        Doors::clean(sql, &doors.get("/v1/prometheus/api/v1/series", &[("match[]", &label)]).await);
    }
    doors.end().await;
}

fn chart(sql: &str) -> Value {
    json!({ "type": "table", "title": "x", "query": { "sql": sql } })
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_as_charts() {
    let doors = Doors::new().await;
    let mut drawn = 0;
    for sql in &doors.statements {
        let answer = doors.send(Method::POST, "/v1/charts", json!({ "chart": chart(sql), "range": "30d" })).await;
        drawn += usize::from(answer.status == StatusCode::OK);
        Doors::clean(sql, &answer);
        // As a value that is chosen, and as the names that a chart is put together of.
        let chosen = chart("SELECT meter, quantity FROM usage WHERE ($meter IS NULL OR meter = $meter)");
        let body = json!({ "chart": chosen, "range": "30d", "variables": { "meter": sql } });
        Doors::clean(sql, &doors.send(Method::POST, "/v1/charts", body).await);
        let pick =
            json!({ "table": sql, "measures": [{ "aggregate": "sum", "column": sql }], "by": { "column": sql } });
        let body = json!({ "chart": { "type": "table", "title": "x", "query": { "pick": pick } }, "range": "30d" });
        Doors::clean(sql, &doors.send(Method::POST, "/v1/charts", body).await);
    }
    assert!(drawn > 40, "{drawn}");
    doors.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_as_sections_of_reports() {
    let doors = Doors::new().await;
    let mut parts = 0;
    for (number, some) in doors.statements.chunks(20).enumerate() {
        let section = |(at, sql): (usize, &String)| json!({ "id": format!("s{at}"), "chart": chart(sql) });
        let one =
            |sections: Vec<Value>| json!({ "title": "x", "period": "last_week", "zone": "UTC", "sections": sections });
        let all: Vec<Value> = some.iter().enumerate().map(section).collect();
        let made = doors.send(Method::POST, "/v1/reports", one(all.clone())).await;
        Doors::clean("a report", &made);
        // What names a variable that reports do not have is refused as a whole, so it is sent by itself.
        let reports = if made.status == StatusCode::CREATED {
            vec![made]
        } else {
            let mut made = Vec::new();
            for section in all {
                made.push(doors.send(Method::POST, "/v1/reports", one(vec![section])).await);
            }
            made
        };
        for made in reports {
            Doors::clean("a report", &made);
            let Some(id) = made.body["id"].as_str() else { continue };
            let run = doors.send(Method::POST, &format!("/v1/reports/{id}/runs"), Value::Null).await;
            Doors::clean("a run", &run);
            let run = run.body["id"].as_str().unwrap_or_else(|| panic!("{number}: {}", run.body)).to_owned();
            for form in ["json", "html"] {
                let file = doors.get(&format!("/v1/report-runs/{run}/file"), &[("form", form)]).await;
                Doors::clean(form, &file);
                assert_eq!(file.status, StatusCode::OK, "{}", file.body);
                parts += if form == "json" { file.body["sections"].as_array().unwrap().len() } else { 0 };
            }
        }
    }
    assert!(parts > 150, "{parts}");
    doors.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_as_questions_of_alerts() {
    let mut doors = Doors::new().await;
    let mut made = Vec::new();
    // As many as a tenant may have.
    for sql in doors.statements.iter().step_by(4) {
        let alert = json!({ "title": "x", "question": { "sql": sql }, "rule": { "threshold": { "side": "above", "bound": 0 } } });
        let answer = doors
            .send(
                Method::POST,
                "/v1/alerts",
                json!({ "alert": alert, "deliver": { "users": [doors.ada.id.to_string()] } }),
            )
            .await;
        Doors::clean(sql, &answer);
        made.extend(answer.body["id"].as_str().map(str::to_owned));
    }
    assert!(made.len() > 40, "{}", made.len());
    doors.world.engine.open();
    doors.world.later(&mut doors.ada, Duration::from_mins(10));
    doors.world.services.jobs.wake(doors.ada.tenant);
    let file = doors.world.services.store.tenant(doors.ada.tenant).unwrap();
    for id in &made {
        let alert = file.read().unwrap().get::<Alert>(&id.parse().unwrap()).unwrap().unwrap();
        doors.world.finish(&doors.ada, &job_of(&doors.world, &doors.ada, &alert.schedule.to_string(), None));
        Doors::clean(id, &doors.send(Method::GET, &format!("/v1/alerts/{id}"), Value::Null).await);
    }
    drop(file);
    Doors::clean("what was told", &doors.get("/v1/notifications", &[]).await);
    doors.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_statements_as_tables_to_be_exported() {
    let doors = Doors::new().await;
    let place = json!({ "title": "Lake", "place": { "folder": { "path": "bi" } } });
    let connector = doors.send(Method::POST, "/v1/connectors", place).await.body["id"].clone();
    for sql in &doors.statements {
        let inside = format!("usage; {sql}");
        for order in [
            json!({ "table": sql, "connector": connector }),
            json!({ "table": inside, "connector": connector }),
            json!({ "table": "usage", "connector": connector, "by": sql }),
        ] {
            let answer = doors.send(Method::POST, "/v1/table-exports", order.clone()).await;
            Doors::clean(sql, &answer);
            assert!(answer.status.is_client_error(), "{order}: {}", answer.body);
        }
    }
    doors.end().await;
}
