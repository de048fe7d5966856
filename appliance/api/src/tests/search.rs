//! Search over the API.

use axum::http::Method;
use model::Level;
use serde_json::{Value, json};

use super::world::{Person, World};

const ANY: [(&str, &str); 1] = [("if-match", "*")];

async fn make(world: &World, who: &Person, project: Value) -> String {
    let made = world.send(Some(who), Method::POST, "/v1/projects", project).await;
    made.body["id"].as_str().unwrap_or_else(|| panic!("{}", made.body)).to_owned()
}

async fn find(world: &World, who: &Person, query: &str) -> Value {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    search(world, who, &format!("q={encoded}")).await
}

async fn search(world: &World, who: &Person, query: &str) -> Value {
    let found = world.send(Some(who), Method::GET, &format!("/v1/search?{query}"), Value::Null).await;
    assert_eq!(found.status, 200, "{}", found.body);
    assert_eq!(found.body["complete"], true);
    found.body
}

fn titles(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_whatever_their_script() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    for (title, description) in [
        ("Zürich roadmap", "Plans of the Swiss office"),
        ("Quarterly orders", "How orders flow from the shop to the store; Straße and café"),
        ("東京タワーの見学", "明日は第3章を読みます"),
        ("한국어 회의록", "서울에서 열린 회의"),
        ("Планы на год", "Ёлка и отчёт"),
    ] {
        make(&world, &ada, json!({ "title": title, "description": description, "tags": ["Year 2027"] })).await;
    }
    for (query, expected) in [
        ("zurich", "Zürich roadmap"),
        ("ZURI", "Zürich roadmap"),
        ("strasse cafe", "Quarterly orders"),
        ("\"orders flow\"", "Quarterly orders"),
        ("ord* shop ", "Quarterly orders"),
        ("タワー", "東京タワーの見学"),
        ("京", "東京タワーの見学"),
        ("第3章", "東京タワーの見学"),
        ("회의록", "한국어 회의록"),
        ("서울", "한국어 회의록"),
        ("елка отчет", "Планы на год"),
        ("roadmap -orders", "Zürich roadmap"),
        ("2027 zürich", "Zürich roadmap"),
    ] {
        let found = find(&world, &ada, query).await;
        assert_eq!((titles(&found), &found["total"]), (vec![expected], &json!(1)), "{query}");
    }
    for query in ["\"flow orders\"", "zuri ", "東タ", "nothing", "-2027", "!"] {
        assert_eq!(titles(&find(&world, &ada, query).await), [""; 0], "{query}");
    }
    let snippet = find(&world, &ada, "swiss").await["items"][0]["snippet"].clone();
    assert_eq!(
        snippet,
        json!([
            { "text": "Plans of the ", "hit": false }, { "text": "Swiss", "hit": true }, { "text": " office", "hit": false },
        ])
    );
    // A title goes before a mention.
    make(&world, &ada, json!({ "title": "Notes", "description": "roadmap" })).await;
    assert_eq!(titles(&find(&world, &ada, "roadmap").await), ["Zürich roadmap", "Notes"]);
    for bad in ["", "q=", "q=%20", "q=x&limit=51", "q=x&kind=cloud", "q=x&after=10001", "q=x&project=prj_x", "p=x"] {
        let refused = world.send(Some(&ada), Method::GET, &format!("/v1/search?{bad}"), Value::Null).await;
        assert_eq!(refused.code(), "invalid", "{bad}: {}", refused.body);
    }
    let long = world.send(Some(&ada), Method::GET, &format!("/v1/search?q={}", "x".repeat(600)), Value::Null).await;
    assert_eq!(long.code(), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn search_follows_every_change() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    assert_eq!(find(&world, &ada, "orders").await["total"], 0);
    let project = make(&world, &ada, json!({ "title": "Sales" })).await;
    let recording = world.upload(&ada, &project, "orders.m4a", b"bytes").await;
    let path = format!("/v1/recordings/{recording}");
    let count = async |query: &str| find(&world, &ada, query).await["total"].as_u64().unwrap();
    assert_eq!(count("orders").await, 1);
    let change = json!({ "title": "Shipping", "tags": ["north"] });
    world.send_with(Some(&ada), Method::PATCH, &path, change, &ANY).await;
    assert_eq!((count("shipping").await, count("orders").await), (1, 1), "the file is still called orders");
    assert_eq!(search(&world, &ada, "q=shipping&kind=recording&tag=North").await["total"], 1);
    assert_eq!(search(&world, &ada, "q=shipping&kind=project").await["total"], 0);
    assert_eq!(search(&world, &ada, &format!("q=shipping&project={project}")).await["total"], 1);
    world.send_with(Some(&ada), Method::POST, &format!("{path}/trash"), Value::Null, &ANY).await;
    assert_eq!(count("shipping").await, 0);
    world.send_with(Some(&ada), Method::POST, &format!("{path}/restore"), Value::Null, &ANY).await;
    assert_eq!(count("shipping").await, 1);
    let trashed = json!({ "trashed": true });
    let project = format!("/v1/projects/{project}");
    world.send_with(Some(&ada), Method::PATCH, &project, trashed, &ANY).await;
    assert_eq!((count("shipping").await, count("sales").await), (0, 0), "what lies in it goes with the project");
    world.send_with(Some(&ada), Method::PATCH, &project, json!({ "trashed": false }), &ANY).await;
    assert_eq!((count("shipping").await, count("sales").await), (1, 1));
    for path in [&path, &project] {
        let trash = if path == &project {
            (Method::PATCH, project.clone(), json!({ "trashed": true }))
        } else {
            (Method::POST, format!("{path}/trash"), Value::Null)
        };
        world.send_with(Some(&ada), trash.0, &trash.1, trash.2, &ANY).await;
        world.send_with(Some(&ada), Method::DELETE, path, Value::Null, &ANY).await;
    }
    assert_eq!((count("shipping").await, count("sales").await), (0, 0));
    let world = world.restart();
    assert_eq!(find(&world, &ada, "sales").await["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_see_is_not_even_counted() {
    let world = World::new();
    let (tenant, elsewhere) = (world.tenant("acme"), world.tenant("other"));
    let ada = world.person(&tenant, "ada", Level::Owner);
    let ben = world.person(&tenant, "ben", Level::Billing);
    let eve = world.person(&elsewhere, "eve", Level::Owner);
    let canary = "kanarienvogel";
    make(&world, &eve, json!({ "title": canary, "tags": [canary] })).await;
    let mut projects = Vec::new();
    for (title, secrecy) in [("open", "internal"), ("closed", "internal"), ("secret", "restricted")] {
        let body = json!({ "title": format!("{canary} {title}"), "description": canary, "classification": secrecy });
        let project = make(&world, &ada, body).await;
        if secrecy == "internal" {
            world.upload(&ada, &project, &format!("{canary}-{title}.m4a"), title.as_bytes()).await;
        }
        projects.push(project);
    }
    let seen = async |who: &Person| {
        let found = find(&world, who, canary).await;
        let mut titles: Vec<_> = titles(&found).into_iter().map(str::to_owned).collect();
        titles.sort_unstable();
        (found["total"].as_u64().unwrap(), titles)
    };
    assert_eq!(seen(&eve).await, (1, vec![canary.to_owned()]));
    let (total, titles) = seen(&ada).await;
    assert_eq!((total, titles.len()), (4, 4), "not the restricted one: {titles:?}");
    assert_eq!(seen(&ben).await, (0, vec![]), "no role, no hits");
    world.give(&ben, Some(projects[0].parse().unwrap()), Level::Viewer);
    let expected = vec![format!("{canary} open"), format!("{canary}-open")];
    assert_eq!(seen(&ben).await, (2, expected), "one project, its hits");
    let pages = search(&world, &ben, &format!("q={canary}&limit=1")).await;
    assert_eq!((&pages["total"], &pages["next"]), (&json!(2), &json!(1)));
    let last = search(&world, &ben, &format!("q={canary}&limit=1&after=1")).await;
    assert_eq!((last["items"].as_array().unwrap().len(), last.get("next")), (1, None));
    // What becomes secret is gone for who has no clearance, with the next search.
    let change = json!({ "classification": "secret" });
    let path = format!("/v1/projects/{}", projects[0]);
    world.send_with(Some(&ada), Method::PATCH, &path, change, &ANY).await;
    assert_eq!(seen(&ben).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_and_drawn_is_found() {
    let world = World::new();
    world.engine.open();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let ben = world.person(&tenant, "ben", Level::Billing);
    let project = make(&world, &ada, json!({ "title": "Talks" })).await;
    let recording = world.upload(&ada, &project, "talk.m4a", b"speech").await;
    let path = format!("/v1/recordings/{recording}");
    let ordered = world.send(Some(&ada), Method::POST, &format!("{path}/videos"), json!({})).await;
    world.finish(&ada, ordered.body["id"].as_str().unwrap());

    let found = find(&world, &ada, "\"customer places an order\"").await;
    let item = &found["items"][0];
    assert_eq!(
        (&found["total"], &item["kind"], &item["recording"]),
        (&json!(1), &json!("transcript"), &json!(recording))
    );
    let hits: Vec<_> = item["snippet"].as_array().unwrap().iter().filter(|part| part["hit"] == true).collect();
    assert!(hits.iter().any(|part| part["text"] == "customer"), "{item}");
    let storyboard =
        world.send(Some(&ada), Method::GET, "/v1/storyboards", Value::Null).await.body["items"][0]["id"].clone();
    let content = format!("/v1/storyboards/{}/content", storyboard.as_str().unwrap());
    let board = world.send(Some(&ada), Method::GET, &content, Value::Null).await.body;
    let label = board["scenes"][0]["nodes"][0]["label"].as_str().unwrap_or_else(|| panic!("{board}")).to_owned();
    let drawn = find(&world, &ada, &format!("\"{label}\"")).await;
    let kinds: Vec<_> = drawn["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"storyboard"), "{label}: {drawn}");
    assert_eq!(find(&world, &ben, "customer").await["total"], 0);

    // What was made of a recording is as secret as it, and goes to the trash with it.
    world.send_with(Some(&ada), Method::PATCH, &path, json!({ "classification": "restricted" }), &ANY).await;
    assert_eq!(find(&world, &ada, "customer").await["total"], 0);
}
