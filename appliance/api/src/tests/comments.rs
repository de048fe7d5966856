//! Comments over the API: threads, who may do what with them, and who is named.

use axum::http::{Method, StatusCode};
use model::Level;
use serde_json::{Value, json};

use super::world::{Answer, Person, World};

const ANY: &[(&str, &str)] = &[("if-match", "*")];

async fn project(world: &World, who: &Person) -> String {
    let made = world.send(Some(who), Method::POST, "/v1/projects", json!({ "title": "Orders" })).await;
    made.body["id"].as_str().unwrap().to_owned()
}

async fn post(world: &World, who: &Person, path: &str, body: Value) -> Answer {
    world.send(Some(who), Method::POST, path, body).await
}

async fn get(world: &World, who: &Person, path: &str) -> Answer {
    world.send(Some(who), Method::GET, path, Value::Null).await
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

fn texts(answer: &Answer) -> Vec<&str> {
    let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    items.iter().map(|item| item["text"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let ben = world.person(&tenant, "ben", Level::Editor);
    let mia = world.person(&tenant, "mia", Level::Manager);
    let vic = world.person(&tenant, "vic", Level::Viewer);
    let on = format!("/v1/subjects/{}/comments", project(&world, &ada).await);

    let first = id(&post(&world, &ada, &on, json!({ "text": " One\ntwo " })).await);
    let second = id(&post(&world, &ben, &on, json!({ "text": "Second" })).await);
    assert_eq!(texts(&get(&world, &vic, &on).await), ["Second", "One\ntwo"]);
    assert_eq!(texts(&get(&world, &vic, &format!("{on}?order=oldest&limit=1")).await), ["One\ntwo"]);
    assert_eq!(post(&world, &vic, &on, json!({ "text": "x" })).await.code(), "denied");

    let path = format!("/v1/comments/{first}");
    let replies = format!("{path}/replies");
    let reply = id(&post(&world, &ben, &replies, json!({ "text": "Why?" })).await);
    let deeper = post(&world, &ada, &format!("/v1/comments/{reply}/replies"), json!({ "text": "x" })).await;
    assert_eq!(deeper.code(), "invalid", "one level of answers");
    assert_eq!(texts(&get(&world, &vic, &replies).await), ["Why?"]);
    assert_eq!(get(&world, &vic, &path).await.body["replies"], 1);

    // Words are the author's, even before a moderator; to resolve is everyone's who may comment.
    let patch = async |who: &Person, body: Value| world.send_with(Some(who), Method::PATCH, &path, body, ANY).await;
    assert_eq!(patch(&mia, json!({ "text": "Mine" })).await.code(), "denied");
    assert_eq!(patch(&vic, json!({ "resolved": true })).await.code(), "denied");
    let resolved = patch(&ben, json!({ "resolved": true })).await;
    assert_eq!(resolved.body["resolved_by"], ben.id.to_string());
    assert_eq!(texts(&get(&world, &vic, &format!("{on}?resolved=true")).await), ["One\ntwo"]);
    assert_eq!(texts(&get(&world, &vic, &format!("{on}?resolved=false")).await), ["Second"]);
    let tag = [("if-match", &*resolved.etag())];
    let open =
        world.send_with(Some(&ada), Method::PATCH, &path, json!({ "resolved": false, "text": "New" }), &tag).await;
    assert!(open.body["resolved"].is_null() && open.body["edited"].is_string(), "{}", open.body);
    let late = world.send_with(Some(&ada), Method::PATCH, &path, json!({ "text": "Late" }), &tag).await;
    assert_eq!(late.code(), "version_mismatch");

    // A comment with answers leaves its place; with the last answer that goes too.
    let delete = async |who: &Person, id: &str| {
        world.send(Some(who), Method::DELETE, &format!("/v1/comments/{id}"), Value::Null).await
    };
    assert_eq!(delete(&ben, &first).await.code(), "denied", "it is ada's");
    assert_eq!(delete(&ada, &first).await.status, StatusCode::NO_CONTENT);
    let place = get(&world, &vic, &path).await;
    assert!(place.body["text"] == "" && place.body["removed"].is_string());
    assert_eq!(delete(&ada, &first).await.code(), "not_found");
    assert_eq!(delete(&mia, &reply).await.status, StatusCode::NO_CONTENT, "a moderator");
    assert_eq!(world.last_row(tenant.id).action.code(), "comment:moderate");
    assert_eq!(get(&world, &vic, &path).await.code(), "not_found");
    assert_eq!(delete(&ben, &second).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.last_row(tenant.id).action.code(), "comment:create");
    assert_eq!(texts(&get(&world, &vic, &on).await), Vec::<&str>::new());
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_reach_those_who_may_see() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Manager);
    let ben = world.person(&tenant, "ben", Level::Viewer);
    let bill = world.person(&tenant, "bill", Level::Billing);
    let project = project(&world, &ada).await;
    let on = format!("/v1/subjects/{project}/comments");
    let text = format!("@Ben, @{} and @nobody: see ada@example.org, @bill, @{}", ada.id, bill.id);
    let made = post(&world, &ada, &on, json!({ "text": text })).await;
    // Bill exists and cannot see it; nobody does not exist: both are words like others.
    assert_eq!(made.body["mentions"], json!([ben.id.to_string(), ada.id.to_string()]), "{}", made.body);
    assert_eq!(texts(&get(&world, &ben, "/v1/mentions").await), [text.as_str()]);
    assert_eq!(texts(&get(&world, &bill, "/v1/mentions").await), Vec::<&str>::new());

    // Who loses sight of the project loses sight of the mention, and of its comments.
    let path = format!("/v1/projects/{project}");
    let secret = json!({ "classification": "confidential" });
    world.send_with(Some(&ada), Method::PATCH, &path, secret, ANY).await;
    assert_eq!(texts(&get(&world, &ben, "/v1/mentions").await), [text.as_str()], "ben is cleared for it");
    let member = format!("/v1/members/{}", ben.id);
    let owner = world.person(&tenant, "olga", Level::Owner);
    let less = json!({ "clearance": "internal" });
    assert_eq!(world.send_with(Some(&owner), Method::PATCH, &member, less, ANY).await.status, StatusCode::OK);
    assert_eq!(texts(&get(&world, &ben, "/v1/mentions").await), Vec::<&str>::new());
    assert_eq!(get(&world, &ben, &on).await.code(), "not_found");
    let comment = format!("/v1/comments/{}", made.body["id"].as_str().unwrap());
    assert_eq!(get(&world, &ben, &comment).await.code(), "not_found");
    let edited = world.send_with(Some(&ada), Method::PATCH, &comment, json!({ "text": "@ben again" }), ANY).await;
    assert_eq!(edited.body["mentions"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_that_make_no_sense() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Editor);
    let project = project(&world, &ada).await;
    let on = format!("/v1/subjects/{project}/comments");
    for body in [
        json!({ "text": " \n " }),
        json!({ "text": "x".repeat(4_001) }),
        json!({ "text": "a\u{0}" }),
        json!({ "text": "x", "place": { "scene": "s1" } }),
        json!({ "text": "x", "place": { "time_ms": 5 } }),
        json!({ "text": "x", "author": "me" }),
    ] {
        assert_eq!(post(&world, &ada, &on, body.clone()).await.code(), "invalid", "{body}");
    }
    for subject in [ada.id.to_string(), tenant.id.to_string(), "x".into(), project.replace("prj", "vid")] {
        let answer = get(&world, &ada, &format!("/v1/subjects/{subject}/comments")).await;
        assert_eq!(answer.code(), "not_found", "{subject}");
    }
}
