//! The door of OData: the caller's tables, in pages.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

async fn get(world: &World, who: &Person, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    world.send(Some(who), Method::GET, &format!("/v1/odata{path}?{query}"), Value::Null).await
}

async fn value(world: &World, who: &Person, path: &str, pairs: &[(&str, &str)]) -> Value {
    let answer = get(world, who, path, pairs).await;
    assert_eq!(answer.status, StatusCode::OK, "{path} {pairs:?}: {}", answer.body);
    answer.body["value"].clone()
}

async fn fill(world: &World, who: &Person, events: usize) {
    let event = |n: usize| {
        json!({
            "specversion": "1.0", "id": n.to_string(), "source": "crm", "type": if n.is_multiple_of(3) { "calls" } else { "mails" },
            "time": "2027-01-15T07:00:00Z", "data": { "quantity": n, "dimensions": { "land": "DE" } },
        })
    };
    let events: Vec<Value> = (0..events).map(event).collect();
    let sent = world.send(Some(who), Method::POST, "/v1/usage/events", Value::Array(events)).await;
    assert_eq!(sent.body["rejected"], 0, "{}", sent.body);
}

/// As a spreadsheet filters by a list of values.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_is_answered() {
    let world = World::new();
    let ada = world.person(&world.tenant("acme"), "ada", Level::Owner);
    fill(&world, &ada, 10).await;
    let chain = (0..150).map(|n| format!("quantity eq {}", n * 3)).collect::<Vec<_>>().join(" or ");
    let filter = format!("({chain}) and meter eq 'calls' and source eq 'crm'");
    let found = value(&world, &ada, "/usage", &[("$filter", &filter), ("$select", "quantity")]).await;
    assert_eq!(found.as_array().unwrap().len(), 4, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_as_entity_sets() {
    let world = World::new();
    let acme = world.tenant("acme");
    let ada = world.person(&acme, "ada", Level::Owner);
    let eve = world.person(&world.tenant("other"), "eve", Level::Owner);
    fill(&world, &ada, 10).await;
    world.send(Some(&ada), Method::POST, "/v1/projects", json!({ "title": "O'Brien \"x\" <y>" })).await;
    let names = |value: Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = [
        "usage",
        "projects",
        "recordings",
        "transcripts",
        "videos",
        "jobs",
        "users",
        "audit",
        "prices",
        "charges",
        "cost_focus",
        "cost_focus_1_2",
    ];
    assert_eq!(names(value(&world, &ada, "", &[]).await), all);
    // A manager may not see the trail.
    let bob = world.person(&acme, "bob", Level::Manager);
    assert!(!names(value(&world, &bob, "", &[]).await).contains(&"audit".to_owned()));
    let schema = get(&world, &ada, "/$metadata", &[]).await;
    assert_eq!(
        (&schema.headers["content-type"], &schema.headers["odata-version"]),
        (&"application/xml".parse().unwrap(), &"4.0".parse().unwrap())
    );
    let text = String::from_utf8(schema.bytes).unwrap();
    for part in [
        "<EntityType Name=\"usage\"><Key><PropertyRef Name=\"number\"/></Key><Property Name=\"number\" Type=\"Edm.Int64\" Nullable=\"false\"/>",
        "<Property Name=\"at\" Type=\"Edm.DateTimeOffset\" Precision=\"6\"/>",
        "<Property Name=\"dimensions\" Type=\"Edm.String\"/>",
        "<Property Name=\"BilledCost\" Type=\"Edm.Decimal\" Precision=\"38\" Scale=\"12\"/>",
        "<Property Name=\"is_correction\" Type=\"Edm.Boolean\"/>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let one =
        value(&world, &ada, "/usage", &[("$filter", "quantity eq 4"), ("$select", "meter,quantity,at,dimensions")])
            .await;
    assert_eq!(
        one,
        json!([{ "meter": "mails", "quantity": 4, "at": "2027-01-15T07:00:00Z", "dimensions": "{\"land\":\"DE\"}" }])
    );
    let quantities = async |pairs: &[(&str, &str)]| {
        let found = value(&world, &ada, "/usage", pairs).await;
        found.as_array().unwrap().iter().map(|row| row["quantity"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let check = async |filter: &str, expected: &[i64]| {
        assert_eq!(quantities(&[("$filter", filter)]).await, expected, "{filter}");
    };
    check("meter eq 'calls' and quantity gt 3", &[6, 9]).await;
    check("(quantity lt 1 or quantity ge 9) and not (meter eq 'mails')", &[0, 9]).await;
    check("dimensions/land eq 'DE' and quantity in (1,2,77)", &[1, 2]).await;
    check("contains(meter,'all') and quantity mod 2 eq 1", &[3, 9]).await;
    check("startswith(toupper(meter),'CA') and endswith(source,'rm') and length(unit) eq 1", &[0, 3, 6, 9]).await;
    check("at lt 2027-01-15T07:00:00Z or date(at) ne 2027-01-15", &[]).await;
    check("year(at) eq 2027 and hour(at) eq 7 and user_id eq null and quantity le 1", &[0, 1]).await;
    check("unit ne null and job_id ne 'x' and quantity eq 5", &[5]).await;
    assert_eq!(quantities(&[("$orderby", "meter,quantity desc"), ("$top", "3")]).await, [9, 6, 3]);
    assert_eq!(quantities(&[("$orderby", "quantity desc"), ("$top", "2"), ("$skip", "1")]).await, [8, 7]);
    let applied = [
        ("$apply", "filter(quantity gt 0)/groupby((meter),aggregate(quantity with sum as total,$count as n))"),
        ("$orderby", "total desc"),
    ];
    let expected = json!([{ "meter": "mails", "total": 27, "n": 6 }, { "meter": "calls", "total": 18, "n": 3 }]);
    assert_eq!(value(&world, &ada, "/usage", &applied).await, expected);
    let titles =
        value(&world, &ada, "/projects", &[("$filter", "title eq 'O''Brien \"x\" <y>'"), ("$select", "title")]).await;
    assert_eq!(titles, json!([{ "title": "O'Brien \"x\" <y>" }]));
    assert_eq!(
        value(&world, &ada, "/charges", &[("$select", "line,meter,quantity")]).await[1],
        json!({ "line": 2, "meter": "mails", "quantity": 27 })
    );
    assert_eq!(
        value(&world, &ada, "/cost_focus", &[("$top", "1"), ("$select", "SkuMeter,BilledCost")]).await[0]["SkuMeter"],
        "calls"
    );
    assert_eq!(value(&world, &eve, "/usage", &[]).await, json!([]));
    let rows = world.rows(acme.id);
    get(&world, &ada, "/usage", &[("$count", "true")]).await;
    assert_eq!(world.rows(acme.id), rows + 1, "two questions of one request");
    world.verify(acme.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_faults() {
    let world = World::new();
    let acme = world.tenant("acme");
    let ada = world.person(&acme, "ada", Level::Owner);
    fill(&world, &ada, 250).await;
    for (start, total) in [
        ("/v1/odata/usage?$select=quantity&$count=true", 250usize),
        ("/v1/odata/usage?$orderby=quantity%20desc&$filter=quantity%20ge%2010", 240),
        ("/v1/odata/usage?$top=130&$skip=5", 130),
        ("/v1/odata/usage?$top=100", 100),
    ] {
        let (mut next, mut found, mut pages) = (Some(start.to_owned()), Vec::new(), 0);
        while let Some(path) = next {
            let page = world
                .send_with(
                    Some(&ada),
                    Method::GET,
                    &path,
                    Value::Null,
                    &[("prefer", "odata.maxpagesize=50"), ("host", "desk.example")],
                )
                .await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
            assert_eq!(page.body["@odata.context"], "https://desk.example/v1/odata/$metadata#usage");
            assert_eq!(page.body["@odata.count"].as_u64(), (pages == 0 && start.contains("$count")).then_some(250));
            let rows = page.body["value"].as_array().unwrap();
            assert!(rows.len() <= 50);
            found.extend(rows.iter().map(|row| row["quantity"].as_i64().unwrap()));
            next = page.body["@odata.nextLink"].as_str().map(|link| link.replace("https://desk.example", ""));
            pages += 1;
        }
        let distinct: std::collections::BTreeSet<_> = found.iter().collect();
        assert_eq!((found.len(), distinct.len(), pages), (total, total, total.div_ceil(50)), "{start}");
    }
    for (path, pairs, status, code) in [
        ("/nothing", vec![], 404, "not_found"),
        ("/table_columns", vec![], 404, "not_found"),
        ("/usage", vec![("$filter", "price eq 1")], 400, "bad_request"),
        ("/usage", vec![("$filter", "meter eq 1 and")], 400, "bad_request"),
        ("/usage", vec![("$expand", "jobs")], 400, "bad_request"),
        ("/usage", vec![("$skiptoken", "eA")], 400, "bad_request"),
    ] {
        let answer = get(&world, &ada, path, &pairs).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (status, &json!(code)), "{}", answer.body);
        assert!(!answer.body["error"]["message"].as_str().unwrap().is_empty());
    }
    let viewer = world.person(&acme, "vera", Level::Viewer);
    assert_eq!(get(&world, &viewer, "/usage", &[]).await.code(), "denied");
    let manager = world.person(&acme, "mia", Level::Manager);
    assert_eq!(get(&world, &manager, "/audit", &[]).await.code(), "denied");
}
