//! The dashboard for Grafana's own connector to PostgreSQL asks what the engine understands.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::{
    dashboards::work,
    world::{Answer, Person, World},
};

async fn ask(world: &World, who: &Person, sql: &str) -> Answer {
    let answer = world.send(Some(who), Method::POST, "/v1/query", json!({ "sql": sql })).await;
    assert_eq!(answer.status, StatusCode::OK, "{sql}: {}", answer.body);
    answer
}

/// As Grafana writes its macros for PostgreSQL, and its variables with `sqlstring`.
fn written(sql: &str, projects: &str) -> String {
    let mut out = sql.replace("${project:sqlstring}", projects);
    for (name, form) in [
        ("$__timeFilter(", "{} BETWEEN '2026-12-16T08:00:00Z' AND '2027-01-16T08:00:00Z'"),
        ("$__timeGroupAlias(", "floor(extract(epoch from {})/3600)*3600 AS \"time\""),
    ] {
        while let Some(begin) = out.find(name) {
            let end = begin + out[begin..].find(')').unwrap();
            let column = out[begin + name.len()..end].split(',').next().unwrap().to_owned();
            out.replace_range(begin..=end, &form.replace("{}", &column));
        }
    }
    assert!(!out.contains('$'), "{out}");
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_for_postgresql_asks_what_is_understood() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    let rates = ["audiagram.speech", "audiagram.video", "audiagram.calls"];
    let rates: Vec<Value> =
        rates.iter().map(|meter| json!({ "meter": meter, "price_micros": 10_000, "block": 1 })).collect();
    let card = json!({ "from": "2026-12-01T00:00:00Z", "currency": "EUR", "rates": rates });
    assert!(world.send(Some(&ada), Method::POST, "/v1/rate-cards", card).await.status.is_success());
    work(&world, &ada).await;
    let board: Value = serde_json::from_str(include_str!("../../../../assets/reports/grafana/cost.json")).unwrap();
    let projects = board["templating"]["list"][1]["query"].as_str().unwrap();
    let found = ask(&world, &ada, projects).await;
    let project = format!("'{}'", found.body["rows"][0][1].as_str().unwrap());
    let mut asked = 0;
    for panel in board["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let sql = target["rawSql"].as_str().unwrap();
            // All of them as the dashboard has it, one, and one that nobody has.
            for (chosen, some) in [("'*'", true), (project.as_str(), true), ("'prj_1','o''brien'", false)] {
                let answer = ask(&world, &ada, &written(sql, chosen)).await;
                let rows = answer.body["rows"].as_array().unwrap();
                let value = |row: &Value| row.as_array().unwrap().iter().any(|cell| !cell.is_null() && *cell != 0);
                let drawn = rows.iter().any(value);
                assert!(
                    drawn == some || panel["title"] == "Jobs that wait",
                    "{}: {chosen}: {}",
                    panel["title"],
                    answer.body
                );
                if target["format"] == "time_series" {
                    let columns = answer.body["columns"].as_array().unwrap();
                    assert_eq!((&columns[0]["name"], &columns[1]["name"]), (&json!("time"), &json!("metric")));
                }
                asked += 1;
            }
        }
    }
    assert!(asked >= 30, "{asked}");
}
