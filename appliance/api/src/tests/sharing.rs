//! Who may see a project and why.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::{Person, World};

async fn ways(world: &World, who: &Person, path: &str) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    let mut next = String::new();
    loop {
        let page = world.send(Some(who), Method::GET, &format!("{path}{next}"), Value::Null).await;
        let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let items = page.body["items"].as_array().unwrap_or_else(|| panic!("{}", page.body));
        all.extend(items.iter().map(|item| (text(item, "name"), text(item, "why"), text(item, "role"))));
        match page.body["next"].as_str() {
            Some(after) => next = format!("&after={after}"),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_with_a_way_in_is_listed_with_the_why() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let owner = world.person(&tenant, "olga", Level::Owner);
    let mia = world.person(&tenant, "mia", Level::Manager);
    let eve = world.person(&tenant, "eve", Level::Editor);
    let bill = world.person(&tenant, "bill", Level::Billing);
    let post = async |who: &Person, path: &str, body: Value| world.send(Some(who), Method::POST, path, body).await;
    let project = post(&eve, "/v1/projects", json!({ "title": "Hers" })).await.body["id"].as_str().unwrap().to_owned();
    let shares = format!("/v1/projects/{project}/shares");
    let group = post(&owner, "/v1/groups", json!({ "name": "Team" })).await.body["id"].as_str().unwrap().to_owned();
    post(&owner, &format!("/v1/groups/{group}/members"), json!({ "user": bill.id.to_string() })).await;

    // Nobody gives what they lack.
    let too_much = post(&mia, &shares, json!({ "principal": bill.id.to_string(), "role": "admin" })).await;
    assert_eq!(too_much.code(), "denied");
    assert_eq!(post(&eve, &shares, json!({ "principal": group, "role": "viewer" })).await.code(), "denied");
    let ends = json!({ "principal": group, "role": "viewer", "expires": "2027-02-01T00:00:00Z" });
    let shared = post(&mia, &shares, ends).await;
    assert_eq!(shared.status, StatusCode::CREATED, "{}", shared.body);
    let path = format!("/v1/projects/{project}");
    assert_eq!(world.send(Some(&bill), Method::GET, &path, Value::Null).await.status, StatusCode::OK);

    let way = |name: &str, why: &str, role: &str| (name.to_owned(), why.to_owned(), role.to_owned());
    let members = format!("{path}/members?limit=1");
    let all = [
        way("eve", "owner", ""),
        way("Team", "project", "viewer"),
        way("olga", "tenant", "owner"),
        way("mia", "tenant", "manager"),
        way("eve", "tenant", "editor"),
    ];
    assert_eq!(ways(&world, &mia, &members).await, all, "billing sees no projects");
    let of = async |person: &Person| ways(&world, &mia, &format!("{path}/members?user={}", person.id)).await;
    assert_eq!(of(&bill).await, [way("Team", "project", "viewer")]);
    assert_eq!(of(&eve).await, [way("eve", "owner", ""), way("eve", "tenant", "editor")]);
    assert_eq!(world.send(Some(&eve), Method::GET, &members, Value::Null).await.code(), "denied");

    let first = world.send(Some(&mia), Method::GET, &format!("{path}/members?limit=2"), Value::Null).await;
    let team = first.body["items"].as_array().unwrap().iter().find(|item| item["name"] == "Team").unwrap();
    assert_eq!((team["kind"].as_str(), team["expires"].as_str()), (Some("group"), Some("2027-02-01T00:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_keeps_a_project() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let owner = world.person(&tenant, "olga", Level::Owner);
    let eve = world.person(&tenant, "eve", Level::Editor);
    let made = world.send(Some(&eve), Method::POST, "/v1/projects", json!({ "title": "Hers" })).await;
    let path = format!("/v1/projects/{}", made.body["id"].as_str().unwrap());
    let assignments = world.send(Some(&owner), Method::GET, "/v1/assignments", Value::Null).await;
    let hers =
        assignments.body["items"].as_array().unwrap().iter().find(|item| item["principal"] == eve.id.to_string());
    let taken = format!("/v1/assignments/{}", hers.unwrap()["id"].as_str().unwrap());
    assert_eq!(world.send(Some(&owner), Method::DELETE, &taken, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(Some(&eve), Method::GET, &path, Value::Null).await.status, StatusCode::OK);
    let members = world.send(Some(&owner), Method::GET, &format!("{path}/members"), Value::Null).await;
    assert_eq!(members.body["items"][0]["why"], "owner");
}
