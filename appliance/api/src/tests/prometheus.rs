//! The door of Prometheus: the same usage, in PromQL.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::Level;
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

const API: &str = "/v1/prometheus/api/v1";

fn event(id: usize, kind: &str, time: &str, quantity: i64, dimensions: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id.to_string(), "source": "crm", "type": kind, "time": time,
        "data": { "quantity": quantity, "unit": "piece", "dimensions": dimensions },
    })
}

/// Eight o'clock is 1800000000.
async fn fill(world: &World, who: &Person) {
    let events = json!([
        event(1, "mails", "2027-01-15T07:00:00Z", 10, &json!({})),
        event(2, "mails", "2027-01-15T07:50:00Z", 4, &json!({ "http.method": "GET" })),
        event(3, "mails", "2027-01-15T07:58:00Z", 2, &json!({ "http.method": "PUT" })),
        event(4, "mails", "2027-01-15T07:59:00Z", -1, &json!({})),
        event(5, "it's \"calls\"", "2027-01-15T07:59:30Z", 7, &json!({})),
    ]);
    let sent = world.send(Some(who), Method::POST, "/v1/usage/events", events).await;
    assert_eq!(sent.body["accepted"], 5, "{}", sent.body);
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn get(world: &World, who: &Person, what: &str, pairs: &[(&str, &str)]) -> Answer {
    world.send(Some(who), Method::GET, &format!("{API}/{what}?{}", encoded(pairs)), Value::Null).await
}

/// What a query comes to now: labels and value of each series.
async fn instant(world: &World, who: &Person, query: &str) -> Value {
    let answer = get(world, who, "query", &[("query", query)]).await;
    assert_eq!(
        (answer.status, &answer.body["status"]),
        (StatusCode::OK, &json!("success")),
        "{query}: {}",
        answer.body
    );
    let result = answer.body["data"]["result"].as_array().unwrap().iter();
    result.map(|series| json!([series["metric"], series["value"][1]])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_in_promql() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    fill(&world, &ada).await;
    let mails = "{meter=\"mails\"}";
    let check = async |query: &str, expected: Value| {
        assert_eq!(instant(&world, &ada, query).await, expected, "{query}");
    };
    let labels = json!({ "__name__": "audiagram_usage_total", "meter": "mails", "unit": "piece", "source": "crm" });
    let found = instant(&world, &ada, &format!("audiagram_usage_total{mails}")).await;
    assert_eq!(found, json!([[labels, "15"]]));
    check(&format!("sum(audiagram_usage_total{mails})"), json!([[{}, "15"]])).await;
    check(&format!("sum(increase(audiagram_usage_total{mails}[15m]))"), json!([[{}, "5"]])).await;
    check(&format!("sum(increase(audiagram_usage_total{mails}[10m]))"), json!([[{}, "1"]])).await;
    check(&format!("sum(rate(audiagram_usage_total{mails}[15m])) * 900"), json!([[{}, "5"]])).await;
    check(&format!("sum(sum_over_time(audiagram_usage{mails}[1h] offset -1s))"), json!([[{}, "5"]])).await;
    check(&format!("sum(count_over_time(audiagram_usage{mails}[2h]))"), json!([[{}, "4"]])).await;
    check(&format!("sum(sum_over_time(audiagram_usage{mails}[2h] offset 5m))"), json!([[{}, "14"]])).await;
    check("sum by (meter) (audiagram_usage_total) > 10", json!([[{ "meter": "mails" }, "15"]])).await;
    let by_method = "sum by (dim_http_method) (audiagram_usage_total{dim_http_method=~\"GET|PUT\"})";
    check(by_method, json!([[{ "dim_http_method": "GET" }, "4"], [{ "dim_http_method": "PUT" }, "2"]])).await;
    check("topk(1, sum by (meter) (audiagram_usage_total))", json!([[{ "meter": "mails" }, "15"]])).await;
    check("sum(audiagram_usage_total{meter=\"it's \\\"calls\\\"\"})", json!([[{}, "7"]])).await;
    check("sum(audiagram_usage_total{meter=~\"ma.\"})", json!([])).await;
    check("sum(audiagram_usage_total{meter!~\"mail.\"})", json!([[{}, "7"]])).await;
    check("up", json!([])).await;

    // What Grafana asks to see whether there is anybody.
    let scalar = get(&world, &ada, "query", &[("query", "1+1"), ("time", "1800000000.5")]).await;
    assert_eq!(scalar.body["data"], json!({ "resultType": "scalar", "result": [1_800_000_000.5, "2"] }));

    let range = [("start", "1799996400"), ("end", "2027-01-15T08:00:00Z"), ("step", "20m")];
    let asked = |query| [&[("query", query)][..], &range[..]].concat();
    let answer =
        get(&world, &ada, "query_range", &asked("sum(increase(audiagram_usage_total{meter=\"mails\"}[20m]))")).await;
    let values = json!([[1_799_996_400, "10"], [1_799_997_600, "0"], [1_799_998_800, "0"], [1_800_000_000, "5"]]);
    assert_eq!(answer.body["data"], json!({ "resultType": "matrix", "result": [{ "metric": {}, "values": values }] }));
    let form = world
        .send_form(
            &ada,
            &format!("{API}/query_range"),
            encoded(&asked("sum(increase(audiagram_usage_total{meter=\"mails\"}[20m]))")),
        )
        .await;
    assert_eq!(form.body, answer.body, "the same as a form");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_series() {
    let world = World::new();
    let (acme, other) = (world.tenant("acme"), world.tenant("other"));
    let ada = world.person(&acme, "ada", Level::Owner);
    let eve = world.person(&other, "eve", Level::Owner);
    fill(&world, &ada).await;
    let labels = get(&world, &ada, "labels", &[]).await;
    let expected =
        ["__name__", "dim_http_method", "job_id", "meter", "project_id", "resource", "source", "unit", "user_id"];
    assert_eq!(labels.body["data"], json!(expected));
    let values = async |who, label: &str, pairs: &[(&str, &str)]| {
        get(&world, who, &format!("label/{label}/values"), pairs).await.body["data"].clone()
    };
    assert_eq!(values(&ada, "meter", &[]).await, json!(["it's \"calls\"", "mails"]));
    assert_eq!(values(&ada, "meter", &[("match[]", "audiagram_usage_total{meter=\"mails\"}")]).await, json!(["mails"]));
    assert_eq!(values(&ada, "dim_http_method", &[("limit", "1")]).await, json!(["GET"]));
    assert_eq!(values(&ada, "__name__", &[]).await, json!(["audiagram_usage_total", "audiagram_usage"]));
    assert_eq!(values(&ada, "a%27b", &[]).await, json!([]));
    assert_eq!(values(&eve, "meter", &[]).await, json!([]));
    let series = get(&world, &ada, "series", &[("match[]", "audiagram_usage{meter=\"mails\"}")]).await;
    let one = json!({ "__name__": "audiagram_usage", "meter": "mails", "unit": "piece", "source": "crm" });
    assert_eq!(series.body["data"], json!([one]));
    assert_eq!(get(&world, &ada, "metadata", &[]).await.body["data"]["audiagram_usage_total"][0]["type"], "counter");
    assert_eq!(get(&world, &ada, "status/buildinfo", &[]).await.body["data"]["version"], "2.42.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_their_form_and_keys_as_passwords() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    fill(&world, &ada).await;
    let range = [("start", "0"), ("end", "1800000000"), ("step", "1")];
    for (what, pairs, status, kind, text) in [
        ("query", vec![], 400, "bad_data", "there is no parameter `query`"),
        ("query", vec![("query", "sum(")], 400, "bad_data", "the end of the query"),
        ("query", vec![("query", "1"), ("time", "soon")], 400, "bad_data", "the parameter `time`"),
        ("query", vec![("query", "sum(audiagram_usage_total{meter=~\"(\"})")], 422, "execution", "regex"),
        ("query_range", [&[("query", "1")][..], &range[..]].concat(), 400, "bad_data", "maximum resolution of 11000"),
        ("series", vec![], 400, "bad_data", "match[]"),
        ("series", vec![("match[]", "sum(a)")], 400, "bad_data", "must be a selector"),
        ("labels", vec![("limit", "x")], 400, "bad_data", "`limit`"),
    ] {
        let answer = get(&world, &ada, what, &pairs).await;
        assert_eq!((answer.status.as_u16(), &answer.body["status"]), (status, &json!("error")), "{}", answer.body);
        assert_eq!(answer.body["errorType"], kind, "{}", answer.body);
        assert!(answer.body["error"].as_str().unwrap().contains(text), "{}", answer.body);
    }
    // Whoever may not ask gets no answer in any form.
    let viewer = world.person(&tenant, "vera", Level::Viewer);
    assert_eq!(get(&world, &viewer, "query", &[("query", "1")]).await.code(), "denied");

    let key = json!({ "name": "Grafana", "permissions": ["query:run"], "expires": "2027-03-01T00:00:00Z" });
    let key = world.send(Some(&ada), Method::POST, "/v1/me/api-keys", key).await;
    let secret = key.body["secret"].as_str().unwrap();
    let path = format!("{API}/query?query=sum(audiagram_usage_total)");
    let ask =
        async |shown: &str| world.send_with(None, Method::GET, &path, Value::Null, &[("authorization", shown)]).await;
    for shown in [format!("Bearer {secret}"), format!("Basic {}", STANDARD.encode(format!("anyone:{secret}")))] {
        assert_eq!(ask(&shown).await.body["data"]["result"][0]["value"][1], "22", "{shown}");
    }
    let wrong = STANDARD.encode(format!("anyone:{}", secret.replace("agm_live_", "agm_live_7")));
    for shown in [format!("Basic {wrong}"), "Basic anyone".to_owned(), "Basic YTpi".to_owned()] {
        assert_eq!(ask(&shown).await.code(), "unauthenticated", "{shown}");
    }
    let id = key.body["id"].as_str().unwrap();
    world.send(Some(&ada), Method::DELETE, &format!("/v1/me/api-keys/{id}"), Value::Null).await;
    assert_eq!(ask(&format!("Basic {}", STANDARD.encode(format!("a:{secret}")))).await.code(), "unauthenticated");

    // Over time: what is late is where it was used.
    world.pass(Duration::from_secs(60));
    let rows = world.rows(tenant.id);
    get(&world, &ada, "query", &[("query", "sum(audiagram_usage_total)")]).await;
    assert_eq!(world.rows(tenant.id), rows + 1, "a question is in the trail, as at the other doors");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_for_grafana_asks_what_is_understood() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    fill(&world, &ada).await;
    let board: Value = serde_json::from_str(include_str!("../../../../assets/reports/grafana/usage.json")).unwrap();
    let mut asked = 0;
    for target in board["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap()) {
        // As Grafana puts values in the place of names.
        let mut query = target["expr"].as_str().unwrap().to_owned();
        for (name, value) in [("$__range", "7d"), ("$__interval", "10m"), ("$meter", ".*"), ("$project", ".*")] {
            query = query.replace(name, value);
        }
        let range = [("query", query.as_str()), ("start", "1799395200"), ("end", "1800000000"), ("step", "600")];
        let answer = get(&world, &ada, "query_range", &range).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        asked += 1;
    }
    assert!(asked >= 10, "{asked}");
    for variable in board["templating"]["list"].as_array().unwrap().iter().skip(1) {
        let query = variable["query"]["query"].as_str().unwrap();
        let label =
            query.strip_prefix("label_values(audiagram_usage_total, ").and_then(|rest| rest.strip_suffix(')')).unwrap();
        let values = get(&world, &ada, &format!("label/{label}/values"), &[("match[]", "audiagram_usage_total")]).await;
        assert_eq!(values.status, StatusCode::OK);
    }
}
