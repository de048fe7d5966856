//! Walks the table of endpoints: each one as nobody, as another tenant, as too weak a role; each write's one audit row.

use axum::http::{Method, StatusCode};
use model::{Level, Outcome};
use serde_json::{Value, json};

use super::world::{Person, World};
use crate::{
    endpoint::{Door, Endpoint},
    endpoints, openapi,
};

/// A body and a path that an endpoint accepts, given things that exist.
struct Things {
    project: String,
}

async fn things(world: &World, owner: &Person) -> Things {
    let made = world.send(Some(owner), Method::POST, "/v1/projects", json!({ "title": "Thing" })).await;
    let project = made.body["id"].as_str().unwrap().to_owned();
    let trashed = json!({ "trashed": true });
    let path = format!("/v1/projects/{project}");
    world.send_with(Some(owner), Method::PATCH, &path, trashed, &[("if-match", "*")]).await;
    Things { project }
}

impl Things {
    fn path(&self, endpoint: &Endpoint) -> String {
        let path = endpoint.path.replace("{project}", &self.project);
        assert!(!path.contains('{'), "{path}: the test knows no thing for it");
        path
    }
}

fn body(endpoint: &Endpoint) -> Value {
    match endpoint.name {
        "create_project" => json!({ "title": "Another" }),
        "update_project" => json!({ "title": "Renamed" }),
        _ => Value::Null,
    }
}

fn guarded() -> impl Iterator<Item = (Endpoint, model::Permission)> {
    endpoints::all().into_iter().filter_map(|endpoint| match endpoint.door {
        Door::Permit(permission) => Some((endpoint, permission)),
        Door::Public | Door::SignedIn => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_signing_in() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let things = things(&world, &world.person(&tenant, "ada", Level::Owner)).await;
    let rows = world.rows(tenant.id);
    for endpoint in endpoints::all().into_iter().filter(|endpoint| endpoint.door != Door::Public) {
        let answer = world.send(None, endpoint.method.clone(), &things.path(&endpoint), body(&endpoint)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"), "{endpoint:?}");
    }
    assert_eq!(world.rows(tenant.id), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_sees_nothing() {
    let world = World::new();
    let (acme, other) = (world.tenant("acme"), world.tenant("other"));
    let things = things(&world, &world.person(&acme, "ada", Level::Owner)).await;
    let stranger = world.person(&other, "eve", Level::Owner);
    let rows = world.rows(acme.id);
    for (endpoint, _) in guarded().filter(|(endpoint, _)| endpoint.path.contains('{')) {
        let headers = [("if-match", "*")];
        let path = things.path(&endpoint);
        let answer = world.send_with(Some(&stranger), endpoint.method.clone(), &path, body(&endpoint), &headers).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found"), "{endpoint:?}");
        assert!(!answer.body.to_string().contains("Thing"), "{endpoint:?}");
    }
    assert_eq!(world.rows(acme.id), rows, "nothing reached the other tenant's file");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_weak_a_role_is_refused_and_the_refusal_is_written_down() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let things = things(&world, &world.person(&tenant, "ada", Level::Owner)).await;
    for level in Level::ALL {
        let person = world.person(&tenant, level.name(), *level);
        for (endpoint, permission) in guarded().filter(|(_, permission)| !level.permissions().contains(*permission)) {
            let rows = world.rows(tenant.id);
            let headers = [("if-match", "*")];
            let path = things.path(&endpoint);
            let answer =
                world.send_with(Some(&person), endpoint.method.clone(), &path, body(&endpoint), &headers).await;
            assert!([403, 404].contains(&answer.status.as_u16()), "{endpoint:?} as {level:?}: {}", answer.status);
            assert_eq!(world.rows(tenant.id), rows + 1, "{endpoint:?} as {level:?}");
            let row = world.last_row(tenant.id);
            assert_eq!((row.outcome, row.action.code()), (Outcome::Denied, permission.code()));
        }
    }
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_leaves_exactly_one_row() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let owner = world.person(&tenant, "ada", Level::Owner);
    for (endpoint, permission) in guarded() {
        let things = things(&world, &owner).await;
        let rows = world.rows(tenant.id);
        let headers = [("if-match", "*")];
        let path = things.path(&endpoint);
        let answer = world.send_with(Some(&owner), endpoint.method.clone(), &path, body(&endpoint), &headers).await;
        assert_eq!(answer.status, endpoint.status, "{endpoint:?}: {}", answer.body);
        let expected = u64::from(!endpoint.is_safe() || permission.is_sensitive_read());
        assert_eq!(world.rows(tenant.id), rows + expected, "{endpoint:?}");
        if expected == 1 {
            let row = world.last_row(tenant.id);
            assert_eq!((row.outcome, row.action.code()), (Outcome::Done, permission.code()), "{endpoint:?}");
            assert_eq!(row.actor, Some(owner.id.erase()), "{endpoint:?}");
            assert!(row.request.is_some() && row.address.is_some(), "{endpoint:?}");
        }
    }
    world.verify(tenant.id);
}

#[test]
fn the_table() {
    let mut text = String::new();
    for endpoint in endpoints::all() {
        let door = match endpoint.door {
            Door::Public => "public".to_owned(),
            Door::SignedIn => "signed in".to_owned(),
            Door::Permit(permission) => permission.code().to_owned(),
        };
        text += &format!(
            "{:7}{:36}{:20}{} {}\n",
            endpoint.method.as_str(),
            endpoint.path,
            door,
            endpoint.status.as_str(),
            endpoint.name
        );
    }
    insta::assert_snapshot!("table", text);
}

#[test]
fn the_openapi_document_names_every_endpoint_once() {
    let endpoints = endpoints::all();
    let document = openapi::document(&endpoints);
    let mut names: Vec<_> = endpoints.iter().map(|endpoint| endpoint.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), endpoints.len());
    for endpoint in &endpoints {
        let operation = &document["paths"][endpoint.path][endpoint.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["operationId"], endpoint.name);
    }
    // Every reference leads to a schema.
    let text = document.to_string();
    for part in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
