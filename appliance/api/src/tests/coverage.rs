//! Walks the table of endpoints: each one as nobody, as another tenant, as too weak a role; each write's one audit row.

mod things;

use axum::http::StatusCode;
use model::{Level, Outcome};
use serde_json::json;

use self::things::things;
use super::world::World;
use crate::{
    endpoint::{Door, Endpoint},
    endpoints, openapi,
};

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
        let answer = world.send(None, endpoint.method.clone(), &things.path(&endpoint), things.body(&endpoint)).await;
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
    let of_tenants = guarded().filter(|(_, permission)| !permission.is_of_appliance());
    // Labels and tables have the same names for everyone, and what is said of them is the caller's own.
    let names_a_thing = |endpoint: &Endpoint| {
        let plain = endpoint.path.replace("{label}", "").replace("{set}", "");
        plain.contains('{')
    };
    for (endpoint, _) in of_tenants.filter(|(endpoint, _)| names_a_thing(endpoint)) {
        let headers = [("if-match", "*")];
        let path = things.path(&endpoint);
        let answer =
            world.send_with(Some(&stranger), endpoint.method.clone(), &path, things.body(&endpoint), &headers).await;
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
                world.send_with(Some(&person), endpoint.method.clone(), &path, things.body(&endpoint), &headers).await;
            if answer.body["items"] == json!([]) {
                // A list of what one may own or be given is open to all, and empty for who has nothing.
                continue;
            }
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
    let operator = world.operator("root");
    for (number, (endpoint, permission)) in guarded().enumerate() {
        let tenant = world.tenant(&format!("acme-{number}"));
        let owner = world.person(&tenant, "ada", Level::Owner);
        let things = things(&world, &owner).await;
        let caller = if permission.is_of_appliance() { &operator } else { &owner };
        let rows = world.rows(caller.tenant);
        let headers = [("if-match", "*")];
        let path = things.path(&endpoint);
        let answer = if endpoint.name == "append_upload" {
            world.send_bytes(&owner, &path, 0, b"some").await
        } else {
            world.send_with(Some(caller), endpoint.method.clone(), &path, things.body(&endpoint), &headers).await
        };
        // Here nobody asks for another protocol.
        let switches = endpoint.status == StatusCode::SWITCHING_PROTOCOLS;
        let expected = if switches { StatusCode::BAD_REQUEST } else { endpoint.status };
        assert_eq!(answer.status, expected, "{endpoint:?}: {}", answer.body);
        let expected = u64::from(!endpoint.is_safe() || permission.is_sensitive_read());
        // What follows from it in other files is the work of a task, with a row of its own.
        let mut added = world.rows_from(caller.tenant, rows);
        added.retain(|row| matches!(row.action, model::Action::Permission(_)));
        assert_eq!(added.len() as u64, expected, "{endpoint:?}");
        if let Some(row) = added.pop() {
            assert_eq!((row.outcome, row.action.code()), (Outcome::Done, permission.code()), "{endpoint:?}");
            assert_eq!(row.actor, Some(caller.id.erase()), "{endpoint:?}");
            assert!(row.request.is_some() && row.address.is_some(), "{endpoint:?}");
        }
        world.verify(tenant.id);
    }
    world.verify(operator.tenant);
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
            "{:7}{:36}{:19} {} {}\n",
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
