//! Lists in the order that was asked for.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::{
    uploads::project,
    world::{Person, World},
};

/// What `field` says in each item of a list, its pages of two one after the other.
async fn all(world: &World, who: &Person, path: &str, field: &str) -> Vec<Value> {
    let (mut after, mut found) = (String::new(), Vec::new());
    loop {
        let page = world.send(Some(who), Method::GET, &format!("{path}&limit=2{after}"), Value::Null).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        found.extend(page.body["items"].as_array().unwrap().iter().map(|item| item[field].clone()));
        let Some(next) = page.body["next"].as_str() else { return found };
        after = format!("&after={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_stand_in_the_order_that_is_asked_for() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "Ada", Level::Owner);
    world.person(&tenant, "zoe", Level::Viewer);
    world.person(&tenant, "ben", Level::Viewer);
    let one = project(&world, &ada, "Orders").await;
    project(&world, &ada, "ärger").await;
    for (name, bytes) in
        [("Talk 10.m4a", 30), ("talk 9.m4a", 20), ("Über uns.m4a", 10), ("Zug.m4a", 40), ("am Rand.m4a", 20)]
    {
        world.upload(&ada, &one, name, &vec![7; bytes]).await;
    }
    let recordings = async |query: &str| all(&world, &ada, &format!("/v1/recordings?{query}"), "title").await;
    assert_eq!(recordings("sort=title").await, ["am Rand", "talk 9", "Talk 10", "Über uns", "Zug"]);
    assert_eq!(recordings("sort=-title").await, ["Zug", "Über uns", "Talk 10", "talk 9", "am Rand"]);
    let same = ["Über uns", "am Rand", "talk 9", "Talk 10", "Zug"];
    assert_eq!(recordings("sort=bytes").await, same, "what is equal: newest first");
    assert_eq!(recordings(&format!("sort=bytes&project={one}")).await, same);
    assert_eq!(recordings("sort=duration_ms").await.len(), 5, "what says nothing is there too");
    assert_eq!(recordings("sort=created").await.len(), 5, "made in one moment, perhaps");

    let members = async |query: &str| all(&world, &ada, &format!("/v1/members?{query}"), "name").await;
    assert_eq!(members("sort=name").await, ["Ada", "ben", "zoe"]);
    assert_eq!(members("sort=-email").await, ["zoe", "ben", "Ada"]);
    assert_eq!(all(&world, &ada, "/v1/projects?sort=title", "title").await, ["ärger", "Orders"]);
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_do_not_exist_are_refused_with_those_that_do() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let ask = async |path: &str| world.send(Some(&ada), Method::GET, path, Value::Null).await;
    for sort in ["name", "--title", "title,created", "Title", "", "-"] {
        let refused = ask(&format!("/v1/recordings?sort={sort}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sort}: {}", refused.body);
        let told = refused.body.to_string();
        assert!(told.contains("`title`") && told.contains("`duration_ms`"), "{told}");
    }
    for list in ["jobs", "videos", "members", "projects"] {
        let known = ask(&format!("/v1/{list}?sort=-created")).await;
        assert_eq!((known.status, &known.body["items"].is_array()), (StatusCode::OK, &true), "{list}");
    }
    for title in ["a", "b"] {
        project(&world, &ada, title).await;
    }
    let first = ask("/v1/projects?sort=title&limit=1").await;
    let next = first.body["next"].as_str().unwrap().to_owned();
    for other in ["sort=-title", "sort=created"] {
        let refused = ask(&format!("/v1/projects?{other}&after={next}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{other}: {}", refused.body);
        assert!(refused.body.to_string().contains("another order"), "{}", refused.body);
    }
    let second = ask(&format!("/v1/projects?sort=title&after={next}")).await;
    assert_eq!(second.body["items"][0]["title"], json!("b"));
}
