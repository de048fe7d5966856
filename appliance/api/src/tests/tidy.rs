//! What has ended is removed, and only that.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use identity::{Realm, Session};
use library::tidy::tidy;
use model::{Id, Level, SystemTask, noun};
use serde_json::{Value, json};
use store::{Query, Read as _};

use super::world::World;

const DAY: Duration = Duration::from_secs(86_400);

fn sessions(world: &World, tenant: Id<noun::Tenant>) -> usize {
    let view = world.services.gate.file(tenant).unwrap().read().unwrap();
    view.list::<Session>(&Query::newest(10), |_| true).unwrap().items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_removed_in_one_change_and_nothing_is_written_for_nothing() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    world.person(&tenant, "cy", Level::Viewer);
    let run =
        || tidy(world.services.gate.system(SystemTask::Retention, tenant.id, tenant.id.erase()).unwrap()).unwrap();
    let invite = json!({ "email": "bo@example.org", "role": "viewer" });
    assert_eq!(world.send(Some(&ada), Method::POST, "/v1/invitations", invite).await.status, StatusCode::CREATED);
    let rows = world.rows(tenant.id);
    assert_eq!((run(), world.rows(tenant.id)), (0, rows), "all of it is alive");

    world.later(&mut ada, 31 * DAY);
    let rows = world.rows(tenant.id);
    assert_eq!(run(), 2, "the session of cy and the invitation; that of ada went as her next began");
    assert_eq!(world.rows(tenant.id), rows + 1);
    assert_eq!((world.last_row(tenant.id).detail["ended"].as_str(), sessions(&world, tenant.id)), ("2", 1));
    let listed = world.send(Some(&ada), Method::GET, "/v1/invitations", Value::Null).await;
    assert_eq!((listed.status, &listed.body["items"]), (StatusCode::OK, &json!([])));
    assert_eq!(run(), 0);
    world.verify(tenant.id);
}

#[test]
fn sessions_of_operators_end_too() {
    let world = World::new();
    world.operator("root");
    world.pass(2 * DAY);
    let permit = world.services.gate.system(SystemTask::Retention, Realm::SYSTEM, world.services.store.system().log());
    assert_eq!((tidy(permit.unwrap()).unwrap(), sessions(&world, Realm::SYSTEM)), (1, 0));
    world.verify(Realm::SYSTEM);
}
